from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.autotask.conftest import Api


def position(value: str | None) -> list[dict[str, str | None]]:
    return [{"name": "Position", "value": value}]


@pytest.fixture
def people(make_api: Callable[..., Api]) -> Api:
    contacts: list[dict[str, Any]] = [
        {"id": 1, "companyID": 318, "isActive": 1, "userDefinedFields": position("Accounts")},
        {"id": 2, "companyID": 318, "isActive": 1, "userDefinedFields": position(None)},
        {"id": 3, "companyID": 318, "isActive": 1, "userDefinedFields": []},
        {"id": 4, "companyID": 318, "isActive": 1, "userDefinedFields": None},
        {"id": 5, "companyID": 318, "isActive": 1},
        {"id": 6, "companyID": 318, "isActive": 0, "userDefinedFields": position("accounts")},
    ]
    return make_api({"Contacts": contacts})


def condition(op: str, **members: object) -> dict[str, Any]:
    return {"op": op, "field": "Position", "udf": True, **members}


@pytest.mark.parametrize(("switch", "shown"), [("empty", [[]]), ("null", [None]), ("absent", [])])
def test_a_record_without_them_shows_them_in_three_ways(people: Api, switch: str, shown: list[Any]) -> None:
    people.control("POST", "tenants/acme/switches", {"missing_udfs": switch})
    for fields in (None, ["id", "userDefinedFields"]):
        items = people.query("Contacts", {"op": "exist", "field": "id"}, IncludeFields=fields or []).body[
            "items"
        ]
        assert items[0]["userDefinedFields"] == position("Accounts")
        assert items[1]["userDefinedFields"] == position(None)
        for item in items[2:5]:
            assert [item[name] for name in item if name == "userDefinedFields"] == shown
    item = people.call("GET", "Contacts/4").body["item"]
    assert ("userDefinedFields" in item) is (switch != "absent")


def test_they_are_not_shown_where_they_were_not_asked_for(people: Api) -> None:
    items = people.query("Contacts", {"op": "exist", "field": "id"}, IncludeFields=["id"]).body["items"]
    assert items[0] == {"id": 1}


def test_a_query_by_one_of_them_ignores_case_and_finds_no_empty_one(people: Api) -> None:
    assert people.ids("Contacts", condition("eq", value="ACCOUNTS")) == [1, 6]
    assert people.ids("Contacts", condition("notExist")) == [2, 3, 4, 5]
    active = {"op": "eq", "field": "isActive", "value": 1}
    assert people.ids("Contacts", condition("eq", value="Accounts"), active) == [1]


def test_two_of_them_in_a_query_are_one_too_many(people: Api) -> None:
    other = {"op": "exist", "field": "Other", "udf": True}
    assert "one user-defined field" in people.query("Contacts", condition("exist"), other).error


@pytest.mark.parametrize("entity", ["Invoices", "BillingItems", "PurchaseOrders"])
def test_entities_without_them_take_none_in_a_query(people: Api, entity: str) -> None:
    assert people.query(entity, condition("exist")).status == 500


def test_null_never_breaks_a_write_or_the_list_of_definitions(people: Api) -> None:
    change = {"id": 4, "userDefinedFields": position("Owner")}
    assert people.call("PATCH", "Companies/318/Contacts", change).status == 200
    assert people.ids("Contacts", condition("eq", value="Owner")) == [4]
    fields = people.call("GET", "Contacts/entityInformation/userDefinedFields").body["fields"]
    assert [each["name"] for each in fields] == ["Position"]
