"""What the process log may not repeat: words that people search for, and values of the database."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from service_web.failures import failure
from service_web.gunicorn_server import _ServiceLogger
from status_api.server.application import make_application
from status_api.server.auth import Authenticator
from status_api.server.operations import Operation, Parameter, Request
from status_api.server.workers import BackgroundLoops

CUSTOMER = "Ada Lovelace Ltd"


def explode(*_: object) -> Any:  # noqa: ANN401  # it never returns
    try:
        return {"nobody": None}[CUSTOMER]
    except KeyError as error:
        raise ValueError(f"no such customer: {CUSTOMER}") from error


def test_a_request_that_failed_is_told_by_its_place_without_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handler(request: Request) -> Any:  # noqa: ANN401  # it never returns
        return explode(request)

    words = Parameter("text", "query", {"type": "string"}, "Words")
    operation = Operation("GET", "/fails", "fails", "Fails", {200: {}}, handler, (), (words,), open=True)
    api: Any = SimpleNamespace(trusted_proxies=())
    caplog.set_level(logging.INFO)
    answer = (
        make_application(api, Authenticator(None), [operation]).test_client().get(f"/fails?text={CUSTOMER}")
    )
    assert answer.status_code == 500
    assert "ValueError at test_logs.py:" in caplog.text
    assert "caused by KeyError" in caplog.text
    assert "Ada" not in caplog.text + answer.text


def test_a_loop_that_failed_is_told_without_the_errors_text(caplog: pytest.LogCaptureFixture) -> None:
    failed: list[None] = []
    loops = BackgroundLoops(lambda: failed.append(None))
    loops.start("outbox", explode)
    loops.stop()
    assert failed
    assert "outbox failed, the service stops: ValueError" in caplog.text
    assert "Ada" not in caplog.text


def test_the_web_servers_own_lines_leave_the_query_out(caplog: pytest.LogCaptureFixture) -> None:
    logger = _ServiceLogger(Config())
    try:
        explode()
    except ValueError:
        logger.exception("Error handling request %s %s", "GET", f"/invoices?text={CUSTOMER}")
    assert "Error handling request GET /invoices: ValueError" in caplog.text
    assert "Ada" not in caplog.text


def test_errors_that_lead_in_a_circle_are_told_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert failure(first).count("caused by") == 1
