"""The pass over purchase orders: once per cycle, after the invoices.

Autotask tells neither when an order was changed nor whether somebody has taken it over: every pass asks for the headers of all orders
that can still matter, and the ledger knows the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from invoice_events.settings import zone
from poller.adapters.autotask.client import MAX_IN_LIST, Filter
from poller.adapters.autotask.order_reading import order_items
from poller.adapters.autotask.queries import pages
from poller.adapters.autotask.slow_names import Source
from poller.adapters.ledger import database_now
from poller.adapters.tenants import TenantRules
from poller.core.entry import Entry
from poller.core.order_eligibility import CANCELLED, LONGEST_MEMORY, changes_count
from poller.core.values import Record, record_id
from poller.core.window import as_autotask_moment, first_moment
from poller.work.changes import note_changes
from poller.work.cycle import tell_summary
from poller.work.desk import document_of
from poller.work.discovery import Discovery
from poller.work.memory import Memory
from poller.work.orders import OrderDesk
from poller.work.retries import try_again
from poller.work.store import Store
from poller.work.voids import look_for_cancellations

_ITEMS_EVERY_SECONDS = 3600.0


class OrderPass:
    """Looks for purchase orders. Remembers when items of known orders were last compared."""

    def __init__(self, store: Store, memory: Memory, now: Callable[[], float]) -> None:
        """`now`: seconds of a monotonic clock."""
        self._store = store
        self._memory = memory
        self._now = now
        self._compared_at: float | None = None

    def run(self, source: Source, rules: TenantRules, web_root: str) -> Counter[str]:
        """One pass where orders go over, then a look at those that were cancelled where that matters, even if none go over any more.

        Returns what was found: by cause, `skipped`, `changed` and `seen`.

        Raises:
            AutotaskError: a call failed; what was begun until then is stored and the next pass goes on with the rest.
            LeaseLostError: the tenant is somebody else's now.
        """
        counts: Counter[str] = Counter()
        if rules.settings["purchase_orders"]["enabled"]:
            counts.update(self._pass(source, rules, web_root))
        if rules.settings["void_autotask_invoices"]:
            counts.update(look_for_cancellations(self._store, source, self._memory, rules, web_root))
        tell_summary(self._store, "Purchase orders", counts)
        return counts

    def _pass(self, source: Source, rules: TenantRules, web_root: str) -> Counter[str]:
        look = self._memory.look(self._store, rules)
        with_items = self._compared_at is None or self._now() - self._compared_at >= _ITEMS_EVERY_SECONDS
        if with_items:
            self._compared_at = self._now()
        discovery = Discovery(self._store, OrderDesk(source, self._memory, rules, web_root, look))
        for page in pages(source, "PurchaseOrders", [self._those_that_matter(rules)]):
            entries = discovery.take(page)
            settled = _went_over(page, entries, discovery.handled)
            discovery.counts["changed"] += self._compare(source, settled, with_items=with_items)
        try_again(self._store, source, discovery)
        return discovery.counts

    def _those_that_matter(self, rules: TenantRules) -> Filter:
        """Orders made since the first pass, less some days before it, at most a year ago.

        The first pass settles once and for all since when orders go over.
        """
        start = first_moment(self._store.now(), rules.settings["days_back"], zone(rules.settings))
        with self._store.transaction() as transaction:
            bookmarks, connection = self._store.bookmarks, transaction.connection
            bookmarks.activate(connection)
            bookmarks.begin_orders(connection, start)
            marks, now = bookmarks.read(connection), database_now(connection)
        since = (marks.orders_from if marks else None) or start
        made_since = as_autotask_moment(max(since, now - LONGEST_MEMORY))
        return {"op": "gte", "field": "createDateTime", "value": made_since}

    def _compare(self, source: Source, orders: Sequence[tuple[Record, Entry]], *, with_items: bool) -> int:
        """Compare orders with what went over. Returns how many differ since now."""
        changed = 0
        for start in range(0, len(orders), MAX_IN_LIST):
            batch = orders[start : start + MAX_IN_LIST]
            items = order_items(source, (order for order, _ in batch)) if with_items else None
            changed += note_changes(
                self._store,
                [
                    (order, entry, None if items is None else items.get(record_id(order), []))
                    for order, entry in batch
                ],
            )
        return changed


def _went_over(
    page: Iterable[Record], entries: dict[str, Entry], begun: set[int]
) -> list[tuple[Record, Entry]]:
    """Orders of a page whose later edits matter, with what the ledger knows of them."""
    return [
        (order, entry)
        for order in page
        if (entry := entries.get(document_of("purchase-order", order))) is not None
        and changes_count(entry)
        and entry.autotask_id not in begun
        and order.get("status") != CANCELLED
    ]
