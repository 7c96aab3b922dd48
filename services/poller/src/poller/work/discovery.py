"""From invoices that Autotask has shown to tries: judge, read what belongs to them, publish."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from invoice_events.identity import new_traceparent
from poller.adapters.autotask.errors import DownError
from poller.adapters.autotask.reading import InvoiceReader
from poller.adapters.tenants import TenantRules
from poller.core.eligibility import Cause, Leave, Skip, Try, Verdict, judge, readable_facts
from poller.core.entry import Entry
from poller.core.snapshot import Parts
from poller.core.tries import Origin
from poller.core.values import Record, record_id
from poller.work import trying
from poller.work.store import Store
from poller.work.suspects import Suspects

log = logging.getLogger(__name__)


class Discovery:
    """Takes invoices of one look at Autotask. Counts what became of them: by cause, `skipped` and `seen`."""

    def __init__(
        self,
        store: Store,
        reader: InvoiceReader,
        rules: TenantRules,
        web_root: str,
        began: datetime,
        suspects: Suspects,
        *,
        longest_flight: timedelta,
    ) -> None:
        """`began`: when the look began, by the database's clock; `longest_flight`: after which a try is overdue."""
        self._longest_flight = longest_flight
        self._suspects = suspects
        self._store = store
        self._reader = reader
        self._rules = rules
        self._web_root = web_root
        self._began = began
        self.counts: Counter[str] = Counter()
        self.handled: set[int] = set()

    def take(self, invoices: Sequence[Record]) -> None:
        """Judge invoices and begin the tries that are due.

        Raises:
            AutotaskError: a call failed; what was begun until then is stored.
            LeaseLostError: the tenant is somebody else's now.
        """
        self.counts["seen"] += len(invoices)
        with self._store.reading() as session:
            entries = self._store.ledger.entries(session, [document_of(invoice) for invoice in invoices])
        due: list[Record] = []
        for invoice in invoices:
            verdict = self._judge(invoice, entries.get(document_of(invoice)))
            if isinstance(verdict, Skip):
                self._skip(invoice)
            elif isinstance(verdict, Try):
                due.append(invoice)
        for batch in self._suspects.batches(due):
            self._take_batch(batch)

    def _take_batch(self, batch: Sequence[Record]) -> None:
        try:
            parts = list(self._reader.parts(batch))
        except DownError as error:
            if not self._suspects.failed(batch):
                raise
            self._blame(batch[0], error)
        else:
            self._suspects.read(batch)
            self._begin(parts)

    def _blame(self, invoice: Record, error: DownError) -> None:
        """Autotask fails on this one invoice while it reads out others."""
        with self._store.transaction() as transaction:
            entry = transaction.entry(document_of(invoice))
            verdict = self._judge(invoice, entry)
            if isinstance(verdict, Try):
                origin = Origin(verdict.cause, new_traceparent())
                trying.blame(transaction, entry, invoice, origin, error)

    def _judge(self, invoice: Record, entry: Entry | None) -> Verdict:
        facts = readable_facts(invoice)
        if facts is None:
            log.error(
                "an invoice record can not be read and is passed over: id %r",
                invoice.get("id"),
                extra={"tenant": self._store.tenant_id},
            )
            return Leave()
        return judge(facts, entry, self._began, self._longest_flight)

    def _begin(self, batch: Sequence[Parts]) -> None:
        """One transaction for the batch. Judged again: a command may have changed a document while its parts were read."""
        with self._store.transaction() as transaction:
            current = transaction.entries([document_of(parts.invoice) for parts in batch])
            for parts in batch:
                entry = current.get(document_of(parts.invoice))
                verdict = self._judge(parts.invoice, entry)
                if not isinstance(verdict, Try):
                    continue
                origin = Origin(verdict.cause, new_traceparent())
                after = trying.start(transaction, entry, parts, origin, self._rules, self._web_root)
                self.handled.add(record_id(parts.invoice))
                if after != entry:
                    self.counts[verdict.cause] += 1

    def _skip(self, invoice: Record) -> None:
        with self._store.transaction() as transaction:
            entry = transaction.entry(document_of(invoice))
            verdict = self._judge(invoice, entry)
            if isinstance(verdict, Skip):
                cause: Cause = "discovery" if entry is None else "retry"
                trying.skip(transaction, entry, invoice, verdict, Origin(cause, new_traceparent()))
                self.counts["skipped"] += 1


def document_of(invoice: Record) -> str:
    """The document's name; a record without an id has none that anybody knows."""
    return f"invoice/{invoice.get('id')}"
