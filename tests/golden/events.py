"""Golden cases as the events that the poller would publish of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from invoice_events.types import (
    AutotaskCompany,
    AutotaskInvoice,
    AutotaskLine,
    AutotaskOrder,
    AutotaskOrderLine,
    InvoiceDiscovered,
    PurchaseOrderDiscovered,
    XeroReference,
)
from tests.golden.model import ORDER_STATUSES, Case, Firm, Invoice, Line, Order, OrderItem
from tests.golden.tenants import Profile

NOW = datetime(2026, 12, 31, 8, 0, tzinfo=UTC)
_LINK = "https://ww5.autotask.net/contracts/views/invoiceView.asp?invoiceId={}"


def invoice_discovered(case: Case, invoice: Invoice, profile: Profile) -> InvoiceDiscovered:
    """`invoice.discovered` of a case."""
    header: AutotaskInvoice = {
        "id": invoice.id,
        "number": invoice.number,
        "date": invoice.day,
        "due_date": invoice.due,
        "created_at": _made(invoice.day),
        "total": invoice.total,
        "tax_total": invoice.tax,
        "currency": case.firm.currency,
        "tax_region_id": profile.region_id(invoice.region),
        "tax_region_name": invoice.region,
        "order_number": invoice.order_number,
        "comments": "",
        "payment_term": None,
        "period_from": None,
        "period_to": None,
        "batch_id": None,
        "is_voided": False,
        "voided_at": None,
        "paid_date": invoice.paid,
        "web_service_date": None,
    }
    return {
        "event_id": "6f1bd0e2-0000-5000-8000-000000000001",
        "tenant_id": case.tenant,
        "document": case.document,
        "revision": 1,
        "occurred_at": NOW,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 1,
        "autotask_url": invoice.link or _LINK.format(invoice.id),
        "generation": 1,
        "recreate": False,
        "invoice": header,
        "company": _company(case.firm, profile),
        "contact": {
            "id": case.firm.id,
            "first_name": "Ana",
            "last_name": "Kerr",
            "email": "ana@customer.example",
            "phone": "",
        },
        "lines": [_line(line, profile) for line in invoice.lines],
    }


def order_discovered(case: Case, order: Order, profile: Profile) -> PurchaseOrderDiscovered:
    """`purchase-order.discovered` of a case."""
    name, address_1, address_2, city, state, postal_code = order.ship_to
    header: AutotaskOrder = {
        "id": order.id,
        "number": order.number,
        "external_number": order.external_number,
        "vendor_invoice_number": order.vendor_invoice_number,
        "status": ORDER_STATUSES[order.status],
        "status_name": None,
        "created_at": _made(order.day),
        "submitted_at": _made(order.day),
        "cancelled_at": None,
        "date": order.day,
        "expected_on": max((item.arrives for item in order.items if item.arrives), default=None),
        "currency": case.firm.currency,
        "freight": order.freight,
        "tax_region_id": profile.region_id(order.region),
        "payment_term": None,
        "memo": order.memo,
        "ship_to_name": name,
        "ship_to_address_1": address_1,
        "ship_to_address_2": address_2,
        "ship_to_city": city,
        "ship_to_state": state,
        "ship_to_postal_code": postal_code,
        "phone": order.phone,
        "purchased_for": None,
    }
    return {
        "event_id": "6f1bd0e2-0000-5000-8000-000000000002",
        "tenant_id": case.tenant,
        "document": case.document,
        "revision": 1,
        "occurred_at": NOW,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 1,
        "autotask_url": "https://ww5.autotask.net/order",
        "generation": 1,
        "recreate": False,
        "order": header,
        "vendor": _company(case.firm, profile),
        "lines": [_item(item) for item in order.items],
    }


def reference(profile: Profile) -> XeroReference:
    """`xero.reference` of a tenant."""
    return {
        "tenant_id": profile.id,
        "version": 1,
        "fetched_at": NOW,
        "organisation": {
            "id": profile.guid("organisation", profile.name),
            "name": profile.name,
            "base_currency": profile.base,
            "country_code": profile.country,
            "time_zone": profile.zone,
            "short_code": "!gold",
            "period_lock_date": None,
            "end_of_year_lock_date": None,
        },
        "accounts": [
            {
                "code": account.code,
                "name": account.name,
                "type": account.type,
                "account_class": account.account_class,
                "status": "ACTIVE",
                "tax_type": account.tax_type,
                "system_account": account.system,
            }
            for account in profile.accounts
        ],
        "tax_rates": [
            {
                "tax_type": tax_type,
                "name": tax.name,
                "status": "ACTIVE",
                "effective_rate": tax.rate,
                "can_apply_to_revenue": tax.sales,
                "can_apply_to_expenses": tax.purchases,
            }
            for tax_type, tax in profile.tax_types.items()
        ],
        "currencies": list(profile.currencies),
        "tracking_categories": [
            {
                "id": profile.guid("category", category),
                "name": category,
                "status": "ACTIVE",
                "options": [
                    {"id": profile.guid("option", option), "name": option, "status": "ACTIVE"}
                    for option in options
                ],
            }
            for category, options in profile.tracking.items()
        ],
        "branding_themes": [{"id": profile.guid("theme", name), "name": name} for name in profile.themes],
    }


def _made(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)


def _company(firm: Firm, profile: Profile) -> AutotaskCompany:
    return {
        "id": firm.id,
        "name": firm.name,
        "number": firm.number,
        "tax_region_id": profile.region_id(firm.region),
        "tax_number": "",
        "phone": "",
        "address_1": "",
        "address_2": "",
        "city": "",
        "state": "",
        "postal_code": "",
        "country_id": None,
        "attention": "",
        "country_name": None,
        "territory": firm.territory,
    }


def _line(line: Line, profile: Profile) -> AutotaskLine:
    code = None if line.code is None else profile.codes[line.code]
    return {
        "id": line.id,
        "type": line.type,
        "sub_type": 1,
        "item_name": line.name,
        "description": line.text,
        "group_id": line.group[0] if line.group else None,
        "group_description": line.group[1] if line.group else "",
        "date": line.day,
        "quantity": line.quantity,
        "rate": line.rate,
        "extended_price": line.amount,
        "total_amount": line.counted,
        "tax": line.tax,
        "non_billable": line.non_billable,
        "billing_code_id": code.id if code else None,
        "billing_code_name": code.name if code else None,
        "tax_category_id": line.category,
        "ticket_id": line.id if line.ticket else None,
        "ticket_number": line.ticket[0] if line.ticket else None,
        "ticket_title": line.ticket[1] if line.ticket else None,
        "contract_id": line.id if line.contract else None,
        "contract_name": line.contract,
        "resource_name": line.resource,
        "sort_order": line.place,
        "line_of_business": line.business,
    }


def _item(item: OrderItem) -> AutotaskOrderLine:
    return {
        "id": item.id,
        "product_id": item.product_id,
        "product_name": item.product,
        "memo": item.memo,
        "quantity": item.quantity,
        "unit_cost": item.cost,
        "expected_on": item.arrives,
        "ticket_number": None,
        "contract_name": None,
    }
