"""How long status-api takes to answer."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from service_runtime import metrics


class MeasuringAdapter(HTTPAdapter):
    """Sends as its parent does, and counts every call with its duration and what came of it."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401  # the parent's
        """One call; a stream counts until it begins.

        Raises:
            requests.RequestException: no answer came.
        """
        began, outcome = time.perf_counter(), "unreachable"
        try:
            answer = super().send(request, *args, **options)
            outcome = outcome_of(answer.status_code)
            return answer
        finally:
            metrics.page_calls_seconds.labels(outcome).observe(time.perf_counter() - began)


def outcome_of(status: int) -> str:
    """What came of a call that was answered."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "failed"
    return "refused" if status >= HTTPStatus.BAD_REQUEST else "answered"
