"""Numbers for people."""

from __future__ import annotations

from decimal import Decimal

TIMES = "\N{MULTIPLICATION SIGN}"


def number_text(number: Decimal, decimals: int = 2) -> str:
    """A number without needless zeros, but with at least so many decimals."""
    text = format(number.normalize(), "f")
    _, _, fraction = text.partition(".")
    if len(fraction) >= decimals:
        return text
    return text + ("" if fraction else ".") + "0" * (decimals - len(fraction))
