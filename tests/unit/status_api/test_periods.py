from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status_api.core.periods import MOST, PERS, BadSpanError, Per, month_of, span, with_one_before

_NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
_ZONES = (
    "UTC",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Australia/Lord_Howe",
)
_QUARTER = timedelta(minutes=15)


@given(
    st.sampled_from(PERS),
    st.sampled_from(_ZONES),
    st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    st.integers(0, 380),
)
def test_no_moment_falls_between_two_periods_and_each_begins_with_a_whole_quarter_of_an_hour(
    per: Per, name: str, first: date, days: int
) -> None:
    zone = ZoneInfo(name)
    last = first + timedelta(days=days)
    found = span(per, first, last, _NOW, zone)
    assert list(found.bounds) == sorted(set(found.bounds))
    assert len(found.names) == len(set(found.names)) == len(found.bounds) - 1
    for bound in found.bounds:
        assert (bound - datetime(2000, 1, 1, tzinfo=UTC)) % _QUARTER == timedelta(0)
        just_before = (bound - timedelta(microseconds=1)).astimezone(zone).date()
        assert just_before < bound.astimezone(zone).date()
    assert found.days[0] <= first
    assert found.days[-2] <= last < found.days[-1]


def test_the_month_is_that_of_the_zone() -> None:
    just = datetime(2026, 4, 30, 12, 30, tzinfo=UTC)
    assert month_of(just, ZoneInfo("Pacific/Auckland")).names == ("2026-05",)
    assert month_of(just, ZoneInfo("UTC")).names == ("2026-04",)


@pytest.mark.parametrize(
    ("per", "names"), [("month", ("2025-12", "2026-01")), ("day", ("2025-12-31", "2026-01-01", "2026-01-02"))]
)
def test_a_span_over_the_end_of_a_year_has_every_period(per: Per, names: tuple[str, ...]) -> None:
    found = span(per, date(2025, 12, 31), date(2026, 1, 2), _NOW, ZoneInfo("UTC"))
    assert found.names == names
    longer = with_one_before(found, ZoneInfo("UTC"))
    assert longer.names[1:] == found.names
    assert longer.names[0] in {"2025-11", "2025-12-30"}


def test_a_span_without_a_beginning_has_the_usual_length_and_ends_today() -> None:
    assert len(span("day", None, None, _NOW, ZoneInfo("UTC")).names) == 30
    months = span("month", None, None, _NOW, ZoneInfo("UTC"))
    assert (months.names[0], months.names[-1]) == ("2025-06", "2026-05")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 5, 2), date(2026, 5, 1)),
        (date(2026, 5, 2), date(2026, 5, 2) + timedelta(days=MOST["day"])),
        (date.min, None),
        (None, date.max),
        (None, date.min),
    ],
)
def test_a_span_that_can_not_be_told_is_refused(first: date | None, last: date | None) -> None:
    with pytest.raises(BadSpanError):
        span("day", first, last, _NOW, ZoneInfo("UTC"))
