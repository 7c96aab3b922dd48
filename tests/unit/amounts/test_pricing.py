from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_amounts import CENT, Price, as_one, expressible

D = Decimal


def price(
    quantity: str, unit: str, amount: str, *, decimals: int = 2, tax: str | None = None
) -> Price | None:
    return expressible(D(quantity), D(unit), D(amount), decimals, None if tax is None else D(tax))


def test_quantity_and_rate_go_over_as_they_are_where_that_is_exact() -> None:
    assert price("12", "45.50", "546.00") == Price(D(12), D("45.50"))
    assert price("2.25", "100", "225.00") == Price(D("2.25"), D(100))


def test_a_product_that_rounds_differently_half_up_and_half_even_is_never_sent() -> None:
    assert price("0.5", "0.25", "0.13") is None  # 0.125: half up 0.13, half even 0.12
    assert price("0.5", "0.25", "0.12") is None


def test_a_product_that_rounds_alike_both_ways_is_sent() -> None:
    assert price("0.5", "0.27", "0.14") == Price(D("0.5"), D("0.27"))  # 0.135: 0.14 half up and half even
    assert price("0.5", "0.27", "0.13") is None


def test_an_amount_that_is_not_the_product_is_never_sent_as_one() -> None:
    assert price("3.175", "100", "386.65") is None
    assert price("3", "100", "0.00") is None


def test_a_unit_price_that_xero_would_round_is_never_sent() -> None:
    assert price("1000", "0.1648", "164.80") is None
    assert price("1000", "0.1648", "164.80", decimals=4) == Price(D(1000), D("0.1648"))
    assert price("1000", "0.16484", "164.84", decimals=4) is None


def test_a_quantity_that_xero_would_round_or_refuse_is_never_sent() -> None:
    assert price("0.33333", "3.00", "1.00") is None
    assert price("0.3333", "3.00", "1.00") == Price(D("0.3333"), D("3.00"))
    assert price("123456789", "0.01", "1234567.89") is None
    assert price("0", "100", "0.00") is None


def test_trailing_zeros_are_no_decimals() -> None:
    assert price("2.00000000", "120.00000000", "240.00") is not None


@pytest.mark.parametrize(("tax", "sent"), [("546.00", True), ("546.01", False), (None, True)])
def test_a_tax_above_the_line_amount_is_never_sent_with_it(tax: str | None, *, sent: bool) -> None:
    assert (price("12", "45.50", "546.00", tax=tax) is not None) is sent


def test_the_quantity_of_many_cheap_pieces_is_not_lost_for_their_tax() -> None:
    assert price("2400", "0.1648", "395.52", decimals=4, tax="59.33") == Price(D(2400), D("0.1648"))


def test_a_negative_quantity_goes_as_a_negative_price() -> None:
    assert price("-2", "50", "-100.00", tax="-15") == Price(D(2), D(-50))
    assert price("-2", "-50", "100.00") == Price(D(2), D(50))


number = st.decimals(min_value=-(10**6), max_value=10**6, places=4)


@given(number, number, st.sampled_from([2, 4]), st.none() | number)
def test_what_is_sent_gives_the_amount_in_every_rounding_mode(
    quantity: Decimal, unit: Decimal, decimals: int, tax: Decimal | None
) -> None:
    amount = (quantity * unit).quantize(CENT, ROUND_HALF_UP)
    found = expressible(quantity, unit, amount, decimals, tax) or as_one(amount)
    assert found.quantity > 0
    for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        sent_unit = found.unit_amount.quantize(D(1).scaleb(-decimals), mode)
        assert (found.quantity.quantize(D("0.0001"), mode) * sent_unit).quantize(CENT, mode) == amount
    if tax is not None and found != as_one(amount):
        assert abs(tax) <= abs(amount)
