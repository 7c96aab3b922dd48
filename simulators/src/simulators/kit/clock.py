"""The simulator's own clock, which a test can move."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset in seconds; token expiry, key lifetimes and limits are read from it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0

    @property
    def offset(self) -> float:
        """Seconds this clock is ahead of real time."""
        with self._lock:
            return self._offset

    def set_offset(self, seconds: float) -> None:
        """Puts the clock `seconds` ahead of (or behind) real time."""
        with self._lock:
            self._offset = seconds

    def now(self) -> datetime:
        """The simulated time, aware, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def monotonic(self) -> float:
        """Simulated seconds that only a moved clock can turn back."""
        return time.monotonic() + self.offset
