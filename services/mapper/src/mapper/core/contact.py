"""Which contact a document goes to: what it is looked up by, and what may be written to it. Resolved by the xero-writer."""

from __future__ import annotations

import re
import unicodedata

from invoice_events.types import (
    AutotaskCompany,
    AutotaskContact,
    ContactCriteria,
    ContactDetails,
    InvoiceDiscovered,
    PurchaseOrderDiscovered,
)
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules
from mapper.core.texts import cut, one_line, units

_SHORT, _TEXT, _LINE = 50, 255, 500
"""Characters that Xero takes: numbers, postal code and country; names, city and region; lines of an address."""

_SHOWN = 100
_LOCAL_LIMIT = 64
_NO_LETTERS = re.compile("[^A-Za-z]+")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])",
    re.ASCII,
)
"""An address that a mail server outside could be found for. Stricter than Autotask, which keeps nearly anything."""


def customer(event: InvoiceDiscovered, rules: Rules) -> ContactCriteria:
    """The contact of an invoice; refreshed after a new one, if the settings say so."""
    create, update = rules.settings["create_missing_contacts"], rules.settings["update_xero_contacts"]
    criteria = lookup(event["company"], rules)
    if create or update:
        criteria["create_missing"] = create
        criteria["refresh"] = _is_refreshed(event, rules)
        criteria["details"] = _details(event["company"], event["contact"])
    return criteria


def _is_refreshed(event: InvoiceDiscovered, rules: Rules) -> bool:
    """Whether the contact is brought up to date once the document is written: after a new one only."""
    return rules.settings["update_xero_contacts"] and event["action"] == "create"


def vendor(event: PurchaseOrderDiscovered, rules: Rules) -> ContactCriteria:
    """The contact of a purchase order: made if the settings say so, never refreshed, since nobody bills a vendor."""
    criteria = lookup(event["vendor"], rules)
    if rules.settings["create_missing_contacts"]:
        criteria["create_missing"] = True
        criteria["details"] = _details(event["vendor"], None)
    return criteria


def lookup(company: AutotaskCompany, rules: Rules) -> ContactCriteria:
    """What a contact is looked up by; nothing is written to it."""
    settings = rules.settings
    return {
        "company_id": company["id"],
        "name": company["name"],
        "account_number": company["number"],
        "match_by": settings["contact_match_by"],
        "ignore_case": settings["contact_name_ignore_case"],
        "pinned_contact_id": settings["contact_links"].get(str(company["id"])),
        "create_missing": False,
        "refresh": False,
        "details": None,
    }


def customer_problems(event: InvoiceDiscovered, rules: Rules) -> list[Problem]:
    """No active contact in Autotask; or one whose e-mail address Xero would refuse, where it is going to be written.

    A contact that is only made if it is missing may be in Xero already: then its address matters to nobody, and if it is
    not, Xero refuses the address when the contact is made.
    """
    contact = event["contact"]
    if contact is None:
        return [problem("NO_ACTIVE_CONTACT", f"Autotask company {event['company']['id']}")]
    if not _is_refreshed(event, rules):
        return []
    address = one_line(contact["email"])
    if not address or is_email(address):
        return []
    name = one_line(f"{contact['first_name']} {contact['last_name']}")
    return [
        problem(
            "EMAIL_INVALID",
            f"contact {contact['id']} ({cut(name, _SHOWN)}): e-mail address {cut(address, _SHOWN)!r}, wanted one such as accounts@customer.example",
        )
    ]


def is_email(address: str) -> bool:
    """Whether Xero would take an e-mail address: one, plain ASCII, at most 255 characters."""
    if len(address) > _TEXT or len(address.partition("@")[0]) > _LOCAL_LIMIT:
        return False
    return _EMAIL.fullmatch(address) is not None


def _details(company: AutotaskCompany, contact: AutotaskContact | None) -> ContactDetails:
    """What Autotask knows of the customer, as much of it as Xero takes.

    Half a name can be read; half a number is a wrong one, so it is left out, see `left_out`.
    """
    phone, tax_number, postal_code = (
        text if units(text) <= _SHORT else "" for _, text in _numbers(company, contact)
    )
    return {
        "first_name": "" if contact is None else _cut(contact["first_name"], _TEXT),
        "last_name": "" if contact is None else _cut(contact["last_name"], _TEXT),
        "email": "" if contact is None else one_line(contact["email"]),
        "phone": phone,
        "tax_number": tax_number,
        "attention": _cut(company["attention"], _TEXT),
        "address_1": _cut(company["address_1"], _LINE),
        "address_2": _cut(company["address_2"], _LINE),
        "city": _cut(company["city"], _TEXT),
        "region": _cut(company["state"], _TEXT),
        "postal_code": postal_code,
        "country": _country(company["country_name"] or ""),
    }


def left_out(
    criteria: ContactCriteria, company: AutotaskCompany, contact: AutotaskContact | None
) -> list[str]:
    """Warnings of what is not written to the contact since Xero takes no number that long; none if nothing is written."""
    if criteria["details"] is None:
        return []
    return [
        f"contact: the {name} of Autotask company {company['id']} is left out, since it has {units(text)} characters and Xero takes {_SHORT}"
        for name, text in _numbers(company, contact)
        if units(text) > _SHORT
    ]


def _numbers(company: AutotaskCompany, contact: AutotaskContact | None) -> tuple[tuple[str, str], ...]:
    """Phone, tax number and postal code, each with its name; the person's phone stands before the company's."""
    own_phone = "" if contact is None else one_line(contact["phone"])
    return (
        ("phone number", own_phone or one_line(company["phone"])),
        ("tax number", one_line(company["tax_number"])),
        ("postal code", one_line(company["postal_code"])),
    )


def _cut(text: str, limit: int) -> str:
    return cut(one_line(text), limit)


def _country(name: str) -> str:
    """A country's name as Xero takes it: the letters A to Z and blanks only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NO_LETTERS.sub(" ", plain).strip()[:_SHORT].strip()
