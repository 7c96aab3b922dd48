"""Commands with their fate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Document
from status_api.core.commands import OPEN_STATES
from status_api.queries.rows import Fields, fetch_all, fetch_one

COMMANDS = (
    "FROM command c JOIN tenant t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN LATERAL (SELECT * FROM command_result r WHERE r.command_id = c.command_id AND r.tenant_id = c.tenant_id"
    " ORDER BY array_position(ARRAY['accepted', 'started', 'done', 'refused'], r.state) DESC, r.occurred_at DESC, r.event_id DESC"
    " LIMIT 1) r ON true"
)
"""Commands `c` with the furthest answer `r`."""
STATE = (
    "CASE WHEN r.state IN ('done', 'refused') THEN r.state WHEN c.finished_at IS NOT NULL THEN 'expired'"
    " ELSE COALESCE(r.state, 'waiting') END"
)
"""What became of a command so far, one of `STATES`."""
_COLUMNS = (
    "SELECT c.command_id, c.kind, c.document_kind, c.document_id, c.actor, c.issued_at, c.finished_at, c.bulk_id,"
    f" {STATE} AS state, r.reason, r.answer, r.service, r.occurred_at AS answered_at, t.state AS tenant_state {COMMANDS}"
)


@dataclass(frozen=True, slots=True)
class CommandFilter:
    """What a list is narrowed by; None or empty means everything.

    Attributes:
        states: of `STATES`.
        names: as they are stored, of the kinds that are wanted.
        document: that the commands are about.
        actor: who gave them.
        bulk_id: the bulk act they belong to.
    """

    states: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    document: Document | None = None
    actor: str | None = None
    bulk_id: str | None = None


def command(connection: Connection, tenant_id: str, command_id: str) -> Fields | None:
    """One command with the furthest answer, None if the tenant has no such command."""
    return fetch_one(
        connection.execute(
            text(f"{_COLUMNS} WHERE c.tenant_id = :tenant AND c.command_id = :command"),
            {"tenant": tenant_id, "command": command_id},
        )
    )


def results(connection: Connection, tenant_id: str, command_id: str) -> list[Fields]:
    """Every answer to a command, oldest first."""
    return fetch_all(
        connection.execute(
            text(
                "SELECT state, reason, answer, service, occurred_at FROM command_result WHERE tenant_id = :tenant AND command_id = :command"
                " ORDER BY occurred_at, array_position(ARRAY['accepted', 'started', 'done', 'refused'], state), event_id"
            ),
            {"tenant": tenant_id, "command": command_id},
        )
    )


def commands(
    connection: Connection, tenant_id: str, wanted: CommandFilter, after: Sequence[str] | None, limit: int
) -> list[Fields]:
    """Commands of a tenant, newest first."""
    conditions, values = _narrowed(wanted)
    values |= {"tenant": tenant_id, "limit": limit}
    if after is not None:
        conditions.append("(c.issued_at, c.command_id) < (CAST(:after_at AS timestamptz), :after_id)")
        values |= {"after_at": after[0], "after_id": after[1]}
    where = " AND ".join(["c.tenant_id = :tenant", *conditions])
    return fetch_all(
        connection.execute(
            text(f"{_COLUMNS} WHERE {where} ORDER BY c.issued_at DESC, c.command_id DESC LIMIT :limit"),
            values,
        )
    )


def _narrowed(wanted: CommandFilter) -> tuple[list[str], dict[str, Any]]:
    """Conditions and their values. An open command is found by the index of open ones, whatever else there is."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if wanted.states:
        conditions.append(f"{STATE} = ANY(:states)")
        values["states"] = list(wanted.states)
        if set(wanted.states) <= OPEN_STATES:
            conditions.append("c.finished_at IS NULL")
    if wanted.names:
        conditions.append("c.kind = ANY(:names)")
        values["names"] = list(wanted.names)
    if wanted.document is not None:
        conditions.append("c.document_kind = :document_kind AND c.document_id = :document_id")
        values |= {"document_kind": wanted.document.kind, "document_id": wanted.document.id}
    if wanted.actor is not None:
        conditions.append("c.actor = :actor")
        values["actor"] = wanted.actor
    if wanted.bulk_id is not None:
        conditions.append("c.bulk_id = :bulk")
        values["bulk"] = wanted.bulk_id
    return conditions, values
