"""The desk of purchase orders."""

from __future__ import annotations

from collections.abc import Sequence

from invoice_events.codec import Event
from invoice_events.names import Kind
from invoice_events.settings import zone
from poller.adapters.autotask.order_reading import OrderReader
from poller.adapters.autotask.slow_names import Source
from poller.adapters.tenants import TenantRules
from poller.core import messages
from poller.core.backfill import is_backfill
from poller.core.entry import Entry
from poller.core.links import autotask_url
from poller.core.look import Look
from poller.core.order_eligibility import (
    CANCELLED,
    due_since,
    judge_order,
    judge_order_request,
    order_created_at,
    order_facts_of,
    order_made_at,
)
from poller.core.order_fingerprint import fingerprint
from poller.core.order_snapshot import OrderParts, make_order_snapshot, make_order_void_snapshot
from poller.core.tries import Origin, Subject, begin
from poller.core.values import MalformedRecordError, Record
from poller.core.verdicts import Answer, Cause, Leave, Verdict
from poller.work import trying
from poller.work.desk import document_of
from poller.work.memory import Memory
from poller.work.store import Transaction


class OrderDesk:
    """Works on purchase orders during one look at Autotask. See `Desk`."""

    kind: Kind = "purchase-order"
    entity = "PurchaseOrders"
    noun = "purchase order"

    def __init__(self, source: Source, memory: Memory, rules: TenantRules, web_root: str, look: Look) -> None:
        self.look = look
        self.suspects = memory.suspected_orders
        self._reader = OrderReader(source, memory.slow, rules.settings)
        self._rules = rules
        self._web_root = web_root

    def judge(self, record: Record, entry: Entry | None) -> Verdict:
        """What a cycle does with an order."""
        return judge_order(order_facts_of(record), entry, self.look, self._rules.settings["purchase_orders"])

    def judge_request(self, record: Record, entry: Entry | None, cause: Cause) -> Answer:
        """What a person's wish does with an order."""
        settings = self._rules.settings["purchase_orders"]
        return judge_order_request(order_facts_of(record), entry, cause, self.look, settings)

    def subject(self, record: Record) -> Subject:
        """What the ledger keeps of an order."""
        settings = self._rules.settings
        made_at = order_made_at(record)
        day = None if made_at is None else made_at.astimezone(zone(settings)).date()
        since = due_since(settings["purchase_orders"], order_created_at(record), made_at)
        backfill = is_backfill(since, self.look.began, self.look.activated_at)
        return Subject(document_of(self.kind, record), day, backfill)

    def parts(self, batch: Sequence[Record]) -> Sequence[OrderParts]:
        """Everything that belongs to orders."""
        return self._reader.parts(batch)

    def record_of(self, parts: OrderParts) -> Record:
        """The order's own record."""
        return parts.order

    def start(
        self, transaction: Transaction, entry: Entry | None, parts: OrderParts, origin: Origin
    ) -> Entry:
        """Begin a try."""
        subject = self.subject(parts.order)
        try:
            carried = None if origin.void else fingerprint(parts.order, parts.items)
            begun = begin(entry, subject, origin, transaction.now, carried)
            event = self.snapshot(transaction, begun, parts, origin)
        except MalformedRecordError as error:
            return trying.unreadable(transaction, entry, subject, origin, error)
        what = f"Purchase order {event['order']['number'] or begun.document}"
        return trying.send(transaction, begun, event, origin, what)

    def snapshot(
        self,
        transaction: Transaction,
        entry: Entry,
        parts: OrderParts,
        origin: Origin,
        *,
        diagnosis: str | None = None,
    ) -> Event:
        """The event that carries an order."""
        day_of = zone(self._rules.settings)
        make = make_order_void_snapshot if origin.void else make_order_snapshot
        url, version = autotask_url(self._web_root, entry.document), self._rules.version
        return messages.order_discovered(
            transaction.tenant_id,
            entry,
            make(parts, day_of),
            version,
            url,
            transaction.now,
            diagnosis=diagnosis,
        )


class CancelledOrderDesk(OrderDesk):
    """Works on orders that were cancelled in Autotask, and leaves all others alone."""

    def judge(self, record: Record, entry: Entry | None) -> Verdict:
        """Whether Xero is asked to delete the order."""
        cancelled = order_facts_of(record).status == CANCELLED
        return super().judge(record, entry) if cancelled else Leave()
