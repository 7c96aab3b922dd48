"""Commands: a row and an outbox entry in one transaction; one open command per name and document.

The column `kind` holds the command's name: it is what the unique index of open commands goes by.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from invoice_events import names
from invoice_events.types import SyncCommand
from service_runtime.outbox import Outbox
from status_api.core.commands import SHOWS_PENDING, Asked
from status_api.stores.audit import Who, write_audit


class CommandStore:
    """Takes commands in."""

    def __init__(self, engine: Engine, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._outbox = outbox
        self._now = now

    def give(self, tenant_id: str, asked: Asked, who: Who) -> tuple[str, bool]:
        """Store a command and the event that carries it, unless the same one is still open.

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
            open_one = _insert_or_find(connection, row)
            if open_one is not None:
                return open_one, False
            event: SyncCommand = {
                "command_id": command_id,
                "tenant_id": tenant_id,
                "kind": asked.kind,
                "document": str(document) if document else None,
                "actor": who.actor,
                "issued_at": now,
                "options": asked.options,
            }
            self._outbox.add(connection, names.COMMANDS, dict(event), who.traceparent)
            write_audit(connection, who, now, asked.name, tenant_id, str(document) if document else "tenant")
        self._outbox.wake()
        return command_id, True


def _insert_or_find(connection: Connection, row: dict[str, object]) -> str | None:
    """Insert a command. Returns the id of the open one that is there instead, None if it was inserted."""
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
                "SELECT command_id FROM command WHERE tenant_id = :tenant AND kind = :kind AND document_kind = :document_kind"
                " AND document_id = :document_id AND finished_at IS NULL"
            ),
            row,
        ).scalar()
        if found is not None:
            return str(found)  # else it was finished between the two statements: insert again
