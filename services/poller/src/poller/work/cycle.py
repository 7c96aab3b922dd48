"""One cycle: what is unstamped in the window, then what failed and is tried again. And the hourly look beyond the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from invoice_events.settings import zone
from poller.adapters.autotask.client import MAX_IN_LIST, Filter
from poller.adapters.autotask.queries import pages, records_where_in
from poller.adapters.autotask.reading import INVOICE
from poller.adapters.autotask.slow_names import Source
from poller.adapters.tenants import TenantRules
from poller.core.messages import LogLine
from poller.core.window import as_autotask_date, first_day
from poller.work.discovery import Discovery
from poller.work.invoices import InvoiceDesk
from poller.work.memory import Memory
from poller.work.retries import try_again
from poller.work.store import Store
from poller.work.voids import look_for_voids

_UNSTAMPED: Filter = {"op": "notExist", "field": "webServiceDate"}
_CLEARED_QUERIES = 100
"""Queries of one hourly look: it goes on where it ended, so that a long history does not eat the budget."""

_WORDS = {
    "discovery": "new",
    "retry": "tried again",
    "overdue": "tried again for want of an outcome",
    "cleared": "with a cleared stamp",
    "paid": "paid now",
    "voided": "voided or cancelled in Autotask",
    "skipped": "skipped",
    "changed": "changed since they went over",
}


def run_cycle(
    store: Store, source: Source, memory: Memory, rules: TenantRules, web_root: str
) -> Counter[str]:
    """Look for work in Autotask. Returns what was found: by cause, `skipped`, and `seen`.

    Raises:
        AutotaskError: a call failed; what was begun until then is stored and the next cycle goes on with the rest.
        LeaseLostError: the tenant is somebody else's now.
    """
    with store.transaction() as transaction:
        store.bookmarks.activate(transaction.connection)
    look = memory.look(store, rules)
    discovery = Discovery(store, InvoiceDesk(source, memory, rules, web_root, look))
    for page in pages(source, "Invoices", [_UNSTAMPED, _in_window(store, rules)], kept=INVOICE):
        discovery.take(page)
    try_again(store, source, discovery)
    counts = Counter(discovery.counts)
    if look.void:
        counts.update(look_for_voids(store, source, memory, rules, web_root))
    tell_summary(store, "Cycle", counts)
    return counts


def window_start(store: Store, rules: TenantRules) -> date:
    """The earliest date of an invoice that is discovered now."""
    return first_day(store.now(), rules.settings["days_back"], zone(rules.settings))


def tell_summary(store: Store, what: str, counts: Counter[str], but: Iterable[str] = ()) -> None:
    """One line about what a look has found, if it has found anything."""
    parts = [f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name] and name not in but]
    if parts:
        with store.transaction() as transaction:
            summary = f"{what}: {', '.join(parts)}"
            transaction.tell(LogLine(summary, summary))


def _in_window(store: Store, rules: TenantRules) -> Filter:
    """Invoices go by their date; where only paid ones go over, by the day they were paid."""
    field = "paidDate" if rules.settings["paid_invoices_only"] else "invoiceDateTime"
    return {"op": "gte", "field": field, "value": as_autotask_date(window_start(store, rules))}


class ClearedStamps:
    """Looks hourly whether the stamps of documents outside the window were cleared; inside it, every cycle sees that."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self._store = store
        self._memory = memory
        self._after = 0

    def look(self, source: Source, rules: TenantRules, web_root: str) -> Counter[str]:
        """Ask for 200 documents a query. Returns what was found, as `run_cycle`. Raises as `run_cycle`."""
        counts: Counter[str] = Counter()
        for _ in range(_CLEARED_QUERIES):
            look = self._memory.look(self._store, rules)
            with self._store.reading() as session:
                ids = self._store.ledger.stamped_before(
                    session, self._oldest_seen(rules), self._after, MAX_IN_LIST
                )
            if ids:
                cleared = records_where_in(source, "Invoices", "id", ids, also=[_UNSTAMPED])
                desk = InvoiceDesk(source, self._memory, rules, web_root, look)
                discovery = Discovery(self._store, desk)
                discovery.take(cleared)
                counts += discovery.counts
            self._after = ids[-1] if len(ids) == MAX_IN_LIST else 0
            if self._after == 0:
                break
        tell_summary(self._store, "Stamps", counts)
        return counts

    def _oldest_seen(self, rules: TenantRules) -> date:
        """Invoices dated before this day are not seen by every cycle. One that goes by the day of payment may miss any date."""
        return date.max if rules.settings["paid_invoices_only"] else window_start(self._store, rules)
