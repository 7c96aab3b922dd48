"""What got into Xero over time: from an address, as status-api takes it, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from dashboard.core.addresses import Address
from dashboard.core.money import show_count
from dashboard.core.times import show_date, show_duration, show_month

Json = Mapping[str, Any]

KINDS = {"invoice": "Invoices", "purchase-order": "Purchase Orders"}
PERS = {"month": "Per month", "day": "Per day"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures are wanted.

    Attributes:
        kind: of documents, a key of `KINDS`.
        per: length of the periods, a key of `PERS`.
        first, last: days of the first and last period; empty: the last twelve months or thirty days.
    """

    kind: str = "invoice"
    per: str = "month"
    first: str = ""
    last: str = ""

    @classmethod
    def of_address(cls, address: Address) -> Self:
        """From an address, which anybody may have written: what can not be is left out."""
        return cls.of_fields({name: address.one(name) for name in ("kind", "per", "from", "to")})

    @classmethod
    def of_fields(cls, given: Mapping[str, str | None]) -> Self:
        """From the fields of the page, by the names of the address."""
        kind, per = given["kind"] or "", given["per"] or ""
        return cls(
            kind if kind in KINDS else "invoice",
            per if per in PERS else "month",
            _day(given["from"]),
            _day(given["to"]),
        )

    def query(self) -> dict[str, str]:
        """As status-api is asked."""
        return {"kind": self.kind, "per": self.per, "from": self.first, "to": self.last}

    def shown(self) -> dict[str, str]:
        """As it stands in the address: what is usual is left out."""
        usual = type(self)().query()
        return {name: value for name, value in self.query().items() if value != usual[name]}


def _day(text: str | None) -> str:
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return ""


def period_words(name: str, *, short: bool = False) -> str:
    """A period's name: `May 2026`, `4 May 2026`; short, as an axis has room for it, `May 26` and `4 May`."""
    if name.count("-") == 1:
        words = show_month(name)
        return f"{words[:3]} {words[-2:]}" if short else words
    words = show_date(name)
    return words.rpartition(" ")[0] if short else words


def seconds_words(seconds: float | None) -> str:
    """A length of time as it was measured; a dash where nothing was."""
    return "\N{EN DASH}" if seconds is None else show_duration(seconds)


def change_words(change: int) -> str:
    """A difference with its sign."""
    if change == 0:
        return "\N{PLUS-MINUS SIGN}0"
    return f"{'+' if change > 0 else chr(0x2212)}{show_count(abs(change))}"


def is_empty(analytics: Json) -> bool:
    """Whether nothing happened at all."""
    return not analytics["synced"] and not any(period["failed_tries"] for period in analytics["periods"])


def summary_words(analytics: Json) -> str:
    """What the chart shows, for those who do not see it."""
    best: Json | None = max(analytics["periods"], key=lambda period: period["synced"], default=None)
    first, last = analytics["periods"][0]["name"], analytics["periods"][-1]["name"]
    told = f"{show_count(analytics['synced'])} synced from {period_words(first)} to {period_words(last)}"
    if best is None or not best["synced"]:
        return f"{told}."
    return f"{told}; most in {period_words(best['name'])}: {show_count(best['synced'])}."


def chart_rows(periods: Sequence[Json]) -> list[dict[str, Any]]:
    """The chart's data: one row for each period."""
    return [
        {"period": period_words(period["name"], short=True), "Synced": period["synced"]} for period in periods
    ]


def time_rows(periods: Sequence[Json]) -> list[dict[str, Any]]:
    """Times to Xero of each period that has any; the others stay empty."""
    return [
        {
            "period": period_words(period["name"], short=True),
            "Half within": period["time_to_xero"]["p50"],
            "9 of 10 within": period["time_to_xero"]["p90"],
        }
        for period in periods
    ]
