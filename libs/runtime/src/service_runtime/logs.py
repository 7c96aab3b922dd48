"""Structured logs: JSON or console lines that carry tenant, document, revision and trace id, and never a secret."""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus

from service_runtime.config import Environment

_EXTRA_FIELDS = ("tenant", "document", "revision", "trace_id")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _spellings(secret: str) -> set[str]:
    """How a text looks in addresses, forms, Python's and JSON's quotes, and any of these quoted once more."""
    plain = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]}
    quoted = {
        json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in plain for ascii_only in (True, False)
    }
    again = {json.dumps(text, ensure_ascii=False)[1:-1] for text in quoted} | {
        repr(text)[1:-1] for text in quoted
    }
    return plain | quoted | again


class SecretFilter(logging.Filter):
    """Replaces known secrets in what is about to be written: the last line of defence, not the first."""

    def __init__(self) -> None:
        super().__init__()
        self._forms: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def hide(self, *secrets: str) -> None:
        """Never let these texts through, as they are or as addresses, forms and JSON spell them."""
        with self._lock:
            forms = set(self._forms)
            for secret in filter(None, secrets):
                forms |= _spellings(secret)
            self._forms = tuple(sorted(forms, key=len, reverse=True))  # a secret may begin with another one

    def forget(self, secret: str) -> None:
        """Let a text through again: a token that has run out. Without this a long life would slow every log line down."""
        with self._lock:
            gone = _spellings(secret)
            self._forms = tuple(form for form in self._forms if form not in gone)

    def clean(self, text: str) -> str:
        """The text without any known secret."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text


secrets_of_this_process = SecretFilter()
"""Credentials are registered here as soon as they are read."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON: time, level, service, logger, message, then whatever context was given."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= context_of(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return secrets_of_this_process.clean(json.dumps(line, default=str, ensure_ascii=False))


class ConsoleFormatter(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message, then the context as key=value."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        context = " ".join(f"{key}={value}" for key, value in context_of(record).items())
        text = f"{at} {record.levelname:<7} {record.getMessage()} {context}".rstrip()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return secrets_of_this_process.clean(text)


def context_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`, the well-known fields first."""
    extra = {
        key: value for key, value in record.__dict__.items() if key not in _STANDARD and value is not None
    }
    ordered = {key: extra.pop(key) for key in _EXTRA_FIELDS if key in extra}
    return ordered | extra


def configure_logs(service: str, env: Environment) -> None:
    """Send every log line to standard output in the chosen form.

    Raises:
        ConfigurationError: LOG_LEVEL or LOG_FORMAT is wrong.
    """
    level = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    form = env.choice("LOG_FORMAT", ("json", "console"), "json")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service) if form == "json" else ConsoleFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("urllib3", "werkzeug", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    threading.excepthook = _log_thread_failure


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    """What ends a thread is a log line like any other: as JSON, and without secrets."""
    if failure.exc_type is SystemExit:
        return
    name = failure.thread.name if failure.thread else "a thread"
    trace = (failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    logging.getLogger(__name__).error("%s failed", name, exc_info=trace)
