"""Live changes for a page: the stream of status-api, handed on to the browser with the person's own access.

The browser's `EventSource` can send no token; it sends the cookie to us, and we the token to status-api, which checks
access at every event. It can not see a status either, so what a page has to know is told in ways that it can hear: 204 when there
is no stream now (it asks in intervals, and its console stays empty), the event `ended` when the session is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request

from dashboard.api.connection import SessionEndedError, StatusApiError, Stream, UnreachableError, below
from dashboard.names import LIVE
from dashboard.server.current import status_api
from dashboard.server.listeners import Listeners
from dashboard.server.measuring import show_streams
from service_web.clients import give_up_if_stalled

_EVENTS = "text/event-stream"
_ENDED = "event: ended\ndata: {}\n\n"


def live_routes(ending: Callable[[], bool]) -> Blueprint:
    """The route; `ending` tells whether the process is to stop: a stream must not keep it."""
    routes = Blueprint("live", __name__)
    listeners = Listeners(ending)
    show_streams(listeners.count)

    @routes.get(LIVE)
    def live() -> Response:
        listener = listeners.take(request.environ)
        if listener is None:
            return Response(status=204)
        try:
            stream = status_api().open_stream(
                below("stream"), {"tenant": request.args.getlist("tenant")}, _from_where()
            )
        except BaseException as error:
            listener.leave()
            if isinstance(error, SessionEndedError):
                return Response(_ENDED, mimetype=_EVENTS)
            if isinstance(error, StatusApiError):
                return Response(status=204)
            raise
        listener.hear(stream)
        give_up_if_stalled(request.environ)
        answer = Response(_handed_on(stream), mimetype=_EVENTS)
        answer.call_on_close(listener.leave)  # also if nobody was left to hear the first word
        answer.headers["X-Accel-Buffering"] = (
            "no"  # a proxy that collects the answer would hold the events back
        )
        return answer

    return routes


def _from_where() -> dict[str, str]:
    """After which event the browser wants to go on."""
    last = request.headers.get("Last-Event-ID")
    return {} if last is None else {"Last-Event-ID": last}


def _handed_on(stream: Stream) -> Iterator[bytes]:
    try:
        yield from stream
    except UnreachableError:
        return  # the browser connects again
