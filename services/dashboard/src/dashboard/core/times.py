"""Times as people read them: in their own zone, with the exact moment beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_DAYS_TOLD = 14


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC if there is none of that name."""
    wanted = unquote(name)
    return ZoneInfo(wanted) if wanted in _zones() else ZoneInfo("UTC")


def parse_time(text: str) -> datetime:
    """A time as status-api writes it (RFC 3339), in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def show_time(text: str | None, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Day and time in a zone, such as `4 May 2026, 16:20`; empty for none."""
    if text is None:
        return ""
    local = parse_time(text).astimezone(zone)
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{local.day} {local.strftime('%b %Y')}, {clock}"


def show_date(text: str | None) -> str:
    """A business date (no time, no zone), such as `4 May 2026`; empty for none."""
    if text is None:
        return ""
    day = date.fromisoformat(text)
    return f"{day.day} {day.strftime('%b %Y')}"


def show_month(name: str) -> str:
    """A month named `2026-05` as `May 2026`."""
    return date.fromisoformat(f"{name}-01").strftime("%B %Y")


def show_age(text: str | None, now: datetime, zone: ZoneInfo) -> str:
    """How long ago something was, in one unit; older than two weeks as a date; empty for none."""
    if text is None:
        return ""
    seconds = max(0.0, (now - parse_time(text)).total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds >= _DAYS_TOLD * _DAY:
        return show_time(text, zone)
    return f"{show_duration(seconds)} ago"


def show_duration(seconds: float) -> str:
    """A length of time in its largest unit, such as `3 min`."""
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 or seconds == 0 else f"{seconds:.1f} s"
