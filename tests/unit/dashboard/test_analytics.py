"""Analytics: which figures an address asks for, and how they read."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.core.addresses import read_address
from dashboard.core.analytics import (
    Wanted,
    change_words,
    chart_rows,
    is_empty,
    period_words,
    seconds_words,
    summary_words,
    time_rows,
)

PATH = "/t/acme/sync/analytics"


def test_an_address_brings_back_what_was_chosen() -> None:
    wanted = Wanted("purchase-order", "day", "2026-05-01", "2026-05-20")
    query = "&".join(f"{name}={value}" for name, value in wanted.shown().items())
    assert Wanted.of_address(read_address(PATH, f"?{query}")) == wanted


def test_what_is_usual_is_not_in_the_address() -> None:
    assert Wanted().shown() == {}


@pytest.mark.parametrize("search", ["kind=payslip", "per=hour", "from=yesterday", "to=2026-13-01"])
def test_what_can_not_be_is_left_out(search: str) -> None:
    assert Wanted.of_address(read_address(PATH, f"?{search}")) == Wanted()


@pytest.mark.parametrize(
    ("name", "words", "short"),
    [("2026-05", "May 2026", "May 26"), ("2026-05-04", "4 May 2026", "4 May")],
)
def test_periods_have_names_that_fit(name: str, words: str, short: str) -> None:
    assert period_words(name) == words
    assert period_words(name, short=True) == short


def period(name: str, synced: int, failed: int = 0, p50: float | None = None) -> dict[str, Any]:
    times = {"documents": synced, "p50": p50, "p90": p50, "p99": p50}
    return {"name": name, "synced": synced, "change": 0, "failed_tries": failed, "time_to_xero": times}


def test_a_chart_has_a_row_for_each_period_and_counts_no_fault() -> None:
    periods = [period("2026-04", 0, failed=7), period("2026-05", 12, p50=3.5)]
    assert chart_rows(periods) == [{"period": "Apr 26", "Synced": 0}, {"period": "May 26", "Synced": 12}]
    assert [row["Half within"] for row in time_rows(periods)] == [None, 3.5]


def test_a_chart_is_told_in_words() -> None:
    read = {"synced": 13, "periods": [period("2026-04", 1), period("2026-05", 12)]}
    assert summary_words(read) == "13 synced from April 2026 to May 2026; most in May 2026: 12."
    nothing = {"synced": 0, "periods": [period("2026-05", 0)]}
    assert summary_words(nothing) == "0 synced from May 2026 to May 2026."


def test_faults_alone_are_worth_showing() -> None:
    assert is_empty({"synced": 0, "periods": [period("2026-05", 0)]})
    assert not is_empty({"synced": 0, "periods": [period("2026-05", 0, failed=1)]})


def test_what_was_not_measured_is_a_dash() -> None:
    assert seconds_words(None) == "\N{EN DASH}"
    assert seconds_words(150) == "2 min"


@pytest.mark.parametrize(("change", "words"), [(0, "±0"), (1200, "+1,200"), (-3, "\N{MINUS SIGN}3")])
def test_changes_have_their_sign(change: int, words: str) -> None:
    assert change_words(change) == words
