"""Events as the suite's own services make them, for benchmarks that feed a topic instead of a whole way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from invoice_events.codec import Codec, Event, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import event_headers, event_key, new_traceparent
from invoice_events.settings import effective_settings
from invoice_events.types import InvoiceDiscovered, XeroReference
from mapper.core.mapping import map_invoice
from mapper.core.outcome import Mapped
from mapper.core.rules import Rules, prepare
from service_runtime.kafka import make_producer
from service_runtime.outbox import produce_all

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


class Feed:
    """Produces events as the services do."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = make_producer({"bootstrap.servers": bootstrap, "log_level": "0"}, "benchmarks")

    def send(self, topic: str, events: Iterable[Event]) -> None:
        """Encode all of them first, then produce them in one go and wait until the broker has them."""
        trace = new_traceparent()
        records = [
            (
                topic,
                event_key(topic, event).encode(),
                event_headers(topic, event, trace),
                CODEC.encode(topic, event),
            )
            for event in events
        ]
        produce_all(self._producer, records)


def mapped(number: int, tenant: str, contact: str, *, options: bool = False) -> Event:
    """The `invoice.mapped` event that the mapper makes of an invoice to this contact; `options`: every option is on."""
    snapshot = discovered(number, tenant)
    snapshot["company"] |= {"name": contact}
    outcome = map_invoice(cast("InvoiceDiscovered", snapshot), rules(options=options), NOW)
    if not isinstance(outcome, Mapped):
        raise TypeError(f"the made-up invoice can not be mapped: {outcome}")
    return dict(outcome.event)


def settings_event(tenant: str, *, options: bool = False) -> Event:
    """The `sync.settings` event of an active tenant; `options`: every option is on."""
    return {
        "tenant_id": tenant, "name": tenant, "state": "active", "version": 1,
        "settings": json.dumps(settings_document(options=options)), "updated_at": NOW, "updated_by": "benchmarks",
    }  # fmt: skip


def discovered(number: int, tenant: str) -> Event:
    """An `invoice.discovered` event of 5 lines as a service desk bills them: hours, licences, a rate with four decimals.

    It carries what the options show, whether they are on or not.
    """
    lines = [_line(number * 10 + place, *each) for place, each in enumerate(_WORK)]
    return {
        "event_id": f"00000000-0000-5000-8000-{number:012d}", "tenant_id": tenant, "document": f"invoice/{number}",
        "revision": 1778745600000, "occurred_at": NOW, "attempt": 1, "command_id": None, "xero_document_id": None,
        "action": "create", "priority": "normal", "purpose": "sync", "settings_version": 1,
        "autotask_url": f"https://ww5.autotask.net/contracts/views/invoiceView.asp?invoiceId={number}",
        "generation": 1, "recreate": False,
        "invoice": {
            "id": number, "number": f"INV-{number}", "date": date(2026, 5, 14), "due_date": date(2026, 6, 13), "created_at": NOW,
            "total": sum((line["total_amount"] for line in lines), Decimal(0)),
            "tax_total": sum((line["tax"] for line in lines), Decimal(0)),
            "currency": "NZD", "tax_region_id": 5, "tax_region_name": "New Zealand GST", "order_number": "PO 4711", "comments": "",
            "payment_term": "Net 30 days", "period_from": date(2026, 5, 1), "period_to": date(2026, 5, 31), "batch_id": 912,
            "is_voided": False, "voided_at": None, "paid_date": None, "web_service_date": None,
        },
        "company": {
            "id": 318, "name": "Contoso Ltd", "number": "CONT01", "tax_region_id": 5, "tax_number": "", "phone": "",
            "address_1": "1 Main St", "address_2": "", "city": "Leeds", "state": "", "postal_code": "LS1 1AA", "country_id": 826,
            "attention": "Accounts payable", "country_name": "United Kingdom", "territory": "North Island",
        },
        "contact": {"id": 9, "first_name": "Ada", "last_name": "Byron", "email": "ada@contoso.example", "phone": ""},
        "lines": lines,
    }  # fmt: skip


