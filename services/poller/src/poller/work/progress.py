"""How long cycles could have come to their end and none did. Kept by the worker: no database and no outage of Autotask counts."""

from __future__ import annotations

import time
from collections.abc import Callable


class Progress:
    """Counts from the last cycle that came to its end, or from when cycles could run at all."""

    def __init__(self, poll_interval: float, now: Callable[[], float] = time.monotonic) -> None:
        """`poll_interval`: seconds between two cycles; `now`: seconds of a monotonic clock."""
        self._poll_interval = poll_interval
        self._now = now
        self._since = now()

    def begin_anew(self) -> None:
        """A cycle came to its end, or none may run now: a paused tenant, a connection that is open, a budget that others need."""
        self._since = self._now()

    @property
    def overdue(self) -> float:
        """Seconds since a cycle should have come to its end, 0 if none is late."""
        return max(0.0, self._now() - self._since - self._poll_interval)
