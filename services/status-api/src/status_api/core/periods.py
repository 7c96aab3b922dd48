"""Days and months of a tenant's time zone, as spans of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Per = Literal["day", "month"]
PERS: tuple[Per, ...] = get_args(Per)
MOST: dict[Per, int] = {"day": 400, "month": 60}
"""How many periods a span may have."""
USUAL: dict[Per, int] = {"day": 30, "month": 12}
"""How many a span has whose beginning is not named."""

_DECEMBER = 12
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)  # far from the ends of what a date can be


class BadSpanError(ValueError):
    """A span that ends before it begins, or has too many periods."""


@dataclass(frozen=True, slots=True)
class Span:
    """Periods one after another.

    Attributes:
        per: what each is.
        days: the first day of each, and of the one that follows the last.
        bounds: when each begins, aware UTC, and when the last ends.
    """

    per: Per
    days: tuple[date, ...]
    bounds: tuple[datetime, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the periods: `2026-05-04` or `2026-05`."""
        return tuple(name_of(day, self.per) for day in self.days[:-1])


def name_of(day: date, per: Per) -> str:
    """Name of the period that begins on a day."""
    return day.isoformat() if per == "day" else day.strftime("%Y-%m")


def month_of(moment: datetime, zone: ZoneInfo) -> Span:
    """The month that a moment is in."""
    return _span("month", _begin(moment.astimezone(zone).date(), "month"), 1, zone)


def span(per: Per, first: date | None, last: date | None, now: datetime, zone: ZoneInfo) -> Span:
    """The periods from the one with the day `first` to the one with the day `last`.

    Args:
        per: what each period is.
        first: None means the usual number of periods.
        last: None means today.
        now: aware.
        zone: whose days they are.

    Raises:
        BadSpanError: the end lies before the beginning, there are too many periods, or a day is far from any document's.
    """
    for day in (first, last):
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
            raise BadSpanError(f"{day} is asked for: days from {_FIRST_DAY} to {_LAST_DAY} can be told")
    end = _begin(last or now.astimezone(zone).date(), per)
    begin = _back(end, per, USUAL[per] - 1) if first is None else _begin(first, per)
    count = 1 + ((end - begin).days if per == "day" else _months(end) - _months(begin))
    if count < 1:
        raise BadSpanError(f"it begins on {begin} and ends on {end}: the end lies before the beginning")
    if count > MOST[per]:
        raise BadSpanError(f"{count} {per}s are asked for, at most {MOST[per]} are told at once")
    return _span(per, begin, count, zone)


def with_one_before(known: Span, zone: ZoneInfo) -> Span:
    """The same with the period before it, to compare the first one with."""
    return _span(known.per, _back(known.days[0], known.per, 1), len(known.days), zone)


def _span(per: Per, begin: date, count: int, zone: ZoneInfo) -> Span:
    days = tuple(_each(per, begin, count + 1))
    return Span(per, days, tuple(_midnight(day, zone) for day in days))


def _each(per: Per, begin: date, count: int) -> Iterator[date]:
    for place in range(count):
        yield _back(begin, per, -place)


def _begin(day: date, per: Per) -> date:
    return day if per == "day" else day.replace(day=1)


def _back(day: date, per: Per, count: int) -> date:
    if per == "day":
        return day - timedelta(days=count)
    years, months = divmod(_months(day) - count, _DECEMBER)
    return date(years, months + 1, 1)


def _months(day: date) -> int:
    return day.year * _DECEMBER + day.month - 1


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins; where clocks are put forward at midnight it is the moment in which they are."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
