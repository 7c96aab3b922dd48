"""Money as people read it. Amounts come as text with every digit and are never a binary fraction on the way."""

from __future__ import annotations

from decimal import Decimal

_LEAST_PLACES = 2


def show_money(amount: str | None, currency: str | None = None) -> str:
    """An amount with thousands apart and at least two places, such as `1,234.50 NZD`; empty for none."""
    if amount is None:
        return ""
    value = Decimal(amount)
    exponent = value.normalize().as_tuple().exponent
    places = max(_LEAST_PLACES, -exponent if isinstance(exponent, int) else 0)
    shown = f"{value:,.{places}f}".replace("-", "\N{MINUS SIGN}")
    return f"{shown} {currency}" if currency else shown


def show_count(number: int) -> str:
    """A number of things, thousands apart."""
    return f"{number:,}"


def show_quantity(number: str | None) -> str:
    """A quantity or a price of one, with the digits that it has and no more, such as `0.0833`; empty for none."""
    if number is None:
        return ""
    value = Decimal(number).normalize()
    exponent = value.as_tuple().exponent
    places = max(0, -exponent if isinstance(exponent, int) else 0)
    return f"{value:,.{places}f}".replace("-", "\N{MINUS SIGN}")
