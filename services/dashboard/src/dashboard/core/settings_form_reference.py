"""What the organisation in Xero has that settings name: accounts, tax types, tracking, branding themes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

Json = dict[str, Any]
_ACTIVE = "ACTIVE"
_SALES_CLASSES = ("REVENUE", "EXPENSE", "LIABILITY")
NOUNS = {
    "sales_account": "an account",
    "purchase_account": "an account",
    "sales_tax": "a tax type",
    "purchase_tax": "a tax type",
    "branding_theme": "a branding theme",
    "tracking_category": "a tracking category",
    "tracking_option": "a tracking option",
    "time_zone": "a time zone",
}
"""What each source of names is a list of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be chosen.

    Attributes:
        value: what the settings name.
        label: how it is shown.
        group: under which heading.
        problem: why it can not be used; empty if it can.
    """

    value: str
    label: str
    group: str = ""
    problem: str = ""


class Reference:
    """The lists that settings choose from.

    Args:
        body: status-api's `reference`; None while nothing has arrived from Xero.
    """

    def __init__(self, body: Json | None) -> None:
        self._body = body
        self._entries: dict[str, dict[str, Entry]] = {}

    @property
    def is_there(self) -> bool:
        """Whether anything is known of the organisation in Xero."""
        return self._body is not None

    def knows(self, source: str) -> bool:
        """Whether there is a list to choose from."""
        return source == "time_zone" or self._body is not None

    def entries(self, source: str) -> tuple[Entry, ...]:
        """The list, in order."""
        return tuple(self._of(source).values())

    def words(self, source: str, value: str) -> str:
        """A value with its name in Xero, as far as it has one."""
        found = self._find(source, value)
        return found.label if found else value

    def problem(self, source: str, value: str) -> str:
        """Why a value can not be used, empty if it can or if nothing is known."""
        if not self.knows(source):
            return ""
        found = self._find(source, value)
        if found is None:
            return (
                "it is not (or no longer) in Xero" if source != "time_zone" else "there is none of that name"
            )
        return found.problem

    def options_of(self, category: str) -> frozenset[str] | None:
        """Active options of a tracking category, folded; None if there is no such category."""
        wanted = folded(category)
        for each in self._list("tracking_categories"):
            if folded(each["name"]) == wanted:
                return frozenset(folded(o["name"]) for o in each["options"] if o["status"] == _ACTIVE)
        return None

    @property
    def has_rounding_account(self) -> bool:
        """Whether a rounding line has an account to stand on."""
        return any(
            each["system_account"] == "ROUNDING" and each["status"] == _ACTIVE
            for each in self._list("accounts")
        )

    def _list(self, name: str) -> list[Json]:
        found: list[Json] = self._body[name] if self._body is not None else []
        return found

    def _of(self, source: str) -> dict[str, Entry]:
        if source not in self._entries:
            made: dict[str, Entry] = {}
            for entry in _MAKERS[source](self):
                made.setdefault(entry.value, entry)
            self._entries[source] = made
        return self._entries[source]

    def _find(self, source: str, value: str) -> Entry | None:
        """By the very value; names of tracking and branding themes whatever their case, themes by their id, too."""
        entries = self._of(source)
        if value in entries or source not in {"tracking_category", "tracking_option", "branding_theme"}:
            return entries.get(value)
        if source == "branding_theme":
            value = next(
                (each["name"] for each in self._list("branding_themes") if each["id"] == value), value
            )
        return next((entry for entry in entries.values() if folded(entry.value) == folded(value)), None)

    def accounts(self, *, sales: bool) -> list[Entry]:
        """Accounts for sales or for purchase lines, by code."""
        return [
            Entry(
                each["code"],
                f"{each['code']} · {each['name']}",
                _CLASSES.get(each["account_class"], "Other accounts"),
                _account_problem(each, sales=sales),
            )
            for each in sorted(self._list("accounts"), key=lambda each: str(each["code"]))
            if each["code"]
        ]

    def tax_types(self, *, sales: bool) -> list[Entry]:
        """Tax types for sales or for purchase lines, with their rates."""
        return [
            Entry(
                each["tax_type"],
                f"{each['tax_type']} · {each['name']} ({show_rate(each['effective_rate'])})",
                "",
                _tax_problem(each, sales=sales),
            )
            for each in self._list("tax_rates")
        ]

    def themes(self) -> list[Entry]:
        """Branding themes by name."""
        return [Entry(each["name"], each["name"]) for each in self._list("branding_themes")]

    def categories(self) -> list[Entry]:
        """Tracking categories by name."""
        return [
            Entry(each["name"], each["name"], "", _status_problem(each))
            for each in self._list("tracking_categories")
        ]

    def options(self) -> list[Entry]:
        """Options of every tracking category, under the category's name; a name that several have stands once."""
        return [
            Entry(option["name"], option["name"], each["name"], _status_problem(option))
            for each in self._list("tracking_categories")
            for option in each["options"]
        ]


_CLASSES = {
    "REVENUE": "Revenue",
    "EXPENSE": "Expenses",
    "LIABILITY": "Liabilities",
    "ASSET": "Assets",
    "EQUITY": "Equity",
}


def folded(name: str) -> str:
    """A name of Xero's as it is compared: neither case nor blanks around it count."""
    return name.strip().casefold()


def show_rate(rate: str) -> str:
    """A tax rate such as `15 %`."""
    return f"{Decimal(rate).normalize():f} %"


def _status_problem(each: Mapping[str, Any]) -> str:
    return "" if each["status"] == _ACTIVE else f"it is {str(each['status']).lower()} in Xero"


def _account_problem(account: Mapping[str, Any], *, sales: bool) -> str:
    """What the service would refuse; Xero has the last word."""
    if account["status"] != _ACTIVE:
        return _status_problem(account)
    if account["system_account"]:
        return "it is a system account of Xero"
    if account["type"] == "BANK":
        return "it is a bank account"
    if sales and account["account_class"] not in _SALES_CLASSES:
        return "it is no revenue account"
    return ""


def _tax_problem(rate: Mapping[str, Any], *, sales: bool) -> str:
    if rate["status"] != _ACTIVE:
        return _status_problem(rate)
    if sales:
        return "" if rate["can_apply_to_revenue"] else "it does not apply to revenue"
    return "it does not apply to expenses" if rate["can_apply_to_expenses"] is False else ""


@cache
def _zones() -> tuple[Entry, ...]:
    return tuple(
        Entry(name, name, name.partition("/")[0] if "/" in name else "Other")
        for name in sorted(available_timezones())
    )


_MAKERS: dict[str, Callable[[Reference], Iterable[Entry]]] = {
    "sales_account": lambda of: of.accounts(sales=True),
    "purchase_account": lambda of: of.accounts(sales=False),
    "sales_tax": lambda of: of.tax_types(sales=True),
    "purchase_tax": lambda of: of.tax_types(sales=False),
    "branding_theme": Reference.themes,
    "tracking_category": Reference.categories,
    "tracking_option": Reference.options,
    "time_zone": lambda _: _zones(),
}
