"""What Xero will compute of the lines it is sent, with LineAmountTypes Exclusive."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts.money import ZERO, round_half_up, times
from invoice_amounts.rates import exact_tax


class SentLine(NamedTuple):
    """What of a line decides its amounts.

    Attributes:
        quantity: None on a line that is only a description.
        unit_amount: None on a line that is only a description.
        tax_amount: the tax that is sent, None if Xero is to compute it.
        rate_percent: effective rate of the line's tax type.
    """

    quantity: Decimal | None
    unit_amount: Decimal | None
    tax_amount: Decimal | None
    rate_percent: Decimal


class LineResult(NamedTuple):
    """Amounts of one line in Xero; zero on a line that is only a description."""

    line_amount: Decimal
    tax_amount: Decimal


class Totals(NamedTuple):
    """Amounts of the document in Xero; `lines` has one entry for each line sent, in their order."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    lines: list[LineResult]


def predict(lines: Iterable[SentLine]) -> Totals:
    """The totals Xero will show.

    Xero rounds quantity times unit price to two decimals, takes the tax that was sent or computes amount times rate rounded to
    two decimals, line by line, and adds up. Where it computes the tax, half a cent is predicted to go up; its rounding
    mode is not documented.
    """
    results: list[LineResult] = []
    sub_total = total_tax = ZERO
    for quantity, unit_amount, tax_amount, rate_percent in lines:
        if quantity is None or unit_amount is None:
            results.append(LineResult(ZERO, ZERO))
            continue
        amount = round_half_up(times(quantity, unit_amount))
        tax = round_half_up(exact_tax(amount, rate_percent)) if tax_amount is None else tax_amount
        results.append(LineResult(amount, tax))
        sub_total += amount
        total_tax += tax
    return Totals(sub_total, total_tax, sub_total + total_tax, results)
