"""Documents of one kind: list, search, open.

An open resync lies over the stored status: the command is a row before any event tells of it, and the document shows as
Pending Sync from that moment. Open resyncs are few and have an index of their own, so they are joined when asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import Document, Kind
from status_api.core.group_values import searchable
from status_api.core.groups import DOCUMENT_COLUMNS
from status_api.queries.rows import Fields, fetch_all, fetch_one, part_of

# A command that is done was carried out in an event that is on its way to us; if none comes it was carried out without one.
STILL_OPEN = (
    "c.shows_pending AND (c.finished_at IS NULL OR c.finished_at > clock_timestamp() - interval '60 seconds')"
)
"""Condition on a row `c` of commands: it lies over its document."""
_OPEN = f"c.tenant_id = d.tenant_id AND c.document_kind = d.kind AND c.document_id = d.id AND {STILL_OPEN}"
# An array, not a join: the planner can only guess how many are open, and a wrong guess would read every document.
_AMONG_OPEN = (
    "d.id = ANY(ARRAY(SELECT c.document_id FROM command c WHERE c.tenant_id = :tenant"  # noqa: S608  # texts of this module
    f" AND c.document_kind = :kind AND {STILL_OPEN}))"
)
_OVERRIDDEN = f"(d.hold = 'none' AND EXISTS (SELECT 1 FROM command c WHERE {_OPEN}))"  # noqa: S608  # texts of this module
RESYNC_OPEN = _OVERRIDDEN
"""Condition on a row `d` of documents: an open resync lies over what is stored."""
_SHOWN = (
    f"{_OVERRIDDEN} AS resync_open, CASE WHEN {_OVERRIDDEN} THEN 'Pending Sync' ELSE d.status END AS status"
)
_GENERATED = "d.revision, d.stage, d.strikes, d.cause, d.changed_at"
_HAS_WARNINGS = (
    "COALESCE(json_array_length(d.mapping_warnings), 0) + COALESCE(json_array_length(d.synced_warnings), 0) > 0"
    " AS has_warnings"
)
_ITEM = (
    "d.tenant_id, d.kind, d.id, d.source_number, d.source_date, d.source_due_date, d.source_total, d.source_tax_total,"
    " d.source_currency, d.source_company_id, d.source_company_name, d.source_action, d.source_priority, d.source_url,"
    " d.source_order_status, d.source_order_status_name, d.source_expected_on, d.mapping_total, d.mapping_tax_total,"
    " d.processing_revision, d.processing_verifying, d.synced_revision, d.synced_at, d.synced_xero_id, d.synced_xero_kind, d.synced_outcome,"
    " d.synced_number, d.synced_url, d.synced_xero_status, d.synced_currency, d.synced_total, d.synced_total_tax,"
    " d.fault_code, d.fault_text, d.fault_revision, d.skip_reason, d.skip_text, d.hold, d.hold_changed_since,"
    f" {_HAS_WARNINGS}, {_GENERATED}"
)
_WHOLE = f"d.tenant_id, d.kind, d.id, {', '.join(f'd.{name}' for name in DOCUMENT_COLUMNS)}, {_HAS_WARNINGS}, {_GENERATED}"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the list: the expression that an index is made on, its SQL type, and the direction."""

    key: str
    type: str
    descending: bool


# What trigrams can not find is found by pairs of characters: this expression is the index's own, and holds single ones, too. Where
# the planner goes by the order of the list instead, `strpos` comes first: it is cheap, and changes no estimate.
_PAIR = 2
_PAIRS = (
    "string_to_array(d.search, NULL)"
    " || string_to_array(regexp_replace(d.search, '(..)', '\\1' || chr(1), 'g'), chr(1))"
    " || string_to_array(regexp_replace(substr(d.search, 2), '(..)', '\\1' || chr(1), 'g'), chr(1))"
)

