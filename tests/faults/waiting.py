"""Waiting for what may not come."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.waiting import wait_until


def awaited(condition: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    """Whether a condition came true in time. That it did not is no failure here: a fault hit nothing."""
    try:
        return wait_until(condition, "a moment", seconds, pause)
    except AssertionError:
        return False
