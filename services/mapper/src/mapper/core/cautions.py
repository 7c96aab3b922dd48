"""What a person should know although the document goes over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoice_amounts import CENT, round_half_up, times
from invoice_events.types import AutotaskLine
from mapper.core.line_texts import is_covered

TWO_DECIMALS = "Autotask sends unit prices with two decimals, although four decimals are switched on here; switch them on in Autotask too"

_HALF = Decimal("0.5")


def two_decimals(lines: Sequence[AutotaskLine], amounts: Sequence[Decimal], unit: Decimal) -> list[str]:
    """The warning where four decimals are on but Autotask seems to round its unit prices to two.

    The signs: no rate has more than two decimals, and some line's amount is not the product of its quantity and rate, but
    would be if the rate had been rounded.

    Args:
        lines: the invoice's lines.
        amounts: net amount of each.
        unit: the currency's minor unit.
    """
    if any(line["rate"] != round_half_up(line["rate"], CENT) for line in lines):
        return []
    is_rounded = any(
        _is_rate_rounded(line, amount, unit) for line, amount in zip(lines, amounts, strict=True)
    )
    return [TWO_DECIMALS] if is_rounded else []


def _is_rate_rounded(line: AutotaskLine, amount: Decimal, unit: Decimal) -> bool:
    """Whether a rate rounded to cents explains why the product is not the amount.

    Up to half a unit is the rounding of the amount alone, in either mode. What goes beyond that and half a cent for each
    piece is no rounding: a contract covers a part of the line, or somebody set the amount by hand.
    """
    if is_covered(line, amount, unit):
        return False
    difference = abs(times(line["quantity"], line["rate"]) - amount)
    of_amount = times(unit, _HALF)
    return of_amount < difference <= times(times(abs(line["quantity"]), CENT), _HALF) + of_amount
