"""One cycle: what is unstamped in the window, then what failed and is tried again. And the hourly look beyond the window."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from invoice_events.identity import new_traceparent
from invoice_events.settings import zone
from poller.adapters.autotask.client import MAX_IN_LIST, Filter
from poller.adapters.autotask.queries import Pages, pages, records_where_in
from poller.adapters.autotask.reading import InvoiceReader, SlowNames
from poller.adapters.ledger import database_now
from poller.adapters.tenants import TenantRules
from poller.core.eligibility import LONGEST_FLIGHT
from poller.core.entry import Entry
from poller.core.messages import Fault, LogLine
from poller.core.tries import Origin, Subject, begin
from poller.core.values import record_id
from poller.core.window import as_autotask_date, first_day
from poller.work.discovery import Discovery
from poller.work.store import Store
from poller.work.suspects import Suspects
from poller.work.trying import end_with

_UNSTAMPED: Filter = {"op": "notExist", "field": "webServiceDate"}
_GONE = Fault(
    "UNKNOWN",
    strike=True,
    final=False,
    text="Autotask does not show this invoice any more to the API user",
    blamed="autotask",
)
_CLEARED_QUERIES = 100
"""Queries of one hourly look: it goes on where it ended, so that a long history does not eat the budget."""

_WORDS = {
    "discovery": "new",
    "retry": "tried again",
    "overdue": "tried again for want of an outcome",
    "cleared": "with a cleared stamp",
    "skipped": "skipped",
}


@dataclass(frozen=True, slots=True)
class Memory:
    """What a worker keeps from one look at Autotask to the next.

    Attributes:
        slow: names that rarely change.
        suspects: invoices whose batches could not be read.
        longest_flight: how long a try may be on its way before another begins.
    """

    slow: SlowNames
    suspects: Suspects
    longest_flight: timedelta = LONGEST_FLIGHT


def run_cycle(store: Store, source: Pages, memory: Memory, rules: TenantRules, web_root: str) -> Counter[str]:
    """Look for work in Autotask. Returns what was found: by cause, `skipped`, and `seen`.

    Raises:
        AutotaskError: a call failed; what was begun until then is stored and the next cycle goes on with the rest.
        LeaseLostError: the tenant is somebody else's now.
    """
    with store.reading() as session:
        began = database_now(session)
    reader = InvoiceReader(source, memory.slow)
    discovery = Discovery(
        store, reader, rules, web_root, began, memory.suspects, longest_flight=memory.longest_flight
    )
    oldest = window_start(store, rules)
    in_window: Filter = {"op": "gte", "field": "invoiceDateTime", "value": as_autotask_date(oldest)}
    for page in pages(source, "Invoices", [_UNSTAMPED, in_window]):
        discovery.take(page)
    _try_again(store, source, discovery, began, began - memory.longest_flight)
    _summarise(store, discovery.counts)
    return discovery.counts


def window_start(store: Store, rules: TenantRules) -> date:
    """The earliest invoice date that is discovered now."""
    return first_day(store.now(), rules.settings["days_back"], zone(rules.settings))


def _try_again(
    store: Store, source: Pages, discovery: Discovery, began: datetime, overdue_before: datetime
) -> None:
    """Read what failed before this cycle or got no outcome, and was not seen in it again: it may lie outside the window."""
    after = 0
    while True:
        with store.reading() as session:
            waiting = store.ledger.waiting(session, began, overdue_before, after, MAX_IN_LIST)
        if not waiting:
            return
        after = waiting[-1].autotask_id
        wanted = {entry.autotask_id: entry for entry in waiting if entry.autotask_id not in discovery.handled}
        found = records_where_in(source, "Invoices", "id", wanted)
        discovery.take(found)
        for number in set(wanted) - {record_id(invoice) for invoice in found}:
            _end_as_gone(store, wanted[number])


def _end_as_gone(store: Store, entry: Entry) -> None:
    """Invoices can not be deleted, but the API user's view can be narrowed: a strike, so that it is not waited for in silence."""
    with store.transaction() as transaction:
        if transaction.entry(entry.document) != entry:
            return
        subject = Subject(entry.autotask_id, entry.invoice_date, transaction.now)
        begun = begin(entry, subject, Origin("retry", new_traceparent()), transaction.now)
        end_with(transaction, begun, _GONE)


def _summarise(store: Store, counts: Counter[str]) -> None:
    parts = [f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name]]
    if parts:
        with store.transaction() as transaction:
            summary = f"Cycle: {', '.join(parts)}"
            transaction.tell(LogLine(summary, summary))


class ClearedStamps:
    """Looks hourly whether the stamps of documents outside the window were cleared; inside it, every cycle sees that."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self._store = store
        self._memory = memory
        self._after = 0

    def look(self, source: Pages, rules: TenantRules, web_root: str) -> Counter[str]:
        """Ask for 200 documents a query. Returns what was found, as `run_cycle`. Raises as `run_cycle`."""
        counts: Counter[str] = Counter()
        for _ in range(_CLEARED_QUERIES):
            with self._store.reading() as session:
                began = database_now(session)
                oldest = window_start(self._store, rules)
                ids = self._store.ledger.stamped_before(session, oldest, self._after, MAX_IN_LIST)
            if ids:
                cleared = records_where_in(source, "Invoices", "id", ids, also=[_UNSTAMPED])
                reader = InvoiceReader(source, self._memory.slow)
                discovery = Discovery(
                    self._store,
                    reader,
                    rules,
                    web_root,
                    began,
                    self._memory.suspects,
                    longest_flight=self._memory.longest_flight,
                )
                discovery.take(cleared)
                counts += discovery.counts
            self._after = ids[-1] if len(ids) == MAX_IN_LIST else 0
            if self._after == 0:
                break
        _summarise(self._store, counts)
        return counts
