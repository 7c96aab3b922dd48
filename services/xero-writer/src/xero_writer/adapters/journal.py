"""The journal: an intent is committed before each write, its outcome after it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from invoice_events.types import XeroKind
from xero_writer.adapters.work import Waiting

Purpose = Literal["create", "update", "take_back"]
Cause = Literal["crash", "cut", "server_error", "outage", "call_refused", "unmatched"]
"""Why an outcome is unknown: decides what is concluded once it is known that nothing was written."""


@dataclass(frozen=True, slots=True)
class Element:
    """One document of an intent, with what was resolved for it."""

    position: int
    tenant_id: str
    document: str
    revision: int
    priority: int
    raw: bytes
    traceparent: str
    batch_limit: int
    received_at: datetime
    number: str | None
    contact_name: str
    due_date: date | None
    xero_id: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """One request to Xero: its exact bytes and key, and what is known of its outcome (database times)."""

    id: str
    tenant_id: str
    epoch: int
    purpose: Purpose
    xero_kind: XeroKind
    method: str
    path: str
    body: bytes
    idempotency_key: str
    created_at: datetime
    last_sent_at: datetime | None
    state: Literal["open", "unknown", "resolved"]
    may_resend: bool
    answered_since: bool
    looked_up_at: datetime | None
    absent_since: datetime | None
    was_unknown: bool
    cause: Cause | None
    words: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A document that is about to be part of an intent."""

    work: Waiting
    number: str | None
    contact_name: str
    due_date: date | None
    xero_id: str | None


def commit_intent(
    connection: Connection,
    *,
    tenant_id: str,
    epoch: int,
    purpose: Purpose,
    xero_kind: XeroKind,
    method: str,
    path: str,
    body: bytes,
    planned: Sequence[Planned],
) -> Intent:
    """Write the intent and its elements; the caller commits before it sends.

    The unique index on pending elements refuses a document that is in another unresolved intent.
    """
    intent_id = str(uuid.uuid4())
    key = f"{tenant_id}-{uuid.uuid4().hex}"
    created_at = connection.execute(
        text(
            "INSERT INTO intent (id, tenant_id, epoch, purpose, xero_kind, method, path, body, idempotency_key)"
            " VALUES (:id, :tenant, :epoch, :purpose, :kind, :method, :path, :body, :key) RETURNING created_at"
        ),
        {
            "id": intent_id,
            "tenant": tenant_id,
            "epoch": epoch,
            "purpose": purpose,
            "kind": xero_kind,
            "method": method,
            "path": path,
            "body": body,
            "key": key,
        },
    ).scalar_one()
    elements = tuple(
        Element(
            position=position,
            tenant_id=tenant_id,
            document=one.work.document,
            revision=one.work.revision,
            priority=one.work.priority,
            raw=one.work.raw,
            traceparent=one.work.traceparent,
            batch_limit=one.work.batch_limit,
            received_at=one.work.received_at,
            number=one.number,
            contact_name=one.contact_name,
            due_date=one.due_date,
            xero_id=one.xero_id,
        )
        for position, one in enumerate(planned)
    )
    connection.execute(
        text(
            "INSERT INTO intent_element (intent_id, position, tenant_id, document, revision, priority, mapped, traceparent, batch_limit, received_at, number,"
            " contact_name, due_date, xero_id) VALUES (:intent, :position, :tenant, :document, :revision, :priority, :mapped, :traceparent, :batch_limit,"
            " :received_at, :number, :contact_name, :due_date, :xero_id)"
        ),
        [_element_row(intent_id, one) for one in elements],
    )
    return Intent(
        intent_id,
        tenant_id,
        epoch,
        purpose,
        xero_kind,
        method,
        path,
        body,
        key,
        created_at,
        None,
        "open",
        True,
        False,
        None,
        None,
        False,
        None,
        "",
        elements,
    )


def _element_row(intent_id: str, one: Element) -> dict[str, Any]:
    return {
        "intent": intent_id,
        "position": one.position,
        "tenant": one.tenant_id,
        "document": one.document,
        "revision": one.revision,
        "priority": one.priority,
        "mapped": one.raw,
        "traceparent": one.traceparent,
        "batch_limit": one.batch_limit,
        "received_at": one.received_at,
        "number": one.number,
        "contact_name": one.contact_name,
        "due_date": one.due_date,
        "xero_id": one.xero_id,
    }


def unresolved(connection: Connection, tenant_id: str) -> list[Intent]:
    """Every intent of a tenant that has no outcome for some document, oldest first, with those documents."""
    rows = connection.execute(
        text(
            "SELECT id::text AS id, tenant_id, epoch, purpose, xero_kind, method, path, body, idempotency_key, created_at,"
            " last_sent_at, state, may_resend, answered_since, looked_up_at, absent_since, was_unknown, cause, words"
            " FROM intent WHERE tenant_id = :tenant AND state <> 'resolved' ORDER BY created_at"
        ),
        {"tenant": tenant_id},
    ).all()
    return [
        Intent(**(row._asdict() | {"body": bytes(row.body)}), elements=pending_elements(connection, row.id))
        for row in rows
    ]


def pending_elements(connection: Connection, intent_id: str) -> tuple[Element, ...]:
    """Documents of an intent whose outcome is not known."""
    rows = connection.execute(
        text(
            "SELECT position, tenant_id, document, revision, priority, mapped AS raw, traceparent, batch_limit, received_at, number, contact_name, due_date, xero_id"
            " FROM intent_element WHERE intent_id = :intent AND state = 'pending' ORDER BY position"
        ),
        {"intent": intent_id},
    )
    return tuple(Element(**(row._asdict() | {"raw": bytes(row.raw)})) for row in rows)


