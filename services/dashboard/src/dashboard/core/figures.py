"""Figures at a glance: which tenant needs somebody, how a month compares, what stopped a sync."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.core.addresses import tab_href
from dashboard.core.connections import side_name, state_look, worst_trouble
from dashboard.core.money import show_count
from dashboard.core.times import parse_time, show_month

Json = dict[str, Any]

STALE_SECONDS = 60.0
"""Figures older than that are told with the time they are of."""
NOUNS = {"invoice": ("invoice", "invoices"), "purchase-order": ("purchase order", "purchase orders")}
"""One and many of each kind."""
LISTS = {"invoice": "invoices", "purchase-order": "purchase-orders"}
"""The tab that lists each kind."""


def many(number: int, kind: str) -> str:
    """A number of documents, such as `1 invoice`."""
    one, more = NOUNS[kind]
    return f"{show_count(number)} {one if number == 1 else more}"


def worst_first(lines: Iterable[Json]) -> list[Json]:
    """Lines of the overview in the order in which somebody should look at them."""
    return sorted(lines, key=_urgency)


def _urgency(line: Json) -> tuple[int, int, str, str]:
    oldest = oldest_waiting(line["invoices"], line["purchase_orders"])
    since = oldest[1]["changed_at"] if oldest else "9999"
    return -worst_trouble(line["connections"]), -faults_of(line), since, line["tenant"]["name"].casefold()


def faults_of(line: Json) -> int:
    """Documents of both kinds at Fault."""
    return count_of(line, "Fault")


def count_of(line: Json, status: str) -> int:
    """Documents of both kinds that show a status."""
    return int(line["invoices"]["counts"][status]) + int(line["purchase_orders"]["counts"][status])


def needs_somebody(line: Json) -> bool:
    """Whether a connection or a fault of a tenant waits for a person."""
    return worst_trouble(line["connections"]) > 1 or faults_of(line) > 0


def oldest_waiting(invoices: Json, orders: Json) -> tuple[str, Json] | None:
    """What waits longest of both kinds, with its kind; None if nothing does."""
    waiting = [
        (kind, each["oldest_pending"])
        for kind, each in (("invoice", invoices), ("purchase-order", orders))
        if each["oldest_pending"] is not None
    ]
    return min(waiting, key=lambda found: str(found[1]["changed_at"]), default=None)


def matching(lines: Iterable[Json], text: str) -> list[Json]:
    """Lines whose tenant's name or id holds a text."""
    wanted = text.strip().casefold()
    return [
        line
        for line in lines
        if wanted in line["tenant"]["name"].casefold() or wanted in line["tenant"]["tenant_id"]
    ]


def change_words(periods: Sequence[Json]) -> str:
    """How the last period compares with the one before, such as `12 more than in October`."""
    if not periods:
        return ""
    change = int(periods[-1]["change"])
    comparison = (
        "as many as" if change == 0 else f"{show_count(abs(change))} {'more' if change > 0 else 'fewer'} than"
    )
    return f"{comparison} {_period_before(periods)}"


def _period_before(periods: Sequence[Json]) -> str:
    is_month = periods[-1]["name"].count("-") == 1
    if not is_month:
        return "on the day before"
    return (
        f"in {show_month(periods[-2]['name']).split(' ')[0]}" if len(periods) > 1 else "in the month before"
    )


def cause_title(cause: Json) -> str:
    """A fault's words without the places that each document fills in its own way: `… not subscribed to currency …`."""
    return re.sub(r"\{[a-z_]+\}", "\N{HORIZONTAL ELLIPSIS}", str(cause["text"]))


def is_stale(as_of: str | None, now: datetime) -> bool:
    """Whether an answer is older than a minute: Kafka is read late, or not at all."""
    return as_of is None or (now - parse_time(as_of)).total_seconds() > STALE_SECONDS


@dataclass(frozen=True, slots=True)
class Check:
    """A question of the checklist.

    Attributes:
        ok: whether it is as it should be.
        question: what is asked.
        answer: how it is.
        href: where to go on.
        link: words of the way there.
    """

    ok: bool
    question: str
    answer: str
    href: str
    link: str


def checklist(tenant: str, overview: Json, faults: Sequence[Json]) -> list[Check]:
    """What to look at when a sync has stopped, in order, each answered from what is known."""
    checks = [_connection_check(each) for each in overview["connections"]]
    at_fault = sum(int(each["at_fault"]) for each in faults)
    retrying = sum(int(each["retrying"]) for each in faults)
    state = overview["tenant"]["state"]
    checks.append(
        Check(
            at_fault == 0,
            "Validation faults in either?",
            _faults_words(at_fault, retrying),
            "#faults" if at_fault or retrying else tab_href(tenant, "invoices"),
            "See the causes" if at_fault or retrying else "See the invoices",
        )
    )
    checks.append(
        Check(
            state == "active",
            "Engine active?",
            "Active." if state == "active" else "Paused: nothing is looked for.",
            tab_href(tenant, "invoices"),
            "To the switch",
        )
    )
    return checks


def _connection_check(connection: Json) -> Check:
    side, look = connection["side"], state_look(connection["state"])
    return Check(
        look.trouble == 0,
        f"{side_name(side)} connection active?",
        f"{look.words}.",
        f"#connection-{side}",
        "See the connection",
    )


def _faults_words(at_fault: int, retrying: int) -> str:
    if not at_fault and not retrying:
        return "None."
    told = []
    if at_fault:
        told.append(f"{show_count(at_fault)} at Fault until somebody resyncs")
    if retrying:
        told.append(f"{show_count(retrying)} tried again by {'itself' if retrying == 1 else 'themselves'}")
    return f"{', '.join(told)}."
