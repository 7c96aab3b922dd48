"""Purchase orders end to end: one order in Xero for one in Autotask, whatever happens, and never before the invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.xero_hands import verify

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

PUT = {"method": "PUT", "path": ".*/PurchaseOrders"}
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "cut before the work": ({"kind": "cut"}, "before"),
    "cut after the work": ({"kind": "cut"}, "after"),
    "500 after the work": (BROKEN, "after"),
    "garbage after the work": ({"kind": "garbage"}, "after"),
    "half of the batch": ({"kind": "partial", "elements": 1}, "before"),
}


def order_calls(rig: Rig, *methods: str) -> list[dict[str, Any]]:
    return [call for call in rig.calls(*methods) if "/PurchaseOrders" in call["path"]]


def bodies(rig: Rig, *methods: str) -> list[dict[str, Any]]:
    """The documents that were sent, one by one."""
    return [one for call in order_calls(rig, *methods) for one in call["request_body"]["PurchaseOrders"]]


def test_an_order_goes_over_once_with_everything_that_was_mapped(rig: Rig) -> None:
    rig.arrive(rig.mapped(771, kind=ORDER, xero={"status": "SUBMITTED"}))
    rig.work()
    assert rig.outcomes(771, ORDER) == [("synced", "created")]
    [stands] = rig.copies(771, ORDER)
    assert (stands["PurchaseOrderNumber"], stands["Status"]) == ("PO:771", "SUBMITTED")
    assert stands["Reference"] == "PO-1 [PO 771]"
    assert stands["DeliveryDate"] == "2026-11-28"
    assert stands["DeliveryAddress"] == "Example MSP\n1 Example Street\nAuckland 1010"
    assert stands["Telephone"] == "+64 9 555 0100"
    synced = rig.last_synced(771, ORDER)
    assert synced["xero_document_id"] == stands["PurchaseOrderID"]
    assert synced["xero_url"].endswith(f"/Accounts/Payable/PurchaseOrders/View/{stands['PurchaseOrderID']}/")
    assert (synced["xero_number"], synced["total"]) == ("PO:771", Decimal("115.0000"))
    assert rig.events(names.SYNCED) == []


def test_a_tenant_without_orders_costs_no_call_for_them(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert order_calls(rig) == []


def test_orders_go_in_one_call_that_can_only_create(rig: Rig) -> None:
    rig.arrive(*(rig.mapped(number, kind=ORDER) for number in range(1, 52)))
    rig.work()
    sizes = [len(call["request_body"]["PurchaseOrders"]) for call in order_calls(rig, "PUT")]
    assert sorted(sizes) == [1, 50]
    assert order_calls(rig, "POST") == []
    assert all(call["query"] == {"summarizeErrors": "false"} for call in order_calls(rig, "PUT"))
    assert len([one for one in rig.documents() if "PurchaseOrderID" in one]) == 51


@pytest.mark.parametrize("case", LOST)
def test_a_lost_answer_neither_loses_nor_doubles_an_order(rig: Rig, case: str) -> None:
    action, when = LOST[case]
    rig.plant(PUT, action, when=when)
    rig.arrive(*(rig.mapped(number, kind=ORDER) for number in (1, 2, 3)))
    rig.work()
    verify(rig)
    for number in (1, 2, 3):
        assert rig.outcomes(number, ORDER) == [("synced", "created")]
        assert len(rig.copies(number, ORDER)) == 1


def test_a_single_order_in_doubt_is_asked_for_by_its_number_and_the_list_is_not_read(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER))
    rig.work()
    rig.plant(PUT, BROKEN, when="after")
    before = len(order_calls(rig, "GET"))
    rig.arrive(rig.mapped(2, kind=ORDER))
    rig.work()
    assert [call["path"].rpartition("/")[2] for call in order_calls(rig, "GET")[before:]] == ["PO:2"]
    assert rig.outcomes(2, ORDER) == [("synced", "created")]


def test_an_order_whose_own_call_always_fails_becomes_its_fault_and_stops_no_other(rig: Rig) -> None:
    rig.plant(PUT | {"body_contains": "[PO 1]"}, BROKEN, times=None)
    rig.arrive(rig.mapped(1, kind=ORDER), rig.mapped(2, kind=ORDER))
    for _ in range(3):
        rig.work()
        verify(rig)
    assert rig.outcomes(1, ORDER) == [("faulted", "PROVIDER_ERROR")]
    assert rig.outcomes(2, ORDER) == [("synced", "created")]


@pytest.mark.parametrize("renumbered", [False, True])
def test_an_order_of_a_lost_journal_is_found_by_its_mark_and_not_made_again(
    rig: Rig, *, renumbered: bool
) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER), rig.mapped(2))
    rig.work()
    if renumbered:
        rig.person_changes(rig.copies(1, ORDER)[0]["PurchaseOrderID"], PurchaseOrderNumber="OURS-9")
    rig.execute("DELETE FROM intent_element")
    rig.execute("DELETE FROM intent")
    rig.execute("DELETE FROM document")
    rig.execute("UPDATE tenant SET listed_at = NULL, orders_listed_at = NULL")
    rig.take_over()
    rig.arrive(rig.mapped(1, kind=ORDER))
    rig.work()
    assert rig.outcomes(1, ORDER) == [("synced", "created"), ("synced", "adopted")]
    assert len(rig.marked(1, ORDER)) == 1
    assert rig.row("SELECT xero_id FROM document WHERE document = 'invoice/2'") is not None


def test_an_order_with_other_amounts_than_predicted_is_renamed_deleted_and_can_be_made_again(
    rig: Rig,
) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER, total=Decimal("115.01"), xero={"status": "AUTHORISED"}))
    rig.work()
    [wrong] = [one for one in rig.documents() if "PurchaseOrderID" in one]
    assert wrong["Status"] == "DELETED"
    assert wrong["PurchaseOrderNumber"].startswith("PO:1~")
    assert rig.outcomes(1, ORDER) == [("faulted", "XERO_AMOUNTS_DIFFER")]
    rig.arrive(rig.mapped(1, kind=ORDER))
    rig.work()
    assert rig.outcomes(1, ORDER) == [("synced", "created"), ("faulted", "XERO_AMOUNTS_DIFFER")]
    assert [one["PurchaseOrderNumber"] for one in rig.copies(1, ORDER)] == ["PO:1"]


def test_a_resync_changes_the_order_by_its_id_and_never_names_a_number(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER))
    rig.work()
    [created] = rig.copies(1, ORDER)
    changed = {"delivery_address": "Elsewhere", "attention_to": "Somebody"}
    rig.arrive(rig.mapped(1, kind=ORDER, amount="200.00", tax="30.00", action="update", xero=changed))
    rig.work()
    assert rig.outcomes(1, ORDER)[1:] == [("synced", "updated")]
    [sent] = bodies(rig, "POST")
    assert sent["PurchaseOrderID"] == created["PurchaseOrderID"]
    assert not {"PurchaseOrderNumber", "Status", "SentToContact"} & sent.keys()
    [stands] = rig.copies(1, ORDER)
    assert (stands["DeliveryAddress"], stands["AttentionTo"], stands["Total"]) == (
        "Elsewhere",
        "Somebody",
        "230.00",
    )


def test_no_order_is_written_while_an_invoice_could_be_however_urgent_it_is(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER, priority="interactive"), rig.mapped(2, priority="backfill"))
    rig.work()
    assert [call["path"].rpartition("/")[2] for call in rig.calls("PUT")] == ["Invoices", "PurchaseOrders"]


def test_an_invoice_that_rests_after_a_failure_holds_up_no_order(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.work()
    rig.jobs._backoff.failed("invoice/1")
    rig.arrive(rig.mapped(1, action="update"), rig.mapped(2, kind=ORDER))
    rig.work()
    assert rig.outcomes(2, ORDER) == [("synced", "created")]


def test_a_supplier_that_is_missing_is_a_fault_and_nothing_is_written(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, kind=ORDER, customer="Nobody Ltd"))
    rig.work()
    assert rig.outcomes(1, ORDER) == [("faulted", "CONTACT_NOT_FOUND")]
    assert order_calls(rig, "PUT", "POST") == []
