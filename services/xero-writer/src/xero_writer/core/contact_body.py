"""Contacts as Xero takes and shows them: a new one, what is known of one, and what a refresh would change."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from invoice_events.types import ContactCriteria, ContactDetails
from xero_writer.core.contact_match import XeroContact, contact_number
from xero_writer.core.values import Json, sound_text, text

_NAME_LENGTH = 255
_ACCOUNT_NUMBER_LENGTH = 50
_OWN_FIELDS = (
    ("FirstName", "first_name"),
    ("LastName", "last_name"),
    ("EmailAddress", "email"),
    ("TaxNumber", "tax_number"),
)
_ADDRESS_FIELDS = (
    ("AttentionTo", "attention"),
    ("AddressLine1", "address_1"),
    ("AddressLine2", "address_2"),
    ("AddressLine3", None),
    ("AddressLine4", None),
    ("City", "city"),
    ("Region", "region"),
    ("PostalCode", "postal_code"),
    ("Country", "country"),
)
_PLACE_FIELDS = ("address_1", "address_2", "city")
_PHONE_FIELDS = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")


@dataclass(frozen=True, slots=True)
class Seen:
    """A contact as Xero showed it: what it is found by, and the details that a refresh is compared with."""

    contact: XeroContact
    details: Json


class BadContactError(ValueError):
    """A company can not become a contact; the message says why."""


def seen(element: Json, known: Seen | None = None) -> Seen:
    """A contact of Xero's answer.

    A list that is paged shows every member that is filled, so what it leaves out is empty. An answer to a write need not:
    `known` is what was known of the contact before, and stays where the answer says nothing. A member that is there is
    news, also if it is empty.
    """
    before = known or Seen(XeroContact("", "", "", "ACTIVE", None, None), {})

    def told(name: str, otherwise: str) -> str:
        return sound_text(element[name]) if name in element else otherwise

    terms_day, terms_type = before.contact.terms_day, before.contact.terms_type
    if "PaymentTerms" in element:
        terms = (element["PaymentTerms"] or {}).get("Sales") or {}
        day = terms.get("Day")
        terms_day, terms_type = int(day) if day is not None else None, sound_text(terms.get("Type")) or None
    contact = XeroContact(
        id=sound_text(element.get("ContactID")),
        name=told("Name", before.contact.name),
        account_number=told("AccountNumber", before.contact.account_number),
        status=told("ContactStatus", before.contact.status) or "ACTIVE",
        terms_day=terms_day,
        terms_type=terms_type,
        contact_number=told("ContactNumber", before.contact.contact_number),
        merged_to=told("MergedToContactID", before.contact.merged_to),
    )
    details: Json = {name: told(name, text(before.details.get(name))) for name, _ in _OWN_FIELDS}
    details["Phone"] = before.details.get("Phone")
    if "Phones" in element:
        details["Phone"] = _of_type(element["Phones"], "PhoneType", "DEFAULT", _PHONE_FIELDS)
    details["Address"] = before.details.get("Address")
    if "Addresses" in element:
        names = tuple(name for name, _ in _ADDRESS_FIELDS)
        details["Address"] = _of_type(element["Addresses"], "AddressType", "POBOX", names)
    return Seen(contact, _filled(details))


def new_contact(criteria: ContactCriteria) -> Json:
    """The contact that is made for a company.

    Raises:
        BadContactError: Xero would not take its name or account number, and no cleaning helps.
    """
    body: Json = {
        "Name": clean_name(criteria["name"]),
        "ContactNumber": contact_number(criteria["company_id"]),
    }
    number = criteria["account_number"].strip()
    if criteria["match_by"] == "account_number" and number:
        if len(number) > _ACCOUNT_NUMBER_LENGTH:
            raise BadContactError(
                f"the account number has {len(number)} characters, Xero takes {_ACCOUNT_NUMBER_LENGTH}"
            )
        body["AccountNumber"] = number
    if criteria["details"] is None:
        return body
    address = _filled(_address(_stripped(criteria["details"])))
    addresses = {"Addresses": [{"AddressType": "POBOX"} | address]} if address else {}
    return body | changes(criteria["details"], {}) | addresses


def clean_name(name: str) -> str:
    """A name that Xero takes: no < and >, nothing invisible, single spaces, at most 255 characters. Nothing is cut.

    Raises:
        BadContactError: nothing is left of it, or it is too long.
    """
    shown = (
        " " if unicodedata.category(one) == "Cc" else one for one in name if unicodedata.category(one) != "Cf"
    )
    cleaned = " ".join("".join(one for one in shown if one not in "<>").split())
    if not cleaned:
        raise BadContactError("the name is empty, or holds nothing that Xero takes in a name")
    if len(cleaned) > _NAME_LENGTH:
        raise BadContactError(f"the name has {len(cleaned)} characters, Xero takes {_NAME_LENGTH}")
    return cleaned


def changes(details: ContactDetails, known: Json) -> Json:
    """The fields of a contact that a refresh has to send; empty if Xero has them all.

    What is empty in Autotask stays as it is in Xero. An address is one field with all its parts, the name that it is for
    included: if Autotask has a street or a city, the whole address goes, empty parts too, since one mixed from old and new
    parts exists nowhere. Only the postal address and the default phone number are ever written. A phone number that Xero
    holds in parts is compared by its digits.
    """
    ours = _stripped(details)
    found: Json = {
        name: ours[key]
        for name, key in _OWN_FIELDS
        if ours[key] and not _same(ours[key], text(known.get(name)))
    }
    phone, number = known.get("Phone") or {}, ours["phone"]
    if number and _digits(number) != _digits("".join(text(phone.get(name)) for name in _PHONE_FIELDS)):
        parts = {"PhoneCountryCode": "", "PhoneAreaCode": "", "PhoneNumber": number}
        found["Phones"] = [{"PhoneType": "DEFAULT"} | parts]
    theirs, address = known.get("Address") or {}, _address(ours)
    differs = any(not _same(value, text(theirs.get(name))) for name, value in address.items())
    if differs and any(ours[key] for key in _PLACE_FIELDS):
        found["Addresses"] = [{"AddressType": "POBOX"} | address]
    return found


def _stripped(details: ContactDetails) -> dict[str, str]:
    return {key: text(value).strip() for key, value in details.items()}


def _address(ours: dict[str, str]) -> dict[str, str]:
    """The postal address with all its parts, empty ones too."""
    return {name: ours[key] if key is not None else "" for name, key in _ADDRESS_FIELDS}


def _of_type(entries: object, type_name: str, wanted: str, fields: tuple[str, ...]) -> Json:
    """The filled fields of the entry of one type; Xero lists an address or phone for every type."""
    if not isinstance(entries, list):
        return {}
    for entry in entries:
        if isinstance(entry, dict) and entry.get(type_name) == wanted:
            return _filled({name: sound_text(entry.get(name)) for name in fields})
    return {}


def _filled(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value}


def _same(ours: str, theirs: str) -> bool:
    """Whether a reader sees the same: other spaces are no change worth a write."""
    return ours.split() == theirs.split()


def _digits(number: str) -> str:
    """A phone number by its digits, or as it is where it has none."""
    return "".join(one for one in number if one.isdigit()) or number.strip()