_WORK = (
    ("Mailbox migration, remote session with the customer", "2.25", "120", "270.00"),
    ("On-site visit: replaced a switch in the server room", "3.175", "118.3333", "375.71"),
    ("Managed desktop, monthly", "42", "38.50", "1617.00"),
    ("Cloud backup, per GB", "1840", "0.1648", "303.23"),
    ("Travel", "1", "48.60", "48.60"),
)


def _line(line_id: int, text: str, quantity: str, rate: str, amount: str) -> dict[str, Any]:
    total = Decimal(amount)
    return {
        "id": line_id, "type": 1, "sub_type": 1, "item_name": text, "description": text, "group_id": None, "group_description": "",
        "date": date(2026, 5, 6), "quantity": Decimal(quantity), "rate": Decimal(rate), "extended_price": total, "total_amount": total,
        "tax": (total * Decimal("0.15")).quantize(Decimal("0.01")), "non_billable": False, "billing_code_id": 29682801,
        "billing_code_name": "Remote support", "tax_category_id": 2, "ticket_id": 88231, "ticket_number": "T20260506.0001",
        "ticket_title": "Mailbox", "contract_id": None, "contract_name": None, "resource_name": "Ada Byron", "sort_order": None,
        "line_of_business": "Service desk",
    }  # fmt: skip


_OPTIONS: dict[str, Any] = {
    "invoices_import_as": "approved_and_sent",
    "due_date_from_xero_contact": True,
    "contact_links": {"318": "430fa14a-f945-44d3-9f97-5df5e28441b8"},
    "update_xero_contacts": True,
    "create_missing_contacts": True,
    "show_resource": True,
    "show_date_in_description": True,
    "hide_service_contract_descriptions": True,
    "four_decimal_rounding": True,
    "branding_theme": "Standard",
    "tracking": [
        {"category": "Region", "source": "territory", "options": {"North Island": "North"}},
        {"category": "Department", "source": "line_of_business"},
    ],
    "amount_tolerance": "0.05",
    "rounding_line": True,
    "void_autotask_invoices": True,
    "purchase_orders": {"enabled": True, "account": "200", "tax": "OUTPUT2"},
}


def settings_document(*, options: bool = False) -> dict[str, Any]:
    """Settings that name accounts by billing code and taxes by region, as a tenant in earnest has them; `options`: every option is on."""
    return {
        **(_OPTIONS if options else {}),
        "accounts": {"default": "200", "by_billing_code": {"29682801": "210"}},
        "taxes": {
            "default": "OUTPUT2",
            "zero_rated": "ZERORATED",
            "by_region_and_category": [{"region": "5", "category": "2", "type": "OUTPUT2"}],
        },
    }


def reference(tenant: str) -> dict[str, Any]:
    """The Xero organisation of that tenant."""
    account = {
        "type": "REVENUE",
        "account_class": "REVENUE",
        "status": "ACTIVE",
        "tax_type": "OUTPUT2",
        "system_account": "",
    }
    rate = {"status": "ACTIVE", "can_apply_to_revenue": True, "can_apply_to_expenses": True}
    return {
        "tenant_id": tenant, "version": 1, "fetched_at": NOW,
        "organisation": {
            "id": "", "name": "", "base_currency": "NZD", "country_code": "NZ", "time_zone": "", "short_code": "",
            "period_lock_date": None, "end_of_year_lock_date": None,
        },
        "accounts": [account | {"code": code, "name": code} for code in ("200", "210")],
        "tax_rates": [
            rate | {"tax_type": "OUTPUT2", "name": "GST", "effective_rate": Decimal(15)},
            rate | {"tax_type": "ZERORATED", "name": "Zero", "effective_rate": Decimal(0)},
        ],
        "currencies": ["NZD"], "tracking_categories": [_category("Region", "North"), _category("Department", "Service desk")],
        "branding_themes": [{"id": "50e7fa21-93fb-4eba-8d5c-1d3c1c4bd1f3", "name": "Standard"}],
    }  # fmt: skip


def _category(name: str, option: str) -> dict[str, Any]:
    known = {"id": "", "name": option, "status": "ACTIVE"}
    return {"id": "", "name": name, "status": "ACTIVE", "options": [known]}


@cache
def rules(*, options: bool = False) -> Rules:
    """What the mapper makes of these once."""
    settings = effective_settings(settings_document(options=options))
    return prepare(settings, 1, cast("XeroReference", reference("any")))
