"""The judge of contacts must be able to say no: each contact that is not as it had to be is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from local_stack.demo.contacts import ContactSides, contact_problems

Json = dict[str, Any]
UDF = {"name": "Position", "value": "Accounts"}
AUTOTASK: Json = {
    "entities": {
        "Companies": [
            {"id": 9, "companyName": "Harbour Dental Ltd", "address1": "1 Station Road"},
            {"id": 10, "companyName": "Kite School", "address1": "2 Beach", "billingAddress1": "PO Box 70"},
        ],
        "Contacts": [
            {"companyID": 9, "isActive": 1, "emailAddress": "owner@a.example", "userDefinedFields": []},
            {"companyID": 9, "isActive": 1, "emailAddress": "bills@a.example", "userDefinedFields": [UDF]},
            {"companyID": 9, "isActive": 0, "emailAddress": "gone@a.example", "userDefinedFields": [UDF]},
            {"companyID": 10, "isActive": 1, "emailAddress": "kite@b.example", "userDefinedFields": [UDF]},
        ],
        "Invoices": [{"id": 1, "companyID": 9}, {"id": 2, "companyID": 10}],
    }
}
FATES: dict[str, Json] = {
    "invoice/1": {"outcome": "synced", "document": {"contact": "Harbour Dental Ltd"}},
    "invoice/2": {"outcome": "synced", "document": {"contact": "Kite School"}},
}
BEFORE = [{"Name": "Harbour Dental Ltd", "EmailAddress": "old@a.example"}]


def _contact(name: str, email: str, line: str, **more: str) -> Json:
    postal = {"AddressType": "POBOX", "AddressLine1": line}
    status = {"ContactStatus": "ACTIVE"}
    return (
        {"Name": name, "EmailAddress": email, "Addresses": [{"AddressType": "STREET"}, postal]}
        | status
        | more
    )


def _xero() -> Json:
    return {
        "contacts": [
            _contact("Harbour Dental Ltd", "bills@a.example", "1 Station Road"),
            _contact("Kite School", "kite@b.example", "PO Box 70", ContactNumber="autotask/10"),
        ],
        "counters": {"contacts_updated": 1},
    }


def _problems(xero: Json, **settings: bool) -> list[str]:
    on: Json = {"create_missing_contacts": True, "update_xero_contacts": True} | settings
    sides = ContactSides(settings=on, autotask=AUTOTASK, before=BEFORE, xero=xero, fates=FATES)
    return list(contact_problems("acme", sides))


def test_contacts_as_they_should_be_have_no_problem() -> None:
    assert _problems(_xero()) == []


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (lambda own, _: own.update(EmailAddress="owner@a.example"), "Harbour Dental Ltd has e-mail address"),
        (lambda own, _: own.update(Addresses=[]), "wanted ('bills@a.example', '1 Station Road')"),
        (lambda _, made: made.update(ContactNumber="autotask/9"), "number autotask/9, wanted autotask/10"),
        (lambda _, made: made.update(ContactNumber=None), "with the number None"),
    ],
)
def test_no_wrong_contact_goes_unnamed(plant: Callable[[Json, Json], None], words: str) -> None:
    xero = copy.deepcopy(_xero())
    plant(*xero["contacts"])
    assert any(words in problem for problem in _problems(xero))


def test_a_contact_written_without_being_asked_for_is_named() -> None:
    assert any("were made although" in text for text in _problems(_xero(), create_missing_contacts=False))
    assert any("were changed although" in text for text in _problems(_xero(), update_xero_contacts=False))
