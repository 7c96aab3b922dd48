"""Profiles of the tenants: country, taxes, codes, settings. Shared by all cases that name them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from invoice_events.settings import Settings, effective_settings, settings_problems
from tests.golden.reading import BadBookError, Members, load

FOLDER = Path(__file__).parent / "tenants"
_CLASSES = {"REVENUE": "REVENUE", "DIRECTCOSTS": "EXPENSE", "EXPENSE": "EXPENSE", "CURRENT": "ASSET"}


@dataclass(frozen=True, slots=True)
class Code:
    """An Autotask billing code. `category`: its tax category."""

    id: int
    name: str
    category: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the Xero chart."""

    code: str
    name: str
    type: str
    account_class: str
    tax_type: str
    system: str


@dataclass(frozen=True, slots=True)
class TaxType:
    """A Xero tax type; rate in per cent."""

    name: str
    rate: Decimal
    sales: bool
    purchases: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A tenant.

    Attributes:
        id: name of its file.
        name: of the provider.
        country: Xero's country code.
        base: base currency.
        zone: Xero's name of the time zone.
        gross: whether Autotask's `invoiceTotal` includes tax.
        fraction: whether Autotask's tax rates are fractions.
        currencies: every currency, with units of the base currency for one of it.
        regions: tax region id → name.
        categories: tax category id → name.
        territories: territory id → name.
        businesses: line of business id → name.
        codes: billing codes by short name.
        accounts: the Xero chart.
        tax_types: Xero's tax types.
        themes: branding themes.
        tracking: tracking category → options.
        given: the settings as given.
        settings: with every default.
    """

    id: str
    name: str
    country: str
    base: str
    zone: str
    gross: bool
    fraction: bool
    currencies: dict[str, Decimal]
    regions: dict[int, str]
    categories: dict[int, str]
    territories: dict[int, str]
    businesses: dict[int, str]
    codes: dict[str, Code]
    accounts: tuple[Account, ...]
    tax_types: dict[str, TaxType]
    themes: tuple[str, ...]
    tracking: dict[str, list[str]]
    given: dict[str, Any]
    settings: Settings

    def guid(self, kind: str, name: str) -> str:
        """A made-up Xero id, the same on every run."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"golden/{self.id}/{kind}/{name}"))

    def region_id(self, name: str | None) -> int | None:
        """The id of a tax region."""
        return _id_of(self.regions, name, f"{self.id}.regions")

    def territory_id(self, name: str | None) -> int | None:
        """The id of a territory."""
        return _id_of(self.territories, name, f"{self.id}.territories")

    def business_id(self, name: str | None) -> int | None:
        """The id of a line of business."""
        return _id_of(self.businesses, name, f"{self.id}.businesses")

    def currency_id(self, code: str) -> int:
        """Autotask's id of a currency."""
        if code not in self.currencies:
            raise BadBookError(f"{self.id}: unknown currency {code}")
        return list(self.currencies).index(code) + 1


def _id_of(names: dict[int, str], name: str | None, where: str) -> int | None:
    if name is None:
        return None
    for number, known in names.items():
        if known == name:
            return number
    raise BadBookError(f"{where}: unknown {name}")


@cache
def profiles() -> dict[str, Profile]:
    """Every profile by its id.

    Raises:
        BadBookError: a file does not say what it should.
    """
    return {file.stem: _profile(file) for file in sorted(FOLDER.glob("*.yaml"))}


def _profile(file: Path) -> Profile:
    members = Members(load(file.read_text("utf-8")), f"tenants/{file.name}")
    given = members.take("settings", dict)
    problems = settings_problems(given)
    if problems:
        raise BadBookError(f"{members.where}.settings: {'; '.join(problems)}")
    profile = Profile(
        id=file.stem,
        name=members.take("name", str),
        country=members.take("country", str),
        base=members.take("base", str),
        zone=members.take("zone", str),
        gross=members.take("gross", bool, default=False),
        fraction=members.take("fraction", bool, default=False),
        currencies={code: Decimal(rate) for code, rate in members.take("currencies", dict).items()},
        regions=members.take("regions", dict),
        categories=members.take("categories", dict),
        territories=members.take("territories", dict, {}),
        businesses=members.take("businesses", dict, {}),
        codes=_codes(members.part("codes")),
        accounts=tuple(_accounts(members.part("accounts"))),
        tax_types=_tax_types(members.part("tax_types")),
        themes=tuple(members.take("themes", list, ["Standard"])),
        tracking=members.take("tracking", dict, {}),
        given=given,
        settings=effective_settings(given),
    )
    members.done()
    return profile


def _codes(codes: Members) -> dict[str, Code]:
    found = {}
    for short in codes.names():
        members = codes.part(short)
        found[short] = Code(
            members.take("id", int), members.take("name", str), members.maybe("category", int)
        )
        members.done()
    return found


def _accounts(accounts: Members) -> list[Account]:
    found = []
    for code in accounts.names():
        members = accounts.part(code)
        kind = members.text("type", "REVENUE")
        if kind not in _CLASSES:
            raise BadBookError(f"{members.where}.type: one of {', '.join(_CLASSES)} is wanted")
        name, tax_type = members.take("name", str), members.text("tax_type", "NONE")
        found.append(Account(code, name, kind, _CLASSES[kind], tax_type, members.text("system")))
        members.done()
    return found


def _tax_types(types: Members) -> dict[str, TaxType]:
    found = {}
    for name in types.names():
        members = types.part(name)
        found[name] = TaxType(
            members.take("name", str),
            members.number("rate"),
            members.take("sales", bool, default=True),
            members.take("purchases", bool, default=True),
        )
        members.done()
    return found
