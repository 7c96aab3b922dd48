"""The inbox of commands: as they came from Kafka, until the tenant's worker has answered them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text

TEST = "test-connection"
"""The only kind that is answered here; the rest is the poller's."""

PATIENCE = timedelta(hours=24)
"""Nobody waits for the answer to an older command: it has expired. One that a replay brings back is not answered again."""

_KEEP = 2 * PATIENCE

State = Literal["new", "started", "done"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the inbox holds it."""

    id: str
    tenant_id: str
    kind: str
    actor: str
    issued_at: datetime
    traceparent: str
    state: State = "new"


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
            "INSERT INTO command_inbox (command_id, tenant_id, kind, actor, issued_at, traceparent)"
            " VALUES (:id, :tenant, :kind, :actor, :issued_at, :traceparent) ON CONFLICT DO NOTHING"
        ),
        [
            {
                "id": each.id,
                "tenant": each.tenant_id,
                "kind": each.kind,
                "actor": each.actor,
                "issued_at": each.issued_at,
                "traceparent": each.traceparent,
            }
            for each in commands
        ],
    )
    return {each.tenant_id for each in commands}


def open_commands(connection: Connection, tenant_id: str) -> list[Command]:
    """Commands of a tenant without an answer, in the order in which they came."""
    rows = connection.execute(
        text(
            "SELECT command_id, tenant_id, kind, actor, issued_at, traceparent, state FROM command_inbox"
            " WHERE tenant_id = :tenant AND state <> 'done' ORDER BY arrival"
        ),
        {"tenant": tenant_id},
    )
    return [Command(*row) for row in rows]


def set_state(connection: Connection, command: Command, state: State) -> None:
    """How far a command has got."""
    connection.execute(
        text("UPDATE command_inbox SET state = :state WHERE command_id = :id"),
        {"state": state, "id": command.id},
    )
