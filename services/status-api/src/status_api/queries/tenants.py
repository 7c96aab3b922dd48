"""What is known of a tenant beside its documents: connections, reference, history of its settings, figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Kind
from status_api.queries.rows import Fields, fetch_all, fetch_one


def as_of(connection: Connection) -> datetime | None:
    """Everything that was in Kafka at this time is folded; None before the first look."""
    found: datetime | None = connection.execute(text("SELECT as_of FROM progress")).scalar()
    return found


def connections(connection: Connection, tenant_id: str) -> dict[str, Fields]:
    """The two connections by side, as far as they were heard of."""
    rows = connection.execute(
        text(
            "SELECT side, service, state, detail, changed_at, checked_at, budgets FROM connection WHERE tenant_id = :tenant"
        ),
        {"tenant": tenant_id},
    )
    return {row["side"]: row for row in fetch_all(rows)}


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


def first_synced_between(
    connection: Connection, tenant_id: str, kind: Kind, first: datetime, before: datetime
) -> int:
    """How many documents of a kind got into Xero for the first time in this span."""
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM document WHERE tenant_id = :tenant AND kind = :kind"
                " AND first_synced_at >= :first AND first_synced_at < :before"
            ),
            {"tenant": tenant_id, "kind": kind, "first": first, "before": before},
        ).scalar_one()
    )


def totals_in_xero(connection: Connection, tenant_id: str, kind: Kind) -> list[Fields]:
    """What is in Xero, by currency, as Xero returned it; credit notes count negative, what was voided counts no more."""
    return fetch_all(
        connection.execute(
            text(
                "SELECT synced_currency AS currency, count(*) AS documents,"
                " sum(CASE WHEN synced_xero_kind = 'credit_note' THEN -synced_total ELSE synced_total END) AS total,"
                " sum(CASE WHEN synced_xero_kind = 'credit_note' THEN -synced_total_tax ELSE synced_total_tax END) AS total_tax"
                " FROM document WHERE tenant_id = :tenant AND kind = :kind AND synced_revision > 0"
                " AND synced_outcome <> 'voided' GROUP BY synced_currency ORDER BY synced_currency"
            ),
            {"tenant": tenant_id, "kind": kind},
        )
    )


def oldest_pending(connection: Connection, tenant_id: str, kind: Kind) -> Fields | None:
    """The document of a kind that has been Pending Sync or Processing Now without any news for the longest time."""
    return fetch_one(
        connection.execute(
            text(
                "SELECT id, status, changed_at FROM ("
                "(SELECT id, status, changed_at FROM document WHERE tenant_id = :tenant AND kind = :kind AND status = 'Pending Sync'"
                " ORDER BY changed_at, id LIMIT 1) UNION ALL"
                " (SELECT id, status, changed_at FROM document WHERE tenant_id = :tenant AND kind = :kind AND status = 'Processing Now'"
                " ORDER BY changed_at, id LIMIT 1)) oldest ORDER BY changed_at, id LIMIT 1"
            ),
            {"tenant": tenant_id, "kind": kind},
        )
    )


def search_is_indexed(connection: Connection) -> bool:
    """Whether part-of-word search has its trigram index."""
    return bool(connection.execute(text("SELECT to_regclass('document_search') IS NOT NULL")).scalar())
