from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status_api.core.durations import bounds_of, percentile

_CLASSES = 24


def classed(seconds: list[float]) -> list[int]:
    counts = [0] * _CLASSES
    for each in seconds:
        counts[0 if each < 1 else min(_CLASSES - 1, math.floor(math.log2(each)) + 1)] += 1
    return counts


@given(st.lists(st.floats(0, 4e6), min_size=1, max_size=200), st.sampled_from([1, 50, 90, 99, 100]))
def test_an_estimate_is_never_more_than_a_factor_of_two_away(seconds: list[float], percent: int) -> None:
    true = sorted(seconds)[max(1, math.ceil(len(seconds) * percent / 100)) - 1]
    found = percentile(classed(seconds), percent)
    assert found is not None
    assert found <= max(1.0, 2 * true)
    assert true <= max(1.0, 2 * found)


@given(st.lists(st.integers(0, 50), min_size=_CLASSES, max_size=_CLASSES).filter(any))
def test_a_higher_percentile_is_never_shorter(classes: list[int]) -> None:
    found = [percentile(classes, percent) for percent in range(1, 101)]
    assert found == sorted(each for each in found if each is not None)


def test_nothing_has_no_percentile_and_what_has_no_end_is_told_by_its_beginning() -> None:
    assert percentile([0] * _CLASSES, 50) is None
    assert percentile([0] * 23 + [5], 99) == bounds_of(23)[0]


@pytest.mark.parametrize(("percent", "expected"), [(50, 1.5), (100, 2.0)])
def test_a_class_is_spread_evenly(percent: int, expected: float) -> None:
    assert percentile([0, 10, 0], percent) == expected
