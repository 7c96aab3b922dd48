"""What of a tenant should move and does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["in_flight", "stamp", "cycle"]
REASONS: tuple[Reason, ...] = ("in_flight", "stamp", "cycle")

_TOO_LONG = 3600.0


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the oldest of each has been waiting, in seconds; 0 if nothing waits.

    Attributes:
        in_flight: documents on their way, counted from when they were first sent, however often for want of an outcome; those on
            hold and backfill that has to wait aside.
        stamp: documents that are in Xero and whose stamp has not got through.
        cycle: a look at Autotask that should have come to its end, counted only while nothing stands against one.
    """

    in_flight: float = 0.0
    stamp: float = 0.0
    cycle: float = 0.0


def stuck(waits: Waits, *, paused: bool, autotask_answers: bool, xero_open: bool) -> dict[Reason, str]:
    """What is stuck, and why that is said.

    Args:
        waits: of the tenant.
        paused: nothing goes on to Xero in a paused tenant, so nothing of that is late.
        xero_open: documents on their way wait without blame for a connection to Xero that is open.
        autotask_answers: stamps wait without blame for a connection that is open: that has an alarm of its own.
    """
    found: dict[Reason, str] = {}
    if waits.in_flight > _TOO_LONG and not paused and not xero_open:
        found["in_flight"] = (
            f"a document has been on its way for {_hours(waits.in_flight)} without an outcome"
        )
    if waits.stamp > _TOO_LONG and autotask_answers:
        found["stamp"] = f"a stamp has not got through for {_hours(waits.stamp)} although Autotask answers"
    if waits.cycle > _TOO_LONG:
        found["cycle"] = f"no cycle has come to its end for {_hours(waits.cycle)} although Autotask answers"
    return found


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours"
