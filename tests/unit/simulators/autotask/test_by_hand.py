"""What people do in Autotask's own pages, by the control routes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.autotask.conftest import Api

LINES = {"op": "eq", "field": "invoiceID"}


@pytest.fixture
def orders(make_api: Callable[..., Api]) -> Api:
    items = [{"id": number, "orderID": 771, "quantity": 1, "unitCost": Decimal(5)} for number in (5, 6)]
    order = {"id": 771, "vendorID": 400, "status": 1, "createDateTime": "2026-05-14T00:00:00Z"}
    return make_api({"PurchaseOrders": [order], "PurchaseOrderItems": items})


def order(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", "PurchaseOrders/771").body["item"]
    return found


def test_a_void_at_a_time_is_found_by_that_time(api: Api) -> None:
    at = "2026-05-20T10:00:00.000Z"
    api.control("POST", "tenants/acme/invoices/10/void", {"at": at, "resource": 4})
    item = api.call("GET", "Invoices/10").body["item"]
    assert (item["isVoided"], item["voidedDate"], item["voidedByResourceID"]) == (True, at, 4)
    assert item["webServiceDate"] == "2026-05-14T09:00:00Z"
    assert api.ids("Invoices", {"op": "gte", "field": "voidedDate", "value": at}) == [10]
    assert api.control("POST", "tenants/acme/invoices/10/void", {"at": "soon"}).status == 400


@pytest.mark.parametrize(("lines", "value"), [("detached", 0), ("detached_null", None)])
def test_freed_lines_belong_to_no_invoice(api: Api, lines: str, value: int | None) -> None:
    freed = api.ids("BillingItems", {**LINES, "value": 10})
    api.control("POST", "tenants/acme/invoices/10/void", {"lines": lines})
    assert api.ids("BillingItems", {**LINES, "value": 10}) == []
    shown = [api.call("GET", f"BillingItems/{number}").body["item"]["invoiceID"] for number in freed]
    assert shown == [value] * 3


def test_a_paid_date_comes_and_goes(api: Api) -> None:
    api.control("POST", "tenants/acme/invoices/12/paid", {"date": "2026-05-20"})
    since = {"op": "gte", "field": "paidDate", "value": "2026-05-20T00:00:00Z"}
    assert api.ids("Invoices", since) == [12]
    api.control("POST", "tenants/acme/invoices/12/paid", {"date": None})
    assert api.ids("Invoices", since) == []
    assert api.control("POST", "tenants/acme/invoices/12/paid", {"date": "soon"}).status == 400
    assert api.control("POST", "tenants/acme/invoices/99/paid", {"date": None}).status == 404


def test_a_submitted_order_tells_when_and_keeps_it(orders: Api) -> None:
    orders.control("POST", "tenants/acme/purchase-orders/771", {"status": 2})
    submitted = order(orders)["submitDateTime"]
    assert submitted is not None
    orders.control("POST", "tenants/acme/purchase-orders/771", {"status": 3, "generalMemo": "late"})
    assert (order(orders)["status"], order(orders)["submitDateTime"]) == (3, submitted)
    assert order(orders)["generalMemo"] == "late"
    orders.control("POST", "tenants/acme/purchase-orders/771", {"status": 5})
    assert order(orders)["cancelDateTime"] is not None


def test_a_new_order_that_is_cancelled_was_never_submitted(orders: Api) -> None:
    orders.control("POST", "tenants/acme/purchase-orders/771", {"status": 5})
    assert (order(orders)["submitDateTime"], order(orders)["status"]) == (None, 5)


def test_items_are_changed_added_and_removed(orders: Api) -> None:
    items = [{"id": 5, "quantity": 3}, {"id": 7, "orderID": 771, "quantity": 1, "unitCost": "9.1234"}]
    orders.control("POST", "tenants/acme/entities/PurchaseOrderItems", items)
    assert orders.control("DELETE", "tenants/acme/entities/PurchaseOrderItems/6").status == 200
    shown = orders.query("PurchaseOrderItems", {"op": "eq", "field": "orderID", "value": 771}).body["items"]
    assert [(item["id"], item["quantity"], item["unitCost"]) for item in shown] == [
        (5, 3, Decimal("5.0")),
        (7, 1, Decimal("9.1234")),
    ]
    assert orders.control("DELETE", "tenants/acme/entities/PurchaseOrderItems/6").status == 400
    assert orders.call("GET", "PurchaseOrderItems/6").status == 404


@pytest.mark.parametrize(
    ("document", "status"), [({"status": "two"}, 400), ({"colour": 1}, 400), ({"freight": "much"}, 400)]
)
def test_a_wrong_change_of_an_order_changes_nothing(
    orders: Api, document: dict[str, Any], status: int
) -> None:
    before = order(orders)
    assert orders.control("POST", "tenants/acme/purchase-orders/771", document).status == status
    assert order(orders) == before
    assert orders.control("POST", "tenants/acme/purchase-orders/99", {"status": 2}).status == 404


def test_calls_on_orders_are_recorded_and_can_fail(orders: Api) -> None:
    fault = {
        "match": {"path": ".*/PurchaseOrders/\\d+"},
        "action": {"kind": "status", "status": 503, "body": {"Message": "away"}},
        "times": 1,
    }
    assert orders.control("POST", "faults", fault).status == 200
    assert [orders.call("GET", "PurchaseOrders/771").status for _ in range(2)] == [503, 200]
    paths = [call["path"] for call in orders.control("GET", "calls").body["calls"]]
    assert [path.rpartition("v1.0/")[2] for path in paths] == ["PurchaseOrders/771"] * 2
