"""Xero's own time, as its answers tell it: what Xero says about moments is compared with this clock and no other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from xero_writer.core.values import Json, xero_time

_SENSIBLE_YEAR = 2020  # a clock that was never set tells nothing


class XeroClock:
    """What time it is in Xero at least. Safe for several threads."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None

    def hear(self, headers: Mapping[str, str], body: object) -> None:
        """Note the time of an answer. The last one counts: Xero's clock may have been put right.

        Of the header `Date`, which whatever stands before Xero may have written, and `DateTimeUTC` of the body the earlier one.
        """
        arrived = time.monotonic()
        times = [one for one in (_of_header(headers), _of_body(body)) if one is not None]
        if times:
            self._told = (min(times), arrived)

    def now(self) -> datetime | None:
        """Xero's time, or a little earlier: what it told last, and what has passed since; None while nothing is known."""
        told = self._told
        return None if told is None else told[0] + timedelta(seconds=time.monotonic() - told[1])


def _of_header(headers: Mapping[str, str]) -> datetime | None:
    try:
        found = parsedate_to_datetime(headers.get("Date") or "")
    except ValueError:
        return None
    return _sensible(found if found.tzinfo is not None else found.replace(tzinfo=UTC))


def _of_body(body: object) -> datetime | None:
    answer: Json = body if isinstance(body, dict) else {}
    try:
        return _sensible(xero_time(answer.get("DateTimeUTC")))
    except (ValueError, OverflowError, OSError):
        return None


def _sensible(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and moment.year >= _SENSIBLE_YEAR else None
