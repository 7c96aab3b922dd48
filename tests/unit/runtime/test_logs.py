"""Log lines carry whose they are, and never a secret, however it is spelt."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest

from service_runtime.config import ConfigurationError, Environment
from service_runtime.logs import (
    ConsoleFormatter,
    JsonFormatter,
    SecretFilter,
    configure_logs,
    secrets_of_this_process,
)

SECRET = 'h1dd€n "quoted" \\back/slash &?'


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with one of the two forms, and what it writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("mapper") if request.param == "json" else ConsoleFormatter())
    logger = logging.Logger("test")  # noqa: LOG001  # of the test's own, not among the process's loggers
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def _raise(text: str) -> None:
    raise ValueError(text)


def test_no_line_lacks_its_context() -> None:
    record = logging.LogRecord("svc", logging.INFO, "f", 1, "stored %d rows", (3,), None)
    record.__dict__ |= {
        "tenant": "acme",
        "document": "invoice/1",
        "revision": 5,
        "trace_id": "abc",
        "took": 0.5,
    }

    line = json.loads(JsonFormatter("poller").format(record))

    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "service": "poller",
        "logger": "svc",
        "message": "stored 3 rows",
        "tenant": "acme",
        "document": "invoice/1",
        "revision": 5,
        "trace_id": "abc",
        "took": 0.5,
    }
    assert (
        ConsoleFormatter()
        .format(record)
        .endswith("INFO    stored 3 rows tenant=acme document=invoice/1 revision=5 trace_id=abc took=0.5")
    )


def test_no_line_breaks_in_two() -> None:
    record = logging.LogRecord("svc", logging.INFO, "f", 1, "first\nsecond", (), None)

    assert "\n" not in JsonFormatter("poller").format(record)


def test_no_secret_gets_into_a_line(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    secrets_of_this_process.hide(SECRET)
    spellings = [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps({"secret": SECRET}),
    ]

    for spelling in spellings:
        logger.info("message with %s", spelling)
        logger.info("context", extra={"tenant": "acme", "detail": spelling, "nested": {"deep": [spelling]}})
        try:
            _raise(f"exception with {spelling}")
        except ValueError:
            logger.exception("it failed")

    assert "h1dd" not in stream.getvalue()
    assert stream.getvalue().count("***") >= 3 * len(spellings)


def test_no_rest_of_a_secret_stays_when_another_begins_like_it() -> None:
    hidden = SecretFilter()
    hidden.hide("abc", "abcdef", "", "abcd")

    assert hidden.clean("abcdef abc abcdx") == "*** *** ***x"


def test_no_secret_that_is_added_meanwhile_breaks_a_line() -> None:
    """Threads log while credentials are read again."""
    hidden = SecretFilter()

    def hide_many() -> None:
        for number in range(200):
            hidden.hide(f"secret-{number}")

    adding = threading.Thread(target=hide_many)
    adding.start()
    while adding.is_alive():
        hidden.clean("a line")

    assert hidden.clean("secret-199") == "***"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD': wanted one of DEBUG, INFO, WARNING, ERROR"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml': wanted one of json, console"),
    ],
)
def test_no_wrong_choice_passes(values: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        configure_logs("mapper", Environment(values))


@pytest.fixture
def process_logging() -> Iterator[None]:
    """Logging of the whole process, put back afterwards."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = list(root.handlers), root.level
    yield
    threading.excepthook = hook
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("process_logging")
def test_no_failure_of_a_thread_is_told_with_a_secret_or_as_plain_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    secrets_of_this_process.hide("hidden-token")
    configure_logs("mapper", Environment({}))

    failing = threading.Thread(target=_raise, args=("refused hidden-token",), name="renewal")
    failing.start()
    failing.join()

    told = capsys.readouterr()
    assert told.err == ""
    line = json.loads(told.out)
    assert (line["level"], line["service"], line["message"]) == ("error", "mapper", "renewal failed")
    assert "hidden-token" not in line["exception"]
    assert "refused ***" in line["exception"]
