"""Changes as they happen, as server-sent events."""

from __future__ import annotations

import re

from status_api.server.event_streams import ChangeStream
from status_api.server.operations import Answer, Operation, Parameter, Request
from status_api.server.problems import bad_parameter, unavailable, unknown_tenant
from status_api.server.streaming import Streamed
from status_api.stores.tenants import UnknownTenantError

EVENT_STREAM = "text/event-stream"
_NUMBER = re.compile(r"[0-9]{1,18}")
_HEADERS = {"X-Accel-Buffering": "no"}  # a proxy that collects an answer first would never pass it on
_WORDS = (
    "Server-sent events. Event `change`: something of a tenant that you may see changed; its data is JSON with tenant_id, subject"
    " (invoice, purchase-order, command, connection or tenant), id (text: of the document or command, the tenant's, or autotask or"
    " xero; null: many changed, read the list again), status (the document's status, or the state of anything else; null with id)"
    " and changed_at. Event `reset`: read everything again. The id of each event is its change number"
)


def stream_changes(request: Request) -> Answer:
    """Changes from now on, or from those after Last-Event-ID."""
    last = _last(request)
    asked = _asked(request)
    streams = request.api.streams
    start = streams.feed.start
    if start is None:
        raise unavailable("Changes are not followed at this moment. Read again in a few seconds.")
    stream = ChangeStream(
        streams, request.api.engine, request.actor, request.again, request.gone, asked, start, last
    )
    release = streams.slots.take(request.actor.person_id or request.actor.name)
    body = Streamed(stream.pieces(), release, request_id=request.request_id)
    return Answer(body, headers=dict(_HEADERS))


def _last(request: Request) -> int | None:
    """The last change that the reader knows.

    Raises:
        Problem: it is no number.
    """
    header = request.headers.get("Last-Event-ID", "").strip()
    if not header:
        return None
    if not _NUMBER.fullmatch(header):
        raise bad_parameter("Last-Event-ID", f"{header!r} is no change number: send the id of the last event")
    return int(header)


def _asked(request: Request) -> frozenset[str] | None:
    """The tenants that are asked for, None for all.

    Raises:
        Problem: one is not there, or none that the reader may see: the two are not told apart.
    """
    asked = request.query.get("tenant")
    if not asked:
        return None
    for tenant_id in asked:
        try:
            request.api.tenants.get(tenant_id)
        except UnknownTenantError as error:
            raise unknown_tenant(tenant_id) from error
        if request.actor.role_at(tenant_id) is None:
            raise unknown_tenant(tenant_id)
    return frozenset(asked)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/stream",
        "streamChanges",
        "Changes at every tenant that the token may see, as they happen; open it first, then read what you show",
        {200: {"type": "string", "description": _WORDS}},
        stream_changes,
        (404,),
        (
            Parameter(
                "tenant",
                "query",
                {"type": "array", "items": {"type": "string"}, "maxItems": 100},
                "Only this tenant's; may be repeated",
            ),
            Parameter(
                "Last-Event-ID",
                "header",
                {"type": "string"},
                "Change number of the last event that you have: go on after it. If that is too long ago, the first event is reset",
            ),
        ),
        own=True,
        media=EVENT_STREAM,
    ),
)
