"""Bulk acts: many commands in one transaction, told document by document, with one line in the audit.

A request that is repeated with its Idempotency-Key gets the answer of the first one. Without a key a repeat does no harm either:
what is open is not given again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.names import Document
from invoice_events.types import SyncCommand
from service_runtime.outbox import Outbox
from status_api.core.bulk import BulkAct, Fate, Item, counts_of, refused_beforehand
from status_api.core.commands import SHOWS_PENDING, Asked
from status_api.queries import bulk as queries
from status_api.stores.audit import Who, write_audit

KEY_LIFETIME = timedelta(hours=24)
"""How long an Idempotency-Key and its answer are remembered."""

_INSERT = text(
    "INSERT INTO command (command_id, tenant_id, kind, document_kind, document_id, actor, issued_at, shows_pending, bulk_id)"
    " SELECT w.command_id, :tenant, :name, w.kind, w.id, :actor, :at, :shows_pending, :bulk"
    " FROM unnest(CAST(:commands AS text[]), CAST(:kinds AS text[]), CAST(:ids AS bigint[])) AS w (command_id, kind, id)"
    " ORDER BY w.kind, w.id"  # two acts that meet on the same documents wait for each other instead of deadlocking
    " ON CONFLICT (tenant_id, kind, document_kind, document_id) WHERE finished_at IS NULL DO NOTHING"
    " RETURNING command_id, document_kind, document_id"
)
_BEGIN = text(
    "INSERT INTO bulk_act (bulk_id, tenant_id, kind, about, actor, issued_at, idempotency_key, asked)"
    " VALUES (:bulk, :tenant, :kind, :about, :actor, :at, :key, :asked)"
    " ON CONFLICT (tenant_id, actor, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING"
)
_FORGET = text(
    "UPDATE bulk_act SET idempotency_key = NULL, answer = NULL"
    " WHERE idempotency_key IS NOT NULL AND issued_at < CAST(:now AS timestamptz) - CAST(:lifetime AS interval)"
)


class KeyReusedError(Exception):
    """An Idempotency-Key that came with another request before."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of a bulk act.

    Attributes:
        answer: JSON members, the same for every repeat with one key.
        is_new: whether this request did it.
    """

    answer: dict[str, Any]
    is_new: bool


class BulkStore:
    """Takes bulk acts in."""

    def __init__(self, engine: Engine, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._outbox = outbox
        self._now = now

    def give(self, tenant_id: str, act: BulkAct, who: Who, key: str | None) -> Given:
        """Store one command per document that can have one, all of them or none.

        Args:
            tenant_id: whose documents.
            act: what is asked for.
            who: asks.
            key: the Idempotency-Key of the request, None if it has none.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        bulk_id, now = str(uuid.uuid4()), self._now()
        asked = _digest(act)
        with self._engine.begin() as connection:
            if key is not None:
                connection.execute(_FORGET, {"now": now, "lifetime": KEY_LIFETIME})
            begun = {
                "bulk": bulk_id, "tenant": tenant_id, "kind": act.kind, "about": act.about, "actor": who.actor,
                "at": now, "key": key, "asked": asked,
            }  # fmt: skip
            if not connection.execute(_BEGIN, begun).rowcount:
                return Given(_answer_before(connection, begun), is_new=False)
            documents, remaining = _documents(connection, tenant_id, act)
            items = self._give(connection, tenant_id, Asked(act.kind, bulk_id=bulk_id), documents, who, now)
            answer = _answer(bulk_id, act, now, items, remaining)
            if key is not None:
                connection.execute(
                    text("UPDATE bulk_act SET answer = CAST(:answer AS json) WHERE bulk_id = :bulk"),
                    {"answer": json.dumps(answer, ensure_ascii=False), "bulk": bulk_id},
                )
            told = ", ".join(
                f"{number} {fate.replace('_', ' ')}" for fate, number in answer["counts"].items()
            )
            subject = f"bulk {bulk_id}, {act.about}: {told}"
            write_audit(connection, who, now, f"bulk-{act.kind}", tenant_id, subject)
        self._outbox.wake()
        return Given(answer, is_new=True)

    def _give(
        self,
        connection: Connection,
        tenant_id: str,
        asked: Asked,
        documents: Sequence[Document],
        who: Who,
        now: datetime,
    ) -> list[Item]:
        """Insert what can be inserted, with the events. Returns an item for every document, in their order."""
        holds = queries.holds_of(connection, tenant_id, documents)
        beside = queries.open_commands(connection, tenant_id, [asked.kind, asked.name], documents)
        fates: dict[Document, Item] = {}
        rest: list[Document] = []
        for document in documents:
            hold = holds.get(document)
            if hold is None:
                fates[document] = Item(document, "unknown")
            elif document in beside:
                fates[document] = Item(document, "already_open", beside[document])
            elif refused_beforehand(asked.kind, hold):
                fates[document] = Item(document, "refused", hold=hold)
            else:
                rest.append(document)
        given: dict[Document, str] = {}
        while rest:
            given |= _insert(connection, tenant_id, asked, rest, who, now)
            open_now = queries.open_commands(connection, tenant_id, [asked.name], rest)
            for document, command_id in open_now.items():
                fate: Fate = "accepted" if document in given else "already_open"
                fates[document] = Item(document, fate, command_id)
            rest = [each for each in rest if each not in fates]  # theirs ended between the two statements
        events = [
            _event(tenant_id, replace(asked, document=document), given[document], who, now)
            for document in documents
            if document in given
        ]
        self._outbox.add_all(connection, events, who.traceparent)
        return [fates[document] for document in documents]


