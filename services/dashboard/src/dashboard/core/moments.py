"""Moments that somebody chooses: typed as clock time in their own zone, kept in addresses and sent in UTC.

An address with the moment in UTC means the same to a colleague in another zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def to_moment(clock: str | None, zone: ZoneInfo) -> str:
    """A day and clock time in a zone (`2026-05-04 16:20`) as the moment it is, in UTC; empty for none.

    A time that the clocks skipped is read as if they had not; of one that came twice it is the first.
    """
    if not clock:
        return ""
    local = datetime.fromisoformat(clock).replace(tzinfo=zone)
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_clock(moment: str, zone: ZoneInfo) -> str | None:
    """A moment as day and clock time in a zone, as fields for it take it; None for none, or what is no moment."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if read.tzinfo is None:
        return None
    return read.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
