"""What outcomes do to the ledger, in whatever order and however often they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.core.entry import Entry, State
from poller.core.transitions import Outcome, OutcomeKind, settle
from poller.core.tries import Origin, Subject, begin

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOW = datetime(2026, 5, 14, 9, tzinfo=UTC)
SUBJECT = Subject("invoice/7", NOW.date())


def entry(state: State = "in_flight", revision: int = 10, attempt: int = 1, strikes: int = 0) -> Entry:
    return Entry("invoice/7", 7, state, revision, TRACE, attempt=attempt, strikes=strikes)


def outcome(kind: OutcomeKind, revision: int = 10, *, strike: bool = True, final: bool = False) -> Outcome:
    made = Outcome("invoice/7", revision, kind, TRACE)
    if kind == "synced":
        return replace(made, xero_document_id=f"x-{revision}")
    if kind == "faulted":
        return replace(made, code="TAX_MISSING", text="no tax", strike=strike, final=final)
    return replace(made, reason="no_lines", text="no lines")


def settled(start: Entry | None, *outcomes: Outcome) -> Entry:
    for each in outcomes:
        start = settle(start, each)
    assert start is not None
    return start


entries = st.builds(
    entry,
    st.sampled_from(["in_flight", "waiting_retry", "fault", "done", "skipped"]),
    st.integers(5, 15),
    st.integers(1, 3),
    st.integers(0, 2),
)
outcomes = st.builds(
    outcome,
    st.sampled_from(["synced", "faulted", "skipped"]),
    st.integers(1, 20),
    strike=st.booleans(),
    final=st.booleans(),
)


@given(entries, outcomes)
def test_an_outcome_of_an_older_revision_never_changes_state_or_counters(
    start: Entry, given: Outcome
) -> None:
    older = replace(given, revision=start.revision - 1)
    after = settled(start, older)
    assert replace(after, synced_revision=None, xero_document_id=None) == start
    assert (after.synced_revision is not None) == (older.kind == "synced")


@given(entries, outcomes)
def test_a_fault_or_skip_of_a_newer_revision_changes_nothing(start: Entry, given: Outcome) -> None:
    if given.kind != "synced":
        newer = replace(given, revision=start.revision + 1)
        assert settle(start, newer) is start


@given(entries, outcomes)
def test_a_repeated_outcome_changes_nothing(start: Entry, given: Outcome) -> None:
    once = settled(start, given)
    assert settle(once, given) == once


@given(entries, st.lists(outcomes, max_size=8))
def test_strikes_stay_within_three_and_a_fault_has_a_cause(start: Entry, several: list[Outcome]) -> None:
    start = replace(start, attempt=start.strikes + 1)
    after = settled(start, *several)
    assert 0 <= after.strikes <= 3
    assert after.strikes <= start.strikes + 1
    if after.state in {"waiting_retry", "fault"} and start.state == "in_flight":
        assert after.fault_code == "TAX_MISSING"


@given(st.permutations([outcome("synced"), outcome("faulted"), outcome("skipped"), outcome("synced", 9)]))
def test_any_order_of_the_outcomes_of_one_try_ends_the_same(order: list[Outcome]) -> None:
    after = settled(entry(attempt=2, strikes=1), *order)
    assert (after.state, after.strikes, after.synced_revision, after.fault_code) == ("done", 0, 10, None)


def test_a_fault_outweighs_a_skip_of_the_same_try_in_either_order() -> None:
    ends = {settled(entry(), *order) for order in permutations([outcome("faulted"), outcome("skipped")])}
    assert {(each.state, each.strikes, each.skip_reason) for each in ends} == {("waiting_retry", 1, None)}


def test_the_third_strike_in_a_row_is_final() -> None:
    now: Entry | None = None
    states = []
    for _ in range(3):
        now = begin(now, SUBJECT, Origin("discovery" if now is None else "retry", TRACE), NOW)
        now = settled(now, outcome("faulted", now.revision))
        states.append((now.state, now.attempt, now.strikes))
    assert states == [("waiting_retry", 1, 1), ("waiting_retry", 2, 2), ("fault", 3, 3)]


def test_a_success_in_between_starts_the_count_anew() -> None:
    now = begin(entry("waiting_retry", attempt=2, strikes=2), SUBJECT, Origin("retry", TRACE), NOW)
    now = settled(now, outcome("synced", now.revision))
    assert (now.state, now.strikes) == ("done", 0)
    now = begin(now, SUBJECT, Origin("cleared", TRACE), NOW)
    assert now.attempt == 1


def test_a_fault_without_strike_does_not_count_but_a_final_one_ends_the_tries() -> None:
    waiting = settled(entry(attempt=2, strikes=1), outcome("faulted", strike=False))
    assert (waiting.state, waiting.strikes) == ("waiting_retry", 1)
    ended = settled(entry(), outcome("faulted", strike=False, final=True))
    assert (ended.state, ended.strikes) == ("fault", 0)


def test_a_success_after_a_fault_of_the_same_try_wins() -> None:
    after = settled(entry(attempt=3, strikes=2), outcome("faulted"), outcome("synced"))
    assert (after.state, after.strikes, after.stamp_wanted) == ("done", 0, True)


def test_the_id_of_the_newest_success_is_kept() -> None:
    after = settled(entry(), outcome("synced", 10), outcome("synced", 8))
    assert (after.xero_document_id, after.synced_revision) == ("x-10", 10)


def test_a_success_newer_than_the_ledger_is_taken_over() -> None:
    after = settled(entry("fault", strikes=3), outcome("synced", 99))
    assert (after.state, after.revision, after.strikes, after.stamp_wanted) == ("done", 99, 0, True)


def test_a_success_of_an_unknown_document_is_taken_over_and_faults_are_not() -> None:
    assert settled(None, outcome("synced")).autotask_id == 7
    assert settle(None, outcome("faulted")) is None
    assert settle(None, outcome("skipped")) is None


def test_holds_lie_over_the_state_and_survive_outcomes() -> None:
    held = replace(entry(), hold="skip", hold_version=4)
    after = settled(held, outcome("synced"))
    assert (after.state, after.hold, after.hold_version) == ("done", "skip", 4)


@pytest.mark.parametrize(
    ("synced", "stamped", "wanted"), [(None, None, False), (5, None, True), (5, 4, True), (5, 5, False)]
)
def test_a_stamp_is_wanted_for_each_newer_success(
    synced: int | None, stamped: int | None, *, wanted: bool
) -> None:
    assert replace(entry(), synced_revision=synced, stamped_revision=stamped).stamp_wanted is wanted


def test_an_order_went_over_as_its_newest_try_carried_it_and_is_not_changed_since() -> None:
    before = replace(entry(), fingerprint="new", synced_fingerprint="old", changed_since=NOW)
    failed = settled(before, outcome("faulted"))
    assert (failed.synced_fingerprint, failed.changed_since) == ("old", NOW)
    older = settled(before, outcome("synced", 9))
    assert (older.synced_fingerprint, older.changed_since) == ("old", NOW)
    done = settled(before, outcome("synced"))
    assert (done.synced_fingerprint, done.changed_since) == ("new", None)


def test_a_success_that_the_ledger_does_not_know_tells_not_what_went_over() -> None:
    lost = settled(replace(entry(), fingerprint="old", synced_fingerprint="old"), outcome("synced", 11))
    assert lost.synced_fingerprint is None


def test_an_order_wants_no_stamp_not_even_by_an_older_release() -> None:
    order = replace(entry(), document="purchase-order/7")
    done = settle(order, replace(outcome("synced"), document="purchase-order/7"))
    assert done is not None
    assert (done.state, done.stamp_wanted, done.stamped_revision) == ("done", False, 10)
    assert settled(entry(), outcome("synced")).stamp_wanted


def test_the_id_that_a_fault_tells_is_kept_and_one_that_is_known_is_not_forgotten() -> None:
    told = replace(outcome("faulted"), xero_document_id="x")
    assert settled(entry(), told).xero_document_id == "x"
    known = replace(entry(), xero_document_id="known")
    assert settled(known, outcome("faulted")).xero_document_id == "known"
    assert settled(entry(), told, outcome("synced")).xero_document_id == "x-10"
    assert settled(entry(), outcome("synced"), told).xero_document_id == "x-10"


def test_a_void_leaves_the_stamp_that_is_there_and_sets_one_that_is_not() -> None:
    stamped = replace(entry(), synced_revision=5, stamped_revision=5, stamped_at=NOW)
    void = replace(outcome("synced"), result="voided")
    assert not settled(stamped, void).stamp_wanted
    assert settled(replace(stamped, stamped_at=None), void).stamp_wanted, "it was cleared before"
    assert settled(stamped, outcome("synced")).stamp_wanted
    behind = replace(stamped, synced_revision=6)
    assert not settled(behind, void).stamp_wanted


def test_number_and_link_are_forgotten_when_a_void_finds_nothing_and_only_then() -> None:
    known = replace(entry(), xero_number="INV:7", xero_url="https://x.example/7", xero_document_id="x-1")
    there = replace(outcome("synced"), result="voided")
    assert (settled(known, there).xero_number, settled(known, there).xero_url) == (
        "INV:7",
        "https://x.example/7",
    )
    nothing = settled(known, replace(there, xero_document_id=None))
    assert (nothing.state, nothing.xero_number, nothing.xero_url) == ("done", None, None)
    assert nothing.xero_document_id == "x-1", "what a resync goes by"
