"""Intents: one request each, with its exact bytes and a fresh key, committed before the request is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from xero_writer.adapters.items import COLUMNS, VALUES, Item, item_of, item_parameters
from xero_writer.core.body import Call
from xero_writer.core.kinds import Kind

Purpose = Literal["create", "update", "void", "take_back"]
Cause = Literal["crash", "cut", "server_error", "outage", "call_refused", "unmatched", "stray"]
"""Why an outcome is unknown: decides what is concluded once it is known that nothing was written."""

State = Literal["open", "unknown", "resolved"]


@dataclass(frozen=True, slots=True)
class Element:
    """One document of an intent, with what was resolved for it.

    Attributes:
        xero_id: the document in Xero, if there is one.
        told_id: its id in Xero, as the answer to a later sending told it.
    """

    item: Item
    number: str | None
    contact_name: str
    due_date: date | None
    xero_id: str | None
    position: int = 0
    told_id: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """One request to Xero: its exact bytes and key, and what is known of its outcome (database times).

    Attributes:
        last_sent_at: when its last byte may have left, at the latest; None: never.
        carried: how many documents the request carries; `elements` are those without an outcome.
        words: the provider's, or what a take-back needs to know of its reason.
        code: of the catalogue, what its documents are at fault with if it turns out that nothing was written; None: nobody knows.
        xero_time: what Xero's clock showed at the commit, or a little less; None if that was not known.
        app: a digest of the Xero app that signs the request: its key is the app's own; None: of a release that did not note it.
    """

    id: str
    purpose: Purpose
    xero_kind: Kind
    call: Call
    idempotency_key: str
    created_at: datetime
    last_sent_at: datetime | None
    state: State
    may_resend: bool
    answered_since: bool
    looked_up_at: datetime | None
    absent_since: datetime | None
    cause: Cause | None
    words: str
    carried: int
    elements: tuple[Element, ...]
    code: str | None = None
    xero_time: datetime | None = None
    app: str | None = None

    def in_lock_order(self) -> list[Element]:
        """The open documents in the order in which every transaction locks documents, so that none waits in a circle."""
        return sorted(self.elements, key=lambda one: one.item.document)


def commit_intent(
    connection: Connection,
    *,
    tenant_id: str,
    epoch: int,
    purpose: Purpose,
    xero_kind: Kind,
    call: Call,
    elements: Sequence[Element],
    xero_time: datetime | None,
    app: str,
    words: str = "",
) -> Intent:
    """Write the intent and its elements; the caller commits before it sends.

    The unique index on pending elements refuses a document that is in another unresolved intent.
    """
    intent_id = str(uuid.uuid4())
    key = f"{tenant_id}-{uuid.uuid4().hex}"
    created_at = connection.execute(
        text(
            "INSERT INTO intent (id, tenant_id, epoch, purpose, xero_kind, method, path, body, idempotency_key, words, xero_time, app)"
            " VALUES (:id, :tenant, :epoch, :purpose, :kind, :method, :path, :body, :key, :words, :xero_time, :app) RETURNING created_at"
        ),
        {
            "id": intent_id,
            "tenant": tenant_id,
            "epoch": epoch,
            "purpose": purpose,
            "kind": xero_kind,
            "method": call.method,
            "path": call.path,
            "body": call.body,
            "key": key,
            "words": words,
            "xero_time": xero_time,
            "app": app,
        },
    ).scalar_one()
    placed = tuple(replace(one, position=position) for position, one in enumerate(elements))
    connection.execute(
        text(
            f"INSERT INTO intent_element (intent_id, position, {COLUMNS}, number, contact_name, due_date, xero_id)"  # noqa: S608  # constant column names
            f" VALUES (:intent, :position, {VALUES}, :number, :contact_name, :due_date, :xero_id)"
        ),
        [_parameters(intent_id, one) for one in placed],
    )
    return Intent(
        id=intent_id,
        purpose=purpose,
        xero_kind=xero_kind,
        call=call,
        idempotency_key=key,
        created_at=created_at,
        last_sent_at=None,
        state="open",
        may_resend=True,
        answered_since=False,
        looked_up_at=None,
        absent_since=None,
        cause=None,
        words=words,
        carried=len(placed),
        elements=placed,
        xero_time=xero_time,
        app=app,
    )


def _parameters(intent_id: str, one: Element) -> dict[str, Any]:
    return item_parameters(one.item) | {
        "intent": intent_id,
        "position": one.position,
        "number": one.number,
        "contact_name": one.contact_name,
        "due_date": one.due_date,
        "xero_id": one.xero_id,
    }


def unresolved(connection: Connection, tenant_id: str) -> list[Intent]:
    """Every intent of a tenant that has no outcome for some document, oldest first, with those documents."""
    pending: dict[str, list[Element]] = {}
    for row in connection.execute(
        text(
            f"SELECT intent_id::text AS intent_id, position, {COLUMNS}, number, contact_name, due_date, xero_id, told_id"  # noqa: S608  # constant column names
            " FROM intent_element WHERE tenant_id = :tenant AND state = 'pending' ORDER BY position"
        ),
        {"tenant": tenant_id},
    ):
        element = Element(
            item_of(row),
            row.number,
            row.contact_name,
            row.due_date,
            row.xero_id,
            row.position,
            row.told_id,
        )
        pending.setdefault(row.intent_id, []).append(element)
    rows = connection.execute(
        text(
            "SELECT id::text AS id, purpose, xero_kind, method, path, body, idempotency_key, created_at, last_sent_at, state,"
            " may_resend, answered_since, looked_up_at, absent_since, cause, words, code, xero_time, app,"
            " (SELECT count(*) FROM intent_element e WHERE e.intent_id = intent.id) AS carried"
            " FROM intent WHERE tenant_id = :tenant AND state <> 'resolved' ORDER BY created_at"
        ),
        {"tenant": tenant_id},
    )
    return [_intent(row, tuple(pending[row.id])) for row in rows if row.id in pending]


def _intent(row: Any, elements: tuple[Element, ...]) -> Intent:  # noqa: ANN401  # a row of the query above
    return Intent(
        id=row.id,
        purpose=row.purpose,
        xero_kind=row.xero_kind,
        call=Call(row.method, row.path, bytes(row.body)),
        idempotency_key=row.idempotency_key,
        created_at=row.created_at,
        last_sent_at=row.last_sent_at,
        state=row.state,
        may_resend=row.may_resend,
        answered_since=row.answered_since,
        looked_up_at=row.looked_up_at,
        absent_since=row.absent_since,
        cause=row.cause,
        words=row.words,
        carried=row.carried,
        elements=elements,
        code=row.code,
        xero_time=row.xero_time,
        app=row.app,
    )
