"""A clock for waits: it tells the time of day, and no step of the host's clock makes a wait longer or shorter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from invoice_events.identity import utc_now


def steady_clock(
    wall: Callable[[], datetime] = utc_now, steady: Callable[[], float] = time.monotonic
) -> Callable[[], datetime]:
    """A clock that is right when it is made and from then on counts by the steady one.

    Args:
        wall: the host's clock, which can be stepped.
        steady: seconds of a clock that can not.
    """
    began, since = wall(), steady()
    return lambda: began + timedelta(seconds=steady() - since)
