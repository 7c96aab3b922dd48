"""Made-up invoices for the mapper's tests: round numbers, every default as a new tenant has it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from invoice_events.settings import Settings, effective_settings
from invoice_events.types import (
    AutotaskLine,
    InvoiceDiscovered,
    InvoiceFaulted,
    InvoiceMapped,
    XeroDocument,
    XeroReference,
)
from mapper.core.mapping import map_snapshot
from mapper.core.outcome import Faulted, Outcome

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
BILLING_CODE = 29682801
STANDARD = "11111111-aaaa-4000-8000-000000000001"
RETAIL = "22222222-bbbb-4000-8000-000000000002"


def line(line_id: int, amount: str, **changes: object) -> AutotaskLine:
    """A labour line of one hour at 15 % tax, whose three amounts agree."""
    money = Decimal(amount)
    base: dict[str, Any] = {
        "id": line_id,
        "type": 1,
        "sub_type": 1,
        "item_name": "Remote support",
        "description": f"Work item {line_id}",
        "group_id": None,
        "group_description": "",
        "date": date(2026, 5, 6),
        "quantity": Decimal(1),
        "rate": money,
        "extended_price": money,
        "total_amount": money,
        "tax": (money * Decimal("0.15")).quantize(Decimal("0.0001")),
        "non_billable": False,
        "billing_code_id": BILLING_CODE,
        "billing_code_name": "Remote support",
        "tax_category_id": 2,
        "ticket_id": 88231,
        "ticket_number": "T20260506.0001",
        "ticket_title": "Mailbox",
        "contract_id": None,
        "contract_name": None,
        "resource_name": None,
        "sort_order": None,
        "line_of_business": None,
    }
    return base | changes  # type: ignore[return-value]  # the fields above are the type's


def invoice(lines: list[AutotaskLine], **changes: object) -> InvoiceDiscovered:
    """A snapshot whose total is net and whose totals are those of its lines, unless they are given."""
    header: dict[str, Any] = {
        "id": 48213,
        "number": "20260514-7",
        "date": date(2026, 5, 14),
        "due_date": date(2026, 6, 13),
        "created_at": NOW,
        "total": sum((item["extended_price"] for item in lines), Decimal(0)),
        "tax_total": sum((item["tax"] for item in lines), Decimal(0)),
        "currency": "NZD",
        "tax_region_id": 5,
        "tax_region_name": "New Zealand GST",
        "order_number": "",
        "comments": "",
        "payment_term": "Net 30 days",
        "period_from": None,
        "period_to": None,
        "batch_id": 912,
        "is_voided": False,
        "voided_at": None,
        "paid_date": None,
        "web_service_date": None,
    }
    event: dict[str, Any] = {
        "event_id": "6f1bd0e2-0000-5000-8000-000000000001",
        "tenant_id": "acme",
        "document": f"invoice/{changes.get('id', header['id'])}",
        "revision": 1778745600000,
        "occurred_at": NOW,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
        "action": "create",
        "priority": "normal",
        "purpose": "sync",
        "settings_version": 3,
        "autotask_url": "https://ww5.autotask.net/Mvc/Invoice.mvc/Detail?id=48213",
        "generation": 1,
        "recreate": False,
        "company": {
            "id": 318, "name": "Contoso Ltd", "number": "CONT01", "tax_region_id": 5, "tax_number": "",
            "phone": "", "address_1": "1 Main St", "address_2": "", "city": "Leeds", "state": "",
            "postal_code": "LS1 1AA", "country_id": 826,
            "attention": "", "country_name": None, "territory": None,
        },
        "contact": {"id": 9, "first_name": "Ada", "last_name": "Byron", "email": "ada@contoso.example", "phone": ""},
        "lines": lines,
    }  # fmt: skip
    for name, value in changes.items():
        (header if name in header else event)[name] = value
    return event | {"invoice": header}  # type: ignore[return-value]  # the fields above are the type's


def settings(**changes: object) -> Settings:
    """Settings that name an account and tax types, everything else as by default."""
    document: dict[str, Any] = {
        "accounts": {"default": "260", "by_billing_code": {str(BILLING_CODE): "200"}},
        "taxes": {"default": "OUTPUT2", "zero_rated": "ZERORATED"},
    }
    return effective_settings(document | changes)


def reference(**changes: object) -> XeroReference:
    """A small Xero organisation."""

    def account(code: str, kind: str, account_class: str, **more: str) -> dict[str, str]:
        base = {"code": code, "name": code, "type": kind, "account_class": account_class, "status": "ACTIVE"}
        return base | {"tax_type": "OUTPUT2", "system_account": ""} | more

    def rate(tax_type: str, percent: str, **more: object) -> dict[str, Any]:
        base = {
            "tax_type": tax_type,
            "name": tax_type,
            "status": "ACTIVE",
            "effective_rate": Decimal(percent),
        }
        return base | {"can_apply_to_revenue": True, "can_apply_to_expenses": None} | more

    def category(name: str, *options: str) -> dict[str, Any]:
        known = [{"id": f"o-{option}", "name": option, "status": "ACTIVE"} for option in options]
        known.append({"id": "o-old", "name": "Old", "status": "ARCHIVED"})
        return {"id": f"c-{name}", "name": name, "status": "ACTIVE", "options": known}

    base: dict[str, Any] = {
        "tenant_id": "acme",
        "version": 1778740000000,
        "fetched_at": NOW,
        "organisation": {
            "id": "e2f2f732-0000-4000-8000-000000000000", "name": "Demo", "base_currency": "NZD", "country_code": "NZ",
            "time_zone": "NEWZEALANDSTANDARDTIME", "short_code": "!aB3dE", "period_lock_date": None, "end_of_year_lock_date": None,
        },
        "accounts": [
            account("200", "REVENUE", "REVENUE"),
            account("260", "REVENUE", "REVENUE"),
            account("299", "REVENUE", "REVENUE", status="ARCHIVED"),
            account("090", "BANK", "ASSET"),
            account("610", "CURRENT", "ASSET", system_account="DEBTORS"),
            account("630", "INVENTORY", "ASSET", tax_type="INPUT2"),
            account("425", "EXPENSE", "EXPENSE", tax_type="INPUT2"),
            account("860", "EXPENSE", "EXPENSE", system_account="ROUNDING", tax_type="NONE"),
        ],
        "tax_rates": [
            rate("OUTPUT2", "15"),
            rate("ZERORATED", "0"),
            rate("OLD", "12.5", status="DELETED"),
            rate("INPUT2", "15", can_apply_to_revenue=False, can_apply_to_expenses=True),
            rate("NONE", "0", can_apply_to_expenses=True),
        ],
        "currencies": ["NZD", "AUD"],
        "tracking_categories": [
            category("Region", "North", "South", "Other"), category("Department", "Projects", "Service desk", "200"),
        ],
        "branding_themes": [{"id": STANDARD, "name": "Standard"}, {"id": RETAIL, "name": "Retail invoice"}],
    }  # fmt: skip
    return base | changes  # type: ignore[return-value]  # the fields above are the type's


def mapped(event: InvoiceDiscovered, xero: XeroReference | None = None, /, **changes: object) -> Outcome:
    """What becomes of an invoice under these settings."""
    return map_snapshot(event, settings(**changes), 3, xero or reference(), NOW)


def document_of(event: InvoiceMapped) -> XeroDocument:
    """The Xero document in a mapped event."""
    assert event["xero"] is not None
    return event["xero"]


def fault_of(outcome: Outcome) -> InvoiceFaulted:
    """The fault event."""
    assert isinstance(outcome, Faulted), outcome
    return outcome.event
