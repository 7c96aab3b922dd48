"""Documents as rows of a list: every cell in words, made here so that the browser only shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.core.bulk import acts_on
from dashboard.core.money import show_money
from dashboard.core.statuses import SHORT_PHASES, cause_words, look_of, status_words, strikes_words
from dashboard.core.times import parse_time, show_date, show_time

Row = dict[str, Any]


def rows_of(items: Sequence[Mapping[str, Any]], now: datetime, zone: ZoneInfo) -> list[Row]:
    """A page of status-api's list as rows."""
    return [row_of(item, now, zone) for item in items]


def row_of(item: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Row:
    """One document. Texts are foreign: the browser shows them as texts."""
    status, phase = item["status"], item["phase"]
    look = look_of(status)
    party = item["company"] if "company" in item else item["vendor"]
    xero = item["xero"]
    return {
        "id": item["id"],
        "name": item["document"],
        "status": status,
        "phase": SHORT_PHASES.get(phase, phase) if phase is not None else "",
        "words": status_words(status, phase),
        "look": look.name,
        "symbol": look.symbol,
        "meaning": look.meaning,
        "strikes": strikes_words(item["strikes"]),
        "warned": item["has_warnings"],
        "number": item["number"] or "",
        "party": party["name"] if party is not None else "",
        "date": show_date(item["date"]),
        "total": show_money(item["total"], item["currency"]),
        "xero": xero["number"] if xero is not None else "",
        "cause": cause_words(item["cause"]),
        "changed": _changed(item["changed_at"], now, zone),
        "moment": f"{show_time(item['changed_at'], zone, seconds=True)}, {zone.key}",
        "acts": acts_on(status, item["hold"]),
    }


def _changed(text: str, now: datetime, zone: ZoneInfo) -> str:
    """A moment as a narrow column has room for it: without the year, as long as it is this one."""
    shown = show_time(text, zone)
    this_year = parse_time(text).astimezone(zone).year == now.astimezone(zone).year
    return shown.replace(f" {now.astimezone(zone).year}, ", ", ") if this_year else shown
