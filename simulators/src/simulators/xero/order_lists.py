"""GET of the list of purchase orders, which knows other parameters than that of invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.xero import problems, render
from simulators.xero.dates import parse_date
from simulators.xero.kinds import PURCHASE_ORDER
from simulators.xero.reading import changed, modified_since, ordered, page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from simulators.kit.call import Call
    from simulators.xero.state import Document, Organisation

_ORDER_FIELDS: dict[str, Callable[[Document], Any]] = {
    "UpdatedDateUTC": lambda entry: entry.updated,
    "Date": lambda entry: entry.date,
    "PurchaseOrderNumber": lambda entry: entry.number,
    "PurchaseOrderID": lambda entry: entry.id,
}


def _day(call: Call, name: str) -> date | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise problems.bad_query(f"The value '{text}' of {name} is not a date") from None


def list_orders(organisation: Organisation, call: Call) -> dict[str, Any]:
    """One page of purchase orders, deleted ones among them; always paged, 100 a page, by UpdatedDateUTC.

    Known are Status (one), DateFrom and DateTo (both included), order, page, pageSize and If-Modified-Since. There is
    no `where`, no list of ids or numbers: like any unknown parameter they select nothing.

    Raises:
        XeroError: 400 for a value that can not be read.
    """
    status = call.query.get("Status")
    if status and status not in PURCHASE_ORDER.statuses.every:
        raise problems.bad_query(f"The value '{status}' is not a status of purchase orders")
    first, last, since = _day(call, "DateFrom"), _day(call, "DateTo"), modified_since(call)
    found = [
        entry
        for entry in organisation.ledger.documents[PURCHASE_ORDER.collection].values()
        if (not status or entry.status == status)
        and (first is None or entry.date >= first)
        and (last is None or entry.date <= last)
        and changed(entry.updated, since)
    ]
    entries, pagination = page_of(call, ordered(call, found, _ORDER_FIELDS))
    return {
        "pagination": pagination,
        PURCHASE_ORDER.collection: [
            render.document(organisation, entry, four_places=True, detail="list") for entry in entries
        ],
    }
