"""Made-up mapped events, one home for both ways of feeding the writer: one line of 100.00 and 15.00 tax."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from invoice_events import names
from invoice_events.identity import event_id, utc_now
from invoice_events.marks import reference_suffix, url_fragment
from invoice_events.names import Document

ORDER = "purchase_order"


def document_of(kind: str, number: int) -> Document:
    """Our document that is of this kind in Xero."""
    return Document("purchase-order" if kind == ORDER else "invoice", number)


def mapped(  # each is a fact of its own
    tenant: str,
    number: int,
    revision: int,
    *,
    customer: str,
    ours: bool = True,
    kind: str = "invoice",
    amount: Decimal | str = "100.00",
    tax: Decimal | str = "15.00",
    total: Decimal | None = None,
    xero: dict[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401  # any other field of the event
) -> dict[str, Any]:
    """A mapped event; `ours`: whether we number the document; `xero`: changed fields of the document to be."""
    document = document_of(kind, number)
    net, on_top = Decimal(amount), Decimal(tax)
    event = {
        **_envelope(tenant, document, revision, customer),
        "xero_kind": kind,
        "number_is_ours": ours or kind == ORDER,
        "mark": _mark(kind, document),
        "xero": _xero(kind, document, net, on_top, ours=ours) | (xero or {}),
        "prediction": {
            "sub_total": net,
            "total_tax": on_top,
            "total": net + on_top if total is None else total,
            "lines": [{"line_amount": net, "tax_amount": on_top}],
        },
    }
    if kind != ORDER:
        event |= {"due_rule": "autotask", "due_date": date(2026, 12, 20)}
    return event | changes


def void(tenant: str, number: int, revision: int, *, customer: str, kind: str = "invoice") -> dict[str, Any]:
    """A mapped event that asks for the document to be voided."""
    document = document_of(kind, number)
    event = {
        **_envelope(tenant, document, revision, customer),
        "action": "void",
        "xero_kind": kind,
        "number_is_ours": False,
        "mark": _mark(kind, document),
        "xero": None,
        "prediction": None,
    }
    if kind != ORDER:
        event |= {"due_rule": "autotask", "due_date": None}
    return event


def _envelope(tenant: str, document: Document, revision: int, customer: str) -> dict[str, Any]:
    topic = names.topic_of(names.MAPPED, str(document))
    return {
        "event_id": event_id(tenant, str(document), revision, topic),
        "tenant_id": tenant,
        "document": str(document),
        "revision": revision,
        "occurred_at": utc_now(),
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 1,
        "reference_version": 1,
        "recreate": False,
        "contact": {
            "company_id": 1,
            "name": customer,
            "account_number": "",
            "match_by": "name",
            "ignore_case": True,
            "pinned_contact_id": None,
            "create_missing": False,
            "refresh": False,
            "details": None,
        },
        "decisions": [],
        "warnings": [],
    }


def _mark(kind: str, document: Document) -> str:
    return url_fragment(document) if kind == "invoice" else reference_suffix(document)


def _xero(kind: str, document: Document, amount: Decimal, tax: Decimal, *, ours: bool) -> dict[str, Any]:
    mark = _mark(kind, document)
    line = {
        "description": "Work",
        "quantity": Decimal(1),
        "unit_amount": amount,
        "account_code": "300" if kind == ORDER else "200",
        "tax_type": "INPUT2" if kind == ORDER else "OUTPUT2",
        "tax_amount": tax,
        "tracking": [],
    }
    made = {
        "number": f"INV:{document.id}" if ours else None,
        "reference": "PO-1" if kind == "invoice" else f"PO-1 {mark}",
        "date": date(2026, 11, 20),
        "currency": "NZD",
        "status": "DRAFT",
        "sent_to_contact": False,
        "branding_theme_id": None,
        "unit_decimals": 2,
        "lines": [line],
    }
    if kind != ORDER:
        url = f"https://psa.example/invoice?id={document.id}#{mark}" if kind == "invoice" else None
        return made | {"url": url}
    return made | {
        "number": f"PO:{document.id}",
        "unit_decimals": 4,
        "delivery_date": date(2026, 11, 28),
        "delivery_address": "Example MSP\n1 Example Street\nAuckland 1010",
        "attention_to": "",
        "telephone": "+64 9 555 0100",
    }
