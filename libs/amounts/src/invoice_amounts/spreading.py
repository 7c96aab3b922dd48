"""Spreading the invoice's tax over its lines, to the cent.

Autotask keeps a line's tax with up to four decimals, Xero with two, so rounding each line alone can miss the invoice's tax by
some cents. They are spread by largest remainder: the lines that were nearest to the next cent anyway get them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from invoice_amounts.money import EXACT, ZERO, round_half_up


class Spread(NamedTuple):
    """Tax of each line in minor units, in the order given; they add up to `total`."""

    taxes: list[Decimal]
    total: Decimal


class NotSpreadable(NamedTuple):
    """The lines' taxes differ from the invoice's by more than rounding could explain.

    Attributes:
        lines_total: exact sum of the lines' taxes.
        total: the invoice's tax, rounded.
        difference: `lines_total - total`.
    """

    lines_total: Decimal
    total: Decimal
    difference: Decimal


def spread_taxes(
    taxes: Sequence[Decimal], tax_total: Decimal, unit: Decimal, line_amounts: Sequence[Decimal]
) -> Spread | NotSpreadable:
    """Round the lines' taxes so that they add up to the invoice's tax.

    No line moves by more than one unit, none changes its sign, a line without tax stays without, and none is rounded up beyond
    its own amount (Xero: "Tax amount cannot be greater than the line amount"). Turning every sign turns every result.

    Rounding explains at most half a unit for each taxed line (Autotask may have rounded it) and half a unit for the total.

    Args:
        taxes: Autotask's `taxDollars`, up to four decimals.
        tax_total: Autotask's `totalTaxValue`.
        unit: the currency's minor unit.
        line_amounts: net amount of each line.
    """
    target = round_half_up(tax_total, unit)
    rounded = [round_half_up(tax, unit) if tax else ZERO for tax in taxes]
    if sum(rounded, ZERO) == target and all(
        abs(tax) <= abs(amount) for tax, amount in zip(rounded, line_amounts, strict=True)
    ):
        return Spread(
            rounded, target
        )  # by far the most frequent case; largest remainder ends at the same cents
    exact = sum(taxes, ZERO)
    taxed = sum(1 for tax in taxes if tax)
    if abs(exact - target) * 2 > unit * (taxed + 1):
        return NotSpreadable(exact, target, exact - target)
    spread = _largest_remainder(taxes, target, unit, line_amounts)
    return NotSpreadable(exact, target, exact - target) if spread is None else Spread(spread, target)


def _largest_remainder(
    taxes: Sequence[Decimal], target: Decimal, unit: Decimal, line_amounts: Sequence[Decimal]
) -> list[Decimal] | None:
    """Start from the nearest allowed value of each line, then move the cheapest lines; None if they do not suffice."""
    allowed = [_allowed(tax, unit, amount) for tax, amount in zip(taxes, line_amounts, strict=True)]
    result = [_nearest(tax, values) for tax, values in zip(taxes, allowed, strict=True)]
    missing = target - sum(result, ZERO)
    step = unit.copy_sign(missing)
    moves = sorted(
        (abs(value + step - tax) - abs(value - tax), -abs(tax), index)
        for index, (tax, value) in enumerate(zip(taxes, result, strict=True))
        if value + step in allowed[index]
    )
    needed = int(abs(missing) / unit)
    if needed > len(moves):
        return None
    for _, _, index in moves[:needed]:
        result[index] += step
    return result


def _nearest(tax: Decimal, values: tuple[Decimal, ...]) -> Decimal:
    """The allowed value nearest to the tax; of two as near, the one farther from zero."""
    return min(values, key=lambda value: (abs(value - tax), -abs(value)))


def _allowed(tax: Decimal, unit: Decimal, amount: Decimal) -> tuple[Decimal, ...]:
    """Values a line's tax may take: at most one unit away, same sign, not rounded up beyond the line's amount."""
    if not tax:
        return (ZERO,)
    below = tax.quantize(unit, ROUND_FLOOR, EXACT)
    above = tax.quantize(unit, ROUND_CEILING, EXACT)
    values = (below, above) if below != above else (below - unit, below, below + unit)
    inner = min(
        abs(below), abs(above)
    )  # a tax that is too large as it stands is judged by its rate, not here
    cap = max(abs(amount), inner)
    same_sign = (value for value in values if value * tax >= 0)
    return tuple(value for value in same_sign if abs(value) <= cap)
