"""Xero's limits of one tenant, as its answers tell them: nothing is sent that would only be refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from service_runtime import metrics
from xero_writer.core.timing import Timing

_MINUTE = 60.0
_WAIT_WITHOUT_HEADER = {"minute": _MINUTE, "day": 900.0}
_SHORT_WAIT = 1.0  # a call too many at once: the others are soon over
_SPARE, _SPARE_OF_APP = 1, 20


@dataclass(frozen=True, slots=True)
class Left:
    """Calls left of the minute and the day, None while unknown."""

    minute: int | None
    day: int | None


class MinuteLimit:
    """Calls left of a fixed minute, as answers tell them. Safe for several threads.

    An app's limit is shared by every tenant that signs in with it.
    """

    def __init__(self, spare: int = _SPARE_OF_APP) -> None:
        """`spare`: so many calls of each minute are not made: some may be under way that nobody has counted yet."""
        self._spare = spare
        self._lock = threading.Lock()
        self._began = 0.0
        self.left: int | None = None

    def seen(self, left: int) -> None:
        """Note what an answer tells. Much more than before is another minute; a little more, that answers overtook each other."""
        with self._lock:
            now = time.monotonic()
            if self.left is None or left > self.left + self._spare or now - self._began >= _MINUTE:
                self._began = now  # the fixed window began then at the latest
            self.left = left

    def wait(self) -> float:
        """Seconds until the next call makes sense; 0 = now."""
        with self._lock:
            if self.left is None or self.left > self._spare:
                return 0.0
            return max(0.0, self._began + _MINUTE - time.monotonic())


class Limits:
    """Remaining calls from the response headers; waits are told, not slept."""

    def __init__(self, tenant_id: str, timing: Timing | None = None, app: MinuteLimit | None = None) -> None:
        """`app`: the limit of the tenant's app, shared with the other tenants that use it."""
        self._tenant_id = tenant_id
        self._timing = timing or Timing()
        self._app = app or MinuteLimit()
        self._minute = MinuteLimit(_SPARE)
        self._lock = threading.Lock()
        self._day: int | None = None
        self._blocked_until = 0.0
        self._refused_in_a_row = 0

    def seen(self, headers: Mapping[str, str]) -> None:
        """Note the remaining calls that an answer tells."""
        app = _number(headers.get("X-AppMinLimit-Remaining"))
        if app is not None:
            self._app.seen(app)
        minute, day = (
            _number(headers.get("X-MinLimit-Remaining")),
            _number(headers.get("X-DayLimit-Remaining")),
        )
        if minute is None:
            return
        self._minute.seen(minute)
        metrics.budget_left.labels("xero", self._tenant_id, "minute").set(minute)
        if day is not None:
            with self._lock:
                self._day = day
            metrics.budget_left.labels("xero", self._tenant_id, "day").set(day)

    def admitted(self) -> None:
        """A call was not refused for its number."""
        with self._lock:
            self._refused_in_a_row = 0

    def throttled(self, headers: Mapping[str, str]) -> tuple[float, str]:
        """Note a 429. Returns the seconds to wait and the limit's name.

        Xero gives no Retry-After for the concurrent and app-minute limits: the pause grows from refusal to refusal then.
        """
        problem = headers.get("X-Rate-Limit-Problem") or "rate"
        told = _number(headers.get("Retry-After"))
        with self._lock:
            now = time.monotonic()
            wait = float(told) if told else self._own_wait(problem.lower(), now)
            self._blocked_until = max(self._blocked_until, now + wait)
        return wait, problem

    def _own_wait(self, problem: str, now: float) -> float:
        if now < self._blocked_until:  # calls that were refused together: one refusal, one pause
            return self._blocked_until - now
        before, self._refused_in_a_row = self._refused_in_a_row, self._refused_in_a_row + 1
        if problem == "concurrent":
            if before == 0:
                return _SHORT_WAIT
            before -= 1
        grown: float = min(self._timing.first_pause * 2**before, self._timing.longest_pause)
        return max(grown, _WAIT_WITHOUT_HEADER.get(problem, 0.0))

    def wait(self) -> float:
        """Seconds until the next call can be admitted; 0 = now."""
        with self._lock:
            blocked = self._blocked_until - time.monotonic()
        return max(0.0, blocked, self._minute.wait(), self._app.wait())

    def left(self) -> Left:
        """Calls left, as last told."""
        with self._lock:
            return Left(self._minute.left, self._day)


def _number(text: str | None) -> int | None:
    cleaned = (text or "").strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() else None
