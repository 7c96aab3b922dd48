"""Dates as Xero writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def ms_date(value: datetime | date) -> str:
    """`/Date(1789344000000+0000)/`; a calendar date is midnight UTC of that day."""
    moment = (
        value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    )
    return f"/Date({milliseconds(moment)}+0000)/"


def date_string(value: date) -> str:
    """The twin of a calendar date: `2026-09-14T00:00:00`."""
    return f"{value.isoformat()}T00:00:00"


def utc_string(moment: datetime) -> str:
    """The twin of a timestamp: `2026-09-14T09:29:59Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def parse_date(text: str) -> date:
    """A calendar date from `YYYY-MM-DD`, an ISO timestamp or `/Date(…)/`.

    Raises:
        ValueError: it is none of these.
    """
    match = _MS_DATE.fullmatch(text)
    if match:
        return (_EPOCH + timedelta(milliseconds=int(match[1]))).date()
    return datetime.fromisoformat(text).date()


def parse_moment(text: str) -> datetime:
    """A moment from ISO 8601 (no zone = UTC), as in `If-Modified-Since`, or from an HTTP date.

    Raises:
        ValueError: it is none of these.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def long_date(value: date) -> str:
    """A date as error texts show it: `31 March 2026`."""
    return f"{value.day} {value:%B} {value.year}"
