"""A uniform backlog: nothing special, nothing wrong, for measuring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from simulators.books.acme import ACME
from simulators.books.builder import Builder, Choices
from simulators.books.draft import Draft, Line
from simulators.books.lines import LABOUR, SERVICE
from simulators.books.model import Books, Fate
from simulators.books.orders import OrderCase, Orders
from simulators.books.tenant import assemble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from simulators.books.model import ImportAs, Numbering, TenantBooks
    from simulators.books.profile import Profile

_PLAIN_FIRMS = tuple(
    firm for firm in ACME.firms if firm.currency == ACME.base and firm.region == ACME.firms[0].region
)


def generate_plain(
    count: int,
    *,
    today: date,
    lines: int = 5,
    tenants: Sequence[str] = ("plain",),
    numbering: Numbering = "autotask_id",
    import_as: ImportAs = "draft",
    seed: int = 1,
    options: Mapping[str, Any] | None = None,
    orders: int = 0,
) -> Books:
    """Books in which every invoice syncs: known contacts, one tax rate, one ticket per invoice.

    Args:
        count: Invoices of each tenant.
        today: All are dated yesterday.
        lines: Of each invoice.
        tenants: Their ids; each has its own credentials and organisation.
        numbering: Of the settings.
        import_as: Of the settings.
        seed: Of customers and amounts.
        options: Settings beyond those without which nothing would sync.
        orders: Submitted purchase orders of each tenant; with any, they go over as authorised.
    """
    choices = Choices(numbering, import_as)
    profiles = [
        replace(
            ACME,
            id=tenant,
            name=f"Plain {tenant}",
            purchasing=ACME.purchasing if orders else None,
            options=dict(options or {}),
        )
        for tenant in tenants
    ]
    return Books(tuple(_tenant(each, (count, lines, orders), choices, today, seed) for each in profiles))


def _tenant(
    profile: Profile, counts: tuple[int, int, int], choices: Choices, today: date, seed: int
) -> TenantBooks:
    count, lines, orders = counts
    rng = Random(f"{seed}/{profile.id}")
    builder = Builder(profile, choices, rng)
    fates = {}
    for _ in range(count):
        firm = rng.choice(_PLAIN_FIRMS)
        draft = Draft([_line(place, rng) for place in range(lines)])
        invoice = builder.add(firm, draft, today - timedelta(days=1))
        fates[invoice["id"]] = Fate("synced", "new", document=builder.expected(invoice, firm, draft))
    bought = None
    if profile.purchasing:
        bought = Orders(profile, profile.purchasing, today, rng, [OrderCase.SUBMITTED] * orders)
    return assemble(profile, builder, fates, rng, bought)


def _line(place: int, rng: Random) -> Line:
    """The first line is labour and brings the invoice's only ticket; the others are services."""
    code = ACME.codes[0] if place == 0 else ACME.codes[9]
    return Line(
        line_type=LABOUR if place == 0 else SERVICE,
        name=code.name,
        text=f"{code.name}, as agreed",
        quantity=Decimal(rng.randint(1, 12)),
        rate=Decimal(rng.randint(1_000, 20_000)) / 100,
        code=code.id,
        category=code.category,
        tax_rate=Decimal("0.15"),
    )
