"""Contacts, alone and inside documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]

NAME_TAKEN = (
    "The contact name contoso ltd is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)


def test_put_never_takes_over_a_contact_of_that_name(xero: Xero, errors_of: Texts) -> None:
    shown = xero.put("Contacts", {"Name": "contoso ltd", "EmailAddress": "new@x.example"})[0]
    assert errors_of(shown) == [NAME_TAKEN]
    assert shown["HasValidationErrors"] is True
    stored = xero.get("Contacts", where='Name=="Contoso Ltd"')["Contacts"][0]
    assert stored["EmailAddress"] == "ap@contoso.example"


def test_summarised_contact_error_is_a_400_with_the_element(xero: Xero) -> None:
    answer = xero.request("PUT", "Contacts", {"Contacts": [{"Name": "Contoso Ltd"}]})
    assert answer.status_code == 400
    element = json_text.loads(answer.data)["Elements"][0]
    assert element["ContactID"] == "00000000-0000-0000-0000-000000000000"
    assert "StatusAttributeString" not in element


def test_post_with_only_a_colliding_name_overwrites_that_contact(xero: Xero) -> None:
    shown = xero.post("Contacts", {"Name": "Contoso Ltd", "EmailAddress": "new@x.example"})[0]
    assert shown["ContactID"] == xero.contact_id()
    assert shown["EmailAddress"] == "new@x.example"
    assert shown["AccountNumber"] == "CONT01"


@pytest.mark.parametrize(
    ("element", "part"),
    [
        ({"Name": ""}, "Contact Name cannot be empty."),
        ({"Name": "A  B"}, "spaces"),
        ({"Name": "<b>"}, "< or >"),
        ({"Name": "New", "EmailAddress": "nobody"}, "Email address must be valid."),
        ({"Name": "New", "AccountNumber": "CONT01"}, "The Account Number already exists."),
        ({"Name": "New", "ContactNumber": "AT-7"}, "Another contact has this contact number."),
        ({"Name": "x" * 256}, "255"),
    ],
)
def test_a_wrong_contact_is_refused(xero: Xero, errors_of: Texts, element: dict[str, Any], part: str) -> None:
    found = errors_of(xero.put("Contacts", element)[0])
    assert len(found) == 1
    assert part in found[0]


def test_archived_contacts_take_no_documents_and_no_edits(xero: Xero, errors_of: Texts) -> None:
    gone = xero.contact_id("Gone Ltd")
    shown = xero.put("Invoices", xero.invoice(Contact={"ContactID": gone}))[0]
    assert errors_of(shown) == [
        (
            "The contact with the specified contact details has been archived. "
            "The contact must be un-archived before creating new invoices or credit notes."
        )
    ]
    edit = xero.post("Contacts", {"ContactID": gone, "ContactStatus": "ACTIVE"})[0]
    assert errors_of(edit) == [
        (
            "The specified contact details matched an archived contact. "
            "Archived contacts cannot currently be edited via the API."
        )
    ]
    xero.change("contacts", {"Name": "Gone Ltd", "ContactStatus": "ACTIVE"})
    assert xero.made(Contact={"ContactID": gone})["Contact"]["Name"] == "Gone Ltd"


def test_a_document_with_a_new_name_creates_a_contact_and_a_refused_one_does_not(xero: Xero) -> None:
    xero.put("Invoices", xero.invoice(Contact={"Name": "Brand New"}, Status="PAID"))
    assert xero.counted("contacts_created") == 0
    first = xero.made(Contact={"Name": "Brand New"})
    second = xero.made(Contact={"Name": "brand new"})
    assert first["Contact"]["ContactID"] == second["Contact"]["ContactID"]
    assert xero.counted("contacts_created") == 1


def test_members_beside_a_contact_id_edit_the_contact(xero: Xero) -> None:
    contact_id = xero.contact_id()
    xero.post("Contacts", {"ContactID": contact_id, "ContactPersons": [{"FirstName": "Ann"}]})
    xero.made(Contact={"ContactID": contact_id, "EmailAddress": "other@x.example"})
    stored = xero.get(f"Contacts/{contact_id}")["Contacts"][0]
    assert (stored["EmailAddress"], stored["ContactPersons"]) == ("other@x.example", [])
    xero.post("Contacts", {"ContactID": contact_id, "ContactPersons": [{"FirstName": "Ann"}]})
    xero.made(Contact={"ContactID": contact_id})
    assert len(xero.get(f"Contacts/{contact_id}")["Contacts"][0]["ContactPersons"]) == 1


def test_unknown_contact_ids_are_refused_and_broken_ones_break_the_call(xero: Xero, errors_of: Texts) -> None:
    unknown = {"ContactID": "12345678-1234-4234-8234-123456789012"}
    assert errors_of(xero.put("Invoices", xero.invoice(Contact=unknown))[0]) == [
        "A Contact must be specified for this type of transaction"
    ]
    body = {"Invoices": [xero.invoice(Contact={"ContactID": "12"})]}
    answer = xero.request("PUT", "Invoices", body, summarizeErrors="false")
    assert answer.status_code == 500
    assert json_text.loads(answer.data)["Type"] == "UnknownErrorException"


def test_payment_terms_are_kept_and_shown_in_pages_only(xero: Xero) -> None:
    terms = {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}}
    xero.post("Contacts", {"ContactID": xero.contact_id(), "PaymentTerms": terms})
    where = {"where": 'AccountNumber=="cont01"'}
    assert xero.get("Contacts", page=1, **where)["Contacts"][0]["PaymentTerms"] == terms
    assert "PaymentTerms" not in xero.get("Contacts", **where)["Contacts"][0]


def test_archived_contacts_are_listed_only_when_asked_for(xero: Xero) -> None:
    assert [entry["Name"] for entry in xero.get("Contacts")["Contacts"]] == sorted(
        ["Contoso Ltd", "Fabrikam Inc"], key=xero.contact_id
    )
    assert len(xero.get("Contacts", includeArchived="true")["Contacts"]) == 3
    assert xero.get("Contacts/AT-7")["Contacts"][0]["Name"] == "Fabrikam Inc"


def test_a_contact_is_a_customer_after_its_first_document(xero: Xero) -> None:
    assert xero.get("Contacts/AT-7")["Contacts"][0]["IsCustomer"] is False
    xero.made(Contact={"ContactNumber": "AT-7"})
    assert xero.get("Contacts/AT-7")["Contacts"][0]["IsCustomer"] is True
