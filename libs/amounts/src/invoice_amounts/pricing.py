"""How a line's amount is put as quantity times unit price, so that Xero's product is Autotask's amount to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from invoice_amounts.money import ONE, round_half_even, round_half_up, times

QUANTITY_DECIMALS = 4
"""Xero returns quantities with four decimals."""

_QUANTITY_UNIT = Decimal("0.0001")
_LARGEST_QUANTITY = Decimal(10) ** 8
"""Xero takes 13 characters of a quantity; with four decimals and the point, eight are left before it."""


class Price(NamedTuple):
    """A quantity, always positive, and a unit price, which carries the sign."""

    quantity: Decimal
    unit_amount: Decimal


def expressible(
    quantity: Decimal, unit_price: Decimal, line_amount: Decimal, unit_decimals: int, tax: Decimal | None
) -> Price | None:
    """Autotask's quantity and rate, if Xero makes exactly the line's amount of them; None if it might not.

    Xero rounds the unit price to two decimals (four with `unitdp=4`), keeps four decimals of the quantity and does not document
    how it rounds the product, so the product has to give the line's amount both half up and half even. The line's tax may not
    exceed the line's amount ("Tax amount cannot be greater than the line amount").

    Args:
        quantity: as in Autotask; a negative one goes over as positive, with the price turned.
        unit_price: Autotask's rate.
        line_amount: net amount of the line, with at most two decimals.
        unit_decimals: 2 or 4.
        tax: the tax that will be sent with the line, None if none is sent.
    """
    if quantity < 0:
        quantity, unit_price = -quantity, -unit_price
    if not quantity or quantity >= _LARGEST_QUANTITY:
        return None
    product = times(quantity, unit_price)
    if product != line_amount and not round_half_up(product) == line_amount == round_half_even(product):
        return None
    if tax and abs(tax) > abs(line_amount):
        return None
    if quantity != round_half_up(quantity, _QUANTITY_UNIT):
        return None
    if unit_price != round_half_up(unit_price, ONE.scaleb(-unit_decimals)):
        return None
    return Price(quantity, unit_price)


def as_one(line_amount: Decimal) -> Price:
    """One times the amount: always exact."""
    return Price(ONE, line_amount)
