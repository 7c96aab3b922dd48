"""Made-up documents for the xero-writer's tests: one line of 100.00 and 15.00 tax."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from invoice_events.types import (
    ContactCriteria,
    ContactDetails,
    InvoiceMapped,
    Prediction,
    PurchaseOrderMapped,
    XeroDocument,
    XeroKind,
    XeroLine,
    XeroOrder,
)
from xero_writer.core.contact_match import XeroContact

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


def contact(number: int, name: str, **changes: Any) -> XeroContact:  # noqa: ANN401  # any field
    """A contact of the cache."""
    base: dict[str, Any] = {
        "id": f"ID-{number}",
        "name": name,
        "account_number": "",
        "status": "ACTIVE",
        "terms_day": None,
        "terms_type": None,
    }
    return XeroContact(**(base | changes))


def details(**changes: str) -> ContactDetails:
    """What Autotask says of a customer."""
    base = dict.fromkeys(ContactDetails.__annotations__, "")
    return cast("ContactDetails", base | changes)


def criteria(**changes: Any) -> ContactCriteria:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "company_id": 1,
        "name": "Contoso Ltd",
        "account_number": "",
        "match_by": "name",
        "ignore_case": True,
        "pinned_contact_id": None,
        "create_missing": False,
        "refresh": False,
        "details": None,
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
        "recreate": False,
        "contact": criteria(),
        "due_rule": "autotask",
        "due_date": date(2026, 12, 20),
        "xero": document(number),
        "prediction": prediction(),
        "decisions": [],
        "warnings": [],
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def order(of: int = 771, **changes: Any) -> XeroOrder:  # noqa: ANN401  # any field
    base: dict[str, Any] = {
        "number": f"PO:{of}",
        "reference": f"PO-2025-0031 [PO {of}]",
        "date": date(2026, 11, 20),
        "currency": "NZD",
        "status": "SUBMITTED",
        "sent_to_contact": False,
        "branding_theme_id": None,
        "unit_decimals": 4,
        "lines": [line(account_code="300", tax_type="INPUT2")],
        "delivery_date": date(2026, 11, 28),
        "delivery_address": "Example MSP\n1 Example Street",
        "attention_to": "Example Person",
        "telephone": "+64 9 555 0100",
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def mapped_order(number: int = 771, **changes: Any) -> PurchaseOrderMapped:  # noqa: ANN401  # any field
    base: dict[str, Any] = dict(mapped())
    for name in ("due_rule", "due_date"):
        del base[name]
    base |= {
        "document": f"purchase-order/{number}",
        "xero_kind": "purchase_order",
        "mark": f"[PO {number}]",
        "xero": order(number),
    }
    return base | changes  # type: ignore[return-value]  # built from its fields


def order_in_xero(number: int = 771, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    """A purchase order as Xero returns it."""
    base = {
        name: value
        for name, value in in_xero().items()
        if name not in {"InvoiceID", "InvoiceNumber", "Url", "DueDateString", "AmountPaid"}
    }
    base |= {
        "Type": "PURCHASEORDER",
        "PurchaseOrderID": XERO_ID,
        "PurchaseOrderNumber": f"PO:{number}",
        "Reference": f"PO-2025-0031 [PO {number}]",
        "Status": "SUBMITTED",
        "DeliveryDateString": "2026-11-28T00:00:00",
        "DeliveryAddress": "Example MSP\r\n1 Example Street",
        "AttentionTo": "Example Person",
        "Telephone": "+64 9 555 0100",
        "LineItems": [in_xero()["LineItems"][0] | {"AccountCode": "300", "TaxType": "INPUT2"}],
    }
    return base | changes


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
