"""What a snapshot holds, and that nothing is read from Autotask that no setting asks for."""

from __future__ import annotations

import random
from typing import Any

import pytest

from invoice_events import names
from simulators.autotask.picklists import read_picklists
from tests.integration.poller.rig import TENANT, Rig

pytestmark = pytest.mark.stack

ASKED_FOR = (
    "TimeEntries", "Resources", "Countries", "OrganizationalLevelAssociations", "OrganizationalLevel1s", "OrganizationalLevel2s",
    "PurchaseOrders", "PurchaseOrderItems", "Products",
)  # fmt: skip


@pytest.fixture
def office(rig: Rig) -> Rig:
    """Invoice 1 with a line of a technician and one of nobody, of a company with everything."""
    database = rig.simulator.database(TENANT)
    database.picklists |= read_picklists({"Companies.territoryID": {"5": "North Island"}}, "test")
    database.upsert("Companies", [{
        "id": 318, "territoryID": 5, "countryID": 161, "address1": "1 Own St", "billToAttention": "Accounts",
        "billingAddress1": "PO Box 9", "billToCity": "Wellington", "billToZipCode": "6140", "billToCountryID": 14,
    }])  # fmt: skip
    database.upsert(
        "Countries",
        [
            {"id": 161, "displayName": "New Zealand", "name": "NZ"},
            {"id": 14, "displayName": "Australia", "name": "AU"},
        ],
    )
    database.upsert("TimeEntries", [{"id": 61877, "resourceID": 29}])
    database.upsert("Resources", [{"id": 29, "firstName": "Ana", "lastName": "Lee"}])
    database.upsert("OrganizationalLevel1s", [{"id": 1, "name": "Wellington"}])
    database.upsert("OrganizationalLevel2s", [{"id": 7, "name": "Managed services"}])
    database.upsert(
        "OrganizationalLevelAssociations",
        [
            {"id": 40, "organizationalLevel1ID": 1, "organizationalLevel2ID": 7},
            {"id": 41, "organizationalLevel1ID": 1, "organizationalLevel2ID": None},
        ],
    )
    rig.add_invoice(
        1,
        lines=[
            {"timeEntryID": 61877, "organizationalLevelAssociationID": 40},
            {"id": 11, "timeEntryID": None, "organizationalLevelAssociationID": 41},
        ],
    )
    return rig


def first(rig: Rig) -> Any:  # noqa: ANN401  # an event
    rig.turn()
    return rig.events(names.DISCOVERED)[0]


def test_with_default_settings_nothing_more_is_read(office: Rig) -> None:
    event = first(office)
    assert {entity: office.reads(entity) for entity in ASKED_FOR} == dict.fromkeys(ASKED_FOR, 0)
    assert office.calls("GET", "entityInformation") == []
    assert [line["resource_name"] for line in event["lines"]] == [None, None]
    assert (event["company"]["territory"], event["company"]["country_name"]) == (None, None)


def test_the_bill_to_address_counts_without_any_setting(office: Rig) -> None:
    company = first(office)["company"]
    assert (company["address_1"], company["city"], company["postal_code"]) == (
        "PO Box 9",
        "Wellington",
        "6140",
    )
    assert (company["attention"], company["country_id"]) == ("Accounts", 14)


def test_technicians_are_named_on_lines_of_time_and_on_no_others(office: Rig) -> None:
    office.tenants.choose(show_resource=True)
    assert [line["resource_name"] for line in first(office)["lines"]] == ["Ana Lee", None]


def test_technicians_are_read_in_batches_and_their_names_only_once(office: Rig) -> None:
    office.tenants.choose(show_resource=True)
    database = office.simulator.database(TENANT)
    many = 300
    database.upsert("TimeEntries", [{"id": number, "resourceID": 29} for number in range(1, many + 1)])
    for number in range(2, many):
        office.add_invoice(number, lines=[{"timeEntryID": number}])
    office.turn()
    office.add_invoice(many, lines=[{"timeEntryID": many}])
    office.turn()
    found = {line["resource_name"] for event in office.events(names.DISCOVERED) for line in event["lines"]}
    assert found == {"Ana Lee", None}
    assert (office.reads("TimeEntries"), office.reads("Resources")) == (3, 1)


def test_lines_of_business_are_named_by_their_second_level_else_the_first(office: Rig) -> None:
    office.tenants.choose(tracking=[{"category": "Line", "source": "line_of_business"}])
    assert [line["line_of_business"] for line in first(office)["lines"]] == ["Managed services", "Wellington"]
    office.add_invoice(2, lines=[{"organizationalLevelAssociationID": 40}])
    office.turn()
    assert office.reads("OrganizationalLevelAssociations") == 1


def test_the_territory_is_named_and_asked_for_once(office: Rig) -> None:
    office.tenants.choose(tracking=[{"category": "Region", "source": "territory"}])
    assert first(office)["company"]["territory"] == "North Island"
    office.add_invoice(2)
    office.turn()
    assert len(office.calls("GET", "/Companies/entityInformation/fields")) == 1


@pytest.mark.parametrize("option", ["update_xero_contacts", "create_missing_contacts"])
def test_the_country_of_the_address_that_counts_is_named(office: Rig, option: str) -> None:
    office.tenants.choose(**{option: True})
    assert first(office)["company"]["country_name"] == "Australia"
    assert office.reads("Countries") == 1


@pytest.mark.parametrize("missing", ["empty", "null", "absent"])
def test_the_contact_that_a_field_names_is_chosen_in_twenty_orders(rig: Rig, missing: str) -> None:
    database = rig.simulator.database(TENANT)
    database.switches = database.switches.with_changes({"missing_udfs": missing}, "test")
    numbers = list(range(12, 19))
    for number in range(1, 21):
        shuffled = random.Random(number).sample(numbers, len(numbers))
        contacts = {
            each: {"id": each, "companyID": 318, "firstName": "A", "lastName": str(each), "isActive": 1}
            for each in shuffled
        }
        named, primary = shuffled[0], shuffled[1]
        contacts[named]["userDefinedFields"] = [{"name": "Position", "value": " ACCOUNTS "}]
        contacts[primary]["primaryContact"] = True
        for each in numbers:
            database.remove("Contacts", each) if database.tables["Contacts"].get(each) else None
        database.upsert("Contacts", [contacts[each] for each in shuffled])
        rig.add_invoice(number)
        rig.turn()
        assert rig.events(names.DISCOVERED)[-1]["contact"]["id"] == named


@pytest.mark.parametrize("spoilt", [{"invoiceNumber": "INV-\ud800"}, {"batchID": 2**70}])
def test_a_record_that_no_event_can_carry_is_not_told_as_a_matter_of_decimals(
    rig: Rig, spoilt: dict[str, Any]
) -> None:
    rig.add_invoice(1, **spoilt)
    rig.add_invoice(2)
    rig.turn()
    assert [event["document"] for event in rig.events(names.DISCOVERED)] == ["invoice/2"]
    (fault,) = rig.events(names.FAULTED)
    assert (fault["document"], fault["code"], rig.known(1).strikes) == ("invoice/1", "UNKNOWN", 1)
