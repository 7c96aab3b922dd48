"""Rate limits: fixed windows per app and tenant, calls in progress, and one budget of the whole app."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulators.kit.call import Answer

if TYPE_CHECKING:
    from simulators.kit.clock import Clock
    from simulators.xero.switches import Switches

_MINUTE = 60.0
_DAY = 86_400.0


@dataclass(slots=True)
class _Window:
    """A fixed window: it begins with the first call after the last one ended, so every tenant resets at its own time."""

    length: float
    began: float = -math.inf
    used: int = 0

    def turn(self, now: float) -> None:
        if not self.began <= now < self.began + self.length:
            self.began = now
            self.used = 0

    def left(self, now: float) -> int:
        """Whole seconds until the window ends, at least 1."""
        return max(1, math.ceil(self.began + self.length - now))


@dataclass(slots=True)
class _Use:
    minute: _Window = field(default_factory=lambda: _Window(_MINUTE))
    day: _Window = field(default_factory=lambda: _Window(_DAY))
    in_progress: int = 0


class Limits:
    """The counters of all apps and tenants. A refused call counts against nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._uses: dict[tuple[str, str], _Use] = {}
        self._apps: dict[str, _Window] = {}

    def _use(self, client_id: str, tenant: str, now: float) -> tuple[_Use, _Window]:
        use = self._uses.setdefault((client_id, tenant), _Use())
        app = self._apps.setdefault(client_id, _Window(_MINUTE))
        for window in (use.minute, use.day, app):
            window.turn(now)
        return use, app

    def enter(self, client_id: str, tenant: str, switches: Switches) -> Answer | None:
        """Counts a call in, or refuses it with 429, an empty body and the headers that say why.

        `Retry-After` is there for the minute and day limits only.
        """
        now = self._clock.now().timestamp()
        with self._lock:
            use, app = self._use(client_id, tenant, now)
            if switches.limits_on:
                if use.in_progress >= switches.concurrent_limit:
                    return _refused("concurrent", None)
                if use.day.used >= switches.day_limit:
                    return _refused("day", use.day.left(now))
                if use.minute.used >= switches.minute_limit:
                    return _refused("minute", use.minute.left(now))
                if app.used >= switches.app_minute_limit:
                    return _refused("appminute", None)
                use.minute.used += 1
                use.day.used += 1
                app.used += 1
            use.in_progress += 1
            return None

    def leave(self, client_id: str, tenant: str) -> None:
        """Counts a call out that was counted in."""
        with self._lock:
            self._uses[client_id, tenant].in_progress -= 1

    def headers(self, client_id: str, tenant: str, switches: Switches) -> dict[str, str]:
        """The headers of every tenant-scoped answer."""
        now = self._clock.now().timestamp()
        with self._lock:
            use, app = self._use(client_id, tenant, now)
            return {
                "X-MinLimit-Remaining": str(max(0, switches.minute_limit - use.minute.used)),
                "X-DayLimit-Remaining": str(max(0, switches.day_limit - use.day.used)),
                "X-AppMinLimit-Remaining": str(max(0, switches.app_minute_limit - app.used)),
            }

    def app_headers(self, client_id: str, limit: int) -> dict[str, str]:
        """The header of answers without a tenant."""
        with self._lock:
            app = self._apps.get(client_id)
            return {"X-AppMinLimit-Remaining": str(max(0, limit - (0 if app is None else app.used)))}


def _refused(problem: str, retry_after: int | None) -> Answer:
    headers = {"X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Answer(429).with_headers(headers)
