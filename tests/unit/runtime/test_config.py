"""A wrong or missing variable is refused in one line that names it and what it wants, and never repeats a secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service_runtime.config import ConfigurationError, Environment, kafka_options
from service_runtime.dead_letters import max_dead_share
from service_runtime.kafka import make_consumer, make_producer

Read = Callable[[Environment], object]


def _env(**values: str) -> Environment:
    return Environment(values)


def _refusal(read: Read, env: Environment) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(env)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("read", "values", "wanted"),
    [
        (lambda env: env.text("X", "a word"), {}, "X is not set: wanted a word"),
        (lambda env: env.text("X", "a word"), {"X": "  "}, "X is not set: wanted a word"),
        (
            lambda env: env.number("X", 5, minimum=1, unit="seconds"),
            {"X": "soon"},
            "X is 'soon': wanted a number of seconds, at least 1",
        ),
        (lambda env: env.number("X", 5, minimum=1, unit="s"), {"X": "0.5"}, "at least 1"),
        (lambda env: env.number("X", 5, minimum=1, unit="s"), {"X": "nan"}, "at least 1"),
        (lambda env: env.number("X", 5, minimum=1, unit="s"), {"X": "inf"}, "at least 1"),
        (lambda env: env.number("X", 5, minimum=1, unit="s"), {"X": "-inf"}, "at least 1"),
        (lambda env: env.port("X", 9100), {"X": "65536"}, "X is '65536': wanted a port from 0 to 65535"),
        (lambda env: env.port("X", 9100), {"X": "-1"}, "wanted a port"),
        (lambda env: env.port("X", 9100), {"X": "9100/tcp"}, "wanted a port"),
        (lambda env: env.port("X", 9100), {"X": "\u0661"}, "wanted a port"),
        (lambda env: env.url("X"), {}, "X is not set: wanted an http or https address"),
        (
            lambda env: env.url("X"),
            {"X": "example.org"},
            "X is 'example.org': wanted an http or https address",
        ),
        (lambda env: env.url("X"), {"X": "ftp://example.org"}, "wanted an http or https address"),
        (lambda env: env.url("X"), {"X": "http://"}, "wanted an http or https address"),
        (lambda env: env.url("X"), {"X": "http://[::1"}, "wanted an http or https address"),
        (lambda env: env.url("X"), {"X": "http://example.org:99999"}, "wanted an http or https address"),
        (lambda env: env.url("X"), {"X": "http://example.org:http"}, "wanted an http or https address"),
        (
            lambda env: env.choice("X", ("json", "console"), "json"),
            {"X": "xml"},
            "X is 'xml': wanted one of json, console",
        ),
        (
            Environment.database_url,
            {},
            "DATABASE_URL is not set: wanted postgresql://user:password@host:port/database",
        ),
        (
            Environment.database_url,
            {"DATABASE_URL": "mysql://h/d"},
            "DATABASE_URL has the wrong form: wanted postgresql",
        ),
        (Environment.database_url, {"DATABASE_URL": "postgresql://"}, "DATABASE_URL has the wrong form"),
        (
            Environment.database_url,
            {"DATABASE_URL": "postgresql://h:port/d"},
            "DATABASE_URL has the wrong form",
        ),
        (max_dead_share, {"DLQ_MAX_SHARE": "1.5"}, "DLQ_MAX_SHARE is 1.5: wanted a share from 0 to 1"),
        (max_dead_share, {"DLQ_MAX_SHARE": "some"}, "DLQ_MAX_SHARE is 'some': wanted a number"),
        (max_dead_share, {"DLQ_MAX_SHARE": "-0.1"}, "DLQ_MAX_SHARE is '-0.1': wanted a number"),
        (kafka_options, {}, "KAFKA_BOOTSTRAP_SERVERS is not set: wanted host:port"),
        (
            kafka_options,
            {"KAFKA_BOOTSTRAP_SERVERS": ""},
            "KAFKA_BOOTSTRAP_SERVERS is not set: wanted host:port",
        ),
    ],
)
def test_no_wrong_variable_passes_or_goes_unnamed(read: Read, values: dict[str, str], wanted: str) -> None:
    assert wanted in _refusal(read, Environment(values))


def test_no_right_variable_is_refused_or_changed() -> None:
    env = _env(
        N="2.5",
        P="0",
        U="https://example.org/root/",
        C="console",
        E=" ",
        D="postgres://u:p%40@h:5432/d?sslmode=require",
    )

    assert env.number("N", 1, minimum=1, unit="s") == 2.5
    assert env.number("MISSING", 7, minimum=1, unit="s") == 7
    assert env.port("P", 1) == 0
    assert env.url("U") == "https://example.org/root"
    assert env.url("MISSING", "http://default.example") == "http://default.example"
    assert env.choice("C", ("json", "console"), "json") == "console"
    assert env.optional("E") is None
    assert max_dead_share(env) == 0.5
    assert max_dead_share(_env(DLQ_MAX_SHARE="0")) == 0
    assert env.database_url("D") == "postgresql+psycopg2://u:p%40@h:5432/d?sslmode=require"


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (lambda env: env.url("X"), {"X": "ftp://user:hidden@example.org"}),
        (lambda env: env.url("X"), {"X": "http://user:hidden@example.org:port"}),
        (Environment.database_url, {"DATABASE_URL": "mysql://user:hidden@h/d"}),
        (Environment.database_url, {"DATABASE_URL": "postgresql://user:hidden@h:port/d"}),
        (
            lambda env: make_producer(kafka_options(env), "c"),
            {"KAFKA_BOOTSTRAP_SERVERS": "h:1", "KAFKA_SECURITY_PROTOCOL": "hidden"},
        ),
    ],
)
def test_no_refusal_repeats_a_secret(read: Read, values: dict[str, str]) -> None:
    assert "hidden" not in _refusal(read, Environment(values))


def test_no_environment_shows_its_values() -> None:
    env = _env(DATABASE_URL="postgresql://user:hidden@h/d")

    assert "hidden" not in f"{env!r} {env}"


def test_no_kafka_option_is_lost_or_invented() -> None:
    env = _env(
        KAFKA_BOOTSTRAP_SERVERS="a:1,b:2",
        KAFKA_SASL_MECHANISM="PLAIN",
        KAFKA_SSL_CA_LOCATION="/ca.pem",
        KAFKA_LINGER_MS="",
        KAFKA_LOG_LEVEL="3",
        OTHER="x",
    )

    assert kafka_options(env) == {
        "bootstrap.servers": "a:1,b:2",
        "sasl.mechanism": "PLAIN",
        "ssl.ca.location": "/ca.pem",
        "log_level": "3",
    }


@pytest.mark.parametrize(
    "make",
    [lambda o: make_producer(o, "c"), lambda o: make_consumer(o, "g", "c")],
    ids=["producer", "consumer"],
)
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KAFKA_NO_SUCH_OPTION", "1"),
        ("KAFKA_PORT", "tcp://10.0.0.1:9092"),
        ("KAFKA_SECURITY_PROTOCOL", "carrier-pigeon"),
    ],
)
def test_no_unknown_kafka_option_goes_unnamed(
    make: Callable[[dict[str, str]], object], variable: str, value: str
) -> None:
    env = _env(**{"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", variable: value})

    assert variable in _refusal(lambda env: make(kafka_options(env)), env)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KAFKA_ACKS", "0"), ("KAFKA_ENABLE_IDEMPOTENCE", "false")],
)
def test_no_kafka_option_can_take_a_guarantee_away(variable: str, value: str) -> None:
    """With acks=0 or without idempotence librdkafka would refuse the others: that it does not shows that ours hold."""
    env = _env(**{"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "KAFKA_LOG_LEVEL": "0", variable: value})

    make_producer(kafka_options(env), "c")
