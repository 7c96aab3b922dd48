"""What people ask of status-api, and the SQL that answers it: each question over HTTP, and its own statements by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from benchmarks.filling import BIG, SMALL
from benchmarks.histories import END, customer
from invoice_events.names import KINDS, Document
from status_api.core.periods import month_of, span, with_one_before
from status_api.queries import documents, figures, history, tenants
from status_api.queries.documents import DocumentFilter
from status_api.queries.history import LogFilter

_ZONE = ZoneInfo("UTC")
_PAGE = 51
_LINES = 101
_RARE = ("zq", "ż", "jx")


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        path: below /api/v1.
        query: its parameters.
        by_hand: the statements that answer it.
    """

    path: str
    query: Mapping[str, Any]
    by_hand: Callable[[Connection], object]


def _invoices(query: Mapping[str, Any], wanted: DocumentFilter, order: str = "-changed") -> Question:
    return Question(
        f"tenants/{BIG}/invoices",
        query,
        lambda connection: documents.list_documents(connection, BIG, wanted, order, None, _PAGE),
    )


def page(chance: random.Random, count: int) -> Question:  # noqa: ARG001  # one signature for every question
    """A page of the list, as it opens or by status or date."""
    order = chance.choice(["-changed", "-date", "-id"])
    status = chance.choice([None, None, "Fault", "Complete", "Pending Sync"])
    if status is None:
        return _invoices({"sort": order}, DocumentFilter("invoice"), order)
    return _invoices({"sort": order, "status": status}, DocumentFilter("invoice", (status,)), order)


def search(chance: random.Random, count: int) -> Question:
    """Part of an id, number or name, short and long, frequent and rare."""
    number = chance.randint(1, count)
    name = customer(number)
    words = chance.choice(
        [
            str(number),
            f"inv:{number}",
            f"{number:07}",
            name,
            name.split()[0],
            name[:2],
            str(number)[:2],
            "nobody",
            *_RARE,
        ]
    )
    return _invoices({"text": words}, DocumentFilter("invoice", words=words))


def opened(chance: random.Random, count: int) -> Question:
    """One invoice with everything known of it."""
    number = chance.randint(1, count // 5 - 1) * 5 + chance.randint(1, 4)
    document = Document("invoice", number)
    return Question(
        f"tenants/{BIG}/invoices/{number}",
        {},
        lambda connection: documents.open_document(connection, BIG, document),
    )


def timeline(chance: random.Random, count: int) -> Question:
    """Everything that happened to one invoice."""
    number = chance.randint(1, count // 5 - 1) * 5 + chance.randint(1, 4)
    document = Document("invoice", number)
    return Question(
        f"tenants/{BIG}/invoices/{number}/timeline",
        {},
        lambda connection: history.timeline(connection, BIG, document, None, _LINES),
    )


def overview(chance: random.Random, count: int) -> Question:  # noqa: ARG001  # as above
    """One tenant at a glance."""

    def by_hand(connection: Connection) -> None:
        bounds = month_of(datetime.now(UTC), _ZONE).bounds
        figures.count_by_status(connection, [BIG])
        figures.glances(connection, {BIG: (bounds[0], bounds[1])}, KINDS)
        for kind in KINDS:
            figures.totals_in_xero(connection, BIG, kind)
        figures.count_changed_since(connection, BIG, "purchase-order")
        tenants.connections(connection, BIG)
        tenants.search_is_indexed(connection)

    return Question(f"tenants/{BIG}/overview", {}, by_hand)


def fleet(chance: random.Random, count: int) -> Question:  # noqa: ARG001  # as above
    """Fifty tenants at a glance."""

    def by_hand(connection: Connection) -> None:
        bounds = month_of(datetime.now(UTC), _ZONE).bounds
        every = (BIG, *SMALL)
        figures.count_by_status(connection, every)
        figures.glances(connection, dict.fromkeys(every, (bounds[0], bounds[1])), KINDS)
        tenants.connections_of(connection, every)

    return Question("overview", {}, by_hand)


def analytics(chance: random.Random, count: int) -> Question:  # noqa: ARG001  # as above
    """A year by months, or a month by days."""
    per = chance.choice(("day", "month"))
    last = END.date()
    first = last - timedelta(days=364 if per == "month" else 29)
    asked = span("month" if per == "month" else "day", first, last, END, _ZONE)

    def by_hand(connection: Connection) -> None:
        figures.synced_by_period(connection, BIG, "invoice", with_one_before(asked, _ZONE).bounds)
        figures.failed_by_period(connection, BIG, "invoice", asked.bounds)

    query = {"per": per, "from": first.isoformat(), "to": last.isoformat()}
    return Question(f"tenants/{BIG}/analytics", query, by_hand)


def faults(chance: random.Random, count: int) -> Question:  # noqa: ARG001  # as above
    """Faults by cause."""
    return Question(
        f"tenants/{BIG}/faults", {}, lambda connection: figures.faults(connection, BIG, list(KINDS))
    )


def logs(chance: random.Random, count: int) -> Question:
    """Log lines of an invoice, of a day, with some words."""
    number = chance.randint(1, count)
    day = END - timedelta(days=chance.randint(1, 300))
    query, wanted = chance.choice(
        [
            ({}, LogFilter()),
            ({"invoice": str(number)}, LogFilter(Document("invoice", number))),
            ({"before": day.isoformat()}, LogFilter(before=day)),
            ({"text": "Web Service Date"}, LogFilter(words="Web Service Date")),
            ({"text": customer(number)}, LogFilter(words=customer(number))),
            ({"text": "never said"}, LogFilter(words="never said")),
        ]
    )
    return Question(
        f"tenants/{BIG}/logs", query, lambda connection: history.logs(connection, BIG, wanted, None, _LINES)
    )


QUESTIONS: dict[str, Callable[[random.Random, int], Question]] = {
    "list": page,
    "search": search,
    "open": opened,
    "timeline": timeline,
    "overview": overview,
    "overview of 50 tenants": fleet,
    "analytics": analytics,
    "faults by cause": faults,
    "logs": logs,
}
"""By what they are called in the table."""
