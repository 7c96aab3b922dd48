"""Which of Autotask's fields is a line's amount, and whether the invoice's total is net or gross.

Autotask's documentation does not say: `extendedPrice` or `totalAmount` can be what the customer pays for a line (the latter
is zero where a contract covers the work), and `invoiceTotal` is net at some tenants and gross at others. A reading
is one answer to both questions; the right one is that under which the lines add up to the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, TypedDict

from invoice_amounts.money import ZERO, minor_unit, round_half_up
from invoice_amounts.spreading import Spread, spread_taxes

Basis = Literal["extended_price_net", "extended_price_gross", "total_amount_net", "total_amount_gross"]
BasisSetting = Literal[
    "auto", "extended_price_net", "extended_price_gross", "total_amount_net", "total_amount_gross"
]
LineField = Literal["extended_price", "total_amount"]

PREFERENCE: tuple[Basis, ...] = (
    "extended_price_gross",
    "total_amount_gross",
    "extended_price_net",
    "total_amount_net",
)
"""Order in which readings that fit equally well are taken.

Gross first, because a gross total vouches for lines and taxes together: where `totalAmount` includes the tax, its sum looks
like a net total, and the tax would be charged twice; where a covered line happens to be worth the invoice's tax,
`extendedPrice` looks net, and the covered work would be charged. Without tax, net and gross are the same amounts.
"""

_PARTS: dict[Basis, tuple[LineField, bool]] = {
    "extended_price_net": ("extended_price", False),
    "extended_price_gross": ("extended_price", True),
    "total_amount_net": ("total_amount", False),
    "total_amount_gross": ("total_amount", True),
}


class LineFields(TypedDict):
    """The fields of an Autotask line that carry money, in the customer's currency, with up to four decimals."""

    extended_price: Decimal
    total_amount: Decimal
    tax: Decimal


class Attempt(NamedTuple):
    """How far one reading is from adding up.

    Attributes:
        basis: the reading.
        lines_total: sum of the rounded lines.
        wanted: what it had to be: the invoice's total, less the tax where the total is read as gross.
        difference: `lines_total - wanted`.
    """

    basis: Basis
    lines_total: Decimal
    wanted: Decimal
    difference: Decimal


class Reading(NamedTuple):
    """A reading under which the lines add up.

    Attributes:
        basis: the reading.
        line_amounts: net amount of each line, in the order given, in minor units of the currency.
        sub_total: sum of the lines.
        tax_total: Autotask's tax, rounded.
        difference: `sub_total` less what Autotask's total asks for; within the tolerance.
    """

    basis: Basis
    line_amounts: list[Decimal]
    sub_total: Decimal
    tax_total: Decimal
    difference: Decimal


class NoReading(NamedTuple):
    """No reading fits. `attempts` says by how much each fails, in order of preference."""

    attempts: list[Attempt]


def read_amounts(
    lines: Sequence[LineFields],
    total: Decimal,
    tax_total: Decimal,
    unit: Decimal,
    *,
    basis: BasisSetting = "auto",
    tolerance: Decimal = ZERO,
) -> Reading | NoReading:
    """Find the reading under which the lines add up to the invoice's total.

    Every amount is rounded half up to the currency's minor unit first, lines before their sum. Of the readings
    within the tolerance the one with the smallest difference is taken, then the first by `PREFERENCE`.

    Args:
        lines: the invoice's lines.
        total: Autotask's `invoiceTotal`.
        tax_total: Autotask's `totalTaxValue`.
        unit: the currency's minor unit, see `minor_unit`.
        basis: a fixed reading, or `auto`.
        tolerance: largest difference that is let through.
    """
    tax = round_half_up(tax_total, unit)
    gross = round_half_up(total, unit)
    rounded: dict[LineField, list[Decimal]] = {}
    attempts: list[Attempt] = []
    for candidate in PREFERENCE if basis == "auto" else (basis,):
        field, is_gross = _PARTS[candidate]
        amounts = rounded.get(field)
        if amounts is None:
            amounts = rounded[field] = [round_half_up(line[field], unit) for line in lines]
        lines_total = sum(amounts, ZERO)
        wanted = gross - tax if is_gross else gross
        difference = lines_total - wanted
        if not difference:  # nothing can fit better, and what comes later is less preferred
            return Reading(candidate, amounts, lines_total, tax, difference)
        attempts.append(Attempt(candidate, lines_total, wanted, difference))
    best = min(attempts, key=lambda attempt: abs(attempt.difference))
    if abs(best.difference) > tolerance:
        return NoReading(attempts)
    return Reading(best.basis, rounded[_PARTS[best.basis][0]], best.lines_total, tax, best.difference)


def adds_up(
    lines: Sequence[LineFields],
    total: Decimal,
    tax_total: Decimal,
    currency: str,
    *,
    basis: BasisSetting = "auto",
    tolerance: Decimal = ZERO,
) -> bool:
    """Whether an invoice is complete: some reading fits, and the lines' taxes make up the invoice's tax.

    Autotask shows invoices through its API while the billing run is still writing them; lines that do not add up are the sign.
    An invoice in a currency that can not be carried counts as complete: waiting would not mend it.
    """
    unit = minor_unit_or_none(currency)
    if unit is None:
        return True
    reading = read_amounts(lines, total, tax_total, unit, basis=basis, tolerance=tolerance)
    if isinstance(reading, NoReading):
        return False
    taxes = [line["tax"] for line in lines]
    return isinstance(spread_taxes(taxes, tax_total, unit, reading.line_amounts), Spread)


def minor_unit_or_none(currency: str) -> Decimal | None:
    """`minor_unit`, or None for a currency that can not be carried."""
    try:
        return minor_unit(currency)
    except ValueError:
        return None
