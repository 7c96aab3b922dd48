"""Made-up purchase orders for the mapper's tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from invoice_events.types import (
    AutotaskOrderLine,
    PurchaseOrderDiscovered,
    PurchaseOrderMapped,
    XeroOrder,
    XeroReference,
)
from mapper.core.mapping import map_snapshot
from mapper.core.outcome import OrderMapped, Outcome
from tests.unit.mapper.conftest import NOW, reference, settings

ORDERS: dict[str, Any] = {"enabled": True, "account": "630", "tax": "INPUT2"}


def item(item_id: int, quantity: str, cost: str, **changes: object) -> AutotaskOrderLine:
    """An item of an order."""
    base: dict[str, Any] = {
        "id": item_id,
        "product_id": 55,
        "product_name": f"Product {item_id}",
        "memo": "",
        "quantity": Decimal(quantity),
        "unit_cost": Decimal(cost),
        "expected_on": None,
        "ticket_number": None,
        "contract_name": None,
    }
    return base | changes  # type: ignore[return-value]  # the fields above are the type's


def order(lines: list[AutotaskOrderLine], **changes: object) -> PurchaseOrderDiscovered:
    """A submitted order; changes go to the header or the event, by name."""
    header: dict[str, Any] = {
        "id": 771,
        "number": "PO-2026-0031",
        "external_number": "",
        "vendor_invoice_number": "",
        "status": 2,
        "status_name": "Submitted",
        "created_at": NOW,
        "submitted_at": NOW,
        "cancelled_at": None,
        "date": date(2026, 5, 14),
        "expected_on": date(2026, 5, 28),
        "currency": "NZD",
        "freight": Decimal(0),
        "tax_region_id": 5,
        "payment_term": None,
        "memo": "",
        "ship_to_name": "Acme Managed IT",
        "ship_to_address_1": "1 Main St",
        "ship_to_address_2": "",
        "ship_to_city": "Leeds",
        "ship_to_state": "",
        "ship_to_postal_code": "LS1 1AA",
        "phone": "+44 113 4960000",
        "purchased_for": None,
    }
    event: dict[str, Any] = {
        "event_id": "6f1bd0e2-0000-5000-8000-000000000771",
        "tenant_id": "acme",
        "document": f"purchase-order/{changes.get('id', header['id'])}",
        "revision": 1778745600000,
        "occurred_at": NOW,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 3,
        "autotask_url": "https://ww5.autotask.net/purchaseOrder/771",
        "generation": 1,
        "recreate": False,
        "vendor": {
            "id": 402, "name": "Ingot Distribution", "number": "V-402", "tax_region_id": 3, "tax_number": "12-345-678",
            "phone": "09 555 0100", "address_1": "9 Dock Rd", "address_2": "", "city": "Auckland", "state": "",
            "postal_code": "1010", "country_id": 554, "attention": "", "country_name": "New Zealand", "territory": None,
        },
        "lines": lines,
    }  # fmt: skip
    for name, value in changes.items():
        (header if name in header else event)[name] = value
    return event | {"order": header}  # type: ignore[return-value]  # the fields above are the type's


def mapped_order(
    event: PurchaseOrderDiscovered, xero: XeroReference | None = None, /, **changes: object
) -> Outcome:
    """What becomes of an order; changes are purchase-order settings, or other settings by their names."""
    known = settings()
    orders = {name: value for name, value in changes.items() if name not in known}
    others = {name: value for name, value in changes.items() if name in known}
    return map_snapshot(
        event, settings(purchase_orders=ORDERS | orders, **others), 3, xero or reference(), NOW
    )


def order_event(event: PurchaseOrderDiscovered, **changes: object) -> PurchaseOrderMapped:
    """The event of an order that goes over."""
    outcome = mapped_order(event, **changes)
    assert isinstance(outcome, OrderMapped), outcome
    return outcome.event


def order_of(event: PurchaseOrderMapped) -> XeroOrder:
    """The Xero order in a mapped event."""
    assert event["xero"] is not None
    return event["xero"]
