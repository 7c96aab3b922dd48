"""Made-up invoices for both simulators: loaded before the start, or held back and let in one after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from benchmarks.customers import one_each
from simulators.books import generate_plain
from simulators.books.model import TenantBooks
from simulators.kit import json_text

Record = dict[str, Any]

LINES = 5
_GROWING = ("Tickets", "TimeEntries", "BillingItems", "Invoices")  # in this order: an invoice comes complete
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A tenant: how many invoices it has from the start, how many are held back, and whether it starts paused.

    Xero's limits on or off; Autotask's hourly limit is out of the way where many trials run in one hour. `settings` beyond
    the defaults; `one_each`: every invoice is of a customer of its own.
    """

    tenant: str
    loaded: int = 0
    held_back: int = 0
    paused: bool = False
    xero_limits: bool = True
    autotask_hourly_limit: int = 10_000
    settings: Mapping[str, Any] = field(default_factory=dict)
    one_each: bool = False


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Invoices of a tenant that do not exist yet."""

    tenant: str
    invoices: Iterator[dict[str, list[Record]]]

    def let_in(self, autotask_url: str, count: int) -> list[int]:
        """Let so many appear in Autotask, with their tickets, time entries and lines before them. Returns their ids."""
        groups = [next(self.invoices) for _ in range(count)]
        for entity in _GROWING:
            records = [record for group in groups for record in group[entity]]
            answer = requests.post(
                f"{autotask_url}/_control/tenants/{self.tenant}/entities/{entity}",
                data=json_text.dumps(records),
                headers={"Content-Type": "application/json"},
                timeout=_TIMEOUT_SECONDS,
            )
            answer.raise_for_status()
        return [int(group["Invoices"][0]["id"]) for group in groups]


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """Files for the simulators, the tenants file, and what is held back by tenant."""

    autotask: Path
    xero: Path
    tenants: dict[str, Any]
    held_back: dict[str, HeldBack]


def make_backlog(folder: Path, wanted: Sequence[Wanted]) -> Backlog:
    """Invoices of five lines and one ticket each, for contacts that Xero knows; every one can be synced."""
    autotask, xero, entries, held_back = [], [], [], {}
    for place, one in enumerate(wanted, start=1):
        books = generate_plain(
            one.loaded + one.held_back,
            today=datetime.now(UTC).date(),
            lines=LINES,
            tenants=(one.tenant,),
            seed=place,
            options=one.settings,
        ).tenants[0]
        if one.one_each:
            books = one_each(books)
        loaded, rest = split(books, one.loaded)
        switches = books.autotask["switches"] | {"hourly_limit": one.autotask_hourly_limit}
        autotask.append(books.autotask | {"entities": loaded, "switches": switches})
        xero.append(books.xero | {"switches": books.xero["switches"] | {"limits_on": one.xero_limits}})
        entries.append(books.entry | {"state": "paused" if one.paused else "active"})
        held_back[one.tenant] = HeldBack(one.tenant, iter(rest))
    files = {"autotask": autotask, "xero": xero}
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json_text.dumps(document), encoding="utf-8")
    return Backlog(
        autotask=folder / "autotask.json",
        xero=folder / "xero.json",
        tenants={"tenants": entries},
        held_back=held_back,
    )


def split(books: TenantBooks, loaded: int) -> tuple[dict[str, list[Record]], list[dict[str, list[Record]]]]:
    """The entities with the first so many invoices, and one group of new records for each of the others."""
    entities = books.autotask["entities"]
    groups = list(_groups(entities))
    now = {name: records for name, records in entities.items() if name not in _GROWING}
    for name in _GROWING:
        now[name] = [record for group in groups[:loaded] for record in group[name]]
    return now, groups[loaded:]


def _groups(entities: dict[str, list[Record]]) -> Iterator[dict[str, list[Record]]]:
    lines: dict[int, list[Record]] = defaultdict(list)
    for line in entities["BillingItems"]:
        lines[line["invoiceID"]].append(line)
    tickets = {ticket["id"]: ticket for ticket in entities["Tickets"]}
    entries = {entry["id"]: entry for entry in entities["TimeEntries"]}
    for invoice in entities["Invoices"]:
        own = lines[invoice["id"]]
        yield {
            "Tickets": _referred(own, "ticketID", tickets),
            "TimeEntries": _referred(own, "timeEntryID", entries),
            "BillingItems": own,
            "Invoices": [invoice],
        }


def _referred(lines: list[Record], name: str, records: dict[int, Record]) -> list[Record]:
    ids = {line.get(name) for line in lines}
    return [records[number] for number in sorted(number for number in ids if number in records)]
