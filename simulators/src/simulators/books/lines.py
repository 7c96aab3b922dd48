"""Lines of every billing-item type."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.books import words
from simulators.books.chance import chance
from simulators.books.draft import Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from simulators.books.profile import BillingCode, Firm, Profile

LABOUR, PROJECT, CHARGE, EXPENSE, SUBSCRIPTION, SERVICE, BUNDLE, MILESTONE = range(1, 9)
ALL_TYPES = range(LABOUR, MILESTONE + 1)
# Of ordinary lines; labour and recurring services are most of what a provider bills.
_WEIGHTS = (34, 6, 18, 8, 6, 16, 8, 4)
# Below this a reduced rate would round to no tax at all, and the line would look zero-rated.
SMALLEST = Decimal("0.50")
_FINE_HOURS = tuple(Decimal(each) for each in ("3.175", "0.333", "1.625", "0.0833", "2.4167"))
_HOURLY = tuple(Decimal(each) for each in ("95.00", "120.00", "145.50", "185.25", "62.35"))
_FINE_HOURLY = tuple(Decimal(each) for each in ("118.3333", "99.9950", "131.0625", "87.1005"))
_PER_UNIT = tuple(Decimal(each) for each in ("0.1648", "0.0375", "0.8300", "0.2125"))


class LineMaker:
    """Makes lines for one customer: only billing codes whose tax is certain for it."""

    def __init__(self, profile: Profile, firm: Firm, rng: Random) -> None:
        self._profile = profile
        self._firm = firm
        self._rng = rng

    def any(self) -> Line:
        """An ordinary line of any type, worth at least half a unit of the currency."""
        return self.of_type(self._rng.choices(ALL_TYPES, _WEIGHTS)[0])

    def of_type(self, line_type: int) -> Line:
        """An ordinary line of one type; one of it in a few has no billing code and so no tax."""
        make: Callable[[Random], tuple[str, str, Decimal, Decimal]] = _MAKERS[line_type]
        name, text, quantity, rate = make(self._rng)
        while quantity * rate < SMALLEST:
            name, text, quantity, rate = make(self._rng)
        code: BillingCode | None = self._code(line_type)
        if line_type == CHARGE and chance(self._rng, 4):
            code = None
        line = self.coded(line_type, code, name, text, quantity, rate)
        line.four_decimals = chance(self._rng, 30)
        if line_type == BUNDLE:
            line.group = f"{name} ({self._rng.choice(words.SERVICES)})"
        return line

    def coded(
        self, line_type: int, code: BillingCode | None, name: str, text: str, quantity: Decimal, rate: Decimal
    ) -> Line:
        """A line on a given billing code."""
        category = code.category if code else None
        return Line(
            line_type=line_type,
            name=name,
            text=text,
            quantity=quantity,
            rate=rate,
            code=code.id if code else None,
            category=category,
            tax_rate=self._profile.rate(self._firm, category),
        )

    def covered(self, *, non_billable: bool = False) -> Line:
        """Labour that a contract covers, or that nobody pays for: it has a price, but counts nothing."""
        line = self.of_type(LABOUR)
        line.covered = True
        line.non_billable = non_billable
        line.four_decimals = False
        return line

    def discount(self, on: Line) -> Line:
        """A tenth off another line, with its account and tax: a negative quantity or a negative price."""
        price = max((on.amount / 10).quantize(Decimal("0.01")), SMALLEST)
        quantity, rate = (Decimal(-1), price) if chance(self._rng, 50) else (Decimal(1), -price)
        return Line(
            line_type=on.line_type,
            name="Discount",
            text=f"Discount on {on.name}",
            quantity=quantity,
            rate=rate,
            code=on.code,
            category=on.category,
            tax_rate=on.tax_rate,
        )

    def _code(self, line_type: int) -> BillingCode:
        codes = [code for code in self._profile.codes if line_type in code.line_types]
        if self._firm.exempt:
            # What the settings name by region and category would carry tax: keep to what they leave open.
            named = self._profile.explicit_taxes
            codes = [code for code in codes if (self._firm.region, code.category) not in named] or codes
        return self._rng.choice(codes)


def _labour(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    quantity = rng.choice(_FINE_HOURS) if chance(rng, 30) else Decimal(rng.randint(1, 32)) / 4
    rate = rng.choice(_FINE_HOURLY) if chance(rng, 25) else rng.choice(_HOURLY)
    return rng.choice(words.TICKETS), rng.choice(words.WORK), quantity, rate


def _project(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.PROJECTS)
    return (
        name,
        f"{name}: phase {rng.randint(1, 4)}",
        Decimal(rng.randint(1, 3)),
        _price(rng, 20_000, 250_000),
    )


def _charge(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    if chance(rng, 40):
        name = rng.choice(words.METERED)
        return name, name, Decimal(rng.randint(20, 2_400)), rng.choice(_PER_UNIT)
    name = rng.choice(words.GOODS)
    return name, f"{name}, delivered", Decimal(rng.randint(1, 12)), _price(rng, 1_900, 90_000)


def _expense(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.EXPENSES)
    if chance(rng, 50):
        return name, name, Decimal(rng.randint(30, 2_000)) / 10, Decimal("0.83")
    return name, name, Decimal(1), _price(rng, 300, 9_000)


def _subscription(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.SUBSCRIPTIONS)
    return name, f"{name} - renewal", Decimal(1), _price(rng, 900, 60_000)


def _service(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.SERVICES)
    return name, f"{name}, monthly", Decimal(rng.randint(1, 60)), _price(rng, 250, 9_500)


def _bundle(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.BUNDLES)
    return name, f"{name}, monthly", Decimal(rng.randint(1, 40)), _price(rng, 1_500, 12_000)


def _milestone(rng: Random) -> tuple[str, str, Decimal, Decimal]:
    name = rng.choice(words.MILESTONES)
    return name, f"Milestone reached: {name}", Decimal(1), _price(rng, 100_000, 900_000)


def _price(rng: Random, low: int, high: int) -> Decimal:
    return Decimal(rng.randint(low, high)) / 100


_MAKERS: dict[int, Callable[[Random], tuple[str, str, Decimal, Decimal]]] = {
    LABOUR: _labour,
    PROJECT: _project,
    CHARGE: _charge,
    EXPENSE: _expense,
    SUBSCRIPTION: _subscription,
    SERVICE: _service,
    BUNDLE: _bundle,
    MILESTONE: _milestone,
}
