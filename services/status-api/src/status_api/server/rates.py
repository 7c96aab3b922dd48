"""How many requests one person or one stranger may send in a minute, as far as one process sees them."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from service_runtime.config import Environment
from status_api.core.access import Actor
from status_api.core.throttling import site
from status_api.server.http_problems import too_many_requests
from status_api.server.problems import Problem

USUAL = 18_000
_SHARE_OF_STRANGERS = 10


class Rates:
    """Counts requests over a sliding minute.

    Whoever has a token is counted by person, all tokens of one together: nobody gets more by making more of them. Requests without a
    token that is known here are counted by address, and get a tenth. Each process counts for itself: the limit keeps one caller
    from occupying every thread, it is no quota.
    """

    def __init__(self, per_minute: int = USUAL) -> None:
        """`per_minute`: of one person; 0 counts nothing."""
        self._known = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._strangers = (
            RateLimitItemPerMinute(max(1, per_minute // _SHARE_OF_STRANGERS)) if per_minute else None
        )
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    @classmethod
    def from_environment(cls, env: Environment) -> Rates:
        """By STATUS_API_REQUESTS_PER_MINUTE; 0 means no limit.

        Raises:
            ConfigurationError: it is no such number.
        """
        told = env.number("STATUS_API_REQUESTS_PER_MINUTE", USUAL, minimum=0, unit="requests")
        return cls(int(told))

    def count(self, actor: Actor) -> None:
        """Count a request of somebody who is known.

        Raises:
            Problem: it is one too many.
        """
        self._hit(self._known, "who", actor.name)

    def count_stranger(self, address: str) -> None:
        """Count a request that nobody's token came with.

        Raises:
            Problem: it is one too many.
        """
        self._hit(self._strangers, "address", site(address))

    def _hit(self, item: RateLimitItemPerMinute | None, *key: str) -> None:
        if item is None or self._window.hit(item, *key):
            return
        raise self._refusal(item, *key)

    def _refusal(self, item: RateLimitItemPerMinute, *key: str) -> Problem:
        ends = self._window.get_window_stats(item, *key).reset_time
        return too_many_requests(max(1, math.ceil(ends - time.time())))
