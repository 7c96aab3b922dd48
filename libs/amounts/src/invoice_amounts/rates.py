"""Whether a tax fits a rate."""

from __future__ import annotations

from decimal import Decimal

from invoice_amounts.money import CENT, times

_PER_CENT = Decimal("0.01")


def exact_tax(line_amount: Decimal, rate_percent: Decimal) -> Decimal:
    """Amount times rate, unrounded. The rate is in per cent: 15 means 15 %."""
    return times(times(line_amount, rate_percent), _PER_CENT)


def fits_rate(
    line_amount: Decimal, tax: Decimal, rate_percent: Decimal, *, unit: Decimal = CENT, moved: bool = False
) -> bool:
    """Whether a line's tax differs from amount times rate by no more than rounding.

    Half a unit comes from rounding the tax, less than that from rounding the amount it was computed on, so one unit is
    let through; a second one if `moved`, when the tax has gone through the spreading of cents.
    """
    return abs(tax - exact_tax(line_amount, rate_percent)) <= (unit + unit if moved else unit)
