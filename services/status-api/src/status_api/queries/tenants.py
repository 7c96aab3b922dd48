"""What is known of a tenant beside its documents: connections, reference, history of its settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from status_api.queries.rows import Fields, fetch_all


def as_of(connection: Connection) -> datetime | None:
    """Everything that was in Kafka at this time is folded; None before the first look."""
    found: datetime | None = connection.execute(text("SELECT as_of FROM progress")).scalar()
    return found


def connections(connection: Connection, tenant_id: str) -> dict[str, Fields]:
    """The two connections by side, as far as they were heard of."""
    return {side: row for (_, side), row in connections_of(connection, [tenant_id]).items()}


def connections_of(connection: Connection, tenant_ids: Sequence[str]) -> dict[tuple[str, str], Fields]:
    """The connections of several tenants by tenant and side, as far as they were heard of."""
    rows = connection.execute(
        text(
            "SELECT tenant_id, side, service, state, detail, changed_at, checked_at, budgets FROM connection"
            " WHERE tenant_id = ANY(:tenants)"
        ),
        {"tenants": list(tenant_ids)},
    )
    return {(row["tenant_id"], row["side"]): row for row in fetch_all(rows)}


def reference(connection: Connection, tenant_id: str) -> Any | None:  # noqa: ANN401  # JSON
    """Newest reference of the tenant's Xero organisation as plain JSON, None before the first."""
    return connection.execute(
        text("SELECT payload FROM reference WHERE tenant_id = :tenant"), {"tenant": tenant_id}
    ).scalar()


def settings_history(connection: Connection, tenant_id: str, before: int | None, limit: int) -> list[Fields]:
    """Versions of settings and state, newest first, with whether the topic has carried them back to us."""
    return fetch_all(
        connection.execute(
            text(
                "SELECT h.version, h.name, h.state, h.settings, h.changed, h.updated_at, h.updated_by, EXISTS"
                " (SELECT 1 FROM settings_seen s WHERE s.tenant_id = h.tenant_id AND s.version >= h.version) AS published"
                " FROM tenant_history h WHERE h.tenant_id = :tenant AND (CAST(:before AS bigint) IS NULL OR h.version < :before)"
                " ORDER BY h.version DESC LIMIT :limit"
            ),
            {"tenant": tenant_id, "before": before, "limit": limit},
        )
    )


def search_is_indexed(connection: Connection) -> bool:
    """Whether part-of-word search has its trigram index."""
    return bool(connection.execute(text("SELECT to_regclass('document_search') IS NOT NULL")).scalar())
