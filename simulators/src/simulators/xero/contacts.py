"""Contacts: which one an element means, what may be written, what is refused."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from simulators.xero import problems
from simulators.xero.state import Contact
from simulators.xero.texts import folded

if TYPE_CHECKING:
    from datetime import datetime

    from simulators.xero.elements import Element
    from simulators.xero.state import Ledger, Organisation

ARCHIVED_FOR_DOCUMENT = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes."
)
ARCHIVED_FOR_EDIT = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
NAME_EMPTY = "Contact Name cannot be empty."
NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."
EMAIL_INVALID = "Email address must be valid."
_KEYS = {"ContactNumber": NUMBER_TAKEN, "AccountNumber": ACCOUNT_NUMBER_TAKEN}
NOT_FOUND = "The contact with the specified ContactID could not be found"  # own wording: Xero's is not known
NOT_IDENTIFIED = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)

TEXT_LIMITS = {
    "Name": 255,
    "ContactNumber": 50,
    "AccountNumber": 50,
    "FirstName": 255,
    "LastName": 255,
    "CompanyNumber": 50,
    "EmailAddress": 255,
    "TaxNumber": 50,
    "BankAccountDetails": None,
    "DefaultCurrency": None,
    "AccountsReceivableTaxType": None,
    "AccountsPayableTaxType": None,
    "SalesDefaultAccountCode": None,
    "PurchasesDefaultAccountCode": None,
}
_TERM_TYPES = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")
_ADDRESS_TYPES = ("POBOX", "STREET")
_ADDRESS_LIMITS = {f"AddressLine{number}": 500 for number in range(1, 5)} | {
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
_PHONE_TYPES = ("DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE")
_PHONE_LIMITS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
_MAX_PERSONS = 5
_MAX_TERM_DAY = 31
_EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")  # one @, no umlauts


@dataclass(slots=True)
class Prepared:
    """A contact as it would be after the write, or why it can not be."""

    contact: Contact
    is_new: bool
    errors: list[str] = field(default_factory=list)


def _name_taken(name: str) -> str:
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def by_name(ledger: Ledger, name: str) -> Contact | None:
    """The active contact of that name (case and accents do not count), else an archived one."""
    wanted = folded(name)
    found = ledger.names.get(wanted) or ledger.archived_names.get(wanted)
    return None if found is None else ledger.contacts[found]


def by_key(ledger: Ledger, member: str, value: str) -> Contact | None:
    """The contact, archived ones included, with this ContactNumber or AccountNumber."""
    found = ledger.contact_keys.get((member, folded(value)))
    return None if found is None else ledger.contacts[found]


def contact_guid(element: Element) -> str | None:
    """The ContactID; a text that is no guid breaks the whole call with a 500, as it does in Xero."""
    value = element.members.get("ContactID")
    if value is None or value == "":
        return None
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise problems.unknown_error() from None


def _limited(
    element: Element, limits: dict[str, int | None] | dict[str, int], errors: list[str]
) -> dict[str, Any]:
    """The sent text members; too long ones are errors (own wording: Xero's is not known)."""
    members: dict[str, Any] = {}
    for name, limit in limits.items():
        value = element.text(name)
        if value is None:
            continue
        if limit is not None and len(value) > limit:
            errors.append(f"{name} must not be longer than {limit} characters.")
        members[name] = value
    return members


def _check_name(name: str, errors: list[str]) -> None:
    if not name.strip():
        errors.append(NAME_EMPTY)
    elif "<" in name or ">" in name:
        errors.append("Contact Name cannot contain the characters < or >.")
    elif name != name.strip() or "  " in name:
        errors.append("Contact Name cannot contain leading, trailing or repeated spaces.")


def _persons(element: Element, errors: list[str]) -> list[dict[str, Any]]:
    persons = []
    for person in element.objects("ContactPersons") or []:
        members = _limited(person, {"FirstName": 255, "LastName": 255, "EmailAddress": 255}, errors)
        if members.get("EmailAddress") and not _EMAIL.fullmatch(members["EmailAddress"]):
            errors.append(EMAIL_INVALID)
        persons.append({**members, "IncludeInEmails": person.boolean("IncludeInEmails") or False})
    if len(persons) > _MAX_PERSONS:
        errors.append(f"A contact can have at most {_MAX_PERSONS} contact persons.")
    return persons


def _typed(
    element: Element,
    name: str,
    type_name: str,
    types: tuple[str, ...],
    limits: dict[str, int],
    errors: list[str],
) -> list[dict[str, Any]]:
    found = []
    for item in element.objects(name) or []:
        kind = item.choice(type_name, types, type_name)
        members = _limited(item, limits, errors)
        if any(not character.isalpha() and character != " " for character in members.get("Country", "")):
            errors.append("Country must contain only letters.")  # own wording: Xero's is not known
        found.append({type_name: kind or types[0], **members})
    return found


def _terms(element: Element) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    for side in ("Sales", "Bills"):
        part = element.object(side)
        if part is None:
            continue
        day = part.decimal("Day")
        kind = part.choice("Type", _TERM_TYPES, "PaymentTermType")
        if day is None or kind is None or not 0 <= day <= _MAX_TERM_DAY or day != int(day):
            raise problems.not_convertible(str(day), "Xero.API.Library..PaymentTerm", part.path)
        terms[side] = {"Day": int(day), "Type": kind}
    return terms


def _written(element: Element, errors: list[str]) -> dict[str, Any]:
    """The members that this element writes, checked one by one."""
    members = _limited(element, TEXT_LIMITS, errors)
    email = members.get("EmailAddress")
    if email and not _EMAIL.fullmatch(email):
        errors.append(EMAIL_INVALID)
    if element.has("ContactPersons"):
        members["ContactPersons"] = _persons(element, errors)
    if element.has("Addresses"):
        members["Addresses"] = _typed(
            element, "Addresses", "AddressType", _ADDRESS_TYPES, _ADDRESS_LIMITS, errors
        )
    if element.has("Phones"):
        members["Phones"] = _typed(element, "Phones", "PhoneType", _PHONE_TYPES, _PHONE_LIMITS, errors)
    terms = element.object("PaymentTerms")
    if terms is not None:
        members["PaymentTerms"] = _terms(terms)
    return members


def _merged_typed(
    old: list[dict[str, Any]], new: list[dict[str, Any]], type_name: str
) -> list[dict[str, Any]]:
    """Addresses and phones are kept by type: what is sent replaces its own type only."""
    sent = {item[type_name] for item in new}
    return [item for item in old if item[type_name] not in sent] + new


def _clashes(ledger: Ledger, contact: Contact, sent: dict[str, Any]) -> list[str]:
    errors = []
    if "Name" in sent and contact.status == "ACTIVE":
        holder = ledger.names.get(folded(contact.name))
        if holder not in (None, contact.id):
            errors.append(_name_taken(contact.name))
    for member, text in _KEYS.items():
        value = sent.get(member)
        other = by_key(ledger, member, value) if value else None
        if other is not None and other.id != contact.id:
            errors.append(text)
    return errors


def prepare(
    organisation: Organisation, element: Element, existing: Contact | None, now: datetime
) -> Prepared:
    """The contact after writing `element` to `existing` (None = a new one). Members not sent keep their value."""
    errors: list[str] = []
    sent = _written(element, errors)
    status = element.choice("ContactStatus", ("ACTIVE", "ARCHIVED", "GDPRREQUEST"), "ContactStatus")
    if existing is not None and existing.status != "ACTIVE":
        return Prepared(existing, is_new=False, errors=[ARCHIVED_FOR_EDIT])
    contact = existing or Contact(str(uuid.uuid4()), "", "ACTIVE", {}, now)
    members = {**contact.members, **sent}
    for name, type_name in (("Addresses", "AddressType"), ("Phones", "PhoneType")):
        if name in sent:
            members[name] = _merged_typed(contact.members.get(name, []), sent[name], type_name)
    if "PaymentTerms" in sent:
        members["PaymentTerms"] = {**contact.members.get("PaymentTerms", {}), **sent["PaymentTerms"]}
    name = members.pop("Name", contact.name)
    if "Name" in sent or existing is None:
        _check_name(name, errors)
    contact = replace(contact, name=name, status=status or contact.status, members=members, updated=now)
    return Prepared(
        contact, is_new=existing is None, errors=errors + _clashes(organisation.ledger, contact, sent)
    )


def store(ledger: Ledger, contact: Contact, *, is_new: bool) -> None:
    """Puts a prepared contact into the ledger."""
    old = ledger.contacts.get(contact.id)
    if old is not None:
        _index(ledger, old, remove=True)
    ledger.contacts[contact.id] = contact
    _index(ledger, contact)
    ledger.count("contacts_created" if is_new else "contacts_updated")


def _index(ledger: Ledger, contact: Contact, *, remove: bool = False) -> None:
    names = ledger.names if contact.status == "ACTIVE" else ledger.archived_names
    entries: list[tuple[dict[Any, str], Any]] = [(names, folded(contact.name))]
    for member in _KEYS:
        value = contact.members.get(member)
        if value:
            entries.append((ledger.contact_keys, (member, folded(str(value)))))
    for index, text in entries:
        if not remove:
            index.setdefault(text, contact.id)
        elif index.get(text) == contact.id:
            del index[text]


def target(ledger: Ledger, element: Element) -> tuple[Contact | None, str | None]:
    """Which contact an upsert means: by ContactID, else ContactNumber, else Name; and an error if the id is unknown.

    A POST that carries only the name of somebody else's contact silently edits that contact.
    """
    contact_id = contact_guid(element)
    if contact_id is not None:
        contact = ledger.contacts.get(contact_id)
        return contact, None if contact is not None else NOT_FOUND
    number = element.text("ContactNumber")
    if number:
        contact = by_key(ledger, "ContactNumber", number)
        if contact is not None:
            return contact, None
    name = element.text("Name")
    return (by_name(ledger, name) if name else None), None
