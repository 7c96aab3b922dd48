"""Exact decimal arithmetic and the smallest unit of a currency."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

EXACT = Context(prec=100, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
"""Wide enough for the product of two numbers of 28 digits: nothing is ever rounded unless a function says so."""

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")

XERO_DECIMALS = 2
"""Xero keeps line amounts, taxes and totals with two decimals in every currency."""

LARGEST_LINE_AMOUNT = Decimal("9999999999.99")
"""Largest LineAmount that Xero takes."""

_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"]
)  # fmt: skip
_TOO_MANY_DECIMALS = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip


class UnsupportedCurrencyError(ValueError):
    """A currency with more decimals than Xero keeps: its amounts could not be carried over unaltered."""


def minor_unit(currency: str) -> Decimal:
    """Smallest amount of a currency, by ISO 4217: 1 for JPY, 0.01 for NZD and for codes the table does not know.

    Raises:
        UnsupportedCurrencyError: the currency has three or four decimals, Xero keeps two.
    """
    if currency in _TOO_MANY_DECIMALS:
        message = f"{currency} has {_TOO_MANY_DECIMALS[currency]} decimals, Xero keeps {XERO_DECIMALS}"
        raise UnsupportedCurrencyError(message)
    return ONE if currency in _NO_DECIMALS else CENT


def round_half_up(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """The amount as a multiple of `unit` (1 or 0.01); a tie goes away from zero, so that a credit mirrors its invoice."""
    return amount.quantize(unit, ROUND_HALF_UP, EXACT)


def round_half_even(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """The amount as a multiple of `unit`; a tie goes to the even neighbour."""
    return amount.quantize(unit, ROUND_HALF_EVEN, EXACT)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)
