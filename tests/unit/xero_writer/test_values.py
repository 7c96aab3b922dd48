from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_writer.core.values import amount, text, truth, xero_date, xero_time


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("/Date(1789344000000+0000)/", datetime(2026, 9, 14, tzinfo=UTC)),
        ("/Date(1789344000000)/", datetime(2026, 9, 14, tzinfo=UTC)),
        ("/Date(1789344000000+1300)/", datetime(2026, 9, 14, tzinfo=UTC)),
        (r"\/Date(1789344000000+0000)\/", datetime(2026, 9, 14, tzinfo=UTC)),
        ("/Date(-1000+0000)/", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-09-14T09:29:59Z", datetime(2026, 9, 14, 9, 29, 59, tzinfo=UTC)),
        ("2026-09-14T00:00:00", datetime(2026, 9, 14, tzinfo=UTC)),
        ("2026-03-18T21:20:07.7179250", datetime(2026, 3, 18, 21, 20, 7, 717925, tzinfo=UTC)),
        ("2026-09-14 09:29:59+13:00", datetime(2026, 9, 13, 20, 29, 59, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_no_spelling_of_a_time_shifts_it(value: str | None, moment: datetime | None) -> None:
    assert xero_time(value) == moment


def test_a_text_that_is_no_time_is_not_taken_for_none() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        xero_time("yesterday")


def test_a_calendar_date_is_no_day_early_or_late() -> None:
    assert xero_date({"Date": "/Date(1789344000000+0000)/"}, "Date") == date(2026, 9, 14)
    assert xero_date({"DateString": "2026-09-14T00:00:00"}, "Date") == date(2026, 9, 14)
    assert xero_date({}, "Date") is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_no_digit_of_an_amount_is_lost_as_number_or_text(value: Decimal) -> None:
    assert amount(value) == amount(str(value)) == value


def test_what_is_left_out_is_zero_and_what_is_no_amount_is_refused() -> None:
    assert amount(None) == amount("") == 0
    with pytest.raises(ValueError, match="no amount"):
        amount("a lot")


def test_truth_and_texts_in_every_spelling_xero_uses() -> None:
    assert [truth(value) for value in (True, "true", "True", False, "false", None, 1)] == [True] * 3 + [
        False
    ] * 4
    assert [text(value) for value in ("a", None, 1)] == ["a", "", ""]
