from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.xero_writer.samples import criteria, details
from xero_writer.adapters.contact_cache import storable_json
from xero_writer.core.answers import Refused, Unmatched, Written
from xero_writer.core.contact_answers import (
    AskedContact,
    contact_errors,
    is_taken,
    match_contacts,
    refusal_code,
)
from xero_writer.core.contact_body import BadContactError, changes, clean_name, new_contact, seen

FULL = details(
    first_name="Ann",
    last_name="Lee",
    email="ap@contoso.example",
    phone="+64 9 123 4567",
    tax_number="12-345",
    attention="Accounts",
    address_1="1 Main St",
    address_2="Level 2",
    city="Auckland",
    region="Auckland",
    postal_code="1010",
    country="New Zealand",
)


def shown(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    """The contact of FULL as Xero shows it."""
    base: dict[str, Any] = {
        "ContactID": "C-1",
        "Name": "Contoso Ltd",
        "ContactStatus": "ACTIVE",
        "FirstName": "Ann",
        "LastName": "Lee",
        "EmailAddress": "ap@contoso.example",
        "TaxNumber": "12-345",
        "Phones": [
            {"PhoneType": "FAX", "PhoneNumber": "555"},
            {
                "PhoneType": "DEFAULT",
                "PhoneCountryCode": "64",
                "PhoneAreaCode": "9",
                "PhoneNumber": "123 4567",
            },
        ],
        "Addresses": [
            {"AddressType": "STREET", "AddressLine1": "Elsewhere"},
            {
                "AddressType": "POBOX",
                "AttentionTo": "Accounts",
                "AddressLine1": "1 Main St",
                "AddressLine2": "Level 2",
                "City": "Auckland",
                "Region": "Auckland",
                "PostalCode": "1010",
                "Country": "New Zealand",
            },
        ],
    }
    return base | changed


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Contoso Ltd", "Contoso Ltd"),
        ("  Contoso   Ltd ", "Contoso Ltd"),
        ("Contoso <NZ> Ltd", "Contoso NZ Ltd"),
        ("Contoso\u00a0Ltd\n", "Contoso Ltd"),
        ("Con\u200btoso", "Contoso"),
        ("a < b", "a b"),
        ("x" * 255, "x" * 255),
    ],
)
def test_no_name_is_sent_that_xero_does_not_take(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize("name", ["", "   ", "<>", "\u200b", "x" * 256])
def test_a_name_that_can_not_be_cleaned_is_refused_and_never_cut(name: str) -> None:
    with pytest.raises(BadContactError):
        clean_name(name)


@given(st.text(max_size=300))
def test_whatever_is_cleaned_keeps_to_xeros_rules(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except BadContactError:
        return
    assert cleaned == " ".join(cleaned.split())
    assert 0 < len(cleaned) <= 255
    assert not set("<>") & set(cleaned)
    assert clean_name(cleaned) == cleaned


def test_a_new_contact_carries_the_key_that_xero_takes_only_once() -> None:
    wanted = criteria(company_id=175, details=details(email="ap@contoso.example"))
    assert new_contact(wanted) == {
        "Name": "Contoso Ltd",
        "ContactNumber": "autotask/175",
        "EmailAddress": "ap@contoso.example",
    }


def test_an_account_number_goes_only_where_it_is_matched_by_and_is_never_cut() -> None:
    assert "AccountNumber" not in new_contact(criteria(account_number="C-1"))
    by_number = criteria(match_by="account_number", account_number="C-1")
    assert new_contact(by_number)["AccountNumber"] == "C-1"
    blanks = criteria(match_by="account_number", account_number=" C-1\t")
    assert new_contact(blanks)["AccountNumber"] == "C-1"
    for nothing in ("", "  "):
        wanted = criteria(match_by="account_number", account_number=nothing)
        assert "AccountNumber" not in new_contact(wanted)
    with pytest.raises(BadContactError, match="51 characters"):
        new_contact(criteria(match_by="account_number", account_number="9" * 51))


def test_nothing_is_written_to_a_contact_that_has_it_all() -> None:
    assert changes(FULL, seen(shown()).details) == {}


def test_what_is_empty_in_autotask_is_left_as_it_is_in_xero() -> None:
    assert changes(details(), seen(shown()).details) == {}


@pytest.mark.parametrize("part", [{"address_1": "PO Box 9"}, {"address_2": "Level 1"}, {"city": "Hamilton"}])
def test_no_address_is_mixed_from_old_and_new_parts(part: dict[str, str]) -> None:
    whole = dict.fromkeys(
        (
            "AttentionTo",
            "AddressLine1",
            "AddressLine2",
            "AddressLine3",
            "AddressLine4",
            "City",
            "Region",
            "PostalCode",
            "Country",
        ),
        "",
    )
    names = {"address_1": "AddressLine1", "address_2": "AddressLine2", "city": "City"}
    ours = {names[key]: value for key, value in part.items()}
    sent = changes(details(**part), seen(shown()).details)
    assert sent == {"Addresses": [{"AddressType": "POBOX"} | whole | ours]}
    assert changes(details(**part), seen(shown(**sent)).details) == {}


@pytest.mark.parametrize("line", ["AddressLine3", "AddressLine4"])
def test_a_line_that_only_the_old_address_has_does_not_stay(line: str) -> None:
    known = seen(shown(Addresses=[{"AddressType": "POBOX", "City": "Auckland", line: "Back door"}])).details
    assert changes(details(city="Auckland"), known)["Addresses"][0][line] == ""


def test_an_address_without_street_and_city_is_left_as_it_is_whoever_it_is_for() -> None:
    wanted = details(region="Waikato", postal_code="3200", country="Samoa", attention="Bob")
    assert changes(wanted, seen(shown()).details) == {}


def test_a_new_contact_gets_whatever_is_known_of_its_address() -> None:
    wanted = criteria(details=details(country="Samoa", attention="Bob"))
    assert new_contact(wanted)["Addresses"] == [
        {"AddressType": "POBOX", "AttentionTo": "Bob", "Country": "Samoa"}
    ]


KNOWN = seen(
    shown(
        AccountNumber="C-1",
        ContactNumber="autotask/1",
        MergedToContactID="C-2",
        PaymentTerms={"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}},
    )
)


def test_what_an_answer_does_not_tell_is_not_forgotten() -> None:
    assert seen({"ContactID": "C-1"}, KNOWN) == KNOWN
    renamed = seen({"ContactID": "C-1", "Name": "Fabrikam", "City": "x"}, KNOWN)
    assert renamed.contact == replace(KNOWN.contact, name="Fabrikam")


@pytest.mark.parametrize("terms", [None, {}, {"Bills": {"Day": 1, "Type": "OFCURRENTMONTH"}}])
def test_what_an_answer_tells_is_news_even_if_it_is_empty(terms: object) -> None:
    told = {
        "ContactID": "C-1",
        "ContactNumber": "",
        "MergedToContactID": "",
        "PaymentTerms": terms,
        "EmailAddress": "",
        "Addresses": [],
    }
    one = seen(told, KNOWN)
    assert (one.contact.contact_number, one.contact.merged_to) == ("", "")
    assert (one.contact.terms_day, one.contact.terms_type) == (None, None)
    assert one.details == {
        name: value for name, value in KNOWN.details.items() if name not in ("EmailAddress", "Address")
    }


def test_a_list_that_does_not_tell_a_member_says_that_there_is_none() -> None:
    one = seen({"ContactID": "C-1", "Name": "Contoso Ltd"})
    assert (one.contact.contact_number, one.contact.terms_day, one.details) == ("", None, {})


@pytest.mark.parametrize(
    ("changed", "sent"),
    [
        ({"first_name": "Bob"}, {"FirstName": "Bob"}),
        ({"last_name": "Ray"}, {"LastName": "Ray"}),
        ({"email": "new@contoso.example"}, {"EmailAddress": "new@contoso.example"}),
        ({"tax_number": "99"}, {"TaxNumber": "99"}),
        (
            {"phone": "09 555"},
            {
                "Phones": [
                    {
                        "PhoneType": "DEFAULT",
                        "PhoneCountryCode": "",
                        "PhoneAreaCode": "",
                        "PhoneNumber": "09 555",
                    }
                ]
            },
        ),
    ],
)
def test_exactly_what_differs_is_sent(changed: dict[str, str], sent: dict[str, Any]) -> None:
    wanted = FULL | changed
    assert changes(wanted, seen(shown()).details) == sent  # type: ignore[arg-type]  # the same fields


def test_never_the_name_the_terms_or_another_address_or_phone() -> None:
    sent = changes(FULL, {})
    assert set(sent) == {"FirstName", "LastName", "EmailAddress", "TaxNumber", "Phones", "Addresses"}
    assert [one["PhoneType"] for one in sent["Phones"]] == ["DEFAULT"]
    assert [one["AddressType"] for one in sent["Addresses"]] == ["POBOX"]


def test_a_phone_number_in_parts_is_not_written_again_and_again() -> None:
    assert changes(details(phone="+64 (9) 123-4567"), seen(shown()).details) == {}
    once = changes(details(phone="09 555"), {})
    assert changes(details(phone="09 555"), seen(shown(**once)).details) == {}


def test_a_merged_contact_is_read_with_where_it_went() -> None:
    merged = seen(
        shown(ContactStatus="ARCHIVED", MergedToContactID="C-2", ContactNumber="autotask/1")
    ).contact
    assert (merged.is_active, merged.merged_to, merged.contact_number) == (False, "C-2", "autotask/1")


NEW = [
    AskedContact({"Name": name, "ContactNumber": f"autotask/{n}"}) for n, name in enumerate("ABC", start=1)
]


def test_answers_are_never_matched_by_position() -> None:
    refused = {
        "ContactID": "00000000-0000-0000-0000-000000000000",
        "ContactNumber": "autotask/1",
        "HasValidationErrors": True,
        "ValidationErrors": [{"Message": "Email address must be valid."}],
    }
    written = {"ContactID": "C-3", "ContactNumber": "AUTOTASK/3"}
    assert match_contacts(NEW, {"Contacts": [written, refused]}) == [
        Refused(["Email address must be valid."]),
        Unmatched(),
        Written(written),
    ]


@pytest.mark.parametrize(
    "element",
    [
        {"ContactID": "00000000-0000-0000-0000-000000000000", "ContactNumber": "autotask/1"},
        {"ContactNumber": "autotask/1"},
    ],
)
def test_a_contact_without_an_id_does_not_count_as_written(element: dict[str, Any]) -> None:
    assert match_contacts(NEW[:1], {"Contacts": [element]}) == [Unmatched()]


def test_an_error_of_an_address_is_not_overlooked() -> None:
    element = {"Addresses": [{"ValidationErrors": [{"Message": "Country must contain only letters."}]}]}
    assert contact_errors(element) == ["Country must contain only letters."]


@pytest.mark.parametrize(
    "words",
    [
        "The contact name X is already assigned to another contact. The contact name must be unique across all active contacts.",
        "Another contact has this contact number. Please enter a different contact number.",
        "The contact number X is already assigned to another contact.",
    ],
)
def test_a_taken_name_or_number_is_looked_for_and_not_reported(words: str) -> None:
    assert is_taken([words])


def test_a_taken_account_number_is_no_sign_that_the_contact_is_there() -> None:
    assert not is_taken(["The Account Number already exists. Please enter a different Account Number."])


def test_a_bad_address_is_told_from_bad_details() -> None:
    assert refusal_code(["Email address must be valid."]) == "EMAIL_INVALID"
    assert refusal_code(["Contact Name cannot be empty."]) == "CONTACT_INVALID"


@pytest.mark.parametrize("odd", ["Con\x00toso", "Con\ud800toso"])
def test_no_sign_of_xeros_that_nothing_can_hold_gets_further(odd: str) -> None:
    one = seen(
        {
            "ContactID": "C-1",
            "Name": odd,
            "FirstName": odd,
            "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": odd}],
        }
    )
    for kept in (one.contact.name, one.details["FirstName"], one.details["Phone"]["PhoneNumber"]):
        assert kept.encode().replace(b"?", b"") == b"Contoso"
    assert json.loads(storable_json({"name": odd})) == {"name": one.contact.name}
