"""What those who run the dashboard see of it: how many pages and actions, how long they take, how many did not come about."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask, Response, g, request

from dashboard.api.connection import ProblemError, SessionEndedError, UnreachableError
from dashboard.names import FILES, INVITATION, LIVE, SIGN_IN, SIGN_OUT
from service_runtime import metrics

_KINDS = (
    ("/_dash-update-component", "action"),
    (LIVE, "live"),
    (f"{FILES}/", "file"),
    (SIGN_IN, "sign_in"),
    (SIGN_OUT, "sign_in"),
    (INVITATION, "sign_in"),
    ("/assets/", "asset"),
    ("/_", "asset"),
)
"""By how the path begins; everything else is a page."""


def measure(application: Flask) -> None:
    """Count every answer of an application. What lasts (a stream, a file) counts until it begins."""

    @application.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @application.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.began
        metrics.page_seconds.labels(kind_of(request.path), str(response.status_code)).observe(seconds)
        return response


def kind_of(path: str) -> str:
    """What is asked for, out of a closed list: never the path itself, which names tenants and documents."""
    return next((kind for beginning, kind in _KINDS if path.startswith(beginning)), "page")


def count_failure(error: Exception) -> None:
    """A page or an action did not come about."""
    metrics.page_failures.labels(_outcome(error)).inc()


def _outcome(error: Exception) -> str:
    if isinstance(error, SessionEndedError):
        return "signed_out"
    if isinstance(error, UnreachableError):
        return "unreachable"
    return "refused" if isinstance(error, ProblemError) else "failed"


def show_streams(how_many: Callable[[], int]) -> None:
    """Let the number of open streams be asked for."""
    metrics.page_streams.set_function(how_many)