_NO_DATE = "DATE '0001-01-01'"
_BY_DATE = f"COALESCE(d.source_date, {_NO_DATE})"
ORDERS = {
    "-changed": Order("d.changed_at", "timestamptz", True),
    "changed": Order("d.changed_at", "timestamptz", False),
    "-date": Order(_BY_DATE, "date", True),
    "date": Order(_BY_DATE, "date", False),
    "-id": Order("d.id", "bigint", True),
    "id": Order("d.id", "bigint", False),
}
DEFAULT_ORDER = "-changed"


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What a list is narrowed by; None or empty means everything.

    Attributes:
        kind: of the documents.
        statuses: shown statuses.
        words: part of an id, number, name of the client or vendor, or Xero number; case does not matter.
        first, last: dates of the document, both included.
        cause: fault code, skip reason, or one of `REASONS`.
    """

    kind: Kind
    statuses: tuple[str, ...] = ()
    words: str | None = None
    first: date | None = None
    last: date | None = None
    cause: str | None = None


def list_documents(
    connection: Connection,
    tenant_id: str,
    wanted: DocumentFilter,
    order: str,
    after: Sequence[str] | None,
    limit: int,
) -> list[Fields]:
    """Documents in order, those after the place `after` (sort key and id, as text)."""
    statement, values = list_statement(tenant_id, wanted, order, after, limit)
    return fetch_all(connection.execute(text(statement), values))


def list_statement(
    tenant_id: str, wanted: DocumentFilter, order: str, after: Sequence[str] | None, limit: int
) -> tuple[str, dict[str, Any]]:
    """SQL of such a list and its values."""
    by = ORDERS[order]
    direction, beyond = ("DESC", "<") if by.descending else ("ASC", ">")
    conditions = ["d.tenant_id = :tenant", "d.kind = :kind"]
    values: dict[str, Any] = {"tenant": tenant_id, "kind": wanted.kind, "limit": limit}
    if after is not None:
        conditions.append(
            f"({by.key}, d.id) {beyond} (CAST(:after_key AS {by.type}), CAST(:after_id AS bigint))"
        )
        values |= {"after_key": after[0], "after_id": after[1]}
    if wanted.words:
        words = searchable(wanted.words)
        if len(words) > _PAIR:
            conditions.append("d.search LIKE :words")
            values["words"] = part_of(words)
        else:
            conditions.append(f"strpos(d.search, :words) <> 0 AND ({_PAIRS}) @> ARRAY[CAST(:words AS text)]")
            values["words"] = words
    if wanted.first:
        conditions.append("d.source_date >= :first")
        values["first"] = wanted.first
    if wanted.last:
        conditions.append("d.source_date <= :last")
        values["last"] = wanted.last
    if wanted.cause:
        conditions.append(f"d.cause = :cause AND NOT {_OVERRIDDEN}")
        values["cause"] = wanted.cause
    ordered = f"ORDER BY {by.key} {direction}, d.id {direction} LIMIT :limit"
    columns = f"{_ITEM}, {by.key} AS sort_key, {_SHOWN}"
    if wanted.statuses:
        values["statuses"] = list(wanted.statuses)
        statement = _by_status(columns, " AND ".join(conditions), ordered, wanted.statuses, direction)
    else:
        statement = f"SELECT {columns} FROM document d WHERE {' AND '.join(conditions)} {ordered}"  # noqa: S608  # texts of this module
    return statement, values


def _by_status(columns: str, conditions: str, ordered: str, statuses: Sequence[str], direction: str) -> str:
    """Documents stored with these statuses, and those that only show one of them; each part finds its own index."""
    stored = f"SELECT {columns} FROM document d WHERE {conditions} AND d.status = ANY(:statuses) AND NOT {_OVERRIDDEN} {ordered}"  # noqa: S608  # texts of this module
    if "Pending Sync" not in statuses:
        return stored
    shown = (
        f"SELECT {columns} FROM document d WHERE {conditions} AND d.hold = 'none' AND {_AMONG_OPEN} {ordered}"  # noqa: S608  # texts of this module
    )
    return (
        f"SELECT * FROM (({stored}) UNION ALL ({shown})) both_parts"  # noqa: S608  # texts of this module
        f" ORDER BY sort_key {direction}, id {direction} LIMIT :limit"
    )


def open_document(connection: Connection, tenant_id: str, document: Document) -> Fields | None:
    """One document with every group of columns, None if it is not known."""
    return fetch_one(
        connection.execute(
            text(
                f"SELECT {_WHOLE}, {_SHOWN}, o.command_id AS open_command_id, o.issued_at AS open_command_at FROM document d"  # noqa: S608  # texts of this module
                f" LEFT JOIN LATERAL (SELECT c.command_id, c.issued_at FROM command c WHERE {_OPEN} ORDER BY c.issued_at DESC LIMIT 1) o"
                " ON true WHERE d.tenant_id = :tenant AND d.kind = :kind AND d.id = :id"
            ),
            _key(tenant_id, document),
        )
    )


def is_known(connection: Connection, tenant_id: str, document: Document) -> bool:
    """Whether a document has a row."""
    found = connection.execute(
        text("SELECT 1 FROM document WHERE tenant_id = :tenant AND kind = :kind AND id = :id"),
        _key(tenant_id, document),
    ).scalar()
    return found is not None


def _key(tenant_id: str, document: Document) -> dict[str, Any]:
    return {"tenant": tenant_id, "kind": document.kind, "id": document.id}
