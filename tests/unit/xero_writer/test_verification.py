from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_writer.core.timing import Timing
from xero_writer.core.verification import Unknown, absence_believed, absence_counts, next_step

TIMING = Timing()
BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


FRESH = Unknown(
    created_at=BEGAN,
    last_sent_at=after(1),
    may_resend=True,
    number_is_ours=False,
    looked_up_at=None,
    absent_since=None,
    answered_since=False,
)


@pytest.mark.parametrize(
    ("span", "seconds"),
    [
        ("first_send", 30),
        ("resend", 240),
        ("deadline", 60),
        ("lookup", 420),
        ("second_lookup", 60),
        ("recheck", 900),
        ("first_pause", 15),
        ("longest_pause", 300),
    ],
)
def test_no_span_differs_from_the_contract_at_xeros_own_key_lifetime(span: str, seconds: float) -> None:
    assert getattr(TIMING, span) == pytest.approx(seconds)


@given(st.floats(0.5, 10_000))
def test_no_key_lifetime_lets_absence_count_while_a_late_request_could_still_be_processed(
    lifetime: float,
) -> None:
    timing = Timing(lifetime)
    assert timing.first_send < timing.resend < timing.resend + timing.deadline < lifetime < timing.lookup


def test_a_young_request_is_sent_again_and_not_given_up() -> None:
    assert next_step(FRESH, after(10), TIMING).what == "resend"


def test_nothing_of_four_minutes_is_sent_again_however_long_nobody_looked() -> None:
    assert next_step(FRESH, after(239), TIMING).what == "resend"
    assert next_step(FRESH, after(240), TIMING).what == "look_up"


@pytest.mark.parametrize("back", [1, 3600, 90_000])
def test_a_clock_that_was_set_back_brings_no_old_request_to_life_and_keeps_no_lookup_waiting(
    back: float,
) -> None:
    now = after(-back)
    step = next_step(FRESH, now, TIMING)
    assert (step.what, step.due) == ("look_up", now)
    looked = replace(FRESH, may_resend=False, looked_up_at=after(421))
    assert next_step(looked, now, TIMING).due == now


def test_a_key_that_xero_answers_with_a_cached_error_is_never_used_again() -> None:
    assert next_step(replace(FRESH, may_resend=False), after(2), TIMING).what == "look_up"


def test_an_answered_repetition_is_looked_up_at_once_and_not_repeated() -> None:
    step = next_step(replace(FRESH, answered_since=True, last_sent_at=after(9)), after(10), TIMING)
    assert (step.what, step.due) == ("look_up", after(9))


def test_one_lookup_is_not_believed_where_xero_gives_the_numbers() -> None:
    late = after(1 + 420)
    assert not absence_believed(FRESH, late, TIMING)
    assert absence_counts(FRESH, late, TIMING)
    assert not absence_counts(FRESH, after(420.9), TIMING)


@pytest.mark.parametrize("sent", [1.0, 299.0, -3600.0, 9000.0])
def test_a_key_is_not_called_dead_while_xeros_clock_says_that_it_could_live(sent: float) -> None:
    """A step of the database's clock between commit and sending tells nothing: the last byte may have left at the last moment."""
    late = after(sent + 10_000)
    one = replace(FRESH, may_resend=False, last_sent_at=after(sent), looked_up_at=late)
    dead_at = 420 + (sent if 0 <= sent <= 300 else 300)
    alive = replace(one, xeros_age=dead_at - 1)
    assert not absence_counts(alive, late, TIMING)
    assert next_step(alive, late, TIMING).due == late + timedelta(seconds=1)
    assert absence_counts(replace(one, xeros_age=dead_at), late, TIMING)


def test_two_lookups_less_than_a_minute_apart_are_not_believed() -> None:
    once = replace(FRESH, may_resend=False, looked_up_at=after(421), absent_since=after(421))
    assert not absence_believed(once, after(480.9), TIMING)
    assert absence_believed(once, after(481), TIMING)
    assert next_step(once, after(430), TIMING).due == after(481)


def test_a_number_of_ours_is_not_waited_for() -> None:
    assert absence_believed(replace(FRESH, number_is_ours=True), after(2), TIMING)


seconds = st.floats(0, 2000)


@st.composite
def unknowns(draw: st.DrawFn) -> Unknown:
    sent = draw(st.floats(0, 300))
    looked = draw(st.none() | st.floats(sent, sent + 1000))
    absent = draw(st.none() | st.floats(sent + 420, sent + 1000)) if looked is not None else None
    return Unknown(
        created_at=BEGAN,
        last_sent_at=after(sent),
        may_resend=draw(st.booleans()),
        number_is_ours=draw(st.booleans()),
        looked_up_at=None if looked is None else after(looked),
        absent_since=None if absent is None else after(absent),
        answered_since=draw(st.booleans()),
    )


@given(unknowns(), seconds)
def test_no_state_ever_allows_sending_an_old_a_spent_or_an_answered_request(one: Unknown, now: float) -> None:
    step = next_step(one, after(now), TIMING)
    if step.what == "resend":
        assert one.may_resend
        assert not one.answered_since
        assert max(step.due, after(now)) < after(240)
        assert step.due > one.last_sent_at


@given(unknowns(), seconds)
def test_no_state_is_stuck_a_next_step_always_falls_due(one: Unknown, now: float) -> None:
    step = next_step(one, after(now), TIMING)
    assert step.due <= max(one.last_sent_at, one.absent_since or BEGAN, after(now)) + timedelta(seconds=420)


@given(unknowns(), seconds)
def test_absence_of_xeros_own_numbers_is_never_believed_before_the_key_is_dead_twice(
    one: Unknown, now: float
) -> None:
    if absence_believed(one, after(now), TIMING) and not one.number_is_ours:
        assert one.absent_since is not None
        assert after(now) - one.absent_since >= timedelta(seconds=60)


@given(unknowns())
def test_a_lookup_that_finds_nothing_always_leads_to_a_later_one_or_to_belief(one: Unknown) -> None:
    now = next_step(replace(one, may_resend=False), after(0), TIMING).due
    if absence_believed(one, now, TIMING):
        return
    counted = one.absent_since or (now if absence_counts(one, now, TIMING) else None)
    again = next_step(replace(one, may_resend=False, looked_up_at=now, absent_since=counted), now, TIMING)
    assert again.what == "look_up"
    assert again.due > now
