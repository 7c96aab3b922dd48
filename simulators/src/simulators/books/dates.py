"""Dates and the shapes in which Autotask writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

# Days that lie near neither end of the window whatever the time zone makes of "today".
_MARGIN = 3
_LATEST_MINUTE = 12 * 60


def in_window(today: date, days_back: int, rng: Random) -> date:
    """An invoice date safely inside the window: yesterday at the latest, so that no invoice looks incomplete."""
    return today - timedelta(days=rng.randint(1, max(1, days_back - _MARGIN)))


def out_of_window(today: date, days_back: int, rng: Random) -> date:
    """An invoice date safely before the window."""
    return today - timedelta(days=days_back + _MARGIN + rng.randint(0, 60))


def created(day: date, rng: Random) -> datetime:
    """A moment of that day's billing run."""
    minutes = 6 * 60 + rng.randint(0, _LATEST_MINUTE)
    return datetime.combine(day, time(), UTC) + timedelta(
        minutes=minutes, milliseconds=rng.randint(0, 59_999)
    )


def day_text(day: date, rng: Random) -> str:
    """A date-only field: midnight, with three fraction digits or none."""
    return f"{day.isoformat()}T00:00:00{rng.choice(('Z', 'Z', 'Z', '.000Z'))}"


def moment_text(moment: datetime) -> str:
    """A true instant: up to three fraction digits, idle zeros left out."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}"
    fraction = f"{moment.microsecond // 1000:03d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"
