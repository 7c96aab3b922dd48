"""Strikes, stamps, and stamps that people clear."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.identity import utc_now
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack


def revisions(rig: Rig) -> list[int]:
    return [event["revision"] for event in rig.events(names.DISCOVERED)]


def stamps(rig: Rig) -> int:
    return len(rig.calls("PATCH", "/Invoices"))


def test_an_invoice_is_stamped_after_success_and_only_once(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    assert rig.stamp_of(1) is None
    rig.synced(1)
    rig.turn()
    first = rig.stamp_of(1)
    rig.synced(1)  # the same event, read again from offset zero
    rig.turn()
    assert first is not None
    assert rig.stamp_of(1) == first
    assert stamps(rig) == 1
    assert len(revisions(rig)) == 1
    entry = rig.known(1)
    assert (entry.state, entry.xero_document_id, entry.stamp_wanted) == ("done", "xero-1", False)


def test_an_invoice_that_failed_is_never_stamped(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1, final=True)
    rig.turn()
    assert stamps(rig) == 0


def test_three_strikes_end_the_tries_until_somebody_asks(rig: Rig) -> None:
    rig.add_invoice(1)
    for strikes in (1, 2, 3):
        rig.turn()
        assert rig.events(names.DISCOVERED)[-1]["attempt"] == strikes
        rig.faulted(1)
    for _ in range(3):
        rig.turn()
    assert len(revisions(rig)) == 3
    assert (rig.known(1).state, rig.known(1).strikes) == ("fault", 3)
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    event = rig.events(names.DISCOVERED)[-1]
    assert (len(revisions(rig)), event["attempt"], event["command_id"]) == (4, 1, "c1")
    assert rig.known(1).strikes == 0


def test_a_fault_is_counted_once_however_often_its_event_comes(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    revision = rig.known(1).revision
    for _ in range(3):
        rig.faulted(1, revision)
        rig.worker.turn()
    assert rig.known(1).strikes == 1
    rig.turn()
    rig.faulted(1, revision)
    rig.worker.turn()
    assert (rig.known(1).state, rig.known(1).strikes) == ("in_flight", 1)


def test_success_resets_the_strikes(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.turn()
    rig.synced(1)
    rig.worker.turn()
    assert (rig.known(1).strikes, rig.known(1).fault_code) == (0, None)


def test_a_failed_invoice_is_read_again_even_outside_the_window(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    old = (utc_now() - timedelta(days=100)).date().isoformat()
    rig.change_invoice(1, invoiceDateTime=f"{old}T00:00:00Z", orderNumber="corrected")
    rig.turn()
    event = rig.events(names.DISCOVERED)[-1]
    assert (event["attempt"], event["invoice"]["order_number"]) == (2, "corrected")


def test_an_invoice_stamped_by_somebody_else_meanwhile_is_skipped(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    rig.change_invoice(1, webServiceDate="2026-01-02T03:04:00Z")
    rig.turn()
    (event,) = rig.events(names.SKIPPED)
    assert event["reason"] == "stamped_elsewhere"
    assert "2026-01-02 03:04" in event["text"]
    rig.turn()
    assert len(revisions(rig)) == 1
    rig.change_invoice(1, webServiceDate=None)
    rig.turn()
    assert len(revisions(rig)) == 2


def test_an_invoice_that_autotask_hides_ends_as_a_fault_instead_of_waiting_for_ever(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1)
    with rig.simulator.database("acme").lock:
        rig.simulator.database("acme").tables["Invoices"]._records.pop(1)
        rig.simulator.database("acme").tables["Invoices"]._ids.remove(1)
    rig.turn()
    rig.turn()
    rig.turn()
    assert (rig.known(1).state, rig.known(1).strikes) == ("fault", 3)
    assert [event["code"] for event in rig.events(names.FAULTED)] == ["NOT_VISIBLE", "NOT_VISIBLE"]


def test_an_older_success_is_recorded_but_leaves_the_newer_try_in_flight(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    first = rig.known(1).revision
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    second = rig.known(1).revision
    assert second > first
    rig.synced(1, first)
    rig.turn()
    entry = rig.known(1)
    assert (entry.state, entry.revision, entry.xero_document_id) == ("in_flight", second, "xero-1")
    assert rig.stamp_of(1) is not None
    rig.synced(1, second)
    rig.turn()
    assert rig.known(1).state == "done"
    assert revisions(rig) == [first, second]


def test_a_cleared_stamp_is_a_resync_and_is_said_to_be_one(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    rig.turn()
    assert len(revisions(rig)) == 1
    rig.change_invoice(1, webServiceDate=None)
    rig.turn()
    event = rig.events(names.DISCOVERED)[-1]
    assert (event["action"], event["xero_document_id"], event["attempt"]) == ("update", "xero-1", 1)
    assert any("cleared" in line for line in rig.logs())
    rig.turn()
    assert rig.stamp_of(1) is None, "stamped again before the resync was done"
    rig.synced(1)
    rig.turn()
    assert rig.stamp_of(1) is not None
    assert len(revisions(rig)) == 2


def test_a_success_that_is_not_stamped_yet_is_not_taken_for_a_cleared_stamp(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.plant({"method": "PATCH"}, {"kind": "status", "status": 500, "body": {"errors": ["Not now."]}}, None)
    rig.synced(1)
    rig.turn()
    rig.turn()
    assert (rig.known(1).state, rig.stamp_of(1), len(revisions(rig))) == ("done", None, 1)


def test_a_cleared_stamp_outside_the_window_is_found_by_the_hourly_look(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    old = (utc_now() - timedelta(days=100)).date()
    rig.change_invoice(1, invoiceDateTime=f"{old.isoformat()}T00:00:00Z", webServiceDate=None)
    with rig.engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET invoice_date = :old"), {"old": old})
    rig.turn()
    assert len(revisions(rig)) == 1
    rig.worker._next_cycle = 0.0
    rig.worker._next_cleared = 0.0
    rig.worker.turn()
    assert len(revisions(rig)) == 2


def test_a_cleared_stamp_of_what_failed_since_is_found_by_both_looks(rig: Rig) -> None:
    for number in (1, 2):
        rig.add_invoice(number)
    rig.turn()
    for number in (1, 2):
        rig.synced(number)
    rig.turn()
    for number in (1, 2):
        rig.command(f"c{number}", "resync", f"invoice/{number}")
    rig.turn()
    for number in (1, 2):
        rig.faulted(number, final=True)
    rig.turn()
    begun = len(revisions(rig))
    old = (utc_now() - timedelta(days=100)).date()
    rig.change_invoice(1, webServiceDate=None)
    rig.change_invoice(2, invoiceDateTime=f"{old.isoformat()}T00:00:00Z", webServiceDate=None)
    with rig.engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET invoice_date = :old WHERE autotask_id = 2"), {"old": old})
    rig.turn()
    assert [event["document"] for event in rig.events(names.DISCOVERED)[begun:]] == ["invoice/1"]
    rig.worker._next_cycle = rig.worker._next_cleared = 0.0
    rig.worker.turn()
    assert [event["document"] for event in rig.events(names.DISCOVERED)[begun:]] == ["invoice/1", "invoice/2"]


def test_a_stamp_whose_answer_was_lost_is_repeated_and_no_fault(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.plant({"method": "PATCH"}, {"kind": "cut"}, when="after")
    rig.synced(1)
    rig.turn()
    assert rig.stamp_of(1) is not None
    assert rig.known(1).stamp_wanted
    rig.offset += timedelta(seconds=16)
    with rig.engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET stamp_after = clock_timestamp()"))
    rig.turn()
    assert not rig.known(1).stamp_wanted
    assert (rig.known(1).state, rig.known(1).strikes) == ("done", 0)
    assert len(revisions(rig)) == 1


def test_one_stamp_that_is_refused_does_not_hold_up_the_others(rig: Rig) -> None:
    for number in (1, 2, 3):
        rig.add_invoice(number)
    rig.turn()
    refusal = {"kind": "status", "status": 500, "body": {"errors": ["The invoice is locked by a user."]}}
    rig.plant({"method": "PATCH", "body_contains": '"id": 1,'}, refusal, None)
    for number in (1, 2, 3):
        rig.synced(number)
    rig.turn()
    assert [bool(rig.stamp_of(number)) for number in (1, 2, 3)] == [False, True, True]
    assert rig.worker._connection.circuit.state == "connected"


def test_stamps_go_on_in_a_paused_tenant(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.tenants.pause()
    rig.synced(1)
    rig.turn()
    assert rig.stamp_of(1) is not None


def test_a_success_of_a_lost_ledger_is_taken_over_and_stamped(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    revision = rig.known(1).revision
    with rig.engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger"))
    rig.synced(1, revision)
    rig.turn()
    entry = rig.known(1)
    assert (entry.state, entry.revision, entry.xero_document_id) == ("done", revision, "xero-1")
    assert rig.stamp_of(1) is not None


def test_a_skip_of_the_mapper_is_left_alone(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.skipped(1, "no_lines")
    rig.turn()
    rig.turn()
    assert (rig.known(1).state, rig.known(1).skip_reason, len(revisions(rig))) == ("skipped", "no_lines", 1)


def test_a_second_success_that_waits_for_its_stamp_is_not_taken_for_a_cleared_one(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    rig.change_invoice(1, webServiceDate=None)
    rig.turn()
    rig.plant({"method": "PATCH"}, {"kind": "status", "status": 500, "body": {"errors": ["Not now."]}}, None)
    rig.synced(1)
    rig.turn()
    rig.turn()
    assert (rig.known(1).state, rig.stamp_of(1), len(revisions(rig))) == ("done", None, 2)


def test_a_new_success_is_stamped_at_once_whatever_happened_to_the_last_stamp(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.plant({"method": "PATCH"}, {"kind": "status", "status": 500, "body": {"errors": ["Not now."]}}, 1)
    rig.synced(1)
    rig.turn()
    rig.turn()
    assert rig.stamp_of(1) is None, "repeated without any wait"
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    rig.synced(1)
    rig.turn()
    assert rig.stamp_of(1) is not None


def test_stamps_get_through_while_a_cycle_reads(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.add_invoice(2)
    connection = rig.worker._connection
    reader = connection.page

    def busy(*arguments: object, **named: object) -> object:
        page = reader(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        if arguments[0] == "BillingItems":
            rig.synced(1)
            rig.worker.wake()
        return page

    connection.page = busy  # type: ignore[method-assign,assignment]  # the outcome comes while the cycle reads
    rig.turn()
    order = [call["path"].rpartition("/v1.0/")[2] for call in rig.calls()]
    assert order.index("Invoices") < len(order) - 1 - order[::-1].index("Tickets/query")


def test_a_document_whose_outcome_never_comes_is_published_again(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.add_invoice(2, invoiceDateTime="2020-01-01T00:00:00Z")
    rig.command("c2", "resync", "invoice/2")
    rig.turn()
    first = {event["document"]: event for event in rig.events(names.DISCOVERED)}
    rig.turn()
    assert len(rig.events(names.DISCOVERED)) == 2, "a young one was not left alone"
    rig.longest_flight = timedelta()
    rig.take_over()
    rig.turn()
    again = {event["document"]: event for event in rig.events(names.DISCOVERED)[2:]}
    assert set(again) == set(first) == {"invoice/1", "invoice/2"}
    for document, event in again.items():
        assert event["revision"] > first[document]["revision"]
        assert event["attempt"] == first[document]["attempt"]
    assert any("no outcome" in line for line in rig.logs())
