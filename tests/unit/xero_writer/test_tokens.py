from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from service_runtime.deadline import make_session
from service_runtime.logs import secrets_of_this_process
from service_runtime.tenants import XeroCredentials
from tests.unit.xero_writer.http_stub import Reply, Script, served
from xero_writer.adapters.answers import DownError, RefusedError, XeroError
from xero_writer.adapters.tokens import Tokens

CREDENTIALS = XeroCredentials("app-1", "s3cret", "client_credentials", None)


def token(name: str, lifetime: object = 1800) -> Reply:
    return Reply(200, json.dumps({"access_token": name, "expires_in": lifetime}).encode())


def error(name: str, status: int = 400) -> Reply:
    return Reply(status, json.dumps({"error": name}).encode())


@pytest.fixture
def script() -> Iterator[Script]:
    with served() as made:
        yield made


@pytest.fixture
def tokens(script: Script) -> Tokens:
    return Tokens(make_session(), script.url, CREDENTIALS, 5.0)


def scopes(script: Script) -> list[str]:
    return [parse_qs(asked.body.decode())["scope"][0] for asked in script.asked]


def test_a_token_is_asked_for_once_and_not_per_call(script: Script, tokens: Tokens) -> None:
    script.then(token("a"), token("b"))
    assert [tokens.get() for _ in range(3)] == ["a"] * 3
    assert len(script.asked) == 1
    basic = base64.b64encode(b"app-1:s3cret").decode()
    assert script.asked[0].headers["authorization"] == f"Basic {basic}"
    assert "s3cret" not in script.asked[0].body.decode()


def test_several_threads_ask_for_one_token(script: Script, tokens: Tokens) -> None:
    script.then(token("a"), token("b"))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(tokens.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {"a"}
    assert len(script.asked) == 1


def test_an_app_without_granular_scopes_is_served_with_the_older_ones(script: Script, tokens: Tokens) -> None:
    script.then(error("invalid_scope"), token("a"))
    assert tokens.get() == "a"
    assert "accounting.invoices" in scopes(script)[0]
    assert "accounting.transactions" in scopes(script)[1]


def test_a_dropped_token_is_not_given_again_and_a_late_drop_spares_the_new_one(
    script: Script, tokens: Tokens
) -> None:
    script.then(token("a"), token("b"), token("c"))
    assert tokens.get() == "a"
    tokens.drop("a")
    assert tokens.get() == "b"
    tokens.drop("a")
    assert tokens.get() == "b"


@pytest.mark.parametrize(
    ("lifetime", "good_for"), [(1800, 1740.0), (60, 30.0), ("1800", 1740.0), (None, 240.0), ("soon", 240.0)]
)
def test_a_token_is_renewed_before_it_runs_out_and_not_at_every_call(
    script: Script, tokens: Tokens, lifetime: object, good_for: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("xero_writer.adapters.tokens.time.monotonic", lambda: now[0])
    with tokens._lock:
        tokens._keep({"access_token": "a", "expires_in": lifetime})
    assert tokens._good_until == 1000.0 + good_for
    script.then(token("b"))
    now[0] += good_for - 1
    assert tokens.get() == "a"


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (error("invalid_client"), RefusedError),
        (error("unauthorized_client", 401), RefusedError),
        (error("invalid_scope"), RefusedError),
        (error("temporarily_unavailable"), DownError),
        (error("server_error"), DownError),
        (Reply(429, b"{}"), DownError),
        (Reply(503, b"away"), DownError),
        (Reply(200, b"<html>"), DownError),
        (Reply(200, b"[]"), DownError),
        (Reply(200, b'{"expires_in":1800}'), DownError),
        (Reply(302, b"{}", {"Location": "/elsewhere"}), DownError),
        (Reply(cut=True), DownError),
    ],
)
def test_only_a_refusal_of_the_credentials_is_called_one(
    script: Script, tokens: Tokens, reply: Reply, raised: type[XeroError]
) -> None:
    script.then(reply)
    with pytest.raises(raised) as failure:
        tokens.get()
    assert type(failure.value) is raised
    assert "s3cret" not in str(failure.value)


def test_a_failure_is_not_remembered(script: Script, tokens: Tokens) -> None:
    script.then(Reply(503, b"away"), token("a"))
    with pytest.raises(DownError):
        tokens.get()
    assert tokens.get() == "a"


def test_tokens_that_have_run_out_do_not_pile_up_among_the_hidden_texts(
    script: Script, tokens: Tokens
) -> None:
    names = [f"bearer-{number}-made-up" for number in range(4)]
    script.then(*(token(name) for name in names))
    for name in names:
        assert tokens.get() == name
        assert name not in secrets_of_this_process.clean(f"said {name}")
        tokens.drop(name)
    assert [name in secrets_of_this_process.clean(name) for name in names] == [True, True, False, False]
