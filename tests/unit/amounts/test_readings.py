from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_amounts import (
    CENT,
    PREFERENCE,
    LineFields,
    NoReading,
    Reading,
    adds_up,
    minor_unit,
    read_amounts,
    round_half_up,
)

D = Decimal


def line(extended: str, total: str | None = None, tax: str = "0") -> LineFields:
    return {
        "extended_price": D(extended),
        "total_amount": D(extended if total is None else total),
        "tax": D(tax),
    }


def read(lines: list[LineFields], total: str, tax: str = "0", **options: object) -> Reading | NoReading:
    return read_amounts(lines, D(total), D(tax), CENT, **options)  # type: ignore[arg-type]  # options are the function's own


def test_a_net_total_is_not_taken_for_a_gross_one() -> None:
    found = read([line("100", tax="15"), line("50", tax="7.5")], "150", "22.5")
    assert isinstance(found, Reading)
    assert (found.basis, found.sub_total, found.tax_total) == ("extended_price_net", D("150.00"), D("22.50"))


def test_a_gross_total_is_not_taken_for_a_net_one() -> None:
    found = read([line("100", tax="15"), line("50", tax="7.5")], "172.5", "22.5")
    assert isinstance(found, Reading)
    assert (found.basis, found.sub_total) == ("extended_price_gross", D("150.00"))


def test_work_covered_by_a_contract_is_not_charged() -> None:
    found = read([line("386.645", total="0"), line("100", tax="15")], "100", "15")
    assert isinstance(found, Reading)
    assert found.basis == "total_amount_net"
    assert found.line_amounts == [D("0.00"), D("100.00")]


def test_tax_that_total_amount_includes_is_not_charged_twice() -> None:
    found = read([line("100", total="115", tax="15")], "115", "15")
    assert isinstance(found, Reading)
    assert found.sub_total + found.tax_total == D("115.00")


def test_covered_work_worth_exactly_the_tax_is_not_charged() -> None:
    found = read([line("15", total="0"), line("100", tax="15")], "115", "15")
    assert isinstance(found, Reading)
    assert found.sub_total + found.tax_total == D("115.00")


def test_lines_are_rounded_before_their_sum_not_after() -> None:
    found = read([line("10.005"), line("10.005")], "20.02")
    assert isinstance(found, Reading)
    assert found.line_amounts == [D("10.01"), D("10.01")]
    assert isinstance(read([line("10.004"), line("10.004"), line("10.004")], "30.00"), Reading)
    assert isinstance(read([line("10.004"), line("10.004"), line("10.004")], "30.012"), NoReading)


def test_a_yen_invoice_is_not_given_cents() -> None:
    found = read_amounts([line("1050", tax="105")], D("1050"), D("105.0"), minor_unit("JPY"))
    assert isinstance(found, Reading)
    assert found.line_amounts == [D("1050")]


def test_a_missing_line_is_told_with_the_difference_of_every_reading() -> None:
    found = read([line("99", tax="15")], "100", "15")
    assert isinstance(found, NoReading)
    assert {(attempt.basis, attempt.difference) for attempt in found.attempts} == {
        ("extended_price_net", D("-1.00")),
        ("extended_price_gross", D("14.00")),
        ("total_amount_net", D("-1.00")),
        ("total_amount_gross", D("14.00")),
    }


@pytest.mark.parametrize("basis", PREFERENCE)
def test_a_fixed_basis_is_not_replaced_by_one_that_fits(basis: str) -> None:
    lines = [line("100", total="90", tax="15")]
    totals = {
        "extended_price_net": "100",
        "extended_price_gross": "115",
        "total_amount_net": "90",
        "total_amount_gross": "105",
    }
    for other, total in totals.items():
        found = read(lines, total, "15", basis=basis)
        assert isinstance(found, Reading) == (other == basis)


def test_a_cent_beyond_the_tolerance_is_refused_and_one_within_is_shown() -> None:
    assert isinstance(read([line("99.99")], "100"), NoReading)
    found = read([line("99.99")], "100", tolerance=D("0.01"))
    assert isinstance(found, Reading)
    assert found.difference == D("-0.01")


def test_a_tolerance_never_prefers_a_worse_reading() -> None:
    found = read([line("100", tax="2")], "100", "2", tolerance=D("3.00"))
    assert isinstance(found, Reading)
    assert (found.basis, found.difference) == ("extended_price_net", D("0.00"))


def test_an_invoice_whose_taxes_are_missing_does_not_count_as_complete() -> None:
    lines = [line("100", tax="15"), line("50", tax="0")]
    assert adds_up([line("100", tax="15"), line("50", tax="7.5")], D(150), D("22.5"), "NZD")
    assert not adds_up(lines, D(150), D("22.5"), "NZD")
    assert not adds_up(lines[:1], D(150), D("22.5"), "NZD")
    assert not adds_up([], D(150), D("22.5"), "NZD")


def test_an_invoice_that_waiting_can_not_mend_counts_as_complete() -> None:
    assert adds_up([line("99")], D(100), D(0), "KWD")
    assert adds_up([], D(0), D(0), "NZD")


money = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
lines_of = st.lists(
    st.builds(lambda e, t, x: LineFields(extended_price=e, total_amount=t, tax=x), money, money, money),
    max_size=12,
)


@given(lines_of, st.sampled_from(PREFERENCE), money)
def test_a_reading_never_changes_what_the_lines_add_up_to(
    lines: list[LineFields], basis: str, tax: Decimal
) -> None:
    field = "extended_price" if basis.startswith("extended") else "total_amount"
    net = sum((round_half_up(each[field]) for each in lines), D(0))  # type: ignore[literal-required]  # one of the two
    total = net + round_half_up(tax) if basis.endswith("gross") else net
    found = read_amounts(lines, total, tax, CENT)
    assert isinstance(found, Reading)
    assert found.difference == 0
    assert sum(found.line_amounts, D(0)) == found.sub_total
    if found.basis.endswith("gross"):
        assert found.sub_total + found.tax_total == total
    else:
        assert found.sub_total == total


@given(lines_of, money, money)
def test_turning_every_sign_turns_every_amount(lines: list[LineFields], total: Decimal, tax: Decimal) -> None:
    turned = [
        LineFields(
            extended_price=-each["extended_price"], total_amount=-each["total_amount"], tax=-each["tax"]
        )
        for each in lines
    ]
    there = read_amounts(lines, total, tax, CENT)
    back = read_amounts(turned, -total, -tax, CENT)
    assert type(there) is type(back)
    if isinstance(there, Reading) and isinstance(back, Reading):
        assert [-amount for amount in there.line_amounts] == back.line_amounts
