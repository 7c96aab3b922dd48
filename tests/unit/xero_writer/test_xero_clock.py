"""What time it is in Xero, from whatever its answers tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xero_writer.adapters.xero_clock import XeroClock

TOLD = datetime(2026, 11, 2, 9, 0, 0, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Nov 2026 09:00:00 GMT"}
ENVELOPE = {"DateTimeUTC": f"/Date({int(TOLD.timestamp() * 1000)})/"}
A_MINUTE_LATER = {"DateTimeUTC": f"/Date({int(TOLD.timestamp() * 1000) + 60_000})/"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [(DATE, None), (DATE, []), ({}, ENVELOPE), (DATE, A_MINUTE_LATER), (DATE, {"DateTimeUTC": "soon"})],
)
def test_no_time_is_taken_for_later_than_xero_told(headers: dict[str, str], body: object) -> None:
    clock = XeroClock()
    clock.hear(headers, body)
    now = clock.now()
    assert now is not None
    assert TOLD <= now < TOLD + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, None),
        ({"Date": "yesterday"}, {"DateTimeUTC": 5}),
        ({"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"DateTimeUTC": "/Date(0)/"}),
        ({}, {"DateTimeUTC": f"/Date({10**30})/"}),
    ],
)
def test_an_answer_that_tells_no_sensible_time_tells_none(headers: dict[str, str], body: object) -> None:
    clock = XeroClock()
    clock.hear(headers, body)
    assert clock.now() is None


def test_a_clock_that_was_put_right_is_believed() -> None:
    clock = XeroClock()
    clock.hear({}, A_MINUTE_LATER)
    clock.hear(DATE, ENVELOPE)
    now = clock.now()
    assert now is not None
    assert now < TOLD + timedelta(seconds=30)
