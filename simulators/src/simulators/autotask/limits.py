"""Autotask's two limits: requests in a rolling hour, and concurrent requests."""

from __future__ import annotations

import threading
from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulators.autotask.errors import QUOTA_EXCEEDED, THREADS_EXCEEDED, RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEFRAME_MINUTES = 60
_HOUR = TIMEFRAME_MINUTES * 60.0


class HourlyQuota:
    """Requests of the last hour. The external usage is what other integrations used of the same quota."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moments: deque[float] = deque()

    def used(self, now: float) -> int:
        """Our own requests of the hour before ``now`` (seconds of a monotonic clock)."""
        with self._lock:
            return self._count(now)

    def take(self, now: float, *, limit: int, external: int, status: int) -> int:
        """Count one request and return the usage with it, other integrations' included.

        Raises:
            RefusalError: The hour is used up; the request is not counted. Status and text are not documented.
        """
        with self._lock:
            used = self._count(now) + external
            if used >= limit:
                text = QUOTA_EXCEEDED.format(limit=limit, minutes=TIMEFRAME_MINUTES)
                raise RefusalError(text, status=status)
            self._moments.append(now)
        return used + 1

    def _count(self, now: float) -> int:
        while self._moments and self._moments[0] <= now - _HOUR:
            self._moments.popleft()
        return len(self._moments)

    @staticmethod
    def latency(used: int, limit: int) -> float:
        """Seconds by which Autotask delays each answer at this usage."""
        if limit <= 0 or used * 2 < limit:
            return 0.0
        return 1.0 if used * 4 >= limit * 3 else 0.5


class Threads:
    """Requests under way, per integration code and entity."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()

    @contextmanager
    def one(self, endpoint: str, limit: int) -> Iterator[None]:
        """Hold one thread of an endpoint.

        Raises:
            RefusalError: As many as are allowed are busy: 429 with the text that tells so.
        """
        with self._lock:
            if self._busy[endpoint] >= limit:
                raise RefusalError(THREADS_EXCEEDED.format(limit=limit), status=429)
            self._busy[endpoint] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[endpoint] -= 1
