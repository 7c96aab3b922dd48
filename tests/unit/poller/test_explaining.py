"""Why a document is not in Xero: what has to go first is named first, and what is not so is not said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from invoice_events.names import Document
from invoice_events.settings import effective_settings
from poller.core.circuit import Circuit
from poller.core.entry import Entry
from poller.core.explaining import Known, Situation, explain
from poller.core.explaining_entry import HeldBy
from poller.core.explaining_source import Seen, quiet_until
from poller.core.explanation import Explanation

NOW = datetime(2026, 5, 20, 2, 30, tzinfo=UTC)  # a Wednesday, 14:30 in Auckland
INVOICE, ORDER = Document("invoice", 1), Document("purchase-order", 1)
FINE = Circuit("connected", "Autotask answers", NOW)
GOOD = Seen(found=True, dated=date(2026, 5, 19), made_at=NOW - timedelta(hours=3))
DUE = Seen(found=True, status=2, made_at=NOW - timedelta(hours=3), created_at=NOW - timedelta(hours=3))
ENTRY = Entry("invoice/1", 1, "in_flight", 5, "t", state_since=NOW - timedelta(minutes=5))
IN_XERO = replace(
    ENTRY, state="done", synced_revision=5, stamped_revision=5, stamped_at=NOW - timedelta(minutes=4),
    xero_number="INV:1", xero_url="https://go.xero.example/1",
)  # fmt: skip
STAMPED = replace(GOOD, stamped_at=NOW - timedelta(days=1))
QUIET = {"enabled": True, "business_hours": {"start": "08:00", "end": "18:00"}, "days": ["wednesday"]}


def situation(**chosen: Any) -> Situation:  # noqa: ANN401  # any settings
    return Situation(effective_settings({"time_zone": "Pacific/Auckland"} | chosen), False, True, FINE)


def ask(
    seen: Seen | None,
    entry: Entry | None = None,
    where: Situation | None = None,
    document: Document = INVOICE,
    held_by: HeldBy | None = None,
) -> Explanation:
    return explain(document, seen, Known(entry, held_by), where or situation(), NOW)


def causes(found: Explanation) -> list[str]:
    return [found.reason.cause, *(each.cause for each in found.also)]


@pytest.mark.parametrize(
    ("seen", "chosen", "cause", "words"),
    [
        (GOOD, {}, "next_cycle", "next cycle"),
        (STAMPED, {}, "stamped", "2026-05-19 02:30 UTC"),
        (replace(GOOD, voided=True), {}, "voided", "voided in Autotask"),
        (replace(GOOD, dated=date(2026, 5, 5)), {}, "out_of_window", "from 2026-05-06 on (14 days back, Pacific/Auckland)"),
        (GOOD, {"paid_invoices_only": True}, "unpaid", "not paid in full"),
        (
            replace(GOOD, paid=True, paid_on=date(2026, 5, 1)), {"paid_invoices_only": True}, "out_of_window", "was paid on 2026-05-01",
        ),
        (replace(GOOD, made_at=NOW - timedelta(days=3)), {"quiet_mode": QUIET}, "quiet_hours", "until 2026-05-20 06:00 UTC"),
        (Seen(found=False), {}, "unknown_id", "Autotask has no invoice 1"),
        (Seen(found=False, newer_exist=True), {}, "not_visible", "does not show the invoice 1 to the API user"),
    ],
)  # fmt: skip
def test_an_invoice_that_is_not_known_is_never_left_without_its_cause(
    seen: Seen, chosen: dict[str, Any], cause: str, words: str
) -> None:
    found = ask(seen, where=situation(**chosen))
    assert found.reason.cause == cause
    assert words in found.reason.words


def test_the_window_counts_days_in_the_tenants_own_zone() -> None:
    first = replace(GOOD, dated=date(2026, 5, 6))
    assert ask(first).reason.cause == "next_cycle"
    elsewhere = Situation(effective_settings({}), False, True, FINE)
    assert ask(replace(GOOD, dated=date(2026, 5, 5)), where=elsewhere).facts["window_start"] == "2026-05-06"


def test_the_way_to_clear_a_stamp_is_told_exactly() -> None:
    path = "Contracts > Invoice History > three dots beside the Batch ID > Clear Web Service Date > Yes"
    assert path in ask(STAMPED).reason.what_to_do
    skipped = replace(ENTRY, state="skipped", skip_reason="stamped_elsewhere")
    known = ask(STAMPED, skipped)
    assert (known.reason.cause, path in known.reason.what_to_do) == ("stamped", True)


@pytest.mark.parametrize(
    ("seen", "chosen", "orders_from", "cause"),
    [
        (DUE, {"enabled": False}, None, "orders_not_enabled"),
        (DUE, {"enabled": True}, None, "next_cycle"),
        (replace(DUE, status=1), {"enabled": True}, None, "order_not_due"),
        (replace(DUE, status=5), {"enabled": True}, None, "voided"),
        (DUE, {"enabled": True}, NOW - timedelta(hours=1), "out_of_window"),
        (replace(DUE, created_at=NOW - timedelta(days=400)), {"enabled": True}, NOW - timedelta(days=500), "out_of_window"),
        (Seen(found=False), {"enabled": True}, None, "unknown_id"),
    ],
)  # fmt: skip
def test_a_purchase_order_that_is_not_known_is_never_left_without_its_cause(
    seen: Seen, chosen: dict[str, Any], orders_from: datetime | None, cause: str
) -> None:
    where = replace(situation(purchase_orders=chosen), orders_from=orders_from)
    assert ask(seen, where=where, document=ORDER).reason.cause == cause


FAULT: dict[str, Any] = {"fault_code": "CONTACT_NOT_FOUND", "fault_text": "Can't find Xero Contact"}
SENT = replace(IN_XERO, stamped_revision=None, stamped_at=None)


@pytest.mark.parametrize(
    ("entry", "seen", "cause", "words"),
    [
        (ENTRY, GOOD, "in_flight", "since 2026-05-20 02:25 UTC"),
        (replace(ENTRY, state_since=NOW - timedelta(hours=2)), GOOD, "in_flight", "No outcome has come for too long"),
        (IN_XERO, STAMPED, "in_xero", "as INV:1 since 2026-05-20 02:25 UTC. Open it: https://go.xero.example/1"),
        (IN_XERO, GOOD, "stamp_cleared", "the next cycle syncs it again"),
        (IN_XERO, None, "in_xero", "INV:1"),
        (replace(IN_XERO, void_revision=5), STAMPED, "voided_in_xero", "voided or deleted in Xero as INV:1"),
        (replace(ENTRY, state="skipped", skip_reason="unpaid"), GOOD, "next_cycle", "next cycle"),
        (replace(ENTRY, state="skipped", skip_reason="voided"), GOOD, "voided", "Xero is left as it is"),
        (replace(ENTRY, state="skipped", skip_reason="no_lines"), GOOD, "skipped", "no_lines"),
        (replace(ENTRY, state="skipped", skip_reason="stamped_elsewhere"), GOOD, "stamp_cleared", "next cycle"),
        (replace(ENTRY, state="waiting_retry", strikes=2, **FAULT), GOOD, "waiting_for_retry", "strike 2 of 3"),
        (replace(ENTRY, state="fault", strikes=3, **FAULT), GOOD, "at_fault", "CONTACT_NOT_FOUND: Can't find Xero Contact"),
        (replace(ENTRY, state="waiting_retry", fault_code="INVOICE_INCOMPLETE"), GOOD, "incomplete", "no number"),
        (replace(ENTRY, state="fault", strikes=3, **FAULT), Seen(found=False), "not_visible", "API user"),
    ],
)  # fmt: skip
def test_a_document_that_is_known_is_never_left_without_its_cause(
    entry: Entry, seen: Seen | None, cause: str, words: str
) -> None:
    found = ask(seen, entry)
    assert found.reason.cause == cause
    assert words in found.reason.words


def test_a_stamp_on_its_way_is_not_taken_for_a_cleared_one() -> None:
    assert causes(ask(GOOD, SENT)) == ["in_xero", "stamp_waiting"]


def test_a_fault_without_its_remedy_is_not_explained() -> None:
    found = ask(GOOD, replace(ENTRY, state="fault", strikes=3, **FAULT))
    assert "Create the contact in Xero" in found.reason.what_to_do


def test_a_hold_hides_neither_who_laid_it_nor_what_is_below() -> None:
    held = HeldBy("ana@acme.example", NOW - timedelta(days=1))
    found = ask(GOOD, replace(IN_XERO, hold="skip"), held_by=held)
    assert causes(found) == ["on_hold", "in_xero"]
    assert "by ana@acme.example, 2026-05-19 02:30 UTC" in found.reason.words


def test_a_pause_is_not_blamed_for_what_lifting_it_would_not_help() -> None:
    paused = replace(situation(), paused=True)
    assert causes(ask(STAMPED, where=paused)) == ["stamped", "paused"]
    assert causes(ask(GOOD, where=paused)) == ["paused"]


@pytest.mark.parametrize(
    ("circuit", "words"),
    [
        (Circuit("down", "Autotask answers 503", NOW, 1, NOW + timedelta(minutes=5)), "tried again at 2026-05-20 02:35 UTC"),
        (Circuit("refused", "wrong secret", NOW), "not tried again by themselves"),
    ],
)  # fmt: skip
def test_an_open_circuit_is_told_with_its_side_its_beginning_and_its_end(
    circuit: Circuit, words: str
) -> None:
    where = replace(situation(), circuit=circuit)
    found = ask(None, where=where)
    assert found.reason.cause == "circuit_open"
    assert f"The connection to Autotask is {circuit.state} since 2026-05-20 02:30 UTC" in found.reason.words
    assert words in found.reason.words
    assert found.facts["autotask_asked"] is False
    assert causes(ask(None, IN_XERO, where)) == ["in_xero", "circuit_open"]


def test_an_unanswered_question_is_not_answered_as_if_nothing_were_wrong() -> None:
    assert causes(ask(None)) == ["not_read"]


def test_a_tenant_that_is_not_set_up_says_so() -> None:
    assert ask(GOOD, where=Situation(None, False, False, FINE)).reason.cause == "not_set_up"
    assert ask(GOOD, where=replace(situation(), has_reference=False)).reason.cause == "not_set_up"


def test_a_change_that_did_not_go_over_is_told_beside_the_success() -> None:
    order = replace(IN_XERO, document="purchase-order/1", changed_since=NOW)
    found = ask(DUE, order, situation(purchase_orders={"enabled": True}), ORDER)
    assert causes(found) == ["in_xero", "changed_since"]


def test_the_end_of_quiet_hours_is_no_moment_that_is_quiet_itself() -> None:
    overnight = {
        "enabled": True,
        "business_hours": {"start": "18:00", "end": "08:00"},
        "days": ["tuesday", "wednesday"],
    }
    settings = effective_settings({"quiet_mode": overnight})
    assert quiet_until(settings, datetime(2026, 5, 20, 2, tzinfo=UTC)) == datetime(2026, 5, 20, 8, tzinfo=UTC)
    assert quiet_until(settings, datetime(2026, 5, 20, 12, tzinfo=UTC)) is None


def test_an_answer_can_be_read_by_a_program() -> None:
    answer = json.loads(ask(STAMPED, where=replace(situation(), paused=True)).as_json())
    assert set(answer) == {"cause", "words", "what_to_do", "facts", "also"}
    assert answer["facts"]["stamped_at"] == STAMPED.stamped_at.isoformat() if STAMPED.stamped_at else None
    assert [each["cause"] for each in answer["also"]] == ["paused"]
