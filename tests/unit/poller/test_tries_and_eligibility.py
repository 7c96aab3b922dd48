"""Which invoices are tried, when, and as which try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.settings import effective_settings
from poller.core.eligibility import Facts, judge, judge_request, judge_void
from poller.core.entry import Entry, State
from poller.core.look import Look, look_with
from poller.core.tries import Origin, Subject, action_of, begin, without_open_void
from poller.core.verdicts import Cause, Leave, Skip, Try
from poller.core.window import as_autotask_date, first_day, first_moment

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BEGAN = datetime(2026, 5, 14, 9, tzinfo=UTC)
BEFORE, AFTER = BEGAN - timedelta(minutes=1), BEGAN + timedelta(minutes=1)
FRESH = Facts(7, None, voided=False)
STAMPED = Facts(7, BEFORE, voided=False)
VOIDED = Facts(7, None, voided=True)
LOOK = Look(BEGAN)
VOIDING = Look(BEGAN, void=True)
PAID_ONLY = Look(BEGAN, paid_only=True)


def entry(state: State, **changes: object) -> Entry:
    made = Entry("invoice/7", 7, state, 10, TRACE, state_since=BEFORE)
    return replace(made, **changes)  # type: ignore[arg-type]  # any field of an entry


SUBJECT = Subject("invoice/7", BEGAN.date())


def test_an_unknown_invoice_is_tried_unless_stamped_or_voided() -> None:
    assert judge(FRESH, None, LOOK) == Try("discovery")
    assert judge(STAMPED, None, LOOK) == Leave()
    assert isinstance(judge(VOIDED, None, LOOK), Skip)


@pytest.mark.parametrize("state", ["in_flight", "fault", "done", "skipped"])
def test_what_is_on_its_way_or_settled_is_left_alone(state: State) -> None:
    assert judge(FRESH, entry(state), LOOK) == Leave()


@pytest.mark.parametrize("facts", [FRESH, STAMPED, VOIDED])
@pytest.mark.parametrize("state", ["waiting_retry", "done", "skipped"])
def test_a_held_document_is_left_alone_whatever_happens_to_it(state: State, facts: Facts) -> None:
    held = entry(state, hold="skip", stamped_at=BEFORE, skip_reason="stamped_elsewhere")
    assert judge(facts, held, LOOK) == Leave()


def test_a_failed_invoice_waits_for_the_next_cycle() -> None:
    assert judge(FRESH, entry("waiting_retry", state_since=AFTER), LOOK) == Leave()
    assert judge(FRESH, entry("waiting_retry"), LOOK) == Try("retry")


@pytest.mark.parametrize("facts", [FRESH, STAMPED])
def test_a_try_whose_outcome_never_comes_is_begun_again_a_younger_one_left_alone(facts: Facts) -> None:
    since = BEGAN - timedelta(hours=1)
    assert judge(facts, entry("in_flight", state_since=since - timedelta(seconds=1)), LOOK) == Try("overdue")
    assert judge(facts, entry("in_flight", state_since=since), LOOK) == Leave()
    held = entry("in_flight", state_since=since - timedelta(days=1), hold="skip")
    assert judge(facts, held, LOOK) == Leave()


def test_a_try_in_place_of_one_without_an_outcome_is_the_same_attempt_of_the_same_command() -> None:
    before = entry("in_flight", strikes=1, attempt=2, priority="interactive", command_id="c1")
    begun = begin(before, SUBJECT, Origin("overdue", TRACE), BEGAN)
    assert (begun.attempt, begun.strikes, begun.priority, begun.command_id) == (2, 1, "interactive", "c1")
    assert begun.revision > before.revision


def test_a_resync_lets_in_what_a_lost_ledger_does_not_know_discovery_does_not() -> None:
    assert judge_request(STAMPED, None, "resync", LOOK) == Try("resync")
    assert judge(STAMPED, None, LOOK) == Leave()
    assert isinstance(judge_request(STAMPED, entry("skipped"), "resync", LOOK), Skip)


def test_a_stamp_counts_as_cleared_only_if_it_was_confirmed_before_the_look() -> None:
    assert judge(FRESH, entry("done", stamped_at=BEFORE), LOOK) == Try("cleared")
    assert judge(FRESH, entry("done", stamped_at=AFTER), LOOK) == Leave()
    assert judge(FRESH, entry("done", stamped_at=None), LOOK) == Leave()
    assert judge(STAMPED, entry("done", stamped_at=BEFORE), LOOK) == Leave()
    wanted = entry("done", stamped_at=BEFORE, synced_revision=6, stamped_revision=5)
    assert judge(FRESH, wanted, LOOK) == Leave()


def test_a_cleared_stamp_of_a_success_is_seen_at_a_later_fault_too_and_begins_one_resync_only() -> None:
    failed_later = entry("fault", stamped_at=BEFORE, synced_revision=5, stamped_revision=5, strikes=3)
    assert judge(FRESH, failed_later, LOOK) == Try("cleared")
    assert judge(STAMPED, failed_later, LOOK) == Leave()
    begun = begin(failed_later, SUBJECT, Origin("cleared", TRACE), BEGAN)
    assert (begun.attempt, begun.strikes) == (1, 0)
    assert judge(FRESH, replace(begun, state="fault"), LOOK) == Leave()
    assert judge(FRESH, entry("fault"), LOOK) == Leave(), "it never went over: there was no stamp of ours"


def test_our_own_stamp_is_not_taken_for_somebody_elses() -> None:
    synced_before = entry("waiting_retry", synced_revision=5, stamped_revision=5)
    assert judge(STAMPED, synced_before, LOOK) == Try("retry")
    assert judge_request(STAMPED, synced_before, "resync", LOOK) == Try("resync")
    assert isinstance(judge(STAMPED, entry("waiting_retry"), LOOK), Skip)


def test_a_cleared_stamp_of_somebody_else_lets_the_invoice_in() -> None:
    assert judge(FRESH, entry("skipped", skip_reason="stamped_elsewhere"), LOOK) == Try("cleared")
    assert judge(FRESH, entry("skipped", skip_reason="no_lines"), LOOK) == Leave()


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
    begun = begin(before, SUBJECT, Origin(cause, TRACE), BEGAN)
    assert begun.revision > before.revision
    assert begun.state == "in_flight"
    assert begun.attempt == (strikes + 1 if cause in {"retry", "overdue"} else 1)


def test_the_revision_grows_even_if_the_memory_is_lost() -> None:
    known = begin(None, SUBJECT, Origin("discovery", TRACE), BEGAN)
    forgotten = begin(None, SUBJECT, Origin("discovery", TRACE), AFTER)
    assert forgotten.revision > known.revision


@pytest.mark.parametrize(
    ("cause", "backfill", "known", "priority"),
    [
        ("discovery", False, "normal", "normal"),
        ("discovery", True, "normal", "backfill"),
        ("retry", True, "backfill", "backfill"),
        ("retry", True, "interactive", "normal"),
        ("resync", True, "backfill", "interactive"),
        ("unskip", False, "normal", "interactive"),
        ("cleared", True, "backfill", "normal"),
        ("paid", True, "backfill", "normal"),
        ("voided", True, "backfill", "normal"),
    ],
)
def test_priority_follows_who_waits(cause: Cause, known: str, priority: str, *, backfill: bool) -> None:
    before = None if cause == "discovery" else entry("waiting_retry", priority=known)
    subject = Subject("invoice/7", BEGAN.date(), backfill)
    assert begin(before, subject, Origin(cause, TRACE), BEGAN).priority == priority


def test_what_is_known_to_be_in_xero_is_updated_never_created_again() -> None:
    assert action_of(entry("done")) == "create"
    assert action_of(entry("done", xero_document_id="x")) == "update"


def test_the_window_is_counted_in_the_tenants_calendar() -> None:
    late = datetime(2026, 5, 14, 13, tzinfo=UTC)  # already the 15th in Auckland
    assert as_autotask_date(first_day(late, 14, ZoneInfo("Pacific/Auckland"))) == "2026-05-01T00:00:00Z"
    assert as_autotask_date(first_day(late, 14, UTC)) == "2026-04-30T00:00:00Z"


@pytest.mark.parametrize("days", [1, 14, 365])
def test_the_window_ends_with_its_last_day_and_not_one_earlier_or_later(days: int) -> None:
    zone = ZoneInfo("Pacific/Auckland")
    late = datetime(2026, 5, 14, 13, tzinfo=UTC)
    today = late.astimezone(zone).date()
    start = first_day(late, days, zone)
    inside = [back for back in (days - 1, days, days + 1) if today - timedelta(days=back) >= start]
    assert inside == [days - 1, days]
    assert first_moment(late, days, zone).astimezone(zone).date() == start
    assert (first_moment(late, days, zone) - timedelta(seconds=1)).astimezone(zone).date() < start


# Paid invoices only.

UNPAID, PAID = FRESH, Facts(7, None, voided=False, paid=True)


def test_an_unpaid_invoice_waits_outside_and_a_paid_one_goes() -> None:
    assert judge(UNPAID, None, PAID_ONLY) == Leave()
    assert judge(PAID, None, PAID_ONLY) == Try("discovery")
    assert judge(UNPAID, None, LOOK) == Try("discovery")


def test_a_person_is_told_that_an_invoice_is_unpaid_and_it_goes_by_itself_once_it_is_paid() -> None:
    asked = judge_request(UNPAID, entry("fault"), "resync", PAID_ONLY)
    assert isinstance(asked, Skip)
    waits = entry("skipped", skip_reason=asked.reason)
    assert judge(UNPAID, waits, PAID_ONLY) == Leave()
    assert judge(PAID, waits, PAID_ONLY) == Try("paid")
    assert judge(UNPAID, waits, LOOK) == Try("paid")
    assert isinstance(judge(VOIDED, waits, PAID_ONLY), Skip)


def test_what_is_in_xero_is_not_taken_for_unpaid() -> None:
    assert judge_request(UNPAID, entry("done", synced_revision=5), "resync", PAID_ONLY) == Try("resync")
    assert judge(UNPAID, entry("waiting_retry", synced_revision=5), PAID_ONLY) == Try("retry")
    assert isinstance(judge(UNPAID, entry("waiting_retry"), PAID_ONLY), Skip)


# Voids.

IN_XERO = {"synced_revision": 5, "stamped_revision": 5, "stamped_at": BEFORE}
STAMPED_VOID = Facts(7, BEFORE, voided=True)


@pytest.mark.parametrize("state", ["done", "fault", "skipped"])
def test_what_is_in_xero_is_voided_once_and_only_if_the_settings_want_it(state: State) -> None:
    assert judge_void(STAMPED_VOID, entry(state, **IN_XERO), VOIDING) == Try("voided", void=True)
    assert judge_void(STAMPED_VOID, entry(state, **IN_XERO), LOOK) == Leave()
    assert judge_void(STAMPED_VOID, entry(state), VOIDING) == Leave()
    assert judge_void(STAMPED, entry(state, **IN_XERO), VOIDING) == Leave()
    assert judge_void(STAMPED_VOID, entry(state, **IN_XERO, void_revision=9), VOIDING) == Leave()
    assert judge_void(STAMPED_VOID, entry(state, **IN_XERO, hold="skip"), VOIDING) == Leave()
    assert judge_void(STAMPED_VOID, None, VOIDING) == Leave()


def test_a_try_on_its_way_is_not_overtaken_by_the_void() -> None:
    assert judge_void(STAMPED_VOID, entry("in_flight", **IN_XERO), VOIDING) == Leave()


def test_a_failed_void_is_tried_again_as_a_void_and_never_as_an_update() -> None:
    failed = entry("waiting_retry", **IN_XERO, void_revision=10)
    assert judge(STAMPED_VOID, failed, VOIDING) == Try("retry", void=True)
    assert isinstance(judge(STAMPED_VOID, failed, LOOK), Skip)


def test_a_voided_invoice_whose_stamp_was_cleared_is_not_written_again() -> None:
    cleared = entry("done", **IN_XERO)
    assert judge(VOIDED, cleared, VOIDING) == Try("cleared", void=True)
    assert isinstance(judge(VOIDED, cleared, LOOK), Skip)


@pytest.mark.parametrize("state", ["waiting_retry", "fault"])
def test_what_never_was_in_xero_is_skipped_once_it_is_voided(state: State) -> None:
    assert isinstance(judge(VOIDED, entry(state), VOIDING), Skip)
    assert isinstance(judge(VOIDED, entry(state), LOOK), Skip)


def test_a_resync_of_a_voided_invoice_voids_again_or_leaves_xero_as_it_is() -> None:
    voided = entry("done", **IN_XERO, void_revision=9)
    assert judge_request(STAMPED_VOID, voided, "resync", VOIDING) == Try("resync", void=True)
    assert isinstance(judge_request(STAMPED_VOID, voided, "resync", LOOK), Skip)
    assert judge_request(STAMPED_VOID, None, "resync", VOIDING) == Try("resync", void=True)
    assert isinstance(judge_request(VOIDED, None, "resync", VOIDING), Skip)


def test_the_action_of_a_try_is_its_own_and_not_that_of_an_earlier_one() -> None:
    known = entry("done", xero_document_id="x")
    voiding = begin(known, SUBJECT, Origin("voided", TRACE, void=True), BEGAN)
    assert action_of(voiding) == "void"
    assert action_of(begin(voiding, SUBJECT, Origin("resync", TRACE), BEGAN)) == "update"


def test_a_void_that_was_given_up_can_begin_anew_and_one_that_succeeded_does_not() -> None:
    assert without_open_void(entry("skipped", **IN_XERO, void_revision=9)).void_revision is None
    assert without_open_void(entry("done", synced_revision=9, void_revision=9)).void_revision == 9


# Documents made anew.


def test_a_document_is_made_anew_once_per_wish_until_it_is_there_and_keeps_its_generation() -> None:
    first = begin(
        entry("fault", xero_document_id="x"), SUBJECT, Origin("resync", TRACE, recreate=True), BEGAN
    )
    assert (first.generation, first.recreate) == (2, True)
    again = begin(replace(first, state="waiting_retry"), SUBJECT, Origin("retry", TRACE), BEGAN)
    assert (again.generation, again.recreate) == (2, True)
    later = begin(replace(first, state="done"), SUBJECT, Origin("resync", TRACE), BEGAN)
    assert (later.generation, later.recreate) == (2, False)
    late = begin(first, SUBJECT, Origin("overdue", TRACE), BEGAN)
    assert (late.generation, late.recreate) == (2, True)
    void = begin(first, SUBJECT, Origin("resync", TRACE, void=True, recreate=True), BEGAN)
    assert (void.generation, void.recreate) == (2, False)


# Quiet hours.

QUIET = Look(BEGAN, activated_at=BEGAN - timedelta(days=9), quiet=True, quiet_lately=True)
YOUNG, OLD = (
    Facts(7, None, voided=False, created_at=BEGAN - age) for age in (timedelta(days=1), timedelta(days=3))
)


def test_quiet_hours_hold_back_backfill_and_nothing_else() -> None:
    assert judge(OLD, None, QUIET) == Leave()
    assert judge(YOUNG, None, QUIET) == Try("discovery")
    assert judge(OLD, None, replace(QUIET, quiet=False)) == Try("discovery")
    assert judge(OLD, entry("waiting_retry", priority="backfill"), QUIET) == Leave()
    assert judge(OLD, entry("waiting_retry", priority="normal"), QUIET) == Try("retry")
    assert judge_request(OLD, None, "resync", QUIET) == Try("resync")


def test_what_was_there_before_the_activation_is_backfill_however_young() -> None:
    activated = replace(QUIET, activated_at=BEGAN - timedelta(hours=1))
    assert judge(YOUNG, None, activated) == Leave()
    newer = replace(YOUNG, created_at=BEGAN - timedelta(minutes=1))
    assert judge(newer, None, activated) == Try("discovery")


def test_backfill_that_lies_with_the_writer_in_quiet_hours_is_not_taken_for_lost() -> None:
    since = BEGAN - timedelta(hours=8)
    waiting = entry("in_flight", state_since=since, priority="backfill")
    assert judge(OLD, waiting, QUIET) == Leave()
    assert judge(OLD, waiting, replace(QUIET, quiet=False)) == Leave(), "the writer has just begun with it"
    assert judge(OLD, waiting, replace(QUIET, quiet=False, quiet_lately=False)) == Try("overdue")
    assert judge(OLD, entry("in_flight", state_since=since), QUIET) == Try("overdue")


@pytest.mark.parametrize(
    ("hour", "quiet", "lately"), [(6, False, False), (7, True, True), (17, True, True), (18, False, True)]
)
def test_a_look_knows_business_hours_by_the_clock_of_the_tenant(
    hour: int, *, quiet: bool, lately: bool
) -> None:
    settings = effective_settings({"quiet_mode": {"enabled": True}, "time_zone": "Pacific/Auckland"})
    now = datetime(2026, 5, 14, hour, 30, tzinfo=ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    look = look_with(settings, now, now, None)
    assert (look.quiet, look.quiet_lately) == (quiet, lately)


# What may be in Xero although no success has come.

ID_KNOWN = {"xero_document_id": "x", "fault_code": "CAN_NOT_TAKE_BACK"}


def test_a_document_that_was_never_seen_in_xero_is_not_made_anew_under_another_number() -> None:
    for before in (None, entry("fault"), entry("in_flight")):
        begun = begin(before, SUBJECT, Origin("resync", TRACE, recreate=True), BEGAN)
        assert (begun.generation, begun.recreate) == (1, False)


@pytest.mark.parametrize("state", ["done", "fault", "skipped"])
def test_what_a_fault_left_in_xero_is_voided_too_and_only_if_the_settings_want_it(state: State) -> None:
    left = entry(state, **ID_KNOWN)
    assert judge_void(VOIDED, left, VOIDING) == Try("voided", void=True)
    assert judge_void(VOIDED, left, LOOK) == Leave()
    assert judge(VOIDED, left, VOIDING) == Leave(), "the look for voids takes it"


def test_a_failed_try_that_left_a_document_in_xero_is_tried_again_as_a_void() -> None:
    left = entry("waiting_retry", **ID_KNOWN)
    assert judge(VOIDED, left, VOIDING) == Try("retry", void=True)
    assert judge(STAMPED_VOID, left, VOIDING) == Try("retry", void=True), "whoever stamped it"
    assert isinstance(judge(VOIDED, left, LOOK), Skip)
    assert isinstance(judge(VOIDED, entry("fault", **ID_KNOWN), LOOK), Skip)
    assert judge_request(VOIDED, left, "resync", VOIDING) == Try("resync", void=True)


def test_a_document_that_lives_again_can_be_voided_a_second_time() -> None:
    voided = entry("done", **IN_XERO, void_revision=5)
    assert judge_void(STAMPED_VOID, voided, VOIDING) == Leave()
    again = begin(voided, SUBJECT, Origin("resync", TRACE), BEGAN)
    assert again.void_revision is None
    lives = replace(again, state="done", synced_revision=again.revision)
    assert judge_void(STAMPED_VOID, lives, VOIDING) == Try("voided", void=True)
