"""Contacts as Xero takes and shows them: a new one, what is known of one, and what a refresh would change."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from invoice_events.types import ContactCriteria, ContactDetails
from xero_writer.core.contact_match import XeroContact, contact_number
from xero_writer.core.values import Json, text

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
    ("City", "city"),
    ("Region", "region"),
    ("PostalCode", "postal_code"),
    ("Country", "country"),
)
_KEPT_ADDRESS_FIELDS = ("AddressLine3", "AddressLine4", *(name for name, _ in _ADDRESS_FIELDS))
_PHONE_FIELDS = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")


@dataclass(frozen=True, slots=True)
class Seen:
    """A contact as Xero showed it: what it is found by, and the details that a refresh is compared with."""

    contact: XeroContact
    details: Json


class BadContactError(ValueError):
    """A company can not become a contact; the message says why."""


def seen(element: Json) -> Seen:
    """A contact of Xero's answer. Lists show terms and MergedToContactID only if they are paged."""
    terms = (element.get("PaymentTerms") or {}).get("Sales") or {}
    day = terms.get("Day")
    contact = XeroContact(
        id=text(element.get("ContactID")),
        name=text(element.get("Name")),
        account_number=text(element.get("AccountNumber")),
        status=text(element.get("ContactStatus")) or "ACTIVE",
        terms_day=int(day) if day is not None else None,
        terms_type=text(terms.get("Type")) or None,
        contact_number=text(element.get("ContactNumber")),
        merged_to=text(element.get("MergedToContactID")),
    )
    own = {name: text(element.get(name)) for name, _ in _OWN_FIELDS}
    phone = _of_type(element.get("Phones"), "PhoneType", "DEFAULT", _PHONE_FIELDS)
    address = _of_type(element.get("Addresses"), "AddressType", "POBOX", _KEPT_ADDRESS_FIELDS)
    return Seen(
        contact,
        _filled(own) | ({"Phone": phone} if phone else {}) | ({"Address": address} if address else {}),
    )


def new_contact(criteria: ContactCriteria) -> Json:
    """The contact that is made for a company.

    Raises:
        BadContactError: Xero would not take its name or account number, and no cleaning helps.
    """
    body: Json = {
        "Name": clean_name(criteria["name"]),
        "ContactNumber": contact_number(criteria["company_id"]),
    }
    if criteria["match_by"] == "account_number" and criteria["account_number"]:
        if len(criteria["account_number"]) > _ACCOUNT_NUMBER_LENGTH:
            raise BadContactError(
                f"the account number has {len(criteria['account_number'])} characters, Xero takes {_ACCOUNT_NUMBER_LENGTH}"
            )
        body["AccountNumber"] = criteria["account_number"]
    return body | (changes(criteria["details"], {}) if criteria["details"] is not None else {})


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

    What is empty in Autotask stays as it is in Xero. An address and a phone number are one field each for Xero, so what is
    kept of them is sent along. Only the postal address and the default phone number are ever written. A phone number that
    Xero holds in parts is compared by its digits.
    """
    ours = {key: text(value).strip() for key, value in details.items()}
    found: Json = {
        name: ours[key]
        for name, key in _OWN_FIELDS
        if ours[key] and not _same(ours[key], text(known.get(name)))
    }
    phone, number = known.get("Phone") or {}, ours["phone"]
    if number and _digits(number) != _digits("".join(text(phone.get(name)) for name in _PHONE_FIELDS)):
        parts = {"PhoneCountryCode": "", "PhoneAreaCode": "", "PhoneNumber": number}
        found["Phones"] = [{"PhoneType": "DEFAULT"} | parts]
    address = known.get("Address") or {}
    wanted = {name: ours[key] for name, key in _ADDRESS_FIELDS if ours[key]}
    if any(not _same(value, text(address.get(name))) for name, value in wanted.items()):
        found["Addresses"] = [{"AddressType": "POBOX"} | address | wanted]
    return found


def _of_type(entries: object, type_name: str, wanted: str, fields: tuple[str, ...]) -> Json:
    """The filled fields of the entry of one type; Xero lists an address or phone for every type."""
    if not isinstance(entries, list):
        return {}
    for entry in entries:
        if isinstance(entry, dict) and entry.get(type_name) == wanted:
            return _filled({name: text(entry.get(name)) for name in fields})
    return {}


def _filled(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value}


def _same(ours: str, theirs: str) -> bool:
    """Whether a reader sees the same: other spaces are no change worth a write."""
    return ours.split() == theirs.split()


def _digits(number: str) -> str:
    """A phone number by its digits, or as it is where it has none."""
    return "".join(one for one in number if one.isdigit()) or number.strip()
