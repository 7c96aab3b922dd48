"""A backlog in which every invoice is of a customer of its own: the hardest case for whatever is done once per contact."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from simulators.books.model import TenantBooks

Record = dict[str, Any]

TERMS_DAY = 9
"""Every customer's sales terms in Xero: so many days after the invoice date, which Autotask's terms never are."""

_FIRST_ID = 5_000_000  # far above the ids of the books
_CONTACTS_EACH = 10


def one_each(books: TenantBooks) -> TenantBooks:
    """The same invoices, each billed to a copy of its company, with copies of its contacts on both sides."""
    entities = books.autotask["entities"]
    companies = {one["id"]: one for one in entities["Companies"]}
    lines_of, tickets = _by_invoice(entities["BillingItems"]), {one["id"]: one for one in entities["Tickets"]}
    made: dict[str, list[Record]] = {
        name: [] for name in ("Companies", "Contacts", "Invoices", "BillingItems")
    }
    made_tickets, made_contacts = dict(tickets), []
    for place, invoice in enumerate(entities["Invoices"], start=1):
        old, new = companies[invoice["companyID"]], _FIRST_ID + place
        name = f"{old['companyName']} {place}"
        made["Companies"].append(old | {"id": new, "companyName": name, "companyNumber": f"C-{new}"})
        made["Contacts"] += [
            one | {"id": new * _CONTACTS_EACH + number, "companyID": new}
            for number, one in enumerate(_of(entities["Contacts"], old["id"]))
        ]
        made["Invoices"].append(invoice | {"companyID": new})
        for line in lines_of[invoice["id"]]:
            made["BillingItems"].append(line | {"companyID": new})
            if line.get("ticketID") in tickets:
                made_tickets[line["ticketID"]] = tickets[line["ticketID"]] | {"companyID": new}
        made_contacts.append(
            {
                "ContactID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{books.tenant}/{new}")),
                "Name": name,
                "EmailAddress": f"before{new}@customer.example",
                "AccountNumber": f"C-{new}",
                "PaymentTerms": {"Sales": {"Day": TERMS_DAY, "Type": "DAYSAFTERBILLDATE"}},
            }
        )
    grown = {
        "Companies": entities["Companies"] + made["Companies"],
        "Contacts": entities["Contacts"] + made["Contacts"],
        "Tickets": list(made_tickets.values()),
    }
    return replace(
        books,
        autotask=books.autotask | {"entities": entities | made | grown},
        xero=books.xero | {"contacts": books.xero["contacts"] + made_contacts},
    )


def _of(contacts: list[Record], company_id: int) -> list[Record]:
    return [one for one in contacts if one["companyID"] == company_id]


def _by_invoice(lines: list[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for line in lines:
        found.setdefault(line["invoiceID"], []).append(line)
    return found
