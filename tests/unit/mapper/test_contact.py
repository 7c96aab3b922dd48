from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.core.contact import is_email
from mapper.core.outcome import Mapped
from mapper.core.texts import units
from tests.unit.mapper.conftest import fault_of, invoice, line, mapped
from tests.unit.mapper.orders import item, order, order_event

if TYPE_CHECKING:
    from invoice_events.types import ContactCriteria, InvoiceDiscovered

LIMITS = {
    "first_name": 255, "last_name": 255, "email": 255, "phone": 50, "tax_number": 50, "attention": 255, "address_1": 500,
    "address_2": 500, "city": 255, "region": 255, "postal_code": 50, "country": 50,
}  # fmt: skip


def event_with(contact: dict[str, str] | None = None, **company: str | None) -> InvoiceDiscovered:
    event = invoice([line(1, "10")])
    assert event["contact"]
    changed: Any = event["contact"] | (contact or {})
    return event | {"contact": changed, "company": event["company"] | company}  # type: ignore[return-value]  # its fields


def criteria(event: InvoiceDiscovered, **settings: object) -> ContactCriteria:
    outcome = mapped(event, **settings)
    assert isinstance(outcome, Mapped), outcome
    return outcome.event["contact"]


@pytest.mark.parametrize(
    ("update", "create", "action", "asked"),
    [
        (False, False, "create", (False, False, False)),
        (True, False, "create", (True, False, True)),
        (True, False, "update", (False, False, True)),
        (False, True, "create", (False, True, True)),
        (False, True, "update", (False, True, True)),
        (True, True, "create", (True, True, True)),
    ],
)
def test_a_contact_is_written_only_if_asked_for_and_refreshed_only_after_a_new_invoice(
    update: bool,  # noqa: FBT001  # parameters
    create: bool,  # noqa: FBT001  # parameters
    action: str,
    asked: tuple[bool, bool, bool],
) -> None:
    event = event_with()
    event["action"] = action  # type: ignore[typeddict-item]  # one of the actions
    found = criteria(event, update_xero_contacts=update, create_missing_contacts=create)
    assert (found["refresh"], found["create_missing"], found["details"] is not None) == asked


def test_everything_that_autotask_knows_is_told_and_nothing_else() -> None:
    event = event_with(
        {"first_name": " Ada ", "last_name": "Byron", "email": " ada@contoso.example ", "phone": "021 1"},
        phone="09 2", tax_number="12-345", attention="Accounts\npayable", state="Yorkshire", country_name="United Kingdom",
    )  # fmt: skip
    assert criteria(event, update_xero_contacts=True)["details"] == {
        "first_name": "Ada", "last_name": "Byron", "email": "ada@contoso.example", "phone": "021 1", "tax_number": "12-345",
        "attention": "Accounts payable", "address_1": "1 Main St", "address_2": "", "city": "Leeds", "region": "Yorkshire",
        "postal_code": "LS1 1AA", "country": "United Kingdom",
    }  # fmt: skip


def test_the_companys_phone_stands_in_for_a_person_without_one() -> None:
    details = criteria(event_with({"phone": " "}, phone="09 2"), create_missing_contacts=True)["details"]
    assert details
    assert details["phone"] == "09 2"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (None, ""),
        ("Côte d'Ivoire", "Cote d Ivoire"),
        ("Korea, Republic of (South)", "Korea Republic of South"),
        ("日本", ""),
        ("x" * 60, "x" * 50),
    ],
)
def test_a_country_xero_would_refuse_is_never_sent(name: str | None, sent: str) -> None:
    details = criteria(event_with(country_name=name), create_missing_contacts=True)["details"]
    assert details
    assert details["country"] == sent


@given(st.text(max_size=700), st.text(max_size=700))
def test_no_detail_is_longer_than_xero_takes_or_holds_line_ends(person: str, place: str) -> None:
    contact = {"first_name": person, "last_name": person, "phone": person}
    fields = (
        "tax_number",
        "attention",
        "address_1",
        "address_2",
        "city",
        "state",
        "country_name",
        "postal_code",
    )
    event = event_with(contact, **dict.fromkeys(fields, place))  # fmt: skip
    details: Any = criteria(event, update_xero_contacts=True)["details"]
    assert set(details) == set(LIMITS)
    for field, limit in LIMITS.items():
        assert units(details[field]) <= limit
        assert "\n" not in details[field]


@pytest.mark.parametrize(
    "address",
    ["ada@contoso.example", "a.b+c_d@x-y.example.co", "o'brien@contoso.example", "A@B.CO", f"{'a' * 64}@b.example"],
)  # fmt: skip
def test_a_good_address_is_never_called_bad(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "bob@", "@contoso.example", "bob", "bob@contoso", "bob@contoso.", "bob@.example", "bob..x@contoso.example",
        ".bob@contoso.example", "bob.@contoso.example", "bob@contoso.example; eve@contoso.example", "bob@con toso.example",
        "bob@@contoso.example", "jürgen@contoso.example", "bob@contöso.example", "bob@-contoso.example", "bob@contoso.e",
        "Bob <bob@contoso.example>", "bob@contoso.example\n", f"{'a' * 65}@b.example", f"b@{'a' * 250}.example", "bob@contoso.1",
    ],
)  # fmt: skip
def test_an_address_xero_would_refuse_is_found_before_any_call(address: str) -> None:
    assert not is_email(address)


