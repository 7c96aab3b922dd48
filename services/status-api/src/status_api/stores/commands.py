"""Commands: a row and an outbox entry in one transaction; one open command per name and document.

The column `kind` holds the command's name: it is what the unique index of open commands goes by.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from invoice_events import names
from invoice_events.types import SyncCommand
from service_runtime.outbox import Outbox
from status_api.core.commands import SHOWS_PENDING, Asked
from status_api.stores.audit import Who, write_audit
from status_api.stores.bulk import BulkStore

_SEND_AGAIN_AFTER = timedelta(seconds=10)
"""A command that is still open after so long may have been lost with a service's database: a repeat sends it once more."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The open command that stands in the place of the one that was asked for."""

    command_id: str
    actor: str
    issued_at: datetime


class CommandStore:
    """Takes commands in.

    Attributes:
        bulk: takes many at once in.
    """

    def __init__(self, engine: Engine, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self.bulk = BulkStore(engine, outbox, now)
        self._engine = engine
        self._outbox = outbox
        self._now = now

    def give(self, tenant_id: str, asked: Asked, who: Who) -> tuple[str, bool]:
        """Store a command and the event that carries it, unless the same one is still open.

        The event of one that has been open for a while is sent again under its id: whoever has the command ignores it, and
        whoever lost it with a database takes it in anew.

        Returns:
            Id of the command, and whether it is new.
        """
        document = asked.document
        with self._engine.begin() as connection:
            command_id = str(uuid.uuid4())
            now = self._now()
            row = {
                "command": command_id,
                "tenant": tenant_id,
                "kind": asked.name,
                "document_kind": document.kind if document else "",
                "document_id": document.id if document else 0,
                "actor": who.actor,
                "at": now,
                "shows_pending": asked.kind in SHOWS_PENDING,
            }
            found = _insert_or_find(connection, row)
            if found is not None and now - found.issued_at < _SEND_AGAIN_AFTER:
                return found.command_id, False
            told = found or _Open(command_id, who.actor, now)
            event: SyncCommand = {
                "command_id": told.command_id,
                "tenant_id": tenant_id,
                "kind": asked.kind,
                "document": str(document) if document else None,
                "actor": told.actor,
                "issued_at": told.issued_at,
                "options": asked.options,
            }
            self._outbox.add(connection, names.COMMANDS, dict(event), who.traceparent)
            if found is None:
                write_audit(
                    connection, who, now, asked.name, tenant_id, str(document) if document else "tenant"
                )
        self._outbox.wake()
        return told.command_id, found is None


def _insert_or_find(connection: Connection, row: dict[str, object]) -> _Open | None:
    """Insert a command. Returns the open one that is there instead, None if it was inserted."""
    while True:
        inserted = connection.execute(
            text(
                "INSERT INTO command (command_id, tenant_id, kind, document_kind, document_id, actor, issued_at, shows_pending) VALUES"
                " (:command, :tenant, :kind, :document_kind, :document_id, :actor, :at, :shows_pending)"
                " ON CONFLICT (tenant_id, kind, document_kind, document_id) WHERE finished_at IS NULL DO NOTHING"
            ),
            row,
        ).rowcount
        if inserted:
            return None
        found = connection.execute(
            text(
                "SELECT command_id, actor, issued_at FROM command WHERE tenant_id = :tenant AND kind = :kind AND document_kind = :document_kind"
                " AND document_id = :document_id AND finished_at IS NULL"
            ),
            row,
        ).first()
        if found is not None:
            return _Open(
                str(found.command_id), found.actor, found.issued_at
            )  # else it was finished between the two statements: insert again
