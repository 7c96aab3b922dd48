"""An invoice about which nothing is certain but that it is valid: any lines, signs, taxes and readings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from simulators.books import words
from simulators.books.chance import chance
from simulators.books.draft import Draft
from simulators.books.money import cents

if TYPE_CHECKING:
    from random import Random

    from simulators.books.draft import Line
    from simulators.books.lines import LineMaker
    from simulators.books.profile import Profile

_MOST_LINES = 12
_BASES: tuple[Literal["net", "gross"], ...] = ("net", "gross")


def make_anything(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    """Lines of any type: negative, covered, not billable, discounted, long; taxed singly or on the total.

    Autotask's documentation leaves open whether its totals are without or with tax, for lines and for invoices: here every
    invoice has its own answer. It always follows from the amounts, as it does for a person who reads the invoice.
    """
    while True:
        draft = _any_draft(maker, rng)
        if _is_certain(draft):
            return draft


def _any_draft(maker: LineMaker, rng: Random) -> Draft:
    lines: list[Line] = []
    for _ in range(rng.randint(1, _MOST_LINES)):
        line = maker.any()
        if chance(rng, 8):
            line = maker.covered(non_billable=chance(rng, 50))
        elif chance(rng, 10):
            line.quantity = -line.quantity
        elif chance(rng, 5):
            line.rate = -line.rate
        elif chance(rng, 2):
            line.text = words.long_text(rng)
        lines.append(line)
    priced = [line for line in lines if line.amount > 0]
    if priced and chance(rng, 15):
        lines.append(maker.discount(rng.choice(priced)))
    if chance(rng, 8):
        for line in lines:
            line.quantity = -line.quantity
    covered = any(line.covered for line in lines)
    return Draft(
        lines,
        tax_on_total=chance(rng, 20),
        basis=rng.choice(_BASES),
        taxed_lines=not covered and chance(rng, 30),
    )


def _is_certain(draft: Draft) -> bool:
    """Whether every reading under which the lines add up, preferring totals with tax, gives the planned amounts.

    A total with tax vouches for lines and taxes together, so it is believed before one without.
    """
    tax = draft.settle_taxes()
    planned = [line.amount for line in draft.lines]
    total = draft.net if draft.basis == "net" else draft.net + tax
    counted = [cents(line.total + line.tax if draft.taxed_lines else line.total) for line in draft.lines]
    prices = [cents(line.extended) for line in draft.lines]
    for wanted in (total - tax, total):
        fitting = [amounts for amounts in (prices, counted) if sum(amounts, Decimal(0)) == wanted]
        if fitting:
            return all(amounts == planned for amounts in fitting)
    return False
