"""An invoice as a web page: the answer of ``InvoiceMarkupHtml``."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulators.autotask.switches import Switches

    Record = dict[str, Any]


def html(invoice: Record, lines: Iterable[Record], company: Record | None, switches: Switches) -> str:
    """The page of one invoice. Its last row is the total with tax, whichever of the two ``invoiceTotal`` is."""
    tax = Decimal(invoice.get("totalTaxValue") or 0)
    total = Decimal(invoice.get("invoiceTotal") or 0)
    if switches.invoice_total == "net":
        total += tax
    number = invoice.get("invoiceNumber") or str(invoice["id"])
    name = company.get("companyName", "") if company else ""
    rows = "".join(_row(line) for line in lines)
    return (
        f"<html><head><title>Invoice {escape(number)}</title></head><body>"
        f"<h1>Invoice {escape(number)}</h1><p>{escape(name)}</p><table>{rows}"
        f"<tr><td>Tax</td><td></td><td>{tax:f}</td></tr>"
        f"<tr><td>Total</td><td></td><td>{total:f}</td></tr></table></body></html>"
    )


def _row(line: Record) -> str:
    text = line.get("lineItemFullDescription") or line.get("itemName") or ""
    quantity, amount = _number(line.get("quantity")), _number(line.get("totalAmount"))
    return f"<tr><td>{escape(text)}</td><td>{quantity}</td><td>{amount}</td></tr>"


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")
