"""Purchase orders: once, after the invoices; faults, wishes, cancellations, and what was changed since."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.identity import utc_now
from tests.integration.poller.rig import Rig, as_text

pytestmark = pytest.mark.stack

SERVED = ["accepted", "started", "done"]


@pytest.fixture
def shop(rig: Rig) -> Rig:
    """A tenant whose purchase orders go over."""
    rig.tenants.choose(purchase_orders={"enabled": True})
    return rig


@pytest.fixture
def done(shop: Rig) -> Rig:
    """Purchase order 771 went over."""
    shop.add_order(771)
    shop.turn()
    shop.synced(771, kind="purchase-order")
    shop.turn()
    return shop


def orders(rig: Rig) -> list[Event]:
    return rig.events(names.ORDER_DISCOVERED)


def changes(rig: Rig) -> list[bool]:
    """Whether the order differed, each time that was said."""
    return [event["changed_since"] is not None for event in rig.events(names.ORDER_HELD)]


def compare_items(rig: Rig) -> None:
    """A pass an hour later."""
    rig.worker._orders._compared_at = None
    rig.turn()


def test_an_order_is_published_whole(shop: Rig) -> None:
    database = shop.simulator.database("acme")
    database.upsert("Companies", [{"id": 402, "taxID": "12-345", "address1": "9 Vendor St"}])
    shop.activated(ago=timedelta(days=1))
    shop.add_order(
        771,
        items=[{"ticketID": 88, "contractID": 71, "estimatedArrivalDate": "2026-05-20T00:00:00Z"}],
        purchaseForCompanyID=318,
        generalMemo="Back door",
        latestEstimatedArrivalDate="2026-05-20T00:00:00Z",
        submitDateTime="2026-05-13T12:30:00Z",
    )
    shop.tenants.choose(purchase_orders={"enabled": True}, time_zone="Pacific/Auckland")
    shop.turn()
    (event,) = orders(shop)
    assert event["document"] == "purchase-order/771"
    assert (event["action"], event["attempt"], event["generation"]) == ("create", 1, 1)
    assert event["autotask_url"].endswith("purchaseOrderId=771")
    order, vendor, (line,) = event["order"], event["vendor"], event["lines"]
    assert (order["number"], order["date"], order["status_name"]) == (
        "PO-771",
        date(2026, 5, 14),
        "Submitted",
    )
    assert (order["currency"], order["freight"], order["payment_term"]) == (
        "NZD",
        Decimal(15),
        "Net 30 days",
    )
    assert (order["memo"], order["purchased_for"]) == ("Back door", "Harbour Dental Ltd")
    assert (vendor["name"], vendor["number"], vendor["address_1"]) == (
        "Example Vendor",
        "V-402",
        "9 Vendor St",
    )
    assert (line["product_name"], line["quantity"], line["unit_cost"]) == (
        "Switch, 24 port",
        2,
        Decimal("310.2575"),
    )
    assert (line["ticket_number"], line["contract_name"]) == ("T20260101.0001", "Managed services")
    assert shop.calls("GET", "/Contacts") == shop.calls("POST", "/Contacts/query") == []


def test_switched_off_nothing_is_asked_about_orders(rig: Rig) -> None:
    rig.add_order(771)
    rig.turn()
    assert (rig.reads("PurchaseOrders"), orders(rig)) == (0, [])


def test_orders_are_read_in_one_pass_after_the_last_invoice(shop: Rig) -> None:
    for number in range(1, 6):
        shop.add_invoice(number)
        shop.add_order(number)
    shop.turn()
    asked = [call["path"].rpartition("/v1.0/")[2] for call in shop.calls("POST")]
    passes = [place for place, path in enumerate(asked) if path == "PurchaseOrders/query"]
    invoices = [place for place, path in enumerate(asked) if path in {"Invoices/query", "BillingItems/query"}]
    assert len(passes) == 1
    assert passes[0] > max(invoices)
    assert len(orders(shop)) == len(shop.events(names.DISCOVERED)) == 5
    before = shop.reads("PurchaseOrderItems")
    for _ in range(3):
        shop.turn()
    assert (len(orders(shop)), shop.reads("PurchaseOrderItems")) == (5, before)


def test_an_order_goes_over_once_and_is_never_stamped(done: Rig) -> None:
    for status in (3, 4):
        done.change_order(771, status=status)
        done.turn()
    assert len(orders(done)) == 1
    assert (done.order(771).state, done.order(771).stamp_wanted) == ("done", False)
    assert done.calls("PATCH") == []
    done.worker._next_cycle = done.worker._next_cleared = 0.0
    done.worker.turn()
    assert len(orders(done)) == 1
    with done.engine.connect() as connection:
        ledger = done.worker._store.ledger
        assert ledger.totals(connection, quiet=False).stamps_waiting == 0
        assert ledger.seconds_to_next_stamp(connection) is None


@pytest.mark.parametrize(
    ("trigger", "going"),
    [("new", [1, 2, 3, 4]), ("submitted", [2, 3, 4]), ("received_in_full", [4])],
)
def test_an_order_waits_for_its_status_and_then_goes(rig: Rig, trigger: str, going: list[int]) -> None:
    rig.tenants.choose(purchase_orders={"enabled": True, "trigger_status": trigger})
    for status in range(1, 6):
        rig.add_order(status, status=status)
    rig.turn()
    assert [event["order"]["id"] for event in orders(rig)] == going
    rig.change_order(1, status=4)
    rig.turn()
    assert {event["order"]["id"] for event in orders(rig)} == {1, *going}


def test_a_first_pass_looks_back_some_days_and_later_ones_to_where_it_began(shop: Rig) -> None:
    shop.add_order(1, age=timedelta(days=13))
    shop.add_order(2, age=timedelta(days=16))
    shop.add_order(3, age=timedelta(days=13), status=1)
    shop.turn()
    assert [event["order"]["id"] for event in orders(shop)] == [1]
    shop.offset = timedelta(days=30)
    shop.change_order(3, status=2)
    shop.take_over()
    shop.turn()
    assert [event["order"]["id"] for event in orders(shop)] == [1, 3]


def test_an_order_that_is_older_than_a_year_is_left_alone(shop: Rig) -> None:
    shop.turn()
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE bookmarks SET orders_from = orders_from - interval '3 years'"))
    shop.add_order(1, age=timedelta(days=366))
    shop.add_order(2, age=timedelta(days=364))
    shop.turn()
    assert [event["order"]["id"] for event in orders(shop)] == [2]


def test_a_stuck_invoice_holds_up_no_order_and_an_unreadable_order_no_other(shop: Rig) -> None:
    shop.add_invoice(1)
    shop.turn()
    for _ in range(3):
        shop.faulted(1)
        shop.turn()
    shop.add_order(1)
    shop.add_order(2, vendorID=403)
    shop.simulator.database("acme").upsert("Companies", [{"id": 403, "companyName": "Odd", "currencyID": 99}])
    shop.add_order(3)
    shop.turn()
    assert [event["order"]["id"] for event in orders(shop)] == [1, 3]
    (fault,) = shop.events(names.ORDER_FAULTED)
    assert (fault["document"], fault["code"], fault["strike"]) == ("purchase-order/2", "UNKNOWN", True)
    assert "currencyID" in fault["text"]


def test_what_autotask_refuses_about_orders_spoils_no_invoice(shop: Rig) -> None:
    refusal = {"kind": "status", "status": 500, "body": {"errors": ["No permission for PurchaseOrders."]}}
    shop.plant({"path": ".*/PurchaseOrders/query"}, refusal)
    shop.add_invoice(1)
    shop.command("c1", "sync-now")
    shop.turn()
    assert len(shop.events(names.DISCOVERED)) == 1
    assert shop.results("c1")[-1][0] == "done"
    assert any("No permission for PurchaseOrders." in line for line in shop.logs())


def test_a_wish_for_a_cycle_covers_orders_and_says_what_was_found(shop: Rig) -> None:
    shop.turn()
    shop.add_order(1)
    shop.command("c1", "sync-now")
    shop.worker._next_cycle = float("inf")
    shop.worker.turn()
    assert len(orders(shop)) == 1
    answers = [event["answer"] for event in shop.events(names.COMMAND_RESULTS) if event["answer"]]
    assert '"orders_discovery": 1' in answers[-1]


def test_three_strikes_end_the_tries_of_an_order_until_somebody_asks(shop: Rig) -> None:
    shop.add_order(771)
    for strikes in (1, 2, 3):
        shop.turn()
        assert (len(orders(shop)), orders(shop)[-1]["attempt"]) == (strikes, strikes)
        shop.faulted(771, kind="purchase-order")
    for _ in range(3):
        shop.turn()
    assert (len(orders(shop)), shop.order(771).state) == (3, "fault")
    shop.change_order(771, generalMemo="corrected")
    shop.command("c1", "resync", "purchase-order/771")
    shop.turn()
    event = orders(shop)[-1]
    assert (len(orders(shop)), event["attempt"], event["priority"]) == (4, 1, "interactive")
    assert (event["order"]["memo"], event["command_id"]) == ("corrected", "c1")
    assert [state for state, _ in shop.results("c1")] == SERVED


def test_a_failed_order_is_read_again_even_if_no_pass_shows_it_any_more(shop: Rig) -> None:
    shop.add_order(771)
    shop.turn()
    shop.faulted(771, kind="purchase-order")
    shop.change_order(771, createDateTime=as_text(utc_now() - timedelta(days=400)))
    shop.turn()
    assert orders(shop)[-1]["attempt"] == 2
    shop.faulted(771, kind="purchase-order")
    shop.simulator.database("acme").remove("PurchaseOrders", 771)
    shop.turn()
    assert shop.order(771).state == "fault"
    assert "purchase order" in shop.events(names.ORDER_FAULTED)[-1]["text"]


def test_an_order_without_an_outcome_is_begun_again(shop: Rig) -> None:
    shop.add_order(771)
    shop.turn()
    shop.turn()
    assert len(orders(shop)) == 1
    shop.longest_flight = timedelta()
    shop.take_over()
    shop.turn()
    first, second = orders(shop)
    assert second["revision"] > first["revision"]
    assert second["attempt"] == 1


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"enabled": True}, 1, "has not reached the status submitted"),
        ({"enabled": True}, 5, "was cancelled"),
        ({"enabled": False}, 2, "switched off"),
    ],
)
def test_a_resync_of_an_order_that_can_not_go_over_is_refused_with_the_reason(
    rig: Rig, settings: dict[str, Any], status: int, words: str
) -> None:
    rig.tenants.choose(purchase_orders=settings)
    rig.add_order(771, status=status)
    rig.command("c1", "resync", "purchase-order/771")
    rig.turn()
    state, reason = rig.results("c1")[-1]
    assert (state, orders(rig)) == ("refused", [])
    assert words in (reason or "")


def test_an_order_is_made_anew_if_a_person_wants_it(done: Rig) -> None:
    done.command("c1", "resync", "purchase-order/771", recreate="true")
    done.turn()
    event = orders(done)[-1]
    assert (event["action"], event["generation"], event["recreate"]) == ("update", 2, True)


def test_a_hold_leaves_an_order_alone_until_it_is_lifted(shop: Rig) -> None:
    shop.add_order(771)
    shop.turn()
    shop.faulted(771, kind="purchase-order")
    shop.command("c1", "skip", "purchase-order/771")
    shop.turn()
    shop.command("c2", "resync", "purchase-order/771")
    shop.turn()
    assert (len(orders(shop)), shop.results("c2")[-1][0]) == (1, "refused")
    shop.command("c3", "unskip", "purchase-order/771")
    shop.turn()
    assert len(orders(shop)) == 2
    assert [event["hold"] for event in shop.events(names.ORDER_HELD)] == ["skip", "none"]
    assert shop.events(names.HELD) == []


def test_a_hold_of_an_order_can_be_lifted_although_it_can_not_go_over_now(done: Rig) -> None:
    done.command("c1", "skip", "purchase-order/771")
    done.turn()
    done.tenants.choose()
    done.command("c2", "unskip", "purchase-order/771")
    done.turn()
    state, reason = done.results("c2")[-1]
    assert (state, done.order(771).hold) == ("done", "none")
    assert "switched off" in (reason or "")


def test_a_cancelled_order_that_went_over_is_deleted_once_if_the_settings_want_it(done: Rig) -> None:
    done.change_order(771, status=5, cancelDateTime=as_text(utc_now()))
    done.turn()
    assert len(orders(done)) == 1
    done.tenants.choose(purchase_orders={"enabled": True}, void_autotask_invoices=True)
    done.turn()
    event = orders(done)[-1]
    assert (len(orders(done)), event["action"], event["xero_document_id"]) == (2, "void", "xero-771")
    done.synced(771, kind="purchase-order")
    for _ in range(3):
        done.turn()
    assert (len(orders(done)), done.order(771).state) == (2, "done")


def test_an_order_that_is_cancelled_after_years_is_deleted_all_the_same(done: Rig) -> None:
    done.tenants.choose(purchase_orders={"enabled": True}, void_autotask_invoices=True)
    done.turn()
    long_ago = as_text(utc_now() - timedelta(days=400))
    done.change_order(771, createDateTime=long_ago, status=5, cancelDateTime=as_text(utc_now()))
    done.turn()
    assert [event["action"] for event in orders(done)] == ["create", "void"]


def test_an_order_that_is_cancelled_before_it_went_over_is_skipped(shop: Rig) -> None:
    shop.tenants.choose(purchase_orders={"enabled": True}, void_autotask_invoices=True)
    shop.add_order(771)
    shop.turn()
    shop.faulted(771, kind="purchase-order")
    shop.change_order(771, status=5)
    shop.turn()
    (event,) = shop.events(names.ORDER_SKIPPED)
    assert (event["reason"], len(orders(shop))) == ("voided", 1)


def test_an_edited_header_shows_at_once_and_goes_over_only_by_a_resync(done: Rig) -> None:
    done.change_order(771, generalMemo="Front door")
    for _ in range(3):
        done.turn()
    assert (changes(done), len(orders(done))) == ([True], 1)
    (event,) = done.events(names.ORDER_HELD)
    assert (event["hold"], event["actor"], event["xero_document_id"]) == ("none", None, "xero-771")
    done.command("c1", "resync", "purchase-order/771")
    done.turn()
    assert orders(done)[-1]["order"]["memo"] == "Front door"
    assert changes(done) == [True], "cleared before it went over"
    done.synced(771, kind="purchase-order")
    done.turn()
    said = done.events(names.ORDER_HELD)
    assert changes(done) == [True, False]
    assert said[0]["hold_version"] < said[1]["hold_version"]
    done.turn()
    assert changes(done) == [True, False]


def test_an_edit_that_is_taken_back_does_not_show_any_more(done: Rig) -> None:
    done.change_order(771, freight=Decimal("16.0"))
    done.turn()
    done.change_order(771, freight=Decimal("15.0"))
    compare_items(done)
    assert changes(done) == [True, False]


def test_edited_items_show_within_the_hour_and_are_read_no_more_often(done: Rig) -> None:
    reads = done.reads("PurchaseOrderItems")
    done.change_item(7710, quantity=3)
    done.turn()
    assert (changes(done), done.reads("PurchaseOrderItems")) == ([], reads)
    compare_items(done)
    assert (changes(done), done.reads("PurchaseOrderItems")) == ([True], reads + 1)


def test_receiving_an_order_is_no_change(done: Rig) -> None:
    done.change_order(771, status=4)
    compare_items(done)
    assert changes(done) == []


def test_a_failed_resync_leaves_the_order_changed(done: Rig) -> None:
    done.change_order(771, generalMemo="Front door")
    done.turn()
    done.command("c1", "resync", "purchase-order/771")
    done.turn()
    done.faulted(771, kind="purchase-order", final=True)
    compare_items(done)
    assert changes(done) == [True]


def test_a_lost_ledger_takes_what_it_sees_for_what_went_over_and_sees_later_edits(done: Rig) -> None:
    revision = done.order(771).revision
    done.lose_ledger()
    done.synced(771, revision, kind="purchase-order")
    compare_items(done)
    done.change_order(771, generalMemo="Front door")
    done.turn()
    assert (len(orders(done)), changes(done)) == (1, [True])


VOIDING: dict[str, Any] = {"purchase_orders": {"enabled": True}, "void_autotask_invoices": True}


def cancel(rig: Rig, number: int = 771) -> None:
    """Cancelled by a person; made so long ago that no pass shows it for any other reason."""
    long_ago = as_text(utc_now() - timedelta(days=400))
    rig.change_order(number, createDateTime=long_ago, status=5, cancelDateTime=as_text(rig.now()))


def test_an_order_that_is_cancelled_on_its_way_is_deleted_after_its_success(shop: Rig) -> None:
    shop.tenants.choose(**VOIDING)
    shop.add_order(771)
    shop.turn()
    cancel(shop)
    for _ in range(2):
        shop.turn()
    assert len(orders(shop)) == 1, "overtaken by its own cancellation"
    shop.synced(771, kind="purchase-order")
    shop.offset = timedelta(days=3)  # long after the look that has seen the cancellation
    with shop.engine.begin() as connection:
        connection.execute(
            text("UPDATE bookmarks SET cancellations_until = clock_timestamp() + interval '3 days'")
        )
    shop.turn()
    assert [event["action"] for event in orders(shop)] == ["create", "void"]


def test_an_order_that_is_cancelled_under_a_hold_is_deleted_once_it_is_lifted(done: Rig) -> None:
    done.tenants.choose(**VOIDING)
    done.turn()
    done.command("c1", "skip", "purchase-order/771")
    done.turn()
    cancel(done)
    done.turn()
    with done.engine.begin() as connection:
        connection.execute(
            text("UPDATE bookmarks SET cancellations_until = clock_timestamp() + interval '3 days'")
        )
        connection.execute(text("UPDATE ledger SET hold = 'none'"))
    done.turn()
    assert [event["action"] for event in orders(done)] == ["create", "void"]


def test_an_order_that_went_over_is_deleted_although_orders_were_switched_off_since(done: Rig) -> None:
    done.tenants.choose(void_autotask_invoices=True)
    done.add_order(772)
    cancel(done)
    done.turn()
    assert [(event["document"], event["action"]) for event in orders(done)[1:]] == [
        ("purchase-order/771", "void")
    ]
    done.faulted(771, kind="purchase-order")
    done.turn()
    assert (len(orders(done)), orders(done)[-1]["attempt"]) == (3, 2)
    done.voided(771, kind="purchase-order")
    for _ in range(3):
        done.turn()
    assert (len(orders(done)), done.order(771).state) == (3, "done")


def test_without_orders_in_the_ledger_nothing_is_asked_about_cancelled_ones(rig: Rig) -> None:
    rig.tenants.choose(void_autotask_invoices=True)
    rig.add_invoice(1)
    rig.turn()
    rig.turn()
    assert rig.reads("PurchaseOrders") == 0


def test_an_order_that_lives_again_is_deleted_a_second_time(done: Rig) -> None:
    done.tenants.choose(**VOIDING)
    for command_id in ("c1", "c2"):
        done.change_order(771, status=5, cancelDateTime=as_text(done.now()))
        done.turn()
        done.voided(771, kind="purchase-order")
        done.turn()
        done.change_order(771, status=2, cancelDateTime=None)
        done.command(command_id, "resync", "purchase-order/771")
        done.turn()
        done.synced(771, kind="purchase-order")
        done.turn()
    assert [event["action"] for event in orders(done)] == ["create", "void", "update", "void", "update"]


def test_a_cancelled_order_whose_vendor_makes_no_sense_is_deleted_all_the_same(done: Rig) -> None:
    done.simulator.database("acme").upsert("Companies", [{"id": 402, "currencyID": 99}])
    done.tenants.choose(**VOIDING)
    done.change_order(771, status=5, cancelDateTime=as_text(done.now()))
    done.turn()
    assert (orders(done)[-1]["action"], orders(done)[-1]["order"]["currency"]) == ("void", "")
    assert done.events(names.ORDER_FAULTED) == []


def test_an_order_that_was_put_back_while_its_try_got_no_outcome_waits_until_it_is_due_again(
    shop: Rig,
) -> None:
    shop.add_order(771)
    shop.turn()
    shop.change_order(771, status=1)
    shop.longest_flight = timedelta()
    shop.take_over()
    for _ in range(2):
        shop.turn()
    (event,) = shop.events(names.ORDER_SKIPPED)
    assert (event["reason"], shop.order(771).state, len(orders(shop))) == ("not_triggered", "skipped", 1)
    shop.change_order(771, status=2)
    shop.turn()
    assert (len(orders(shop)), orders(shop)[-1]["attempt"]) == (2, 1)
