from __future__ import annotations

import pytest

from benchmarks.mapper import rate
from benchmarks.memory import Footprint, family_peak, figures
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


def test_neither_the_start_nor_a_pause_counts_against_the_rate() -> None:
    times = [0, 5000, 5001, 5004, 9000, 9010]  # milliseconds
    assert rate(times, 2) == pytest.approx(2 / 0.004)


def test_records_of_one_millisecond_do_not_divide_by_nothing() -> None:
    assert rate([7, 7, 7], 2) == 2000


STATUS = (
    "Name:\tpython\nVmPeak:\t  900000 kB\nVmHWM:\t   153600 kB\nVmRSS:\t   100 kB\nRssFile:\t  20480 kB\n"
)
ROLLUP = "00400000-7ffe rollup\nRss:  150000 kB\nPss_Anon:  51200 kB\nAnonymous:  71680 kB\n"


def test_memory_is_not_read_in_the_wrong_unit() -> None:
    assert Footprint.of(STATUS, ROLLUP) == Footprint(150, 70, 50, 20)
    with pytest.raises(ValueError, match="VmHWM"):
        Footprint.of("Name:\tpython\nState:\tZ (zombie)\n", ROLLUP)


def test_the_peak_of_one_process_is_not_made_smaller() -> None:
    assert family_peak([Footprint(150, 70, 50, 20)]) == 150


def test_what_parent_and_child_share_does_not_count_twice_nor_not_at_all() -> None:
    parent, child = Footprint(90, 60, 50, 25), Footprint(80, 60, 50, 15)
    # 20 MiB of data are shared and lie in both sums; of the files the larger set has the smaller one in it.
    assert family_peak([parent, child]) == 90 + 80 - 20 - 15


def test_a_service_that_was_not_watched_does_not_keep_its_bound() -> None:
    found = {one.line.figure: one for one in figures({"poller": (90.0, "calls")})}
    assert found["memory of poller under load"].holds
    assert found["memory of mapper under load"].value is None
    assert not found["memory of mapper under load"].holds
