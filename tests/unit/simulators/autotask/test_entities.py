from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.autotask.entities import all_entities

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.autotask.conftest import Api

NEW = ("Countries", "CompanyLocations", "Products", "OrganizationalLevelAssociations")
LEVELS = ("OrganizationalLevel1s", "OrganizationalLevel2s")


@pytest.fixture
def shop(make_api: Callable[..., Api]) -> Api:
    return make_api(
        {
            "Companies": [{"id": 400, "companyName": "Vendor Ltd", "territoryID": 2, "countryID": 161}],
            "Countries": [{"id": 161, "displayName": "New Zealand", "countryCode": "NZ", "isActive": True}],
            "Products": [{"id": 9, "name": "Switch, 24 port", "unitCost": "310.2575", "isActive": True}],
            "PurchaseOrders": [
                {"id": 771, "vendorID": 400, "status": 1, "purchaseOrderNumber": "PO-771", "freight": "12.5"},
                {"id": 772, "vendorID": 401, "status": 4, "purchaseOrderNumber": "PO-772"},
            ],
            "PurchaseOrderItems": [
                {"id": 5, "orderID": 771, "productID": 9, "quantity": 2, "unitCost": "310.2575"},
                {"id": 6, "orderID": 771, "quantity": 1, "unitCost": Decimal(5), "memo": "cable"},
                {"id": 7, "orderID": 772, "productID": 9, "quantity": 1, "unitCost": Decimal(300)},
            ],
            "TimeEntries": [{"id": 61, "ticketID": 88, "resourceID": 4, "hoursWorked": "1.25"}],
            "Resources": [{"id": 4, "firstName": "Aroha", "lastName": "Ngata", "isActive": True}],
            "OrganizationalLevelAssociations": [
                {"id": 3, "organizationalLevel1ID": 1, "organizationalLevel2ID": 2, "isActive": True}
            ],
            "OrganizationalLevel1s": [{"id": 1, "name": "Managed services"}],
            "OrganizationalLevel2s": [{"id": 2, "name": "Auckland"}],
            "TaxRegions": [
                {"id": 5, "name": "GST", "isActive": True},
                {"id": 6, "name": "Old", "isActive": False},
            ],
        }
    )


def labels(api: Api, entity: str, field: str) -> dict[str, str]:
    fields = api.call("GET", f"{entity}/entityInformation/fields").body["fields"]
    (found,) = (each for each in fields if each["name"] == field)
    assert found["isPickList"] is True
    return {each["value"]: each["label"] for each in found["picklistValues"]}


def test_items_of_many_orders_come_with_one_query(shop: Api) -> None:
    assert shop.ids("PurchaseOrderItems", {"op": "in", "field": "orderID", "value": [771, 772]}) == [5, 6, 7]
    assert [item["id"] for item in shop.call("GET", "PurchaseOrders/771/Items").body["items"]] == [5, 6]
    item = shop.call("GET", "PurchaseOrderItems/5").body["item"]
    assert (item["unitCost"], item["quantity"]) == (Decimal("310.2575"), 2)


@pytest.mark.parametrize(
    ("entity", "missing"),
    [
        ("PurchaseOrders", ("webServiceDate", "lastModifiedDateTime", "userDefinedFields", "currencyID")),
        ("PurchaseOrderItems", ("purchaseOrderID", "description", "taxDollars")),
    ],
)
def test_nobody_finds_fields_that_orders_do_not_have(
    shop: Api, entity: str, missing: tuple[str, ...]
) -> None:
    item = shop.query(entity, {"op": "exist", "field": "id"}).body["items"][0]
    assert set(missing).isdisjoint(item)
    for name in missing:
        assert shop.query(entity, {"op": "exist", "field": name}).status == 500


def test_an_orders_number_and_times_are_never_written(shop: Api) -> None:
    for field in ("purchaseOrderNumber", "submitDateTime", "cancelDateTime", "createDateTime", "vendorID"):
        result = shop.call("PATCH", "PurchaseOrders", {"id": 771, field: None})
        assert field in result.error
    assert shop.call("PATCH", "PurchaseOrders", {"id": 771, "externalPONumber": "X"}).status == 200


def test_items_are_written_below_an_order_that_is_not_complete_only(shop: Api) -> None:
    change = {"id": 5, "memo": "new"}
    assert shop.call("PATCH", "PurchaseOrderItems", change).status == 405
    assert shop.call("PATCH", "PurchaseOrders/771/Items", change).status == 200
    assert shop.call("PATCH", "PurchaseOrders/772/Items", {"id": 7, "memo": "new"}).status == 500
    assert shop.call("PATCH", "PurchaseOrders/772/Items", change).status == 500


@pytest.mark.parametrize("entity", [*NEW, *LEVELS, "BillingCodes", "Roles", "InvoiceTemplates"])
def test_what_is_only_read_is_never_written(shop: Api, entity: str) -> None:
    assert not any(field.writable for field in all_entities()[entity.lower()].fields)
    assert shop.call("PATCH", entity, {"id": 1}).status == 405
    assert shop.call("GET", f"{entity}/entityInformation").body["info"]["canUpdate"] is False


@pytest.mark.parametrize(
    ("entity", "number", "field", "value"),
    [
        ("Countries", 161, "displayName", "New Zealand"),
        ("Products", 9, "name", "Switch, 24 port"),
        ("TimeEntries", 61, "resourceID", 4),
        ("Resources", 4, "lastName", "Ngata"),
        ("OrganizationalLevelAssociations", 3, "organizationalLevel1ID", 1),
        ("OrganizationalLevel1s", 1, "name", "Managed services"),
        ("OrganizationalLevel2s", 2, "name", "Auckland"),
    ],
)
def test_no_name_is_missing_behind_an_id(
    shop: Api, entity: str, number: int, field: str, value: object
) -> None:
    condition = {"op": "in", "field": "id", "value": [number]}
    (item,) = shop.query(entity, condition, IncludeFields=["id", field]).body["items"]
    assert item == {"id": number, field: value}


def test_statuses_of_orders_are_named(shop: Api) -> None:
    assert labels(shop, "PurchaseOrders", "status") == {
        "1": "New",
        "2": "Submitted",
        "3": "Received Partial",
        "4": "Received in Full",
        "5": "Canceled",
    }
    assert labels(shop, "PurchaseOrders", "taxRegionID") == {"5": "GST", "6": "Old"}


def test_a_tenants_own_picklist_replaces_the_usual_one(shop: Api) -> None:
    assert labels(shop, "Companies", "territoryID") == {}
    document = {"companies.territoryid": {"1": "North Island", "2": {"label": "South", "isActive": False}}}
    assert shop.control("POST", "tenants/acme/picklists", document).status == 200
    fields = shop.call("GET", "Companies/entityInformation/fields").body["fields"]
    (territory,) = (each for each in fields if each["name"] == "territoryID")
    assert [(each["value"], each["label"], each["isActive"]) for each in territory["picklistValues"]] == [
        ("1", "North Island", True),
        ("2", "South", False),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"Companies.companyName": {"1": "x"}},
        {"Companies.nothing": {"1": "x"}},
        {"Nothing.status": {}},
        {"PurchaseOrders.status": {"1": 5}},
        {"PurchaseOrders.status": {"1": {"label": "x", "isActive": 1}}},
    ],
)
def test_a_wrong_picklist_is_refused(shop: Api, document: dict[str, Any]) -> None:
    assert shop.control("POST", "tenants/acme/picklists", document).status == 400
