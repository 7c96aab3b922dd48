"""What a person should know although the document goes over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoice_amounts import CENT, round_half_up, times
from invoice_events.types import AutotaskLine

TWO_DECIMALS = "Autotask sends unit prices with two decimals, although four decimals are switched on here; switch them on in Autotask too"


def two_decimals(lines: Sequence[AutotaskLine], amounts: Sequence[Decimal], unit: Decimal) -> list[str]:
    """The warning where four decimals are on but Autotask seems to round its unit prices to two.

    The signs: no rate has more than two decimals, and the product of some line's quantity and rate is not its amount.
    A line for which nothing is to be paid says nothing: its amount is not a product.

    Args:
        lines: the invoice's lines.
        amounts: net amount of each.
        unit: the currency's minor unit.
    """
    if any(line["rate"] != round_half_up(line["rate"], CENT) for line in lines):
        return []
    differs = any(
        amount and round_half_up(times(line["quantity"], line["rate"]), unit) != amount
        for line, amount in zip(lines, amounts, strict=True)
    )
    return [TWO_DECIMALS] if differs else []
