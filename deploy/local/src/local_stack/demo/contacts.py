"""What became of Xero's contacts: made and refreshed where the settings say so, from Autotask's records; else never written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_stack.demo.judging import Json


@dataclass(frozen=True, kw_only=True)
class ContactSides:
    """Contacts of one tenant on both sides.

    Attributes:
        settings: the tenant's, as its entry in the tenants file has them.
        autotask: the Autotask simulator's books.
        before: Xero's contacts as they were loaded.
        xero: the Xero simulator's books.
        fates: what had to become of each document, by name.
    """

    settings: Json
    autotask: Json
    before: Sequence[Json]
    xero: Json
    fates: Mapping[str, Json]


def contact_problems(tenant: str, sides: ContactSides) -> Iterator[str]:
    """Everything about contacts that is not as it had to be, a sentence each."""
    known = {contact["Name"] for contact in sides.before}
    made = [contact for contact in sides.xero["contacts"] if contact["Name"] not in known]
    if made and not sides.settings.get("create_missing_contacts"):
        yield f"{tenant}: {len(made)} contacts were made although that is switched off"
    numbers = {
        company["companyName"]: f"autotask/{company['id']}"
        for company in sides.autotask["entities"]["Companies"]
    }
    for contact in made:
        wanted, found = numbers.get(contact["Name"]), contact.get("ContactNumber")
        if found is None or found != wanted:
            yield f"{tenant}: contact {contact['Name']} was made with the number {found}, wanted {wanted}"
    if sides.settings.get("update_xero_contacts"):
        yield from _stale(tenant, sides)
    elif sides.xero["counters"]["contacts_updated"]:
        yield f"{tenant}: contacts were changed although that is switched off"


def _stale(tenant: str, sides: ContactSides) -> Iterator[str]:
    """Contacts of new invoices that do not have Autotask's details."""
    entities = sides.autotask["entities"]
    companies = {company["id"]: company for company in entities["Companies"]}
    contacts = {contact["Name"]: contact for contact in sides.xero["contacts"] if _is_active(contact)}
    wanted: dict[str, tuple[str, str]] = {}
    for invoice in entities["Invoices"]:
        fate = sides.fates[f"invoice/{invoice['id']}"]
        if fate["outcome"] == "synced":
            company = companies[invoice["companyID"]]
            address = company.get("billingAddress1") or company["address1"]
            wanted[fate["document"]["contact"]] = (_email(sides, company["id"]), address)
    for name, details in sorted(wanted.items()):
        found = (contacts[name].get("EmailAddress"), _postal_line(contacts[name]))
        if found != details:
            yield f"{tenant}: contact {name} has e-mail address and postal address {found}, wanted {details}"


def _email(sides: ContactSides, company: int) -> str:
    """Of the active contact whose user-defined field says that he receives the bills."""
    field = {"name": "Position", "value": "Accounts"} | dict(sides.settings.get("accounts_contact_udf", {}))
    [found] = [
        contact["emailAddress"]
        for contact in sides.autotask["entities"]["Contacts"]
        if contact["companyID"] == company and contact["isActive"] and field in contact["userDefinedFields"]
    ]
    return str(found)


def _postal_line(contact: Json) -> str | None:
    addresses: Sequence[Mapping[str, Any]] = contact.get("Addresses") or ()
    lines = (each.get("AddressLine1") for each in addresses if each.get("AddressType") == "POBOX")
    return next(lines, None)


def _is_active(contact: Json) -> bool:
    return bool(contact["ContactStatus"] == "ACTIVE")
