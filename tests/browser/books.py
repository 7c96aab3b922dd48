"""The books that the pages show: realistic ones, and in them texts that would be scripts if a page let them."""

from __future__ import annotations

from typing import Any

from simulators.books import Books, TenantBooks, generate
from tests.end_to_end.suite import today

ACME, NORTHWIND = "acme", "northwind"
INVOICES = 100
_SEED = 7

MARK = "window.hacked=1"
"""What every hostile text tries to do."""
IMAGE = f"<img src=x onerror={MARK}>"
SCRIPT = f"<script>{MARK}</script>"
CLIENT = f"Zebra {IMAGE} & Sons"
CLIENT_ID = 355
"""A customer of acme whose name, address, lines and tickets are hostile. Xero allows no such name: a link says who it is there."""
TENANT_NAME = f"Northwind <b onclick={MARK}>Traders</b>"
ACCOUNT_NAME = f"Sales {IMAGE}"
TAX_NAME = f"GST {SCRIPT}"
LINE_TEXT = f"Line {SCRIPT}{IMAGE} </td></table>"
TICKET_TITLE = f"Ticket {SCRIPT}"
ORDER_NUMBER = "<svg onload=hack()>"
"""Autotask has room for no more."""
FAULT_TEXT = f"Xero says {IMAGE}{SCRIPT} no"

_Record = dict[str, Any]
_OF_THE_CLIENT: dict[str, _Record] = {
    "Contacts": {"lastName": "<i>Pat</i>"},
    "Invoices": {"orderNumber": ORDER_NUMBER, "comments": SCRIPT},
    "BillingItems": {"itemName": LINE_TEXT, "description": LINE_TEXT, "lineItemFullDescription": LINE_TEXT},
    "Tickets": {"title": TICKET_TITLE},
}
"""What stands in every record of that customer, by Autotask's entity."""


def browser_books() -> Books:
    """Two tenants with every special case, one customer of which writes HTML wherever there is room for it."""
    books = generate(_SEED, INVOICES, today=today())
    _poison(books.tenant(ACME))
    books.tenant(NORTHWIND).entry["name"] = TENANT_NAME
    return books


def hostile_invoice(books: Books) -> int:
    """The first invoice of the hostile customer that goes over."""
    acme = books.tenant(ACME)
    return next(
        int(invoice["id"])
        for invoice in acme.autotask["entities"]["Invoices"]
        if invoice["companyID"] == CLIENT_ID and acme.fates[invoice["id"]].outcome == "synced"
    )


def faulty_invoice(books: Books, cause: str = "CONTACT_NOT_FOUND") -> int:
    """The first invoice of acme that ends at Fault for this cause."""
    return numbers(books.tenant(ACME), "fault", cause)[0]


def numbers(tenant: TenantBooks, outcome: str, cause: str | None = None) -> list[int]:
    """A tenant's invoices with this fate."""
    return [
        number
        for number, fate in tenant.fates.items()
        if fate.outcome == outcome and cause in (None, fate.cause)
    ]


def _poison(tenant: TenantBooks) -> None:
    entities: dict[str, list[_Record]] = tenant.autotask["entities"]
    company = next(one for one in entities["Companies"] if one["id"] == CLIENT_ID)
    known_as = company["companyName"]
    company |= {"companyName": CLIENT, "address1": IMAGE, "billToAttention": IMAGE}
    for entity, members in _OF_THE_CLIENT.items():
        for record in entities[entity]:
            if record.get("companyID") == CLIENT_ID:
                record.update(members)
    contact = next(one for one in tenant.xero["contacts"] if one["Name"] == known_as)
    tenant.entry["settings"]["contact_links"] = {str(CLIENT_ID): contact["ContactID"]}
    _rename(tenant.xero["accounts"], "Code", "200", ACCOUNT_NAME)
    _rename(tenant.xero["tax_rates"], "TaxType", "OUTPUT2", TAX_NAME)


def _rename(records: list[_Record], member: str, value: str, name: str) -> None:
    for record in records:
        if record[member] == value:
            record["Name"] = name