def mark_sending(connection: Connection, intent_id: str) -> None:
    """The request is about to be sent (again)."""
    connection.execute(
        text("UPDATE intent SET last_sent_at = clock_timestamp() WHERE id = :id"), {"id": intent_id}
    )


def mark_unknown(
    connection: Connection, intent_id: str, cause: Cause, words: str, *, may_resend: bool
) -> None:
    """The outcome is unknown from now on, whatever later answers say. Bytes may have left until this moment."""
    connection.execute(
        text(
            "UPDATE intent SET state = 'unknown', was_unknown = true, cause = :cause, words = :words,"
            " may_resend = may_resend AND :may_resend, last_sent_at = clock_timestamp() WHERE id = :id AND state <> 'resolved'"
        ),
        {"id": intent_id, "cause": cause, "words": words[:2000], "may_resend": may_resend},
    )


def mark_answered(connection: Connection, intent_id: str) -> None:
    """A later sending of an unknown request was answered: it is looked up next."""
    connection.execute(
        text("UPDATE intent SET answered_since = true, looked_up_at = NULL WHERE id = :id"), {"id": intent_id}
    )


def mark_looked_up(connection: Connection, intent_id: str, *, absence_counts: bool) -> None:
    """A lookup found something missing."""
    connection.execute(
        text(
            "UPDATE intent SET looked_up_at = clock_timestamp(),"
            " absent_since = CASE WHEN :counts THEN coalesce(absent_since, clock_timestamp()) ELSE absent_since END WHERE id = :id"
        ),
        {"id": intent_id, "counts": absence_counts},
    )


def settle(
    connection: Connection, intent_id: str, element: Element, outcome: str, xero_id: str | None
) -> bool:
    """A document's outcome in this intent. False if it had one already: then nothing may be published again."""
    settled = connection.execute(
        text(
            "UPDATE intent_element SET state = 'settled', outcome = :outcome, xero_id = coalesce(:xero_id, xero_id)"
            " WHERE intent_id = :intent AND position = :position AND state = 'pending'"
        ),
        {"intent": intent_id, "position": element.position, "outcome": outcome, "xero_id": xero_id},
    )
    return settled.rowcount == 1


def put_back(
    connection: Connection,
    intent_id: str,
    element: Element,
    outcome: str,
    batch_limit: int,
    *,
    check_number: bool = False,
) -> None:
    """A document that is known not to have been written goes back to the waiting ones, unless a newer revision has come."""
    if not settle(connection, intent_id, element, outcome, None):
        return
    connection.execute(
        text(
            "INSERT INTO work (tenant_id, document, revision, priority, mapped, traceparent, batch_limit, check_number, received_at)"
            " VALUES (:tenant, :document, :revision, :priority, :mapped, :traceparent, :limit, :check, :received_at) ON CONFLICT (tenant_id, document) DO NOTHING"
        ),
        {
            "tenant": element.tenant_id,
            "document": element.document,
            "revision": element.revision,
            "priority": element.priority,
            "mapped": element.raw,
            "traceparent": element.traceparent,
            "limit": batch_limit,
            "check": check_number,
            "received_at": element.received_at,
        },
    )


def close_if_settled(connection: Connection, intent_id: str, recheck_seconds: float) -> None:
    """Resolve an intent without open documents. One that was unknown is looked at again later."""
    connection.execute(
        text(
            "UPDATE intent SET state = 'resolved', resolved_at = clock_timestamp(),"
            " recheck_at = CASE WHEN was_unknown THEN clock_timestamp() + make_interval(secs => :recheck) END"
            " WHERE id = :id AND state <> 'resolved' AND NOT EXISTS (SELECT 1 FROM intent_element WHERE intent_id = :id AND state = 'pending')"
        ),
        {"id": intent_id, "recheck": recheck_seconds},
    )


@dataclass(frozen=True, slots=True)
class Recheck:
    """An intent that was unknown and is due for its last look: documents and where they are expected in Xero."""

    intent_id: str
    xero_kind: XeroKind
    since: datetime
    documents: dict[str, str | None]


def due_rechecks(connection: Connection, tenant_id: str) -> list[Recheck]:
    """Rechecks that are due."""
    rows = connection.execute(
        text(
            "SELECT id::text AS id, xero_kind, created_at FROM intent WHERE tenant_id = :tenant AND recheck_at <= clock_timestamp() ORDER BY recheck_at LIMIT 20"
        ),
        {"tenant": tenant_id},
    ).all()
    return [Recheck(row.id, row.xero_kind, row.created_at, _expected(connection, row.id)) for row in rows]


def _expected(connection: Connection, intent_id: str) -> dict[str, str | None]:
    rows = connection.execute(
        text(
            "SELECT e.document, d.xero_id FROM intent_element e JOIN document d USING (tenant_id, document) WHERE e.intent_id = :intent"
        ),
        {"intent": intent_id},
    )
    return {row.document: row.xero_id for row in rows}


def rechecked(connection: Connection, intent_id: str) -> None:
    """The last look was taken."""
    connection.execute(text("UPDATE intent SET recheck_at = NULL WHERE id = :id"), {"id": intent_id})


def database_now(connection: Connection) -> datetime:
    """The database's clock: the only one that decides about intents."""
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now
