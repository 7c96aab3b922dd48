from __future__ import annotations

import pytest

from benchmarks.mapper import rate
from benchmarks.memory import figures, peak_mib
from benchmarks.spread import change_percent, percentile


def test_the_99th_percentile_of_a_hundred_is_not_their_maximum() -> None:
    assert percentile([float(value) for value in range(1, 101)], 99) == 99
    assert percentile([float(value) for value in range(200, 0, -1)], 99) == 198


def test_a_percentile_of_few_values_does_not_flatter() -> None:
    assert percentile([1.0, 2.0, 30.0], 99) == 30.0
    assert percentile([4.0], 99) == 4.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 99)


def test_getting_slower_is_not_told_as_getting_faster() -> None:
    assert change_percent([1.0, 1.0, 9.0], [1.2, 1.2, 1.2]) == pytest.approx(20)
    assert change_percent([2.0], [1.0]) == pytest.approx(-50)


def test_the_time_before_the_first_records_does_not_count() -> None:
    times = [0, 5000, 5001, 5500, 6001]  # milliseconds; the first two are the start
    assert rate(times, 2) == pytest.approx(3 / 1.001)


def test_memory_is_not_read_in_the_wrong_unit() -> None:
    status = "Name:\tpython\nVmPeak:\t  900000 kB\nVmHWM:\t   153600 kB\nVmRSS:\t   100 kB\n"
    assert peak_mib(status) == 150
    with pytest.raises(ValueError, match="VmHWM"):
        peak_mib("Name:\tpython\nState:\tZ (zombie)\n")


def test_a_service_that_was_not_watched_does_not_keep_its_bound() -> None:
    found = {one.line.figure: one for one in figures({"poller": (90.0, "calls")})}
    assert found["memory of poller under load"].holds
    assert found["memory of mapper under load"].value is None
    assert not found["memory of mapper under load"].holds
