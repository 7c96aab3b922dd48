"""The lines of an invoice, by its case."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.books import words
from simulators.books.anything import make_anything
from simulators.books.cases import Case
from simulators.books.chance import chance
from simulators.books.draft import Draft, Line
from simulators.books.lines import ALL_TYPES, LABOUR, SERVICE, LineMaker

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulators.books.profile import Firm, Profile

_FORTY = 40
_RESTOCKING = Decimal("12.50")
_MOST_LINES = 9


def make_draft(case: Case, profile: Profile, firm: Firm, rng: Random) -> Draft:
    """Lines for one invoice of this case and customer, taxes not yet settled."""
    maker = LineMaker(profile, firm, rng)
    special: dict[Case, Callable[[LineMaker, Profile, Random], Draft]] = {
        Case.NO_LINES: lambda *_: Draft(),
        Case.CREDIT_NOTE: _credit_note,
        Case.ZERO_COVERED: lambda maker, _, rng: Draft([maker.covered() for _ in range(rng.randint(1, 4))]),
        Case.ZERO_BALANCED: _balanced,
        Case.TAX_ON_TOTAL: _taxed_total,
        Case.LONG_TEXT: _long,
        Case.FORTY_LINES: lambda maker, *_: Draft([maker.any() for _ in range(_FORTY)]),
        Case.CONTRACT_COVERED: _partly_covered,
        Case.NON_BILLABLE: _partly_not_billable,
        Case.LONG_SERVICE: _long_service,
        Case.ANYTHING: make_anything,
        Case.DISCOUNT: _discounted,
        Case.EVERY_TYPE: lambda maker, *_: Draft([maker.of_type(each) for each in ALL_TYPES]),
        Case.FAULT_ACCOUNT: _without_account,
    }
    return special.get(case, _ordinary)(maker, profile, rng)


def _some(maker: LineMaker, rng: Random) -> list[Line]:
    return [maker.any() for _ in range(rng.randint(1, _MOST_LINES))]


def _ordinary(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    return Draft(_some(maker, rng))


def _credit_note(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    """Everything negative, and in some a smaller positive line among it."""
    lines = [maker.any() for _ in range(rng.randint(1, 4))]
    for line in lines:
        line.quantity = -line.quantity
    draft = Draft(lines)
    if draft.net < -2 * _RESTOCKING and chance(rng, 50):
        fee = maker.of_type(SERVICE)
        fee.name = fee.text = "Restocking fee"
        fee.quantity, fee.rate = Decimal(1), _RESTOCKING
        lines.append(fee)
    return draft


def _balanced(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    """The same thing charged and taken back."""
    line = maker.of_type(rng.choice((LABOUR, SERVICE)))
    back = maker.discount(line)
    back.name = back.text = f"Reversal of {line.name}"
    back.quantity, back.rate = -line.quantity, line.rate
    back.four_decimals = line.four_decimals
    return Draft([line, back])


def _taxed_total(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    """Lines whose taxes, rounded singly, miss the tax on the total by a cent or more."""
    draft = Draft(_some(maker, rng), tax_on_total=True)
    while not draft.needs_spreading():
        draft = Draft([maker.any() for _ in range(rng.randint(3, _MOST_LINES))], tax_on_total=True)
    return draft


def _long(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    lines = _some(maker, rng)
    lines[0].text = words.long_text(rng)
    return Draft(lines)


def _partly_covered(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    lines = _some(maker, rng)
    lines.insert(rng.randint(0, len(lines)), maker.covered())
    return Draft(lines)


def _partly_not_billable(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    return Draft([*_some(maker, rng), maker.covered(non_billable=True)])


def _long_service(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    """A recurring service with the contract's whole wording."""
    line = maker.of_type(SERVICE)
    line.text = f"{line.name}, monthly\n{words.CONTRACT}"
    return Draft([line, *_some(maker, rng)])


def _discounted(maker: LineMaker, _profile: Profile, rng: Random) -> Draft:
    lines = _some(maker, rng)
    largest = max(lines, key=lambda line: line.amount)
    while largest.amount < Decimal(10):
        largest = maker.of_type(SERVICE)
        lines.append(largest)
    lines.append(maker.discount(largest))
    return Draft(lines)


def _without_account(maker: LineMaker, profile: Profile, rng: Random) -> Draft:
    code = profile.fault_code[0]
    lines = _some(maker, rng)
    line = maker.coded(code.line_types[0], code, code.name, code.name, Decimal(1), Decimal("48.60"))
    return Draft([*lines, line])
