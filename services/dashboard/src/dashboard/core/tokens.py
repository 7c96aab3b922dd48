"""Tokens and sessions in words, and the ends that a new one can have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.core.people import ROLE_NAMES
from dashboard.core.times import parse_time

Json = dict[str, Any]

LONGEST_DAYS = 366
"""status-api makes no token that lives longer."""
LIVES = {
    "30": "30 days",
    "90": "90 days",
    "180": "180 days",
    "365": "A year",
    "day": "Until a day that I choose",
}
"""How long a new token may live: days, or a day of one's own."""


class NoEndError(ValueError):
    """No end was chosen, or one that can not be; the message says which is wanted."""


def token_state(token: Json, now: datetime) -> str:
    """`active`, `ended` by somebody, or `expired` by its age."""
    if token["revoked_at"] is not None:
        return "ended"
    return "active" if parse_time(token["expires_at"]) > now else "expired"


def kind_words(token: Json) -> str:
    """What it is: a program's token by its name, a session by how it began."""
    if token["kind"] == "token":
        return str(token["name"])
    return "Signed in by invitation" if token["name"] == "invitation" else "Signed in by password"


def reach_words(token: Json, names: Mapping[str, str]) -> str:
    """How far it reaches, compared with its person."""
    role, tenants = token["most_role"], token["tenants"]
    most = f"At most {ROLE_NAMES[role]}" if role else "As its person"
    if tenants is None:
        return most
    where = ", ".join(names.get(tenant, tenant) for tenant in tenants)
    return f"{most}, only at {where}"


def end_of_life(life: str, day: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a new token: so many days from now, or the end of a day in the person's zone.

    Raises:
        NoEndError: no day, a day that is over, or one too far away.
    """
    if life != "day":
        return now + timedelta(days=int(life))
    if not day:
        raise NoEndError("Choose the last day on which it may be used.")
    last = date.fromisoformat(day[:10])
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    if end <= now:
        raise NoEndError("This day is over: choose a later one.")
    if end > now + timedelta(days=LONGEST_DAYS):
        raise NoEndError(f"Choose a day within {LONGEST_DAYS} days: a token has to be renewed within a year.")
    return end
