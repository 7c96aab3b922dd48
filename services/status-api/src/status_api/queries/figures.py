"""Figures of documents: read from the tallies that the database keeps beside them (migration 0010), not counted when asked.

Every statement takes as long for a million documents as for ten thousand. An open resync lies over the stored status, as in lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Kind
from status_api.queries.documents import RESYNC_OPEN, STILL_OPEN
from status_api.queries.rows import Fields, fetch_all

CLASSES = tuple(f"class_{number:02}" for number in range(24))
"""Columns of the tally of documents in Xero: how many of them took how long."""

# One document per row by its key, with LIMIT so that it stays so: the planner would rather read all of them.
_RESYNCED = (
    "(SELECT DISTINCT c.tenant_id, c.document_kind, c.document_id FROM command c WHERE c.tenant_id = ANY(:tenants)"  # noqa: S608  # texts of this package
    f" AND {STILL_OPEN}) o JOIN LATERAL (SELECT d.kind, d.status, d.cause FROM document d WHERE d.tenant_id = o.tenant_id"
    " AND d.kind = o.document_kind AND d.id = o.document_id AND d.hold = 'none' LIMIT 1) d ON true"
)
_AFTER_A_FAULT = "('Fault', 'Pending Sync', 'Processing Now')"

_COUNTS = text(
    "SELECT tenant_id, kind, status, sum(documents) AS documents FROM ("  # noqa: S608  # texts of this module
    "SELECT tenant_id, kind, status, documents FROM tally_status WHERE tenant_id = ANY(:tenants)"
    " UNION ALL SELECT o.tenant_id, d.kind, s.status, s.sign"
    f" FROM {_RESYNCED} CROSS JOIN LATERAL (VALUES (d.status, -1), ('Pending Sync', 1)) s (status, sign)"
    ") shown GROUP BY tenant_id, kind, status"
)


def count_by_status(
    connection: Connection, tenant_ids: Sequence[str]
) -> dict[tuple[str, Kind], dict[str, int]]:
    """How many documents show each status, by tenant and kind; what shows none is left out."""
    counts: dict[tuple[str, Kind], dict[str, int]] = {}
    for row in connection.execute(_COUNTS, {"tenants": list(tenant_ids)}):
        counts.setdefault((row.tenant_id, row.kind), {})[row.status] = int(row.documents)
    return counts


_FAULTS = text(
    "SELECT f.kind, f.cause, f.documents, f.at_fault, f.documents - f.at_fault AS retrying, first.fault_at AS first_at,"  # noqa: S608  # texts of this package
    " last.last_at, last.newest_ids, last.newest_text FROM ("
    "SELECT kind, cause, sum(documents)::bigint AS documents, COALESCE(sum(documents) FILTER (WHERE status = 'Fault'), 0)::bigint AS at_fault"
    " FROM (SELECT kind, cause, status, documents FROM tally_status WHERE tenant_id = ANY(:tenants)"
    f" UNION ALL SELECT d.kind, d.cause, d.status, -1 FROM {_RESYNCED}) counted"
    f" WHERE kind = ANY(:kinds) AND cause <> '' AND status IN {_AFTER_A_FAULT} GROUP BY kind, cause HAVING sum(documents) > 0) f"
    " JOIN LATERAL (SELECT d.fault_at FROM document d WHERE d.tenant_id = :tenant AND d.kind = f.kind AND d.cause = f.cause"
    f" AND d.status IN {_AFTER_A_FAULT} AND NOT {RESYNC_OPEN} ORDER BY d.fault_at, d.id LIMIT 1) first ON true"
    " JOIN LATERAL (SELECT max(n.fault_at) AS last_at, array_agg(n.id ORDER BY n.fault_at DESC, n.id DESC) AS newest_ids,"
    " (array_agg(n.fault_text ORDER BY n.fault_at DESC, n.id DESC))[1] AS newest_text FROM"
    " (SELECT d.id, d.fault_at, d.fault_text FROM document d WHERE d.tenant_id = :tenant AND d.kind = f.kind AND d.cause = f.cause"
    f" AND d.status IN {_AFTER_A_FAULT} AND NOT {RESYNC_OPEN} ORDER BY d.fault_at DESC, d.id DESC LIMIT 5) n) last ON true"
    " ORDER BY f.documents DESC, f.cause, f.kind"
)


def faults(connection: Connection, tenant_id: str, kinds: Sequence[Kind]) -> list[Fields]:
    """Documents of these kinds at fault or waiting after one, by kind and cause, most frequent first."""
    values = {"tenant": tenant_id, "tenants": [tenant_id], "kinds": list(kinds)}
    return fetch_all(connection.execute(_FAULTS, values))


_TOTALS = text(
    "SELECT currency, documents, total, total_tax FROM tally_xero WHERE tenant_id = :tenant AND kind = :kind ORDER BY currency"
)


def totals_in_xero(connection: Connection, tenant_id: str, kind: Kind) -> list[Fields]:
    """What is in Xero, by currency, as Xero returned it; credit notes count negative, what was voided counts no more."""
    return fetch_all(connection.execute(_TOTALS, {"tenant": tenant_id, "kind": kind}))


_CHANGED_SINCE = text(
    "SELECT count(*) FROM document WHERE tenant_id = :tenant AND kind = :kind AND hold_changed_since IS NOT NULL"
)


def count_changed_since(connection: Connection, tenant_id: str, kind: Kind) -> int:
    """How many documents of a kind differ in Autotask from what went over; their index holds no others."""
    return int(connection.execute(_CHANGED_SINCE, {"tenant": tenant_id, "kind": kind}).scalar_one())


_OLDEST = " UNION ALL ".join(
    f"(SELECT d.id, d.status, d.changed_at FROM document d WHERE d.tenant_id = w.tenant_id AND d.kind = k.kind AND d.status = '{status}'"  # noqa: S608  # texts of this module
    " ORDER BY d.changed_at, d.id LIMIT 1)"
    for status in ("Pending Sync", "Processing Now")
)
_GLANCES = text(
    "SELECT w.tenant_id, k.kind, v.first_synced, o.id, o.status, o.changed_at"  # noqa: S608  # texts of this module
    " FROM unnest(CAST(:tenants AS text[]), CAST(:first AS timestamptz[]), CAST(:before AS timestamptz[])) AS w (tenant_id, first, before)"
    " CROSS JOIN unnest(CAST(:kinds AS text[])) AS k (kind)"
    " CROSS JOIN LATERAL (SELECT COALESCE(sum(t.documents), 0)::bigint AS first_synced FROM tally_synced t"
    " WHERE t.tenant_id = w.tenant_id AND t.kind = k.kind AND t.quarter >= w.first AND t.quarter < w.before) v"
    f" LEFT JOIN LATERAL (SELECT * FROM ({_OLDEST}) each_status ORDER BY changed_at, id LIMIT 1) o ON true"
)


def glances(
    connection: Connection, months: Mapping[str, tuple[datetime, datetime]], kinds: Sequence[Kind]
) -> dict[tuple[str, Kind], Fields]:
    """By tenant and kind: how many documents got into Xero for the first time in the tenant's month, and which waits longest.

    Args:
        connection: to the database.
        months: by tenant, beginning and end of the month in its time zone.
        kinds: of documents.

    Returns:
        `first_synced`; `id`, `status` and `changed_at` of the document that has been Pending Sync or Processing Now without any news
        for the longest time, each None if none is.
    """
    values: dict[str, Any] = {
        "tenants": list(months),
        "first": [first for first, _ in months.values()],
        "before": [before for _, before in months.values()],
        "kinds": list(kinds),
    }
    return {(row["tenant_id"], row["kind"]): row for row in fetch_all(connection.execute(_GLANCES, values))}


_SYNCED = text(
    "SELECT width_bucket(quarter, CAST(:bounds AS timestamptz[])) AS period, sum(documents)::bigint AS documents,"  # noqa: S608  # names of this module
    f" {', '.join(f'sum({name})::bigint AS {name}' for name in CLASSES)} FROM tally_synced"
    " WHERE tenant_id = :tenant AND kind = :kind AND quarter >= :first AND quarter < :before GROUP BY 1"
)


def synced_by_period(
    connection: Connection, tenant_id: str, kind: Kind, bounds: Sequence[datetime]
) -> dict[int, tuple[int, list[int]]]:
    """How many documents got into Xero for the first time in each period, and by class how long that took.

    Args:
        connection: to the database.
        tenant_id: of them.
        kind: of documents.
        bounds: where periods begin, in order, and where the last ends.

    Returns:
        By place of the period, from 0: documents, and of these by `CLASSES`. Periods without any are left out.
    """
    rows = connection.execute(_SYNCED, _span(tenant_id, kind, bounds))
    return {row.period - 1: (row.documents, [getattr(row, name) for name in CLASSES]) for row in rows}


_FAILED = text(
    "SELECT code, width_bucket(quarter, CAST(:bounds AS timestamptz[])) AS period, sum(tries)::bigint AS tries FROM tally_failed"
    " WHERE tenant_id = :tenant AND kind = :kind AND quarter >= :first AND quarter < :before GROUP BY 1, 2"
)


def failed_by_period(
    connection: Connection, tenant_id: str, kind: Kind, bounds: Sequence[datetime]
) -> dict[str, dict[int, int]]:
    """How many tries failed, by fault code and place of the period, from 0; arguments as of `synced_by_period`."""
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(_FAILED, _span(tenant_id, kind, bounds)):
        found.setdefault(row.code, {})[row.period - 1] = row.tries
    return found


def _span(tenant_id: str, kind: Kind, bounds: Sequence[datetime]) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "kind": kind,
        "bounds": list(bounds),
        "first": bounds[0],
        "before": bounds[-1],
    }
