"""What the dashboard tells of itself: nothing uncounted, nothing under a name that grows with people or documents."""

from __future__ import annotations

import pytest
import requests
from flask import Flask
from prometheus_client import REGISTRY
from requests.adapters import HTTPAdapter

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError
from dashboard.api.measuring import MeasuringAdapter
from dashboard.server.measuring import count_failure, kind_of, measure, show_streams


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "page"),
        ("/t/acme/sync/invoices", "page"),
        ("/_dash-update-component", "action"),
        ("/_dash-layout", "asset"),
        ("/_dash-component-suites/dash/deps.js", "asset"),
        ("/assets/page.css", "asset"),
        ("/live", "live"),
        ("/files/acme/invoices.csv", "file"),
        ("/sign-in", "sign_in"),
        ("/sign-out", "sign_in"),
        ("/invitation", "sign_in"),
    ],
)
def test_no_path_is_counted_under_its_own_name(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_no_answer_is_left_uncounted_even_if_it_failed() -> None:
    application = Flask("measured")
    measure(application)

    @application.get("/t/acme")
    def broken() -> str:
        raise RuntimeError

    def counts() -> list[float]:
        return [
            _value("invoice_sync_page_seconds_count", kind="page", status=status) for status in ("500", "404")
        ]

    before = counts()
    application.test_client().get("/t/acme")
    application.test_client().get("/t/nowhere")
    assert counts() == [each + 1 for each in before]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (SessionEndedError(), "signed_out"),
        (UnreachableError(), "unreachable"),
        (ProblemError(409, "kind", "title", "detail", "id", {}), "refused"),
        (ValueError(), "failed"),
    ],
)
def test_no_failure_is_taken_for_another(error: Exception, outcome: str) -> None:
    before = _value("invoice_sync_page_failures_total", outcome=outcome)
    count_failure(error)
    assert _value("invoice_sync_page_failures_total", outcome=outcome) == before + 1


def test_no_stream_is_shown_that_has_ended() -> None:
    open_ones = [1, 2]
    show_streams(lambda: len(open_ones))
    assert _value("invoice_sync_page_streams") == 2
    open_ones.clear()
    assert _value("invoice_sync_page_streams") == 0


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "answered"), (304, "answered"), (409, "refused"), (503, "failed")]
)
def test_no_call_is_counted_by_more_than_what_came_of_it(
    status: int, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = requests.Response()
    answer.status_code = status
    monkeypatch.setattr(HTTPAdapter, "send", lambda *_, **__: answer)
    before = _value("invoice_sync_page_calls_seconds_count", outcome=outcome)
    assert MeasuringAdapter().send(requests.PreparedRequest()) is answer
    assert _value("invoice_sync_page_calls_seconds_count", outcome=outcome) == before + 1


def test_no_call_without_an_answer_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> requests.Response:
        raise requests.ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", refuse)
    before = _value("invoice_sync_page_calls_seconds_count", outcome="unreachable")
    with pytest.raises(requests.ConnectionError):
        MeasuringAdapter().send(requests.PreparedRequest())
    assert _value("invoice_sync_page_calls_seconds_count", outcome="unreachable") == before + 1
