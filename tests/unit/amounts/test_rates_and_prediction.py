from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoice_amounts import CENT, LineResult, SentLine, fits_rate, minor_unit, predict, round_half_up

D = Decimal


def test_a_wrong_rate_is_not_taken_for_rounding() -> None:
    assert fits_rate(D("100.00"), D("15.00"), D(15))
    assert not fits_rate(D("100.00"), D("12.50"), D(15))
    assert not fits_rate(D("100.00"), D(0), D(15))
    assert not fits_rate(D("0.00"), D("1.00"), D(15))
    assert not fits_rate(D("100.00"), D("-15.00"), D(15))


def test_rounding_is_not_taken_for_a_wrong_rate() -> None:
    assert fits_rate(D("52.78"), D("11.0833"), D(21))
    assert fits_rate(D("33.33"), D("5.00"), D(15))  # 4.9995
    assert not fits_rate(D("33.33"), D("5.01"), D(15))
    assert fits_rate(D("33.33"), D("5.01"), D(15), moved=True)
    assert not fits_rate(D("33.33"), D("5.02"), D(15), moved=True)
    assert fits_rate(D(105), D(11), D(10), unit=minor_unit("JPY"))


@given(
    st.decimals(min_value=-(10**6), max_value=10**6, places=4),
    st.decimals(min_value=0, max_value=50, places=4),
)
def test_a_tax_on_the_unrounded_amount_always_fits_its_own_rate(amount: Decimal, rate: Decimal) -> None:
    exact = amount * rate / 100
    assert fits_rate(round_half_up(amount), round_half_up(exact), rate)
    assert fits_rate(round_half_up(amount), round_half_up(exact, D("0.0001")), rate)


def test_a_description_adds_nothing_and_keeps_its_place() -> None:
    found = predict(
        [
            SentLine(D(1), D("100.00"), D("15.00"), D(15)),
            SentLine(None, None, None, D(0)),
            SentLine(D(2), D("-10.00"), D("-3.00"), D(15)),
        ]
    )
    assert found.lines == [
        LineResult(D("100.00"), D("15.00")),
        LineResult(D(0), D(0)),
        LineResult(D("-20.00"), D("-3.00")),
    ]
    assert (found.sub_total, found.total_tax, found.total) == (D("80.00"), D("12.00"), D("92.00"))


def test_tax_is_computed_line_by_line_and_not_on_the_total() -> None:
    found = predict([SentLine(D(1), D("0.10"), None, D(15))] * 3)
    assert [line.tax_amount for line in found.lines] == [D("0.02")] * 3
    assert found.total_tax == D("0.06")


sent = st.builds(
    SentLine,
    st.decimals(min_value=0, max_value=10**4, places=4),
    st.decimals(min_value=-(10**5), max_value=10**5, places=4),
    st.none() | st.decimals(min_value=-(10**4), max_value=10**4, places=2),
    st.decimals(min_value=0, max_value=30, places=4),
)


@given(st.lists(sent, max_size=20))
def test_totals_are_always_the_sums_of_the_lines_in_cents(lines: list[SentLine]) -> None:
    found = predict(lines)
    assert len(found.lines) == len(lines)
    assert found.sub_total == sum((line.line_amount for line in found.lines), D(0))
    assert found.total_tax == sum((line.tax_amount for line in found.lines), D(0))
    assert found.total == found.sub_total + found.total_tax
    assert found.total == found.total.quantize(CENT)
