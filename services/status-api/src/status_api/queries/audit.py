"""Who did what, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from status_api.queries.rows import Fields, fetch_all

_LINES = "SELECT id, at, actor, action, tenant_id, subject, request_id, token_id FROM audit"
_FILTERS = {
    "tenant": "tenant_id = :tenant",
    "actor": "actor = :actor",
    "action": "action = :action",
    "from": "at >= :from",
    "before": "at < :before",
    "after": "id < :after",
}


def audit(connection: Connection, filters: Mapping[str, Any], limit: int) -> list[Fields]:
    """Lines of the audit.

    Args:
        connection: to the database.
        filters: any of `tenant`, `actor`, `action` (each alike), `from` and `before` (aware times), `after` (the id before which
            the lines stand).
        limit: how many at most.
    """
    statement, values = audit_statement(filters, limit)
    return fetch_all(connection.execute(text(statement), values))


def audit_statement(filters: Mapping[str, Any], limit: int) -> tuple[str, dict[str, Any]]:
    """SQL of such a list and its values."""
    wanted = " AND ".join(_FILTERS[name] for name in filters) or "true"
    statement = f"{_LINES} WHERE {wanted} ORDER BY id DESC LIMIT :limit"
    return statement, {**filters, "limit": limit}
