"""The inbox of commands: as they came from Kafka, until the tenant's worker has answered them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text

TEST, DIAGNOSE = "test-connection", "diagnose"
"""What is answered here; the rest is the poller's. A diagnosis comes as the mapped event of its dry run."""

PATIENCE = timedelta(hours=24)
"""Nobody waits for the answer to an older command: it has expired. One that a replay brings back is not answered again."""

_KEEP = 2 * PATIENCE

State = Literal["new", "started", "done"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the inbox holds it.

    Attributes:
        document: whom it is about, None for the whole tenant.
        mapped: bytes of the mapped event of a dry run.
    """

    id: str
    tenant_id: str
    kind: str
    actor: str
    issued_at: datetime
    traceparent: str
    state: State = "new"
    document: str | None = None
    mapped: bytes | None = None


def store_commands(connection: Connection, commands: Sequence[Command]) -> set[str]:
    """Add commands; one that was seen before, answered or not, changes nothing. Returns the tenants concerned."""
    if not commands:
        return set()
    connection.execute(
        text("DELETE FROM command_inbox WHERE state = 'done' AND issued_at < clock_timestamp() - :keep"),
        {"keep": _KEEP},
    )
    connection.execute(
        text(
            "INSERT INTO command_inbox (command_id, tenant_id, kind, actor, issued_at, traceparent, document, mapped)"
            " VALUES (:id, :tenant, :kind, :actor, :issued_at, :traceparent, :document, :mapped) ON CONFLICT DO NOTHING"
        ),
        [
            {
                "id": each.id,
                "tenant": each.tenant_id,
                "kind": each.kind,
                "actor": each.actor,
                "issued_at": each.issued_at,
                "traceparent": each.traceparent,
                "document": each.document,
                "mapped": each.mapped,
            }
            for each in commands
        ],
    )
    return {each.tenant_id for each in commands}


def open_commands(connection: Connection, tenant_id: str, kind: str) -> list[Command]:
    """Commands of a tenant and kind without an answer, in the order in which they came."""
    rows = connection.execute(
        text(
            "SELECT command_id, tenant_id, kind, actor, issued_at, traceparent, state, document, mapped FROM command_inbox"
            " WHERE tenant_id = :tenant AND kind = :kind AND state <> 'done' ORDER BY arrival"
        ),
        {"tenant": tenant_id, "kind": kind},
    )
    return [
        Command(
            row.command_id,
            row.tenant_id,
            row.kind,
            row.actor,
            row.issued_at,
            row.traceparent,
            row.state,
            row.document,
            None if row.mapped is None else bytes(row.mapped),
        )
        for row in rows
    ]


def set_state(connection: Connection, command: Command, state: State) -> None:
    """How far a command has got. What is answered needs its dry run no longer."""
    connection.execute(
        text(
            "UPDATE command_inbox SET state = :state, mapped = CASE WHEN :state = 'done' THEN NULL ELSE mapped END WHERE command_id = :id"
        ),
        {"state": state, "id": command.id},
    )
