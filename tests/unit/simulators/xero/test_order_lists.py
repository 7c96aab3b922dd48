"""The list of purchase orders, and faults planted on its paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from tests.unit.simulators.xero.conftest import Xero


def numbers(answer: dict[str, Any]) -> list[str]:
    return [entry["PurchaseOrderNumber"] for entry in answer["PurchaseOrders"]]


@pytest.fixture
def stocked(xero: Xero) -> Xero:
    for number, status, day in (("A", "DRAFT", "2026-11-01"), ("B", "AUTHORISED", "2026-11-02")):
        xero.ordered(PurchaseOrderNumber=number, Status=status, Date=day)
    gone = xero.ordered(PurchaseOrderNumber="C", Date="2026-11-03")
    xero.post(f"PurchaseOrders/{gone['PurchaseOrderID']}", {"Status": "DELETED"})
    return xero


def test_paging_is_always_on_and_lines_are_always_there(stocked: Xero) -> None:
    answer = stocked.get("PurchaseOrders")
    assert answer["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 3}
    assert all(entry["LineItems"] for entry in answer["PurchaseOrders"])
    assert "EmailAddress" not in answer["PurchaseOrders"][0]["Contact"]
    assert numbers(stocked.get("PurchaseOrders", page=2, pageSize=2)) == ["C"]


def test_a_hundred_and_one_orders_are_two_pages(xero: Xero) -> None:
    xero.put("PurchaseOrders", *(xero.order() for _ in range(101)))
    assert len(numbers(xero.get("PurchaseOrders"))) == 100
    assert len(numbers(xero.get("PurchaseOrders", page=2))) == 1


def test_lists_hold_deleted_orders_unless_a_status_is_asked_for(stocked: Xero) -> None:
    assert numbers(stocked.get("PurchaseOrders")) == ["A", "B", "C"]
    assert numbers(stocked.get("PurchaseOrders", Status="AUTHORISED")) == ["B"]
    assert numbers(stocked.get("PurchaseOrders", Status="DELETED")) == ["C"]
    assert stocked.request("GET", "PurchaseOrders", Status="PAID").status_code == 400


def test_dates_bound_the_list_on_both_sides(stocked: Xero) -> None:
    assert numbers(stocked.get("PurchaseOrders", DateFrom="2026-11-02")) == ["B", "C"]
    assert numbers(stocked.get("PurchaseOrders", DateFrom="2026-11-01", DateTo="2026-11-02")) == ["A", "B"]
    assert stocked.request("GET", "PurchaseOrders", DateFrom="soon").status_code == 400


def test_the_order_of_the_list_can_be_turned(stocked: Xero) -> None:
    assert numbers(stocked.get("PurchaseOrders", order="PurchaseOrderNumber DESC")) == ["C", "B", "A"]
    assert numbers(stocked.get("PurchaseOrders", order="UpdatedDateUTC ASC")) == ["A", "B", "C"]
    assert stocked.request("GET", "PurchaseOrders", order="Total").status_code == 400


def test_there_is_no_where_and_no_list_of_numbers(stocked: Xero) -> None:
    """A lookup by number through a filter finds everybody's orders, not the one that was meant."""
    where = 'PurchaseOrderNumber=="B"'
    assert numbers(stocked.get("PurchaseOrders", where=where, IDs="x", searchTerm="B")) == ["A", "B", "C"]
    assert stocked.stored_order("b")["PurchaseOrderNumber"] == "B"
    assert stocked.request("GET", "PurchaseOrders/NOPE").status_code == 404


def test_orders_changed_since_are_listed_by_the_header(stocked: Xero) -> None:
    stocked.control("POST", "clock", {"offset_seconds": 100})
    since = stocked.simulator.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    stocked.change("purchase_orders/A", {"Status": "BILLED"})
    answer = stocked.request("GET", "PurchaseOrders", headers={"If-Modified-Since": since})
    assert numbers(json_text.loads(answer.data)) == ["A"]


def test_calls_on_orders_are_recorded_replayed_and_can_fail(xero: Xero) -> None:
    body = {"PurchaseOrders": [xero.order()]}
    key = {"Idempotency-Key": "k1"}
    xero.control(
        "POST",
        "faults",
        {
            "match": {"method": "PUT", "path": "/api.xro/2.0/PurchaseOrders"},
            "action": {"kind": "status", "status": 503, "body": "offline"},
            "when": "after",
            "times": 1,
        },
    )
    assert xero.request("PUT", "PurchaseOrders", body, key, summarizeErrors="false").status_code == 503
    assert xero.counted("purchaseorders_created") == 1
    assert xero.request("PUT", "PurchaseOrders", body, key, summarizeErrors="false").status_code == 503
    assert xero.counted("purchaseorders_created") == 1
    calls = xero.control("GET", "calls?since=0")["calls"]
    assert [call["path"] for call in calls if call["method"] == "PUT"] == ["/api.xro/2.0/PurchaseOrders"] * 2


def test_a_batch_of_orders_can_break_in_the_middle(xero: Xero) -> None:
    xero.control(
        "POST",
        "faults",
        {
            "match": {"path": "/api.xro/2.0/PurchaseOrders"},
            "action": {"kind": "partial", "elements": 1},
            "times": 1,
        },
    )
    body = {"PurchaseOrders": [xero.order(), xero.order()]}
    assert xero.request("PUT", "PurchaseOrders", body, summarizeErrors="false").status_code == 500
    assert xero.counted("purchaseorders_created") == 1
