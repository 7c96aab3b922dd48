"""What many values say: percentiles and medians."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that at least so many percent of all do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(1, rank) - 1]


def change_percent(before: Sequence[float], after: Sequence[float]) -> float:
    """By how many percent the median of `after` exceeds that of `before`; negative if it is smaller."""
    return (median(after) / median(before) - 1) * 100


def summary(values: Sequence[float]) -> str:
    """Median, p99 and largest value of so many seconds, for a note."""
    return f"median {median(values):.2f} s, p99 {percentile(values, 99):.2f} s, max {max(values):.2f} s of {len(values)}"
