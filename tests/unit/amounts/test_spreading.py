from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from invoice_amounts import CENT, NotSpreadable, Spread, minor_unit, round_half_up, spread_taxes

D = Decimal
LARGE = D(10**6)


def spread(taxes: list[str], total: str, amounts: list[str] | None = None) -> Spread | NotSpreadable:
    values = [D(tax) for tax in taxes]
    limits = [LARGE] * len(values) if amounts is None else [D(amount) for amount in amounts]
    return spread_taxes(values, D(total), CENT, limits)


def test_three_thirds_of_a_tax_make_the_whole() -> None:
    found = spread(["0.3333", "0.3333", "0.3334"], "1.00")
    assert found == Spread([D("0.33"), D("0.33"), D("0.34")], D("1.00"))


def test_the_cent_goes_to_the_largest_remainder() -> None:
    found = spread(["1.004", "1.003", "1.003"], "3.01")
    assert found == Spread([D("1.01"), D("1.00"), D("1.00")], D("3.01"))


def test_a_cent_too_much_is_taken_from_the_smallest_remainder() -> None:
    found = spread(["1.006", "1.007", "1.007"], "3.02")
    assert found == Spread([D("1.00"), D("1.01"), D("1.01")], D("3.02"))


def test_a_line_without_tax_never_gets_a_cent() -> None:
    found = spread(["0.0000", "0.3333", "0.3333", "0.3333"], "1.00")
    assert isinstance(found, Spread)
    assert found.taxes == [D(0), D("0.34"), D("0.33"), D("0.33")]


def test_taxes_that_were_rounded_in_autotask_already_still_add_up() -> None:
    found = spread(["0.33", "0.33", "0.33"], "1.00")
    assert isinstance(found, Spread)
    assert sorted(found.taxes) == [D("0.33"), D("0.33"), D("0.34")]


def test_no_tax_is_rounded_up_beyond_its_line() -> None:
    found = spread(["0.006", "0.005"], "0.01", ["0.00", "0.03"])
    assert found == Spread([D("0.00"), D("0.01")], D("0.01"))
    assert isinstance(spread(["0.006"], "0.01", ["0.00"]), NotSpreadable)


def test_a_missing_tax_is_not_explained_away_as_rounding() -> None:
    found = spread(["1.50", "0.75"], "3.00")
    assert found == NotSpreadable(D("2.25"), D("3.00"), D("-0.75"))
    assert isinstance(spread(["1.50"], "1.52"), NotSpreadable)


def test_many_lines_do_not_hide_a_difference_that_rounding_can_not_make() -> None:
    taxes = ["0.0010"] * 40
    assert isinstance(spread(taxes, "0.04"), Spread)
    assert isinstance(spread(taxes, "0.30"), NotSpreadable)


def test_tax_without_any_taxed_line_is_told() -> None:
    assert isinstance(spread(["0", "0"], "0.01"), NotSpreadable)
    assert spread([], "0") == Spread([], D("0.00"))


def test_yen_are_spread_by_whole_yen() -> None:
    found = spread_taxes([D("10.5"), D("10.5"), D("10.0")], D("31"), minor_unit("JPY"), [LARGE] * 3)
    assert isinstance(found, Spread)
    assert sorted(found.taxes) == [D(10), D(10), D(11)]


tax = st.decimals(min_value=-10000, max_value=10000, places=4)
taxed_lines = st.lists(st.tuples(tax, st.decimals(min_value=1, max_value=20, places=2)), max_size=40)


@given(taxed_lines)
def test_spread_taxes_always_add_up_and_no_line_moves_by_more_than_a_cent(
    lines: list[tuple[Decimal, Decimal]],
) -> None:
    taxes = [each for each, _ in lines]
    amounts = [each * factor for each, factor in lines]
    total = sum(taxes, D(0))
    found = spread_taxes(taxes, total, CENT, amounts)
    assume(isinstance(found, Spread) or any(abs(amount) < CENT for amount in amounts))
    if isinstance(found, Spread):
        check(taxes, found)
        assert sum(found.taxes, D(0)) == round_half_up(total)


@given(taxed_lines)
def test_the_exact_sum_of_the_lines_can_always_be_spread(lines: list[tuple[Decimal, Decimal]]) -> None:
    taxes = [each for each, _ in lines]
    assert isinstance(spread_taxes(taxes, sum(taxes, D(0)), CENT, [LARGE] * len(taxes)), Spread)


@given(taxed_lines)
def test_taxes_that_autotask_rounded_by_line_can_always_be_spread(
    lines: list[tuple[Decimal, Decimal]],
) -> None:
    exact = [each for each, _ in lines]
    rounded = [round_half_up(each) for each in exact]
    assume(all(rounded))  # a tax that was rounded away altogether has no line left to be put on
    found = spread_taxes(rounded, sum(exact, D(0)), CENT, [LARGE] * len(rounded))
    assert isinstance(found, Spread)
    check(rounded, found)


@given(taxed_lines, st.decimals(min_value=-5, max_value=5, places=2))
def test_turning_every_sign_turns_every_cent(lines: list[tuple[Decimal, Decimal]], off: Decimal) -> None:
    taxes = [each for each, _ in lines]
    amounts = [each * factor for each, factor in lines]
    total = sum(taxes, D(0)) + off
    there = spread_taxes(taxes, total, CENT, amounts)
    back = spread_taxes([-each for each in taxes], -total, CENT, [-each for each in amounts])
    assert type(there) is type(back)
    if isinstance(there, Spread) and isinstance(back, Spread):
        assert [-each for each in there.taxes] == back.taxes
        check(taxes, there)


def check(taxes: list[Decimal], found: Spread) -> None:
    assert sum(found.taxes, D(0)) == found.total
    for before, after in zip(taxes, found.taxes, strict=True):
        assert abs(after - before) <= CENT
        assert after * before >= 0
        assert before != 0 or after == 0
