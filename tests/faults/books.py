"""Books of a run: four tenants in the three ways of numbering, with credit notes, purchase orders and voids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from simulators.books.acme import ACME
from simulators.books.builder import Builder, Choices
from simulators.books.draft import Draft, Line
from simulators.books.lines import LABOUR, SERVICE
from simulators.books.model import Books, Fate, Numbering, TenantBooks
from simulators.books.orders import OrderCase, Orders
from simulators.books.profile import Profile
from simulators.books.tenant import assemble

LINES = 2
CREDIT_NOTES_EVERY = 6
"""One of so many invoices is negative: it has to become a credit note."""
ORDERS_EVERY = 8
"""A tenant that buys has one purchase order for so many invoices."""
_FIRMS = tuple(
    firm for firm in ACME.firms if firm.currency == ACME.base and firm.region == ACME.firms[0].region
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one tenant differs from the others.

    Attributes:
        buys: purchase orders go over.
        voids: what is voided in Autotask is voided in Xero.
    """

    numbering: Numbering
    buys: bool = False
    voids: bool = False


TENANTS: Mapping[str, Kind] = {
    "north": Kind("autotask_id", buys=True),
    "south": Kind("xero", voids=True),
    "east": Kind("autotask_number", voids=True),
    "west": Kind("xero", buys=True),
}


def books_of(invoices: int, seed: int) -> Books:
    """Books of all tenants in which everything syncs: known contacts, one tax rate, two lines.

    Args:
        invoices: of all tenants together.
        seed: of customers and amounts.
    """
    today = datetime.now(UTC).date()
    count = -(-invoices // len(TENANTS))
    return Books(tuple(_tenant(name, kind, count, today, seed) for name, kind in TENANTS.items()))


def _tenant(name: str, kind: Kind, count: int, today: date, seed: int) -> TenantBooks:
    rng = Random(f"{seed}/{name}")
    profile = _profile(name, kind)
    builder = Builder(profile, Choices(kind.numbering, "draft"), rng)
    fates = {}
    for number in range(count):
        firm = rng.choice(_FIRMS)
        sign = -1 if number % CREDIT_NOTES_EVERY == CREDIT_NOTES_EVERY - 1 else 1
        draft = Draft([_line(place, sign, rng) for place in range(LINES)])
        invoice = builder.add(firm, draft, today - timedelta(days=1))
        fates[invoice["id"]] = Fate("synced", "new", document=builder.expected(invoice, firm, draft))
    bought = None
    if profile.purchasing:
        cases = [OrderCase.SUBMITTED] * max(1, count // ORDERS_EVERY)
        bought = Orders(profile, profile.purchasing, today, rng, cases)
    return assemble(profile, builder, fates, rng, bought)


def _profile(name: str, kind: Kind) -> Profile:
    options: dict[str, Any] = {"void_autotask_invoices": True} if kind.voids else {}
    return replace(
        ACME,
        id=name,
        name=f"Faults {name}",
        purchasing=ACME.purchasing if kind.buys else None,
        options=options,
    )


def _line(place: int, sign: int, rng: Random) -> Line:
    """The first line is labour, the others are services; quantities carry the sign, as Autotask's credits do."""
    code = ACME.codes[0] if place == 0 else ACME.codes[9]
    return Line(
        line_type=LABOUR if place == 0 else SERVICE,
        name=code.name,
        text=f"{code.name}, as agreed",
        quantity=Decimal(sign * rng.randint(1, 12)),
        rate=Decimal(rng.randint(1_000, 20_000)) / 100,
        code=code.id,
        category=code.category,
        tax_rate=Decimal("0.15"),
    )
