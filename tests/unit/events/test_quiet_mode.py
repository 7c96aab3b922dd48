"""Quiet mode: backfill waits within business hours of the tenant's own calendar, and only then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.settings import Settings, effective_settings, is_quiet, settings_problems

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _settings(zone: str = "UTC", **quiet: Any) -> Settings:  # noqa: ANN401  # any part of the setting
    document = {"time_zone": zone, "quiet_mode": {"enabled": True, **quiet}}
    assert settings_problems(document) == []
    return effective_settings(document)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-05-14 06:59:59.999999", False),  # a Thursday
        ("2026-05-14 07:00:00", True),
        ("2026-05-14 12:00:00", True),
        ("2026-05-14 17:59:59.999999", True),
        ("2026-05-14 18:00:00", False),
        ("2026-05-16 12:00:00", False),  # Saturday
        ("2026-05-17 12:00:00", False),
        ("2026-05-18 12:00:00", True),
    ],
)
def test_backfill_neither_disturbs_a_working_day_nor_waits_outside_of_it(moment: str, *, quiet: bool) -> None:
    assert is_quiet(_settings(), _at(moment)) is quiet


def test_backfill_does_not_wait_while_the_mode_is_off() -> None:
    noon = _at("2026-05-14 12:00:00")

    assert is_quiet(effective_settings({}), noon) is False
    assert is_quiet(effective_settings({"quiet_mode": {"days": WEEK}}), noon) is False


@pytest.mark.parametrize(
    ("zone", "moment", "quiet"),
    [
        ("Pacific/Auckland", "2026-05-13 19:30:00", True),  # Thursday 07:30 there
        ("Pacific/Auckland", "2026-05-14 12:00:00", False),  # Friday 00:00 there
        ("Pacific/Auckland", "2026-05-15 19:30:00", False),  # Saturday 07:30 there, Friday in UTC
        ("America/Chicago", "2026-05-14 22:30:00", True),  # 17:30 there
        ("America/Chicago", "2026-05-18 04:00:00", False),  # still Sunday there
    ],
)
def test_hours_and_days_are_not_those_of_another_zone(zone: str, moment: str, *, quiet: bool) -> None:
    assert is_quiet(_settings(zone), _at(moment)) is quiet


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-03-27 07:30:00", True),  # winter time: 07:30 in London
        ("2026-03-30 06:30:00", True),  # summer time since the day before: 07:30 in London
        ("2026-03-30 17:30:00", False),
    ],
)
def test_summer_time_does_not_move_business_hours(moment: str, *, quiet: bool) -> None:
    assert is_quiet(_settings("Europe/London"), _at(moment)) is quiet


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-05-15 21:59:59", False),  # Friday
        ("2026-05-15 22:00:00", True),
        ("2026-05-16 05:59:59", True),  # Saturday morning belongs to Friday's hours
        ("2026-05-16 06:00:00", False),
        ("2026-05-16 22:00:00", False),  # Saturday begins none
        ("2026-05-18 03:00:00", False),  # Monday morning belongs to Sunday's
        ("2026-05-18 23:00:00", True),
    ],
)
def test_hours_that_run_over_midnight_are_not_taken_for_those_of_the_next_day(
    moment: str, *, quiet: bool
) -> None:
    settings = _settings(business_hours={"start": "22:00", "end": "06:00"})

    assert is_quiet(settings, _at(moment)) is quiet


def test_no_day_means_never() -> None:
    settings = _settings(days=[])

    assert not any(is_quiet(settings, _at("2026-05-11 12:00:00") + timedelta(days=day)) for day in range(7))


_MOMENTS = st.integers(0, 10 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
_CLOCK = st.times().map(lambda clock: f"{clock:%H:%M}")


@given(
    start=_CLOCK,
    end=_CLOCK,
    days=st.lists(st.sampled_from(WEEK), unique=True),
    moment=_MOMENTS,
    hours=st.integers(-12, 14),
)
def test_the_zone_of_the_clock_that_is_asked_makes_no_difference_and_no_time_is_undecided(
    start: str, end: str, days: list[str], moment: datetime, hours: int
) -> None:
    if start == end:
        return
    settings = _settings("Asia/Kathmandu", business_hours={"start": start, "end": end}, days=days)
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    swapped = _settings("Asia/Kathmandu", business_hours={"start": end, "end": start}, days=WEEK)
    every_day = _settings("Asia/Kathmandu", business_hours={"start": start, "end": end}, days=WEEK)

    assert is_quiet(settings, elsewhere) == is_quiet(settings, moment)
    assert is_quiet(every_day, moment) != is_quiet(swapped, moment), "the day is business hours or the rest"
    assert is_quiet(every_day, moment) or not is_quiet(settings, moment)
