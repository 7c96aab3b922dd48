"""Which invoices are tried, when, and as which try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.core.eligibility import Cause, Facts, Leave, Skip, Try, judge, judge_request
from poller.core.entry import Entry, State
from poller.core.tries import Origin, Subject, action_of, begin
from poller.core.window import as_autotask_date, first_day

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BEGAN = datetime(2026, 5, 14, 9, tzinfo=UTC)
BEFORE, AFTER = BEGAN - timedelta(minutes=1), BEGAN + timedelta(minutes=1)
FRESH = Facts(7, None, voided=False)
STAMPED = Facts(7, BEFORE, voided=False)
VOIDED = Facts(7, None, voided=True)


def entry(state: State, **changes: object) -> Entry:
    made = Entry("invoice/7", 7, state, 10, TRACE, state_since=BEFORE)
    return replace(made, **changes)  # type: ignore[arg-type]  # any field of an entry


def subject(age: timedelta) -> Subject:
    return Subject(7, BEGAN.date(), BEGAN - age)


def test_an_unknown_invoice_is_tried_unless_stamped_or_voided() -> None:
    assert judge(FRESH, None, BEGAN) == Try("discovery")
    assert judge(STAMPED, None, BEGAN) == Leave()
    assert isinstance(judge(VOIDED, None, BEGAN), Skip)


@pytest.mark.parametrize("state", ["in_flight", "fault", "done", "skipped"])
def test_what_is_on_its_way_or_settled_is_left_alone(state: State) -> None:
    assert judge(FRESH, entry(state), BEGAN) == Leave()


@pytest.mark.parametrize("facts", [FRESH, STAMPED, VOIDED])
@pytest.mark.parametrize("state", ["waiting_retry", "done", "skipped"])
def test_a_held_document_is_left_alone_whatever_happens_to_it(state: State, facts: Facts) -> None:
    held = entry(state, hold="skip", stamped_at=BEFORE, skip_reason="stamped_elsewhere")
    assert judge(facts, held, BEGAN) == Leave()


def test_a_failed_invoice_waits_for_the_next_cycle() -> None:
    assert judge(FRESH, entry("waiting_retry", state_since=AFTER), BEGAN) == Leave()
    assert judge(FRESH, entry("waiting_retry"), BEGAN) == Try("retry")


@pytest.mark.parametrize("facts", [FRESH, STAMPED])
def test_a_try_whose_outcome_never_comes_is_begun_again_a_younger_one_left_alone(facts: Facts) -> None:
    since = BEGAN - timedelta(hours=1)
    assert judge(facts, entry("in_flight", state_since=since - timedelta(seconds=1)), BEGAN) == Try("overdue")
    assert judge(facts, entry("in_flight", state_since=since), BEGAN) == Leave()
    held = entry("in_flight", state_since=since - timedelta(days=1), hold="skip")
    assert judge(facts, held, BEGAN) == Leave()


def test_a_try_in_place_of_one_without_an_outcome_is_the_same_attempt_of_the_same_command() -> None:
    before = entry("in_flight", strikes=1, attempt=2, priority="interactive", command_id="c1")
    begun = begin(before, subject(timedelta(hours=2)), Origin("overdue", TRACE), BEGAN)
    assert (begun.attempt, begun.strikes, begun.priority, begun.command_id) == (2, 1, "interactive", "c1")
    assert begun.revision > before.revision


def test_a_resync_lets_in_what_a_lost_ledger_does_not_know_discovery_does_not() -> None:
    assert judge_request(STAMPED, None, "resync") == Try("resync")
    assert judge(STAMPED, None, BEGAN) == Leave()
    assert isinstance(judge_request(STAMPED, entry("skipped"), "resync"), Skip)


def test_a_stamp_counts_as_cleared_only_if_it_was_confirmed_before_the_look() -> None:
    assert judge(FRESH, entry("done", stamped_at=BEFORE), BEGAN) == Try("cleared")
    assert judge(FRESH, entry("done", stamped_at=AFTER), BEGAN) == Leave()
    assert judge(FRESH, entry("done", stamped_at=None), BEGAN) == Leave()
    assert judge(STAMPED, entry("done", stamped_at=BEFORE), BEGAN) == Leave()
    wanted = entry("done", stamped_at=BEFORE, synced_revision=6, stamped_revision=5)
    assert judge(FRESH, wanted, BEGAN) == Leave()


def test_our_own_stamp_is_not_taken_for_somebody_elses() -> None:
    synced_before = entry("waiting_retry", synced_revision=5, stamped_revision=5)
    assert judge(STAMPED, synced_before, BEGAN) == Try("retry")
    assert judge_request(STAMPED, synced_before, "resync") == Try("resync")
    assert isinstance(judge(STAMPED, entry("waiting_retry"), BEGAN), Skip)


def test_a_cleared_stamp_of_somebody_else_lets_the_invoice_in() -> None:
    assert judge(FRESH, entry("skipped", skip_reason="stamped_elsewhere"), BEGAN) == Try("cleared")
    assert judge(FRESH, entry("skipped", skip_reason="no_lines"), BEGAN) == Leave()


@given(
    st.sampled_from(["in_flight", "waiting_retry", "fault", "done", "skipped"]),
    st.sampled_from(["discovery", "retry", "overdue", "cleared", "resync", "unskip"]),
    st.integers(0, 2),
    st.integers(0, 2**40),
)
def test_revisions_always_grow_and_attempts_stay_within_three(
    state: State, cause: Cause, strikes: int, revision: int
) -> None:
    before = entry(state, strikes=strikes, revision=revision)
    begun = begin(before, subject(timedelta(hours=1)), Origin(cause, TRACE), BEGAN)
    assert begun.revision > before.revision
    assert begun.state == "in_flight"
    assert begun.attempt == (strikes + 1 if cause in {"retry", "overdue"} else 1)


def test_the_revision_grows_even_if_the_memory_is_lost() -> None:
    known = begin(None, subject(timedelta(hours=1)), Origin("discovery", TRACE), BEGAN)
    forgotten = begin(None, subject(timedelta(hours=1)), Origin("discovery", TRACE), AFTER)
    assert forgotten.revision > known.revision


@pytest.mark.parametrize(
    ("cause", "age_days", "known", "priority"),
    [
        ("discovery", 1, "normal", "normal"),
        ("discovery", 3, "normal", "backfill"),
        ("retry", 3, "backfill", "backfill"),
        ("retry", 3, "interactive", "normal"),
        ("resync", 3, "backfill", "interactive"),
        ("unskip", 0, "normal", "interactive"),
        ("cleared", 30, "backfill", "normal"),
    ],
)
def test_priority_follows_who_waits(cause: Cause, age_days: int, known: str, priority: str) -> None:
    before = None if cause == "discovery" else entry("waiting_retry", priority=known)
    begun = begin(before, subject(timedelta(days=age_days)), Origin(cause, TRACE), BEGAN)
    assert begun.priority == priority


def test_what_is_known_to_be_in_xero_is_updated_never_created_again() -> None:
    assert action_of(entry("done")) == "create"
    assert action_of(entry("done", xero_document_id="x")) == "update"


def test_the_window_is_counted_in_the_tenants_calendar() -> None:
    late = datetime(2026, 5, 14, 13, tzinfo=UTC)  # already the 15th in Auckland
    assert as_autotask_date(first_day(late, 14, ZoneInfo("Pacific/Auckland"))) == "2026-05-01T00:00:00Z"
    assert as_autotask_date(first_day(late, 14, UTC)) == "2026-04-30T00:00:00Z"
