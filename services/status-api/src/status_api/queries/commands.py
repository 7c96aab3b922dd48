"""Commands with their fate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from status_api.queries.rows import Fields, fetch_all, fetch_one

_COLUMNS = (
    "SELECT c.command_id, c.kind, c.document_kind, c.document_id, c.actor, c.issued_at, c.finished_at,"
    " r.state, r.reason, r.answer, r.service, r.occurred_at AS answered_at, t.state AS tenant_state"
    " FROM command c JOIN tenant t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN LATERAL (SELECT * FROM command_result r WHERE r.command_id = c.command_id AND r.tenant_id = c.tenant_id"
    " ORDER BY array_position(ARRAY['accepted', 'started', 'done', 'refused'], r.state) DESC, r.occurred_at DESC, r.event_id DESC"
    " LIMIT 1) r ON true"
)


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


def commands(connection: Connection, tenant_id: str, after: Sequence[str] | None, limit: int) -> list[Fields]:
    """Commands of a tenant, newest first."""
    values: dict[str, Any] = {"tenant": tenant_id, "limit": limit}
    beyond = ""
    if after is not None:
        beyond = "AND (c.issued_at, c.command_id) < (CAST(:after_at AS timestamptz), :after_id)"
        values |= {"after_at": after[0], "after_id": after[1]}
    return fetch_all(
        connection.execute(
            text(
                f"{_COLUMNS} WHERE c.tenant_id = :tenant {beyond} ORDER BY c.issued_at DESC, c.command_id DESC LIMIT :limit"
            ),
            values,
        )
    )
