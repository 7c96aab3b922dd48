"""Live changes for a page: the stream of status-api, handed on to the browser with the person's own access.

The browser's `EventSource` can send no token; it sends the cookie to us, and we the token to status-api, which checks
access at every event. Without a free slot, here or there, the answer is 503 and the page asks in intervals.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request
from werkzeug.exceptions import ServiceUnavailable

from dashboard.api.connection import (
    ProblemError,
    SessionEndedError,
    StatusApiError,
    UnreachableError,
    below,
)
from dashboard.names import LIVE
from dashboard.server.current import status_api

MOST_STREAMS = 24
_slots = threading.BoundedSemaphore(MOST_STREAMS)


def live_routes(ending: Callable[[], bool]) -> Blueprint:
    """The route; `ending` tells whether the process is to stop: a stream must not keep it."""
    routes = Blueprint("live", __name__)

    @routes.get(LIVE)
    def live() -> Response:
        if not _slots.acquire(blocking=False):
            raise ServiceUnavailable("Too many pages are open: this one asks in intervals.")
        try:
            headers = (
                {"Last-Event-ID": request.headers["Last-Event-ID"]}
                if "Last-Event-ID" in request.headers
                else {}
            )
            pieces = status_api().open_stream(
                below("stream"), {"tenant": request.args.getlist("tenant")}, headers
            )
        except BaseException as error:
            _slots.release()
            if isinstance(error, StatusApiError):
                return _refused(error)
            raise
        answer = Response(_handed_on(pieces, ending), mimetype="text/event-stream")
        answer.headers["X-Accel-Buffering"] = (
            "no"  # a proxy that collects the answer would hold the events back
        )
        return answer

    return routes


def _handed_on(pieces: Iterator[bytes], ending: Callable[[], bool]) -> Iterator[bytes]:
    try:
        for piece in pieces:
            yield piece
            if ending():
                return
    except UnreachableError:
        return  # the browser connects again
    finally:
        _slots.release()


def _refused(error: StatusApiError) -> Response:
    """How the browser's script learns what to do: 401 sign in, everything else ask in intervals."""
    if isinstance(error, SessionEndedError):
        return Response("The session is over.", 401, mimetype="text/plain")
    status = error.status if isinstance(error, ProblemError) else 503
    return Response("No stream now.", status, mimetype="text/plain")
