"""Who an event is: ids, revisions, headers, trace context."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

from invoice_events.names import DOCUMENT_TOPICS, event_key
from invoice_events.schemas import schema_of

_NAMESPACE = uuid.UUID("6f0d5d0c-6d0a-5b8e-9a55-3c1f3d0e7a11")  # random once; every event id hangs on it

Headers = list[tuple[str, bytes]]


def event_id(tenant_id: str, document: str, revision: int, event_type: str, detail: str = "") -> str:
    """Identity of a document event: the same try and type always give the same id, so repeats are recognised.

    Args:
        tenant_id: the tenant.
        document: `{kind}/{id}`.
        revision: the try.
        event_type: the topic.
        detail: the request for `processing`, the hold version for `held`, `diagnosis_detail` for a dry run, else empty.
    """
    return str(uuid.uuid5(_NAMESPACE, "\n".join((tenant_id, document, str(revision), event_type, detail))))


def diagnosis_detail(command_id: str | None) -> str:
    """The detail in the ids of a dry run's events, which has the revision of a real try; None: it is that try."""
    return "" if command_id is None else f"diagnose {command_id}"


def next_revision(previous: int | None, now: datetime) -> int:
    """Revision of a new try: grows even if the memory of earlier ones was lost."""
    milliseconds = int(now.timestamp() * 1000)
    return milliseconds if previous is None else max(previous + 1, milliseconds)


def new_traceparent() -> str:
    """A W3C `traceparent` that starts a trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace id inside a `traceparent`, or None if there is none."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 else None  # noqa: PLR2004  # version, trace, span, flags


def event_headers(topic: str, event: dict[str, object], traceparent: str) -> Headers:
    """Kafka headers of an event.

    Document events carry tenant, document, revision, schema and traceparent, so that a reader who can not decode the
    payload still knows whose it was. Other events carry tenant, schema and traceparent.
    """
    headers: Headers = [("tenant", str(event["tenant_id"]).encode())]
    if topic in DOCUMENT_TOPICS:
        headers += [
            ("document", str(event["document"]).encode()),
            ("revision", str(event["revision"]).encode()),
        ]
    return [*headers, ("schema", schema_of(topic).header.encode()), ("traceparent", traceparent.encode())]


def header_text(headers: Headers | None, name: str) -> str | None:
    """Last value of a header as text, or None if it is missing or no UTF-8."""
    found: str | None = None
    for key, value in headers or []:
        if key == name and value is not None:
            try:
                found = value.decode("utf-8")
            except UnicodeDecodeError:
                found = None
    return found


def utc_now() -> datetime:
    """Now, as aware UTC."""
    return datetime.now(UTC)


__all__ = [
    "Headers",
    "diagnosis_detail",
    "event_headers",
    "event_id",
    "event_key",
    "header_text",
    "new_traceparent",
    "next_revision",
    "trace_id_of",
    "utc_now",
]
