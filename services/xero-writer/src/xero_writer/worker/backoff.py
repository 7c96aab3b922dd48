"""Pauses between tries of one thing that fails while others succeed."""

from __future__ import annotations

import time

from xero_writer.core.timing import Timing


class Backoff:
    """A growing pause per name. Not for several threads."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._pauses: dict[str, tuple[float, float]] = {}

    def failed(self, name: str) -> float:
        """It failed (again). Returns the seconds until the next try: the pause doubles each time."""
        now = time.monotonic()
        self._forget_old(now)
        before = self._pauses.get(name)
        pause = self._timing.first_pause if before is None else min(before[1] * 2, self._timing.longest_pause)
        self._pauses[name] = (now + pause, pause)
        return pause

    def succeeded(self, name: str) -> None:
        """It is no trouble any more."""
        self._pauses.pop(name, None)

    def left(self, name: str) -> float:
        """Seconds until it may be tried; 0 = now."""
        return max(0.0, self._pauses.get(name, (0.0, 0.0))[0] - time.monotonic())

    def _forget_old(self, now: float) -> None:
        """Names that nobody asked for in a long time, such as documents that a newer revision replaced."""
        oldest = now - 2 * self._timing.longest_pause
        self._pauses = {name: pause for name, pause in self._pauses.items() if pause[0] > oldest}
