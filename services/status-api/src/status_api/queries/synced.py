"""Whether a tenant has anything in Xero."""

from __future__ import annotations

from sqlalchemy import Connection, text


def may_have_synced(connection: Connection, tenant_id: str) -> bool:
    """Whether any document of a tenant got into Xero, or nothing was folded yet, so that nobody can tell."""
    return bool(
        connection.execute(
            text(
                "SELECT NOT EXISTS (SELECT 1 FROM progress WHERE as_of IS NOT NULL) OR EXISTS"
                " (SELECT 1 FROM document WHERE tenant_id = :tenant AND synced_revision > 0)"
            ),
            {"tenant": tenant_id},
        ).scalar()
    )
