"""What Xero computes: line amounts, tax per line, totals."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulators.xero.state import Line

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
_HUNDRED = Decimal(100)
_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


class Rounding:
    """Rounds in one of the two modes that fit what is known about Xero (its mode is not documented)."""

    def __init__(self, mode: str) -> None:
        self._mode = _MODES[mode]

    def cents(self, amount: Decimal) -> Decimal:
        """To 2 decimals."""
        return amount.quantize(CENT, rounding=self._mode)

    def four(self, amount: Decimal) -> Decimal:
        """To 4 decimals."""
        return amount.quantize(FOUR_PLACES, rounding=self._mode)

    def unit(self, amount: Decimal, *, four_places: bool) -> Decimal:
        """A unit amount: 2 decimals, 4 only if the request carries unitdp=4."""
        return self.four(amount) if four_places else self.cents(amount)

    def line_amount(
        self,
        quantity: Decimal,
        unit_amount: Decimal,
        discount_rate: Decimal | None,
        discount_amount: Decimal | None,
    ) -> Decimal:
        """Quantity * UnitAmount less the discount (percent or money), in cents."""
        gross = quantity * unit_amount
        if discount_rate is not None:
            gross = gross * (_HUNDRED - discount_rate) / _HUNDRED
        elif discount_amount is not None:
            gross -= discount_amount
        return self.cents(gross)

    def tax(self, line_amount: Decimal, rate: Decimal, line_amount_types: str) -> Decimal:
        """Tax of one line, `rate` in percent.

        Exclusive: amount * rate, in cents. Inclusive: the amount divided by (1 + rate), in cents, is the net; the
        rest is the tax. NoTax: none.
        """
        if line_amount_types == "NoTax":
            return Decimal("0.00")
        if line_amount_types == "Inclusive":
            return line_amount - self.cents(line_amount * _HUNDRED / (_HUNDRED + rate))
        return self.cents(line_amount * rate / _HUNDRED)


def totals(lines: Iterable[Line], line_amount_types: str) -> tuple[Decimal, Decimal, Decimal]:
    """Sub total (without tax), total tax and total of the lines; tax was rounded per line and is summed."""
    amount = tax = Decimal("0.00")
    for line in lines:
        amount += line.line_amount or 0
        tax += line.tax_amount or 0
    if line_amount_types == "Inclusive":
        return amount - tax, tax, amount
    return amount, tax, amount + tax
