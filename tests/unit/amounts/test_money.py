from decimal import Decimal

import pytest

from invoice_amounts import UnsupportedCurrencyError, minor_unit, round_half_up
from invoice_amounts.money import round_half_even, times


@pytest.mark.parametrize(
    ("currency", "unit"), [("NZD", "0.01"), ("JPY", "1"), ("EUR", "0.01"), ("XXX", "0.01")]
)
def test_a_currency_is_never_rounded_to_another_currencys_unit(currency: str, unit: str) -> None:
    assert minor_unit(currency) == Decimal(unit)


@pytest.mark.parametrize("currency", ["KWD", "BHD", "CLF"])
def test_a_currency_with_more_decimals_than_xero_keeps_is_refused(currency: str) -> None:
    with pytest.raises(UnsupportedCurrencyError, match=currency):
        minor_unit(currency)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("2.675", "2.68"),
        ("-2.675", "-2.68"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.0049", "0.00"),
        ("1.005", "1.01"),
    ],
)
def test_a_tie_is_never_rounded_towards_zero(amount: str, rounded: str) -> None:
    assert round_half_up(Decimal(amount)) == Decimal(rounded)


def test_a_tie_half_even_goes_to_the_even_cent() -> None:
    assert round_half_even(Decimal("0.125")) == Decimal("0.12")
    assert round_half_even(Decimal("0.135")) == Decimal("0.14")


def test_a_product_of_two_long_numbers_loses_no_digit() -> None:
    number = Decimal("12345678901234567890.12345678")
    digits = 1234567890123456789012345678
    assert times(number, number) == Decimal((0, tuple(int(digit) for digit in str(digits * digits)), -16))
