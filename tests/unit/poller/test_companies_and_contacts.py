"""Whose accounts contact is chosen, which address counts, and what is read only because a setting asks for it."""

from __future__ import annotations

import random
import weakref
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.settings import ContactField, effective_settings
from poller.adapters.autotask.answers import picklist_labels
from poller.adapters.autotask.client import Filter, Page
from poller.adapters.autotask.companies import Companies
from poller.adapters.autotask.slow_names import SlowNames
from poller.core.companies import CompanyNames, company_of
from poller.core.contacts import accounts_contact
from poller.core.extras import Extras, extras_wanted

DEFAULT = effective_settings({})["accounts_contact_udf"]


def contact(
    number: int,
    position: object = "absent",
    *,
    active: int = 1,
    primary: bool = False,
    billing: bool | None = None,
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": number, "isActive": active, "primaryContact": primary, "billingContact": billing,
    }  # fmt: skip
    if position != "absent":
        record["userDefinedFields"] = [
            {"name": "Floor", "value": "2"},
            {"name": "Position", "value": position},
        ]
    return record


def chosen(contacts: list[dict[str, Any]], named_by: ContactField = DEFAULT) -> int | None:
    found = accounts_contact(contacts, named_by)
    return None if found is None else found["id"]


def test_the_same_contact_is_chosen_in_whatever_order_they_come() -> None:
    contacts = [contact(9, primary=True), contact(3), contact(5, active=0, billing=True), contact(4)]
    assert {chosen(list(order)) for order in permutations(contacts)} == {9}
    assert chosen([*contacts, contact(20, billing=True)]) == 20
    assert chosen([contact(4), contact(3)]) == 3
    assert chosen([contact(5, active=0)]) is None
    assert chosen([]) is None


@pytest.mark.parametrize("value", ["Accounts", " accounts ", "ACCOUNTS"])
def test_the_contact_that_the_field_names_wins_over_billing_and_primary(value: str) -> None:
    contacts = [contact(1, billing=True), contact(2, primary=True), contact(7, value), contact(6, value)]
    assert {chosen(list(order)) for order in permutations(contacts)} == {6}


@pytest.mark.parametrize("position", ["absent", None, "", "Sales", "Accounts payable"])
def test_without_a_contact_that_the_field_names_the_usual_one_is_taken(position: str | None) -> None:
    assert chosen([contact(4, position), contact(5, primary=True)]) == 5


@pytest.mark.parametrize("udfs", [None, [], ["Accounts"], [{"value": "Accounts"}]])
def test_a_contact_without_readable_fields_is_no_accounts_contact(udfs: object) -> None:
    assert chosen([contact(1) | {"userDefinedFields": udfs}, contact(2, primary=True)]) == 2


def test_an_inactive_contact_is_never_taken_whatever_its_field_says() -> None:
    assert chosen([contact(1, "Accounts", active=0), contact(2)]) == 2


def test_the_name_of_the_field_is_compared_exactly() -> None:
    assert chosen([contact(2, "Accounts"), contact(1)], {"name": "position", "value": "Accounts"}) == 1


@given(st.randoms(use_true_random=False))
def test_no_order_of_a_big_company_changes_the_choice(shuffler: random.Random) -> None:
    contacts = [contact(number, "Accounts" if number in {17, 30} else None) for number in range(1, 40)]
    shuffler.shuffle(contacts)
    assert chosen(contacts) == 17


OWN = {
    "id": 318, "address1": "1 Own St", "address2": "Floor 2", "city": "Napier", "state": "HB", "postalCode": "4110",
    "countryID": 161, "territoryID": 5,
}  # fmt: skip
BILL_TO = {
    "billingAddress1": "PO Box 9", "billingAddress2": "", "billToCity": "Wellington", "billToState": "", "billToZipCode": "6140",
    "billToCountryID": 14,
}  # fmt: skip
NAMES = CompanyNames(countries={161: "New Zealand", 14: "Australia"}, territories={5: "North"})


def test_the_bill_to_address_replaces_the_whole_own_address() -> None:
    company = company_of(OWN | BILL_TO | {"billToAttention": "Accounts"}, 318, NAMES)
    assert (company["address_1"], company["address_2"], company["city"]) == ("PO Box 9", "", "Wellington")
    assert (company["state"], company["postal_code"], company["country_id"]) == ("", "6140", 14)
    assert (company["country_name"], company["attention"]) == ("Australia", "Accounts")


