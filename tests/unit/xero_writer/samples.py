"""Made-up documents for the xero-writer's tests: one line of 100.00 and 15.00 tax."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from invoice_events.types import (
    ContactCriteria,
    InvoiceMapped,
    Prediction,
    XeroDocument,
    XeroKind,
    XeroLine,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CONTACT_ID = "430fa14a-f945-44d3-9f97-5df5e28441b8"
XERO_ID = "60aa5d55-1111-4222-8333-444444444444"
URL = "https://psa.example/invoice?id={0}#sync=invoice/{0}"


def line(**changes: Any) -> XeroLine:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "description": "Work",
        "quantity": Decimal(1),
        "unit_amount": Decimal("100.00"),
        "account_code": "200",
        "tax_type": "OUTPUT2",
        "tax_amount": Decimal("15.00"),
        "tracking": [],
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def document(of: int = 1, **changes: Any) -> XeroDocument:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "number": f"INV:{of}",
        "reference": "PO-1",
        "date": date(2026, 11, 20),
        "currency": "NZD",
        "status": "DRAFT",
        "sent_to_contact": False,
        "url": URL.format(of),
        "branding_theme_id": None,
        "unit_decimals": 2,
        "lines": [line()],
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def prediction(**changes: Any) -> Prediction:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "sub_total": Decimal("100.00"),
        "total_tax": Decimal("15.00"),
        "total": Decimal("115.00"),
        "lines": [{"line_amount": Decimal("100.00"), "tax_amount": Decimal("15.00")}],
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def criteria(**changes: Any) -> ContactCriteria:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "company_id": 1,
        "name": "Contoso Ltd",
        "account_number": "",
        "match_by": "name",
        "ignore_case": True,
        "pinned_contact_id": None,
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def mapped(number: int = 1, kind: XeroKind = "invoice", **changes: Any) -> InvoiceMapped:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "event_id": "e",
        "tenant_id": "acme",
        "document": f"invoice/{number}",
        "revision": 7,
        "occurred_at": NOW,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 1,
        "reference_version": 1,
        "xero_kind": kind,
        "number_is_ours": True,
        "mark": f"sync=invoice/{number}",
        "contact": criteria(),
        "due_rule": "autotask",
        "due_date": date(2026, 12, 20),
        "xero": document(number),
        "prediction": prediction(),
        "decisions": [],
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def in_xero(number: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    """An invoice as Xero returns it."""
    base: dict[str, Any] = {
        "Type": "ACCREC",
        "InvoiceID": XERO_ID,
        "InvoiceNumber": f"INV:{number}",
        "Reference": "PO-1",
        "Url": URL.format(number),
        "Status": "DRAFT",
        "LineAmountTypes": "Exclusive",
        "Contact": {"ContactID": CONTACT_ID, "Name": "Contoso Ltd"},
        "DateString": "2026-11-20T00:00:00",
        "Date": "/Date(1795132800000+0000)/",
        "DueDateString": "2026-12-20T00:00:00",
        "CurrencyCode": "NZD",
        "SubTotal": Decimal("100.00"),
        "TotalTax": Decimal("15.00"),
        "Total": Decimal("115.00"),
        "AmountPaid": Decimal("0.0"),
        "HasErrors": False,
        "StatusAttributeString": "OK",
        "LineItems": [
            {
                "Description": "Work",
                "Quantity": Decimal("1.0000"),
                "UnitAmount": Decimal("100.00"),
                "LineAmount": Decimal("100.00"),
                "TaxAmount": Decimal("15.00"),
                "AccountCode": "200",
                "TaxType": "OUTPUT2",
                "Tracking": [],
            }
        ],
    }
    return base | changes
