"""Why a document that the ledger knows is where it is: no reason is told that is over, and nothing is promised that nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from invoice_events.names import Document
from invoice_events.settings import effective_settings
from poller.core.circuit import Circuit
from poller.core.entry import Entry
from poller.core.explaining import Known, Situation, explain
from poller.core.explaining_source import Seen
from poller.core.explanation import Explanation

NOW = datetime(2026, 5, 20, 2, 30, tzinfo=UTC)
FINE = Circuit("connected", "Autotask answers", NOW)
INVOICE, ORDER = Document("invoice", 1), Document("purchase-order", 1)
GOOD = Seen(found=True, dated=date(2026, 5, 19), made_at=NOW - timedelta(hours=3))
OLD = replace(GOOD, dated=date(2020, 1, 1))
DUE = Seen(found=True, status=2, made_at=NOW - timedelta(hours=3), created_at=NOW - timedelta(hours=3))
CANCELLED = replace(DUE, status=5, voided=True)
ENTRY = Entry("invoice/1", 1, "in_flight", 5, "t", state_since=NOW - timedelta(minutes=5))
UNPAID = replace(ENTRY, state="skipped", skip_reason="unpaid")
STAMPED_ELSEWHERE = replace(ENTRY, state="skipped", skip_reason="stamped_elsewhere")
VOIDED = replace(ENTRY, state="done", synced_revision=5, stamped_revision=5, void_revision=5)
PUT_BACK = replace(ENTRY, document="purchase-order/1", state="skipped", skip_reason="not_triggered")
FAILED = replace(
    ENTRY, document="purchase-order/1", state="waiting_retry", strikes=1, fault_code="CONTACT_NOT_FOUND", fault_text="none",
)  # fmt: skip
OVERDUE = replace(ENTRY, document="purchase-order/1", state_since=NOW - timedelta(hours=2))
PAID_ONLY: dict[str, Any] = {"paid_invoices_only": True}
ON: dict[str, Any] = {"purchase_orders": {"enabled": True}}
QUIET: dict[str, Any] = {
    "quiet_mode": {
        "enabled": True,
        "business_hours": {"start": "00:00", "end": "23:59"},
        "days": ["wednesday"],
    }
}


def ask(seen: Seen | None, entry: Entry, *, paused: bool = False, **chosen: Any) -> Explanation:  # noqa: ANN401  # any settings
    where = Situation(effective_settings(chosen), paused, True, FINE)
    return explain(Document.parse(entry.document), seen, Known(entry), where, NOW)


def causes(found: Explanation) -> list[str]:
    return [found.reason.cause, *(each.cause for each in found.also)]


def words(found: Explanation) -> str:
    return " ".join(f"{each.words} {each.what_to_do}" for each in (found.reason, *found.also))


@pytest.mark.parametrize(
    ("seen", "chosen", "expected"),
    [
        (GOOD, PAID_ONLY, ["unpaid"]),
        (None, PAID_ONLY, ["unpaid"]),
        (replace(GOOD, paid=True), PAID_ONLY, ["next_cycle"]),
        (GOOD, {}, ["next_cycle"]),
        (None, {}, ["next_cycle"]),
        (replace(GOOD, paid=True, voided=True), PAID_ONLY, ["voided"]),
        (replace(GOOD, paid=True, stamped_at=NOW - timedelta(days=1)), PAID_ONLY, ["stamped"]),
    ],
)
def test_an_invoice_that_is_paid_now_is_not_told_to_be_unpaid(
    seen: Seen | None, chosen: dict[str, Any], expected: list[str]
) -> None:
    assert causes(ask(seen, UNPAID, **chosen)) == expected


def test_an_invoice_that_is_paid_now_is_not_promised_what_a_pause_or_quiet_hours_forbid() -> None:
    assert causes(ask(replace(GOOD, paid=True), UNPAID, paused=True, **PAID_ONLY)) == ["paused"]
    waiting = replace(UNPAID, priority="backfill")
    assert causes(ask(replace(GOOD, paid=True), waiting, **PAID_ONLY, **QUIET)) == ["quiet_hours"]


def test_a_void_that_found_nothing_in_xero_is_not_told_as_one_that_took_something_away() -> None:
    found = ask(GOOD, VOIDED)
    assert found.reason.cause == "voided"
    assert "nothing of it is in Xero" in found.reason.words
    gone = ask(GOOD, replace(VOIDED, xero_document_id="x-1"))
    assert gone.reason.cause == "voided"
    assert "Xero too" not in gone.reason.words
    there = replace(VOIDED, xero_document_id="x-1", xero_number="INV:1", xero_url="https://x.example/1")
    assert ask(GOOD, there).reason.cause == "voided_in_xero"


@pytest.mark.parametrize("entry", [FAILED, OVERDUE])
def test_an_order_is_not_promised_a_try_that_no_pass_makes(entry: Entry) -> None:
    off = ask(DUE, entry)
    assert off.reason.cause == "orders_not_enabled"
    assert "next cycle" not in words(off)
    assert "orders_not_enabled" not in causes(ask(DUE, entry, **ON))
    assert "next cycle" in words(ask(DUE, entry, **ON))


@pytest.mark.parametrize("entry", [FAILED, OVERDUE])
def test_a_cancelled_order_is_read_again_even_if_no_orders_go_over(entry: Entry) -> None:
    found = ask(CANCELLED, entry, void_autotask_invoices=True)
    assert "orders_not_enabled" not in causes(found)
    assert ask(CANCELLED, entry).reason.cause == "orders_not_enabled"


@pytest.mark.parametrize(
    ("seen", "chosen", "expected"),
    [
        (replace(DUE, status=1), ON, ["order_not_due"]),
        (None, ON, ["order_not_due"]),
        (DUE, ON, ["next_cycle"]),
        (DUE, {}, ["orders_not_enabled"]),
        (CANCELLED, ON, ["voided"]),
    ],
)
def test_an_order_that_was_put_back_is_not_sent_to_a_resync_that_is_refused(
    seen: Seen | None, chosen: dict[str, Any], expected: list[str]
) -> None:
    found = ask(seen, PUT_BACK, **chosen)
    assert causes(found) == expected
    assert "resync" not in words(found).lower()


@pytest.mark.parametrize(
    ("seen", "chosen", "when"),
    [
        (GOOD, {}, "the next cycle"),
        (OLD, {}, "within the hour"),
        (replace(OLD, paid=True, paid_on=date(2026, 5, 19)), PAID_ONLY, "the next cycle"),
        (replace(GOOD, paid=True, paid_on=date(2020, 1, 1)), PAID_ONLY, "within the hour"),
    ],
)
def test_a_cleared_stamp_outside_the_window_is_not_promised_for_the_next_cycle(
    seen: Seen, chosen: dict[str, Any], when: str
) -> None:
    cleared = ask(seen, STAMPED_ELSEWHERE, **chosen).reason
    assert (cleared.cause, when in cleared.words) == ("stamp_cleared", True)
    stamped = ask(replace(seen, stamped_at=NOW - timedelta(days=1)), STAMPED_ELSEWHERE, **chosen).reason
    assert (stamped.cause, when in stamped.what_to_do) == ("stamped", True)
