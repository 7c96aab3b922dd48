"""Percentiles of durations that were counted in classes of doubling length."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def bounds_of(place: int) -> tuple[float, float]:
    """Seconds at which a class begins and ends: below 1, 1 to 2, 2 to 4 and so on."""
    return (0.0, 1.0) if place == 0 else (2.0 ** (place - 1), 2.0**place)


def percentile(classes: Sequence[int], percent: int) -> float | None:
    """The smallest duration that so many percent do not exceed, as if each class were spread evenly; None of nothing.

    The last class has no end: what falls into it is told as its beginning.

    Args:
        classes: how many durations lie in each.
        percent: 1 to 100.

    Returns:
        Seconds, at most a factor of two away from the true ones.
    """
    total = sum(classes)
    if not total:
        return None
    rank = Fraction(total * percent, 100)
    below = 0
    for place, count in enumerate(classes):
        if count and below + count >= rank:
            begin, end = bounds_of(place)
            if place == len(classes) - 1:
                return begin
            return begin + (end - begin) * float((rank - below) / count)
        below += count
    raise AssertionError("the ranks of a percentile end with the last class")
