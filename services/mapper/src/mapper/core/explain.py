"""Amounts that do not match, in words: by reading and line by line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoice_amounts import Basis, NoReading, NotSpreadable, Reading, Totals
from invoice_events.types import AutotaskLine
from mapper.core.numbers import TIMES, number_text

BASIS: dict[Basis, str] = {
    "extended_price_net": "amounts: lines by extendedPrice, the invoice's total is net",
    "extended_price_gross": "amounts: lines by extendedPrice, the invoice's total includes tax",
    "total_amount_net": "amounts: lines by totalAmount, the invoice's total is net",
    "total_amount_gross": "amounts: lines by totalAmount, the invoice's total includes tax",
}


def no_reading(found: NoReading, lines: Sequence[AutotaskLine]) -> list[str]:
    """By how much each reading fails, then every line with the fields the readings look at."""
    return [
        f"{BASIS[attempt.basis]}: the lines add up to {attempt.lines_total}, wanted {attempt.wanted}, difference {attempt.difference}"
        for attempt in found.attempts
    ] + [_line(line) for line in lines]


def not_spreadable(found: NotSpreadable, lines: Sequence[AutotaskLine]) -> list[str]:
    """The sum of the lines' taxes against the invoice's, then every line."""
    return [
        f"the lines' taxes add up to {number_text(found.lines_total)}, the invoice's tax is {found.total}, difference {number_text(found.difference)}",
        *(_line(line) for line in lines),
    ]


def prediction(totals: Totals, reading: Reading, sign: int) -> list[str]:
    """What Xero would compute against what Autotask has, then Xero's amounts line by line; `sign` -1 for a credit note."""
    wanted = reading.sub_total - reading.difference
    return [
        f"Xero would compute net {sign * totals.sub_total} and tax {sign * totals.total_tax}, Autotask has net {wanted} and tax {reading.tax_total}",
        *(
            f"line {place}: net {sign * line.line_amount}, tax {sign * line.tax_amount}"
            for place, line in enumerate(totals.lines, start=1)
        ),
    ]


def tax_difference(computed: Decimal, wanted: Decimal) -> str:
    """What Xero's own tax differs from Autotask's; it goes over within the tolerance, and no line makes up for it."""
    return f"a tax difference of {computed - wanted} is within the tolerance: Xero computes {computed}, Autotask has {wanted}"


def _line(line: AutotaskLine) -> str:
    return (
        f"line {line['id']}: {number_text(line['quantity'], 0)} {TIMES} {number_text(line['rate'])},"
        f" extendedPrice {number_text(line['extended_price'])}, totalAmount {number_text(line['total_amount'])},"
        f" tax {number_text(line['tax'])}"
    )
