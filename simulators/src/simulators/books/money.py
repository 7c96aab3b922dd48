"""Rounding as Autotask does it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_STORED = Decimal("0.0001")


def cents(amount: Decimal) -> Decimal:
    """Half up to two decimals: posted lines, taxes, totals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def stored(amount: Decimal) -> Decimal:
    """Half up to the four decimals with which Autotask stores amounts."""
    return amount.quantize(_STORED, ROUND_HALF_UP)