def _documents(connection: Connection, tenant_id: str, act: BulkAct) -> tuple[Sequence[Document], int]:
    """The documents of an act, and how many more there are."""
    if act.of_cause is not None:
        return queries.of_cause(connection, tenant_id, act.of_cause)
    return act.documents or (), 0


def _insert(
    connection: Connection,
    tenant_id: str,
    asked: Asked,
    documents: Sequence[Document],
    who: Who,
    now: datetime,
) -> dict[Document, str]:
    """Insert a command for each document that has no open one of this name. Returns the new ones."""
    rows = connection.execute(
        _INSERT,
        {
            "tenant": tenant_id,
            "name": asked.name,
            "actor": who.actor,
            "at": now,
            "shows_pending": asked.kind in SHOWS_PENDING,
            "bulk": asked.bulk_id,
            "commands": [str(uuid.uuid4()) for _ in documents],
            "kinds": [document.kind for document in documents],
            "ids": [document.id for document in documents],
        },
    )
    return {Document(row.document_kind, row.document_id): row.command_id for row in rows}


def _event(tenant_id: str, asked: Asked, command_id: str, who: Who, now: datetime) -> tuple[str, Event]:
    event: SyncCommand = {
        "command_id": command_id,
        "tenant_id": tenant_id,
        "kind": asked.kind,
        "document": str(asked.document),
        "actor": who.actor,
        "issued_at": now,
        "options": asked.options,
    }
    return names.COMMANDS, dict(event)


def _answer(
    bulk_id: str, act: BulkAct, now: datetime, items: Sequence[Item], remaining: int
) -> dict[str, Any]:
    return {
        "bulk_id": bulk_id,
        "kind": act.kind,
        "issued_at": now.isoformat().replace("+00:00", "Z"),
        "counts": counts_of(items),
        "remaining": remaining,
        "items": [
            {
                "document": str(item.document),
                "fate": item.fate,
                "command_id": item.command_id,
                "hold": item.hold,
            }
            for item in items
        ],
    }


def _answer_before(connection: Connection, begun: dict[str, Any]) -> dict[str, Any]:
    """What was answered when the key came first.

    Raises:
        KeyReusedError: it came with another request.
    """
    row = connection.execute(
        text(
            "SELECT asked, answer FROM bulk_act"
            " WHERE tenant_id = :tenant AND actor = :actor AND idempotency_key = :key"
        ),
        begun,
    ).one()
    if row.asked != begun["asked"]:
        raise KeyReusedError
    answer: dict[str, Any] = row.answer
    return answer


def _digest(act: BulkAct) -> str:
    """The same for two requests that ask for the same."""
    return hashlib.sha256(repr(act).encode()).hexdigest()
