"""What Xero asks of contacts: unique keys, limits, kept members, merged and archived ones, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]

NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
ACCOUNT_TAKEN = "The Account Number already exists. Please enter a different Account Number."
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
ARCHIVED_FOR_DOCUMENT = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes."
)
NAME_TAKEN = (
    "The contact name {} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)


def read(xero: Xero, key: str) -> dict[str, Any]:
    found: dict[str, Any] = xero.get(f"Contacts/{key}")["Contacts"][0]
    return found


def names(answer: dict[str, Any]) -> list[str]:
    return [entry["Name"] for entry in answer["Contacts"]]


def test_a_contact_number_is_never_free_again_not_even_by_archiving(xero: Xero, errors_of: Texts) -> None:
    made = xero.put("Contacts", {"Name": "New Ltd", "ContactNumber": "autotask/318"})[0]
    xero.post("Contacts", {"ContactID": made["ContactID"], "ContactStatus": "ARCHIVED"})
    again = xero.put("Contacts", {"Name": "New Ltd", "ContactNumber": "AUTOTASK/318"})[0]
    assert errors_of(again) == [NUMBER_TAKEN]
    assert again["ContactID"] == "00000000-0000-0000-0000-000000000000"
    where = {"where": 'ContactNumber=="autotask/318"'}
    assert names(xero.get("Contacts", **where)) == []
    assert names(xero.get("Contacts", includeArchived="true", **where)) == ["New Ltd"]
    assert read(xero, "autotask/318")["ContactStatus"] == "ARCHIVED"


def test_the_name_of_an_archived_contact_is_free(xero: Xero, errors_of: Texts) -> None:
    assert errors_of(xero.put("Contacts", {"Name": "Gone Ltd"})[0]) == []
    assert xero.counted("contacts_created") == 1


def test_a_rename_never_takes_an_active_name(xero: Xero, errors_of: Texts) -> None:
    fabrikam = xero.contact_id("Fabrikam Inc")
    taken = xero.post(f"Contacts/{fabrikam}", {"Name": "contoso ltd"})[0]
    assert errors_of(taken) == [NAME_TAKEN.format("contoso ltd")]
    assert errors_of(xero.post(f"Contacts/{fabrikam}", {"Name": "Fabrikam Limited"})[0]) == []
    assert errors_of(xero.put("Contacts", {"Name": "Fabrikam Inc"})[0]) == []


def test_one_name_twice_in_a_batch_makes_one_contact(xero: Xero, errors_of: Texts) -> None:
    shown = xero.put("Contacts", {"Name": "Twin"}, {"Name": "TWIN"}, {"Name": "Other"})
    assert [errors_of(entry) for entry in shown] == [[], [NAME_TAKEN.format("TWIN")], []]
    assert [entry["StatusAttributeString"] for entry in shown] == ["OK", "ERROR", "OK"]


def test_an_account_number_belongs_to_one_contact(xero: Xero, errors_of: Texts) -> None:
    fabrikam = xero.contact_id("Fabrikam Inc")
    assert errors_of(xero.post(f"Contacts/{fabrikam}", {"AccountNumber": "cont01"})[0]) == [ACCOUNT_TAKEN]
    xero.post(f"Contacts/{xero.contact_id()}", {"AccountNumber": "CONT02"})
    assert errors_of(xero.post(f"Contacts/{fabrikam}", {"AccountNumber": "CONT01"})[0]) == []


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"ContactNumber": "x" * 51}, "50"),
        ({"AccountNumber": "x" * 51}, "50"),
        ({"FirstName": "x" * 256}, "255"),
        ({"CompanyNumber": "x" * 51}, "50"),
        ({"TaxNumber": "x" * 51}, "50"),
        ({"EmailAddress": f"{'x' * 250}@x.example"}, "255"),
        ({"EmailAddress": "jürgen@x.example"}, "Email address must be valid."),
        ({"EmailAddress": "a@b@c.example"}, "Email address must be valid."),
        ({"ContactPersons": [{"EmailAddress": "nobody"}]}, "Email address must be valid."),
        ({"ContactPersons": [{"FirstName": "A"}] * 6}, "at most 5"),
        ({"Addresses": [{"AddressType": "POBOX", "AddressLine1": "x" * 501}]}, "500"),
        ({"Addresses": [{"AddressType": "POBOX", "City": "x" * 256}]}, "255"),
        ({"Addresses": [{"AddressType": "POBOX", "PostalCode": "x" * 51}]}, "50"),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "NZ-64"}]}, "only letters"),
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1" * 51}]}, "50"),
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneAreaCode": "1" * 11}]}, "10"),
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneCountryCode": "1" * 21}]}, "20"),
        ({"Name": " New"}, "spaces"),
        ({"Name": "New "}, "spaces"),
    ],
)
def test_a_member_beyond_its_bounds_is_refused(
    xero: Xero, errors_of: Texts, members: dict[str, Any], part: str
) -> None:
    found = errors_of(xero.put("Contacts", {"Name": "New", **members})[0])
    assert len(found) == 1
    assert part in found[0]
    assert xero.counted("contacts_created") == 0


@pytest.mark.parametrize(
    "members",
    [
        {"Addresses": [{"AddressType": "DELIVERY"}]},
        {"Phones": [{"PhoneType": "HOME"}]},
        {"ContactStatus": "GONE"},
        {"PaymentTerms": {"Sales": {"Day": 32, "Type": "DAYSAFTERBILLDATE"}}},
        {"PaymentTerms": {"Sales": {"Day": 3, "Type": "SOMETIME"}}},
    ],
)
def test_a_value_that_xero_does_not_have_ends_the_call(xero: Xero, members: dict[str, Any]) -> None:
    answer = xero.request("PUT", "Contacts", {"Contacts": [{"Name": "New", **members}]})
    assert (answer.status_code, json_text.loads(answer.data)["ErrorNumber"]) == (400, 14)


def test_what_an_update_does_not_send_is_kept(xero: Xero) -> None:
    contact_id = xero.contact_id()
    street = {"AddressType": "STREET", "City": "Nelson"}
    full = {
        "FirstName": "Ann",
        "TaxNumber": "112-233",
        "ContactPersons": [{"FirstName": "Bo", "IncludeInEmails": True}],
        "Addresses": [{"AddressType": "POBOX", "City": "Leeds"}, street],
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}, {"PhoneType": "FAX", "PhoneNumber": "2"}],
        "PaymentTerms": {"Bills": {"Day": 5, "Type": "OFCURRENTMONTH"}},
    }
    xero.post("Contacts", {"ContactID": contact_id, **full})
    before = read(xero, contact_id)
    changed = {
        "EmailAddress": "new@x.example",
        "Addresses": [{"AddressType": "POBOX", "City": "York"}],
        "PaymentTerms": {"Sales": {"Day": 20, "Type": "DAYSAFTERBILLMONTH"}},
    }
    xero.post("Contacts", {"ContactID": contact_id, **changed})
    after = read(xero, contact_id)
    for name in ("Name", "AccountNumber", "FirstName", "TaxNumber", "ContactPersons", "Phones"):
        assert after[name] == before[name]
    assert sorted(entry["City"] for entry in after["Addresses"]) == ["Nelson", "York"]
    assert set(after["PaymentTerms"]) == {"Sales", "Bills"}


@pytest.mark.parametrize(
    "kind", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"]
)
def test_no_type_of_payment_terms_is_lost(xero: Xero, kind: str) -> None:
    terms = {"Sales": {"Day": 31, "Type": kind}}
    made = xero.put("Contacts", {"Name": "New", "PaymentTerms": terms})[0]
    assert read(xero, made["ContactID"])["PaymentTerms"] == terms


def test_nobody_sets_what_xero_sets_itself(xero: Xero) -> None:
    made = xero.put("Contacts", {"Name": "New", "IsCustomer": True, "IsSupplier": True, "Website": "x"})[0]
    assert (made["IsCustomer"], made["IsSupplier"]) == (False, False)
    assert "Website" not in read(xero, made["ContactID"])


def test_a_merged_contact_names_the_other_where_xero_shows_it(xero: Xero, errors_of: Texts) -> None:
    invoice = xero.made(Contact={"ContactNumber": "AT-7"})
    source, target = xero.contact_id("Fabrikam Inc"), xero.contact_id()
    xero.change("contacts/AT-7/merge", {"into": target})
    single = read(xero, source)
    assert (single["ContactStatus"], single["MergedToContactID"]) == ("ARCHIVED", target)
    assert xero.stored(invoice["InvoiceID"])["Contact"]["ContactID"] == target
    paged = xero.get("Contacts", includeArchived="true", page=1, IDs=source)["Contacts"]
    assert [entry["MergedToContactID"] for entry in paged] == [target]
    unpaged = xero.get("Contacts", includeArchived="true", IDs=source)["Contacts"]
    assert [entry.get("MergedToContactID") for entry in unpaged] == [None]
    refused = xero.put("Invoices", xero.invoice(Contact={"ContactID": source}))[0]
    assert errors_of(refused) == [ARCHIVED_FOR_DOCUMENT]
    assert errors_of(xero.post(f"Contacts/{source}", {"FirstName": "x"})[0]) == [ARCHIVED]


def test_a_contact_is_archived_though_it_has_open_invoices(xero: Xero, errors_of: Texts) -> None:
    made = xero.made(Status="AUTHORISED")
    archived = xero.post("Contacts", {"ContactID": xero.contact_id(), "ContactStatus": "ARCHIVED"})[0]
    assert errors_of(archived) == []
    edit = {"InvoiceID": made["InvoiceID"], "Reference": "x", "Contact": {"ContactID": xero.contact_id()}}
    assert errors_of(xero.post("Invoices", edit)[0]) == []
    by_name = xero.put("Invoices", xero.invoice(Contact={"Name": "Contoso Ltd"}))[0]
    assert errors_of(by_name) == [ARCHIVED_FOR_DOCUMENT]


def test_lists_can_be_ordered_and_summarised(xero: Xero) -> None:
    assert names(xero.get("Contacts", order="Name DESC")) == ["Fabrikam Inc", "Contoso Ltd"]
    assert xero.request("GET", "Contacts", order="EmailAddress").status_code == 400
    short = xero.get("Contacts", page=1, summaryOnly="true")["Contacts"][0]
    assert {"Addresses", "ContactPersons", "IsCustomer", "IsSupplier"}.isdisjoint(short)


def test_filters_ignore_case_and_accents(xero: Xero) -> None:
    xero.put("Contacts", {"Name": "Crème Brûlée", "EmailAddress": "Chef@Creme.example"})
    assert names(xero.get("Contacts", where='Name=="creme brulee"')) == ["Crème Brûlée"]
    assert names(xero.get("Contacts", where='EmailAddress=="CHEF@creme.example"')) == ["Crème Brûlée"]
    assert names(xero.get("Contacts", searchTerm="BRULEE")) == ["Crème Brûlée"]


def test_contacts_changed_since_are_listed_by_the_header(xero: Xero) -> None:
    xero.control("POST", "clock", {"offset_seconds": 100})
    since = xero.simulator.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    xero.change("contacts", {"Name": "Fabrikam Inc", "FirstName": "Ann"})
    answer = xero.request("GET", "Contacts", headers={"If-Modified-Since": since})
    assert names(json_text.loads(answer.data)) == ["Fabrikam Inc"]
