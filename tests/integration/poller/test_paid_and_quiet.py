"""Paid invoices only; the edges of the window; quiet hours and backfill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.identity import utc_now
from service_runtime import metrics
from tests.integration.poller.rig import Rig

pytestmark = pytest.mark.stack


def found(rig: Rig) -> list[int]:
    return [event["invoice"]["id"] for event in rig.events(names.DISCOVERED)]


def on(days_ago: int) -> str:
    return f"{(utc_now().date() - timedelta(days=days_ago)).isoformat()}T00:00:00Z"


def test_only_paid_invoices_go_over_and_the_window_goes_by_the_day_they_were_paid(rig: Rig) -> None:
    rig.tenants.choose(paid_invoices_only=True)
    rig.add_invoice(1)
    rig.add_invoice(2, paidDate=on(0))
    rig.add_invoice(3, paidDate=on(14), invoiceDateTime=on(200))
    rig.add_invoice(4, paidDate=on(15))
    rig.turn()
    assert found(rig) == [2, 3]
    rig.change_invoice(1, paidDate=on(0))
    rig.turn()
    assert found(rig) == [2, 3, 1]


def test_an_unpaid_invoice_that_a_person_asks_for_is_skipped_and_goes_by_itself_once_it_is_paid(
    rig: Rig,
) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.faulted(1, final=True)
    rig.worker.turn()
    rig.tenants.choose(paid_invoices_only=True)
    rig.command("c1", "resync", "invoice/1")
    for _ in range(3):
        rig.turn()
    (event,) = rig.events(names.SKIPPED)
    assert (event["reason"], rig.results("c1")[-1][0]) == ("unpaid", "done")
    rig.change_invoice(1, paidDate=on(100))  # outside of the window, and known
    rig.turn()
    assert found(rig) == [1, 1]
    assert rig.known(1).state == "in_flight"


def test_an_unpaid_invoice_that_nobody_knows_is_refused_with_the_reason(rig: Rig) -> None:
    rig.tenants.choose(paid_invoices_only=True)
    rig.add_invoice(1)
    rig.command("c1", "resync", "invoice/1")
    rig.turn()
    state, reason = rig.results("c1")[-1]
    assert state == "refused"
    assert "not paid" in (reason or "")
    assert rig.entry(1) is None


def test_a_cleared_stamp_of_an_invoice_that_no_window_shows_is_found_all_the_same(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.synced(1)
    rig.turn()
    rig.tenants.choose(paid_invoices_only=True)
    rig.change_invoice(1, webServiceDate=None)
    rig.worker._next_cycle = rig.worker._next_cleared = 0.0
    rig.worker.turn()
    assert found(rig) == [1, 1]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_the_window_begins_with_the_day_that_the_tenants_calendar_says(rig: Rig, zone: str) -> None:
    rig.tenants.choose(time_zone=zone, days_back=7)
    today = utc_now().astimezone(ZoneInfo(zone)).date()
    for days in (6, 7, 8):
        rig.add_invoice(days, invoiceDateTime=f"{(today - timedelta(days=days)).isoformat()}T00:00:00Z")
    rig.turn()
    assert found(rig) == [6, 7]


def quiet(rig: Rig, *, now: bool) -> None:
    """Quiet hours on every day, which last now or are over."""
    clock = utc_now() + rig.offset
    start = clock - timedelta(hours=1) if now else clock + timedelta(hours=1)
    hours = {"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=4):%H:%M}"}
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    rig.tenants.choose(quiet_mode={"enabled": True, "business_hours": hours, "days": days})


def test_quiet_hours_cost_no_call_for_backfill_and_hold_up_nothing_new(rig: Rig) -> None:
    rig.activated(ago=timedelta(days=9))
    quiet(rig, now=True)
    rig.turn()
    rig.turn()
    calls, reads = len(rig.calls()), rig.reads("Invoices")
    for number in range(1, 21):
        rig.add_invoice(number, age=timedelta(days=3))
    rig.turn()
    assert (len(rig.calls()) - calls, rig.reads("Invoices") - reads) == (1, 1)
    rig.add_invoice(21)
    rig.command("c1", "resync", "invoice/5")
    rig.turn()
    assert sorted(found(rig)) == [5, 21]
    quiet(rig, now=False)
    rig.turn()
    assert sorted(found(rig)) == list(range(1, 22))
    assert {event["priority"] for event in rig.events(names.DISCOVERED)[2:]} == {"backfill"}


def test_failed_backfill_rests_in_quiet_hours_and_costs_no_call(rig: Rig) -> None:
    rig.activated(ago=timedelta(days=9))
    rig.add_invoice(1, age=timedelta(days=3), invoiceDateTime="2020-01-01T00:00:00Z")
    rig.add_invoice(2, age=timedelta(days=3))
    rig.turn()
    assert found(rig) == [2]
    rig.faulted(2)
    quiet(rig, now=True)
    rig.turn()
    reads = rig.reads("BillingItems")
    rig.turn()
    assert (found(rig), rig.reads("BillingItems")) == ([2], reads)
    quiet(rig, now=False)
    rig.turn()
    assert found(rig) == [2, 2]


def test_the_history_of_a_first_activation_is_backfill_and_what_comes_after_is_not(rig: Rig) -> None:
    rig.add_invoice(1)
    rig.turn()
    rig.add_invoice(2, createDateTime=later(minutes=1))
    rig.take_over()
    rig.turn()
    assert [event["priority"] for event in rig.events(names.DISCOVERED)] == ["backfill", "normal"]


def test_an_activation_in_quiet_hours_leaves_the_history_for_later_and_takes_what_is_new(rig: Rig) -> None:
    quiet(rig, now=True)
    rig.add_invoice(1)
    rig.turn()
    rig.add_invoice(2, createDateTime=later(minutes=1))
    rig.turn()
    assert found(rig) == [2]
    quiet(rig, now=False)
    rig.turn()
    assert found(rig) == [2, 1]


def later(**span: Any) -> str:  # noqa: ANN401  # of a timedelta
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_backfill_is_not_shown_as_late_as_soon_as_the_quiet_hours_end(rig: Rig) -> None:
    rig.add_invoice(1, age=timedelta(days=3))
    rig.turn()
    with rig.engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET flight_since = flight_since - interval '9 hours'"))
    rig.tenants.choose(quiet_mode={"enabled": True}, time_zone="UTC")
    today = utc_now()
    monday = (today - timedelta(days=today.weekday())).replace(hour=0, minute=0)

    def shown(hour: int) -> float:
        rig.offset = monday.replace(hour=hour, minute=30) - today
        figures = rig.worker._figures
        figures._next = 0.0
        figures.show(rig.tenants.current, 0.0, None)
        value: float = metrics.oldest_pending_seconds.labels("acme")._value.get()
        return value

    assert (shown(12), shown(18)) == (0.0, 0.0)
    assert shown(19) > 9 * 3600 - 60
