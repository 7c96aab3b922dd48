"""Random but valid books of many tenants: every numbering mode and import status, with options that chance chose."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, product
from random import Random
from typing import TYPE_CHECKING, Any, get_args

from simulators.books.acme import ACME
from simulators.books.builder import Choices
from simulators.books.cases import Case, plan
from simulators.books.chance import chance
from simulators.books.generate import make_tenant
from simulators.books.model import Books, ImportAs, Numbering
from simulators.books.northwind import NORTHWIND

if TYPE_CHECKING:
    from datetime import date

    from simulators.books.profile import Profile

_PAID_ONLY = "autotask_id-approved"  # one tenant for certain has the option that keeps many invoices back


def generate_random(seed: int, count: int, *, today: date, tenants: int = 9) -> Books:
    """Make books; the same arguments give the same books.

    Most invoices have lines of any type, sign and tax, and totals that are without or with tax as it comes. The special cases
    of ``generate`` are among them, so some invoices must not sync, each for a cause that its fate names.

    Args:
        seed: Of all chance, options included.
        count: Invoices in all, shared out evenly.
        today: Every date is relative to it.
        tenants: How many, at most 9: one for each pair of a numbering mode and an import status.
    """
    pairs = list(product(get_args(Numbering), get_args(ImportAs)))
    Random(f"{seed}/pairs").shuffle(pairs)
    # By turns, so that half of the tenants has one country's taxes and half the other's.
    made = []
    for place, (base, (numbering, import_as)) in enumerate(
        zip(cycle((ACME, NORTHWIND)), pairs[:tenants], strict=False)
    ):
        name = f"{numbering}-{import_as}"
        rng = Random(f"{seed}/{name}")
        profile = replace(
            base,
            id=name.replace("_", "-"),
            name=f"Random {name}",
            fault_when_no_lines=chance(rng, 50),
            options=_options(base, rng) | ({"paid_invoices_only": True} if name == _PAID_ONLY else {}),
        )
        own = count // tenants + (1 if place < count % tenants else 0)
        cases = [Case.ANYTHING if case is Case.ORDINARY else case for case in plan(own, rng)]
        made.append(make_tenant(profile, Choices(numbering, import_as), cases, today, rng))
    return Books(tuple(made))


def _options(profile: Profile, rng: Random) -> dict[str, Any]:
    """Options whose effect the fates can foretell to the cent."""
    switches = (
        "show_resource",
        "show_date_in_description",
        "hide_service_contract_descriptions",
        "four_decimal_rounding",
        "due_date_from_xero_contact",
        "contact_name_ignore_case",
        "create_missing_contacts",
        "update_xero_contacts",
        "rounding_line",
        "void_autotask_invoices",
    )
    options: dict[str, Any] = {name: chance(rng, 50) for name in switches}
    options["contact_match_by"] = rng.choice(("name", "account_number"))
    options["branding_theme"] = rng.choice((None, "Standard"))
    rules = profile.options.get("tracking", [])
    options["tracking"] = rng.sample(rules, rng.randint(0, len(rules)))
    return options
