"""Which columns the exports have, and what stands in them: the words of the API's lists, one level deep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from invoice_events.names import Kind
from invoice_events.plain import to_plain
from status_api.core.document_views import document_item
from status_api.core.spreadsheets import Cells, Column, Holds
from status_api.core.views import Fields, Json, log_view, told


@dataclass(frozen=True, slots=True)
class Table:
    """An export's shape.

    Attributes:
        title: of its sheet.
        columns: in their order.
        flat: a row of the database as values by column name.
    """

    title: str
    columns: tuple[Column, ...]
    flat: Callable[[Fields], Json]

    def cells(self, row: Fields) -> Cells:
        """A row of the database as a row of the table."""
        flat = self.flat(row)
        return [flat[column.name] for column in self.columns]


def _columns(holds: Holds, names: str) -> tuple[Column, ...]:
    return tuple(Column(name, holds) for name in names.split())


_STATE = (
    *_columns(Holds.TEXT, "status cause cause_text"),
    Column("strikes", Holds.WHOLE),
    *_columns(Holds.TEXT, "hold"),
    Column("changed_at_utc", Holds.TIME),
)
_TOTALS = (*_columns(Holds.AMOUNT, "total tax_total"), Column("currency"))
_IN_XERO = (
    *_columns(Holds.TEXT, "xero_kind xero_number xero_status xero_currency"),
    *_columns(Holds.AMOUNT, "xero_total stands_total stands_tax"),
    Column("synced_at_utc", Holds.TIME),
)
_REST = (
    Column("revision", Holds.WHOLE),
    *_columns(Holds.TEXT, "action priority"),
    Column("has_warnings", Holds.YES_NO),
    *_columns(Holds.TEXT, "autotask_url xero_url xero_id"),
)
_INVOICES = (
    Column("id", Holds.WHOLE),
    Column("number"),
    *_columns(Holds.DATE, "date due_date"),
    Column("company_id", Holds.WHOLE),
    Column("company"),
    *_TOTALS,
    *_STATE,
    *_IN_XERO,
    *_REST,
)
_ORDERS = (
    Column("id", Holds.WHOLE),
    Column("number"),
    *_columns(Holds.DATE, "date expected_on"),
    Column("vendor_id", Holds.WHOLE),
    Column("vendor"),
    Column("autotask_status"),
    *_TOTALS,
    *_STATE,
    Column("changed_since_utc", Holds.TIME),
    *_IN_XERO,
    *_REST,
)


def _document(row: Fields) -> Json:
    item = document_item(row)
    xero, cause = item["xero"] or {}, item["cause"] or {}
    whose = item.get("company") or item.get("vendor") or {}
    party = "company" if "company" in item else "vendor"
    total, tax = stands_in_xero(row)
    return item | {
        f"{party}_id": whose.get("id"),
        party: whose.get("name"),
        "autotask_status": (item.get("autotask_status") or {}).get("name"),
        "cause": cause.get("code"),
        "cause_text": cause.get("text"),
        "changed_at_utc": item["changed_at"],
        "changed_since_utc": item.get("changed_since"),
        "synced_at_utc": xero.get("synced_at"),
        "stands_total": to_plain(total),
        "stands_tax": to_plain(tax),
        **{
            f"xero_{name}": xero.get(name)
            for name in ("id", "kind", "number", "url", "status", "currency", "total")
        },
    }


def stands_in_xero(row: Fields) -> tuple[Decimal | None, Decimal | None]:
    """Total and tax as the overview's totals count them, None for what they do not count.

    As Xero returned them; those of a credit note are negative. What was voided stands there no more.
    """
    if not row["synced_revision"] or row["synced_outcome"] == "voided":
        return None, None
    total, tax = row["synced_total"], row["synced_total_tax"]
    return (-total, -tax) if row["synced_xero_kind"] == "credit_note" else (total, tax)


def _log(row: Fields) -> Json:
    line = log_view(row)
    fields = "; ".join(f"{name}={value}" for name, value in line["fields"].items())
    return line | {"occurred_at_utc": line["occurred_at"], "fields": fields}


def _audit(row: Fields) -> Json:
    return told({**row, "at_utc": row["at"]})


DOCUMENTS: dict[Kind, Table] = {
    "invoice": Table("Invoices", _INVOICES, _document),
    "purchase-order": Table("Purchase orders", _ORDERS, _document),
}
LOGS = Table(
    "Sync Logs",
    (
        Column("occurred_at_utc", Holds.TIME),
        *_columns(Holds.TEXT, "level service document"),
        Column("revision", Holds.WHOLE),
        *_columns(Holds.TEXT, "message fields trace_id event_id"),
    ),
    _log,
)
AUDIT = Table(
    "Audit",
    (
        Column("id", Holds.WHOLE),
        Column("at_utc", Holds.TIME),
        *_columns(Holds.TEXT, "actor action subject request_id token_id"),
    ),
    _audit,
)