@pytest.mark.parametrize("create", [False, True])
def test_a_bad_address_is_a_fault_that_names_field_and_contact_only_where_it_is_sure_to_be_written(
    create: bool,  # noqa: FBT001  # a parameter
) -> None:
    event = event_with({"email": "bob@"})
    fault = fault_of(mapped(event, update_xero_contacts=True, create_missing_contacts=create))
    assert (fault["code"], fault["text"]) == (
        "EMAIL_INVALID",
        "Invalid email address can't sync invoice",
    )
    assert fault["details"] == [
        "contact 9 (Ada Byron): e-mail address 'bob@', wanted one such as accounts@customer.example"
    ]
    assert criteria(event)["details"] is None


@pytest.mark.parametrize(
    ("action", "chosen"),
    [
        ("create", {"create_missing_contacts": True}),
        ("update", {"create_missing_contacts": True}),
        ("update", {"update_xero_contacts": True}),
        ("update", {"update_xero_contacts": True, "create_missing_contacts": True}),
    ],
)
def test_an_odd_address_stops_no_invoice_whose_contact_may_be_in_xero_already(
    action: str, chosen: dict[str, bool]
) -> None:
    event = event_with({"email": " bob@\x00"})
    event["action"] = action  # type: ignore[typeddict-item]  # one of the actions
    details = criteria(event, **chosen)["details"]
    assert details
    assert details["email"] == "bob@"


def test_no_address_is_no_fault() -> None:
    details = criteria(event_with({"email": " \N{ZERO WIDTH SPACE} "}), update_xero_contacts=True)["details"]
    assert details
    assert details["email"] == ""


TOO_LONG: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "phone": ({"phone": "0" * 51}, {}, "phone", "phone number"),
    "company's phone": ({}, {"phone": "0" * 51}, "phone", "phone number"),
    "tax number": ({}, {"tax_number": "9" * 51}, "tax_number", "tax number"),
    "postal code": ({}, {"postal_code": "1" * 51}, "postal_code", "postal code"),
}


@pytest.mark.parametrize("case", TOO_LONG)
def test_half_a_number_is_never_written_but_left_out_and_told(case: str) -> None:
    person, company, field, words = TOO_LONG[case]
    event = event_with(person, **company)
    outcome = mapped(event, update_xero_contacts=True)
    assert isinstance(outcome, Mapped)
    details: Any = outcome.event["contact"]["details"]
    assert details[field] == ""
    assert outcome.event["warnings"] == [
        f"contact: the {words} of Autotask company 318 is left out, since it has 51 characters and Xero takes 50"
    ]
    silent = mapped(event)
    assert isinstance(silent, Mapped)
    assert silent.event["warnings"] == []


def test_a_number_that_just_fits_is_written_whole() -> None:
    event = event_with({"phone": "0" * 50}, tax_number="9" * 50, postal_code="1" * 50)
    outcome = mapped(event, create_missing_contacts=True)
    assert isinstance(outcome, Mapped)
    details = outcome.event["contact"]["details"]
    assert details
    assert (details["phone"], details["tax_number"], details["postal_code"]) == ("0" * 50, "9" * 50, "1" * 50)
    assert outcome.event["warnings"] == []


def test_a_vendors_number_that_is_too_long_is_told_too() -> None:
    event = order([item(1, "1", "10")])
    event["vendor"]["tax_number"] = "9" * 60
    made = order_event(event, create_missing_contacts=True)
    assert made["contact"]["details"]
    assert made["contact"]["details"]["tax_number"] == ""
    assert made["warnings"] == [
        "contact: the tax number of Autotask company 402 is left out, since it has 60 characters and Xero takes 50"
    ]
    assert order_event(event)["warnings"] == []


def test_a_vendor_is_matched_like_a_customer_and_never_refreshed() -> None:
    pinned = "430fa14a-f945-44d3-9f97-5df5e28441b8"
    plain = order_event(
        order([item(1, "1", "10")]), update_xero_contacts=True, contact_match_by="account_number"
    )
    assert plain["contact"] == {
        "company_id": 402, "name": "Ingot Distribution", "account_number": "V-402", "match_by": "account_number",
        "ignore_case": True, "pinned_contact_id": None, "create_missing": False, "refresh": False, "details": None,
    }  # fmt: skip
    made = order_event(
        order([item(1, "1", "10")]), create_missing_contacts=True, update_xero_contacts=True,
        contact_links={"402": pinned},
    )["contact"]  # fmt: skip
    assert (made["create_missing"], made["refresh"], made["pinned_contact_id"]) == (True, False, pinned)
    assert made["details"]
    assert (made["details"]["first_name"], made["details"]["tax_number"]) == ("", "12-345-678")
