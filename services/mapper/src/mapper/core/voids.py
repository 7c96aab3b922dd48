"""A document that was voided or cancelled in Autotask after it went over: what is in Xero of it shall go."""

from __future__ import annotations

from datetime import datetime

from invoice_events.types import InvoiceDiscovered, PurchaseOrderDiscovered, XeroKind
from mapper.core.contact import lookup
from mapper.core.naming import invoice_mark, order_mark
from mapper.core.outcome import Mapped, OrderMapped, heading
from mapper.core.rules import Rules

_WHY = "voided in Autotask: whatever is in Xero of this document is deleted, or voided if it was approved"
_ORDER_WHY = "cancelled in Autotask: whatever is in Xero of this order is deleted"


def void_invoice(event: InvoiceDiscovered, kind: XeroKind, rules: Rules, occurred_at: datetime) -> Mapped:
    """The event that has an invoice or credit note taken out of Xero. Nothing about a document can be at fault here."""
    ours = rules.settings["invoice_numbers"] != "xero"
    mark = invoice_mark(event["invoice"]["id"], kind)
    return Mapped(
        {
            **heading(event, rules, mark, occurred_at, number_is_ours=ours),
            "xero_kind": kind,
            "contact": lookup(event["company"], rules),
            "due_rule": "autotask",
            "due_date": None,
            "xero": None,
            "prediction": None,
            "decisions": [_WHY],
            "warnings": [],
        }
    )


def void_order(event: PurchaseOrderDiscovered, rules: Rules, occurred_at: datetime) -> OrderMapped:
    """The event that has a purchase order deleted in Xero."""
    mark = order_mark(event["order"]["id"])
    return OrderMapped(
        {
            **heading(event, rules, mark, occurred_at, number_is_ours=True),
            "xero_kind": "purchase_order",
            "contact": lookup(event["vendor"], rules),
            "xero": None,
            "prediction": None,
            "decisions": [_ORDER_WHY],
            "warnings": [],
        }
    )
