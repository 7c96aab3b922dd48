"""Xero's limits of one tenant, as its answers tell them: nothing is sent that would only be refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from service_runtime import metrics

_MINUTE = 60.0
_WAIT_WITHOUT_HEADER = {"minute": _MINUTE, "day": 900.0}
_CONCURRENT_WAIT = 1.0  # Xero gives no Retry-After for the concurrent and app-minute limits
_SPARE = 1


@dataclass(frozen=True, slots=True)
class Left:
    """Calls left of the minute and the day, None while unknown."""

    minute: int | None
    day: int | None


class Limits:
    """Remaining calls from the response headers; waits are told, not slept."""

    def __init__(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id
        self._lock = threading.Lock()
        self._left = Left(None, None)
        self._window_began = 0.0
        self._blocked_until = 0.0

    def seen(self, headers: Mapping[str, str]) -> None:
        """Note the remaining calls that an answer tells."""
        minute, day = (
            _number(headers.get("X-MinLimit-Remaining")),
            _number(headers.get("X-DayLimit-Remaining")),
        )
        if minute is None:
            return
        with self._lock:
            now = time.monotonic()
            if self._left.minute is None or minute > self._left.minute or now - self._window_began >= _MINUTE:
                self._window_began = now  # the fixed window began then at the latest
            self._left = Left(minute, day if day is not None else self._left.day)
        metrics.budget_left.labels("xero", self._tenant_id, "minute").set(minute)
        if day is not None:
            metrics.budget_left.labels("xero", self._tenant_id, "day").set(day)

    def throttled(self, headers: Mapping[str, str]) -> tuple[float, str]:
        """Note a 429. Returns the seconds to wait and the limit's name."""
        problem = headers.get("X-Rate-Limit-Problem") or "concurrent"
        told = _number(headers.get("Retry-After"))
        wait = float(told) if told else _WAIT_WITHOUT_HEADER.get(problem.lower(), _CONCURRENT_WAIT)
        with self._lock:
            self._blocked_until = max(self._blocked_until, time.monotonic() + wait)
        return wait, problem

    def wait(self) -> float:
        """Seconds until the next call can be admitted; 0 = now."""
        with self._lock:
            now = time.monotonic()
            waits = [self._blocked_until - now]
            if self._left.minute is not None and self._left.minute <= _SPARE:
                waits.append(self._window_began + _MINUTE - now)
            return max(0.0, *waits)

    def left(self) -> Left:
        """Calls left, as last told."""
        with self._lock:
            return self._left


def _number(text: str | None) -> int | None:
    cleaned = (text or "").strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() else None