@pytest.mark.parametrize("attention", ["", "Accounts"])
def test_a_bill_to_address_that_was_left_empty_wipes_no_address_out(attention: str) -> None:
    company = company_of(OWN | {"billToAttention": attention}, 318, NAMES)
    assert (company["address_1"], company["city"], company["country_name"]) == (
        "1 Own St",
        "Napier",
        "New Zealand",
    )
    assert (company["attention"], company["territory"]) == (attention, "North")


def test_names_that_were_not_read_are_unknown_and_not_invented() -> None:
    company = company_of(OWN, 318, CompanyNames())
    assert (company["country_name"], company["territory"]) == (None, None)
    assert company_of(None, 318, NAMES)["id"] == 318


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, Extras()),
        ({"show_resource": True}, Extras(resources=True)),
        ({"update_xero_contacts": True}, Extras(countries=True)),
        ({"create_missing_contacts": True}, Extras(countries=True)),
        ({"tracking": [{"category": "Region", "source": "territory"}]}, Extras(territories=True)),
        ({"tracking": [{"category": "Line", "source": "line_of_business"}]}, Extras(lines_of_business=True)),
        ({"tracking": [{"category": "Line", "source": "account"}]}, Extras()),
    ],
)
def test_nothing_is_read_that_no_setting_asks_for(settings: dict[str, Any], wanted: Extras) -> None:
    assert extras_wanted(effective_settings(settings)) == wanted


def test_labels_are_taken_from_the_field_that_was_asked_for_inactive_ones_too() -> None:
    fields = [
        {"name": "companyType", "picklistValues": [{"value": "5", "label": "Vendor"}]},
        {
            "name": "territoryID",
            "picklistValues": [
                {"value": "5", "label": "North", "isActive": False},
                {"value": "x", "label": "odd"},
            ],
        },
        {"name": "phone", "picklistValues": None},
    ]
    assert picklist_labels(fields, "territoryid") == {5: "North"}
    assert picklist_labels(fields, "phone") == {}


class Held(dict[str, Any]):
    """A record of which can be told whether somebody still holds it."""


class ManyContacts:
    """An Autotask whose companies have many contacts, on many pages. Notes how many are held when the next page is asked for."""

    def __init__(self, pages: Sequence[Sequence[dict[str, Any]]]) -> None:
        self._pages = pages
        self._given: list[weakref.ref[Held]] = []
        self.held: list[int] = []

    def page(self, entity: str, filters: Sequence[Filter], fields: Sequence[str] | None = None) -> Page:
        del fields
        if entity != "Contacts":
            return Page([], last=True)
        self.held.append(sum(each() is not None for each in self._given))
        after = next(each["value"] for each in filters if each["op"] == "gt")
        following = [page for page in self._pages if page[0]["id"] > after]
        items = [Held(each) for each in following[0]] if following else []
        self._given += [weakref.ref(each) for each in items]
        return Page(items, last=len(following) <= 1)

    def picklist(self, entity: str, field: str) -> dict[int, str]:  # noqa: ARG002  # Source
        return {}


def read_contacts(source: ManyContacts, ids: set[int]) -> Mapping[int, Any]:
    companies = Companies(source, SlowNames(lambda: 0.0), extras_wanted(effective_settings({})))
    return companies.know_contacts(ids, DEFAULT)


def test_no_more_than_a_page_of_contacts_is_held_beside_those_that_are_chosen() -> None:
    pages = [
        [contact(number * 100 + each) | {"companyID": each % 4} for each in range(50)]
        for number in range(1, 7)
    ]
    source = ManyContacts(pages)
    read_contacts(source, set(range(4)))
    assert len(source.held) == len(pages)
    assert max(source.held) <= 50 + 4


@given(st.lists(st.tuples(st.sampled_from(["absent", "Accounts"]), st.booleans(), st.booleans()), max_size=9))
def test_the_contact_that_is_chosen_does_not_depend_on_where_pages_end(
    made: list[tuple[str, bool, bool]],
) -> None:
    contacts = [
        contact(number, position, billing=billing, primary=primary) | {"companyID": 1}
        for number, (position, billing, primary) in enumerate(made, 1)
    ]
    found = read_contacts(ManyContacts([[each] for each in contacts]), {1})[1]
    assert (found and found["id"]) == chosen(contacts)
