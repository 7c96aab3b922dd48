"""The desk of invoices."""

from __future__ import annotations

from collections.abc import Sequence

from invoice_events.codec import Event
from invoice_events.names import Kind
from poller.adapters.autotask.reading import InvoiceReader
from poller.adapters.autotask.slow_names import Source
from poller.adapters.tenants import TenantRules
from poller.core import messages
from poller.core.backfill import is_backfill
from poller.core.completeness import INCOMPLETE, is_incomplete
from poller.core.eligibility import facts_of, judge, judge_request, judge_void, made_at
from poller.core.entry import Entry
from poller.core.links import autotask_url
from poller.core.look import Look
from poller.core.messages import Fault
from poller.core.snapshot import Parts, date_of, make_snapshot, make_void_snapshot
from poller.core.tries import Origin, Subject, begin
from poller.core.values import MalformedRecordError, Record
from poller.core.verdicts import Answer, Cause, Verdict
from poller.work import trying
from poller.work.desk import document_of
from poller.work.memory import Memory
from poller.work.store import Transaction


class InvoiceDesk:
    """Works on invoices during one look at Autotask. See `Desk`."""

    kind: Kind = "invoice"
    entity = "Invoices"
    noun = "invoice"

    def __init__(self, source: Source, memory: Memory, rules: TenantRules, web_root: str, look: Look) -> None:
        self.look = look
        self.suspects = memory.suspects
        self._reader = InvoiceReader(source, memory.slow, rules.settings)
        self._rules = rules
        self._web_root = web_root

    def judge(self, record: Record, entry: Entry | None) -> Verdict:
        """What a cycle does with an invoice."""
        return judge(facts_of(record), entry, self.look)

    def judge_request(self, record: Record, entry: Entry | None, cause: Cause) -> Answer:
        """What a person's wish does with an invoice."""
        return judge_request(facts_of(record), entry, cause, self.look)

    def subject(self, record: Record) -> Subject:
        """What the ledger keeps of an invoice."""
        backfill = is_backfill(made_at(record), self.look.began, self.look.activated_at)
        return Subject(document_of(self.kind, record), date_of(record), backfill)

    def parts(self, batch: Sequence[Record]) -> Sequence[Parts]:
        """Everything that belongs to invoices."""
        return list(self._reader.parts(batch))

    def record_of(self, parts: Parts) -> Record:
        """The invoice's own record."""
        return parts.invoice

    def start(self, transaction: Transaction, entry: Entry | None, parts: Parts, origin: Origin) -> Entry:
        """Begin a try. An invoice that still is as incomplete as before stays as it is; nobody waits for one that is voided."""
        subject = self.subject(parts.invoice)
        begun = begin(entry, subject, origin, transaction.now)
        try:
            event = self.snapshot(transaction, begun, parts, origin)
        except MalformedRecordError as error:
            return trying.unreadable(transaction, entry, subject, origin, error)
        if isinstance(event, Fault):
            if origin.cause == "retry" and entry is not None and entry.fault_code == event.code:
                return entry
            return trying.end_with(transaction, begun, event)
        what = f"Invoice {event['invoice']['number'] or begun.document}"
        return trying.send(transaction, begun, event, origin, what)

    def snapshot(
        self,
        transaction: Transaction,
        entry: Entry,
        parts: Parts,
        origin: Origin,
        *,
        diagnosis: str | None = None,
    ) -> Event | Fault:
        """The event that carries an invoice; the fault of one that Autotask has not finished yet."""
        snapshot = make_void_snapshot(parts) if origin.void else make_snapshot(parts)
        if not origin.void and is_incomplete(snapshot, self._rules.settings, transaction.now):
            return Fault(INCOMPLETE, strike=False, final=False)
        url, version = autotask_url(self._web_root, entry.document), self._rules.version
        return messages.discovered(
            transaction.tenant_id, entry, snapshot, version, url, transaction.now, diagnosis=diagnosis
        )


class VoidDesk(InvoiceDesk):
    """Works on invoices that may be in Xero and were voided in Autotask."""

    def judge(self, record: Record, entry: Entry | None) -> Verdict:
        """Whether Xero is asked to void the invoice."""
        return judge_void(facts_of(record), entry, self.look)
