"""Realistic books for two tenants that differ in nearly everything that may differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from simulators.books.acme import ACME
from simulators.books.builder import Builder, Choices
from simulators.books.cases import Case, plan
from simulators.books.chance import chance
from simulators.books.dates import day_text, in_window, moment_text, out_of_window
from simulators.books.drafts import make_draft
from simulators.books.fates import fate_of
from simulators.books.lines import LineMaker
from simulators.books.model import Books
from simulators.books.northwind import NORTHWIND
from simulators.books.orders import Orders
from simulators.books.tenant import assemble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    from simulators.books.model import Fate, ImportAs, Numbering, TenantBooks
    from simulators.books.profile import Firm, Profile

PROFILES = (ACME, NORTHWIND)
_NEAR_EQUAL = 4  # the first customers of a profile have names that are easily mistaken
_UNINVOICED = 20  # one posted item without invoice for so many invoices
_WRONG_BY = Decimal("1.00")


def generate(
    seed: int,
    invoices: int,
    *,
    today: date,
    numbering: Mapping[str, Numbering] | None = None,
    import_as: Mapping[str, ImportAs] | None = None,
    profiles: Sequence[Profile] = PROFILES,
) -> Books:
    """Make books; the same arguments give the same books.

    Args:
        seed: Of all chance.
        invoices: In all, shared out evenly among the tenants, those that must not sync included. From about
            50 a tenant every special case occurs.
        today: Every date is relative to it. Windows end before it, so no invoice is young enough to wait.
        numbering: By tenant, where it shall not be the profile's own (acme the Autotask id, northwind Xero's).
        import_as: By tenant, where it shall not be the profile's own (acme draft, northwind approved).
        profiles: The tenants.
    """
    books = []
    for place, profile in enumerate(profiles):
        count = invoices // len(profiles) + (1 if place < invoices % len(profiles) else 0)
        choices = Choices(
            (numbering or {}).get(profile.id, profile.numbering),
            (import_as or {}).get(profile.id, profile.import_as),
        )
        rng = Random(f"{seed}/{profile.id}")
        books.append(make_tenant(profile, choices, plan(count, rng), today, rng))
    return Books(tuple(books))


def make_tenant(
    profile: Profile, choices: Choices, cases: Sequence[Case], today: date, rng: Random
) -> TenantBooks:
    """The books of one tenant, with one invoice for each case."""
    builder = Builder(profile, choices, rng)
    fates: dict[int, Fate] = {}
    days = [(_day(case, profile, today, rng), case) for case in cases]
    # Autotask gives ids in the order of the billing runs.
    for day, case in sorted(days, key=lambda each: each[0]):
        firm = _firm(case, profile, rng)
        draft = make_draft(case, profile, firm, rng)
        invoice = builder.add(firm, draft, day)
        if profile.is_on("paid_invoices_only") and not chance(rng, 30):
            invoice["paidDate"] = day_text(day, rng)
        _apply(case, builder, invoice, day, rng)
        fates[invoice["id"]] = fate_of(case, builder, invoice, firm, draft)
    for _ in range(len(cases) // _UNINVOICED + 1):
        firm = rng.choice(profile.firms)
        line = LineMaker(profile, firm, rng).any()
        builder.add_uninvoiced(firm, line, today - timedelta(days=1))
    orders = Orders(profile, profile.purchasing, today, rng) if profile.purchasing else None
    return assemble(profile, builder, fates, rng, orders)


def _day(case: Case, profile: Profile, today: date, rng: Random) -> date:
    if case is Case.OUT_OF_WINDOW:
        return out_of_window(today, profile.days_back, rng)
    return in_window(today, profile.days_back, rng)


def _firm(case: Case, profile: Profile, rng: Random) -> Firm:
    certain = {
        Case.FAULT_CONTACT: profile.firm_without_contact,
        Case.NEW_CONTACT: profile.new_firm,
        Case.FAULT_CURRENCY: profile.firm_without_currency,
    }
    if case in certain:
        return certain[case]
    match case:
        case Case.NEAR_EQUAL_NAME:
            return rng.choice(profile.firms[:_NEAR_EQUAL])
        case Case.SECOND_CURRENCY:
            return rng.choice([firm for firm in profile.firms if firm.currency != profile.base])
        case Case.TAX_ON_TOTAL | Case.FAULT_AMOUNTS | Case.FAULT_ACCOUNT:
            return rng.choice(profile.firms[:_NEAR_EQUAL])
        case _:
            return rng.choice(profile.firms)


def _apply(case: Case, builder: Builder, invoice: dict[str, Any], day: date, rng: Random) -> None:
    """What a case does to a finished invoice."""
    match case:
        case Case.STAMPED:
            made = datetime.fromisoformat(invoice["createDateTime"])
            invoice["webServiceDate"] = moment_text(made + timedelta(minutes=rng.randint(20, 90)))
        case Case.VOIDED:
            invoice["isVoided"] = True
            invoice["voidedDate"] = moment_text(datetime.combine(day, datetime.max.time(), UTC))
            invoice["voidedByResourceID"] = invoice["creatorResourceID"]
            if builder.profile.detached_voids:
                for item in builder.items:
                    if item["invoiceID"] == invoice["id"]:
                        item["invoiceID"] = 0
        case Case.EMPTY_NUMBER:
            invoice["invoiceNumber"] = rng.choice(("", None))
        case Case.FAULT_AMOUNTS:
            invoice["invoiceTotal"] += _WRONG_BY
        case _:
            pass
