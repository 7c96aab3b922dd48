"""Beginning tries and ending those that can not leave the poller."""

from __future__ import annotations

from datetime import datetime

from invoice_events import names
from invoice_events.codec import UnrepresentableEventError
from poller.adapters.tenants import TenantRules
from poller.core import messages
from poller.core.completeness import is_incomplete
from poller.core.eligibility import Skip
from poller.core.entry import Entry
from poller.core.messages import Fault, LogLine
from poller.core.snapshot import Parts, Snapshot, autotask_url, make_snapshot, subject_of
from poller.core.transitions import Outcome, settle
from poller.core.tries import Origin, Subject, begin
from poller.core.values import MalformedRecordError, Record, record_id, text
from poller.work.store import Transaction
from service_runtime import metrics
from service_runtime.outbox import EventTooLargeError

INCOMPLETE = "INVOICE_INCOMPLETE"

_CAUSES = {
    "discovery": "Invoice {number} found in Autotask",
    "retry": "Invoice {number} read again, attempt {attempt} of 3",
    "overdue": "Invoice {number} read again, still attempt {attempt} of 3: no outcome of the last try has come for too long",
    "cleared": "The Web Service Date of invoice {number}, which we had set, was cleared in Autotask: it is synced again",
    "resync": "Invoice {number} read again because a person asked for it",
    "unskip": "Invoice {number} read again because a person lifted its hold",
}


def start(
    transaction: Transaction,
    entry: Entry | None,
    parts: Parts,
    origin: Origin,
    rules: TenantRules,
    web_root: str,
) -> Entry:
    """Begin a try of an invoice: a new revision, and its snapshot on the way to the mapper.

    A try that can not leave the poller ends here, as a fault. An invoice that still is as incomplete as before
    stays as it is.

    Returns:
        The entry as it was stored.
    """
    now = transaction.now
    subject = _subject(parts.invoice, now)
    try:
        snapshot = make_snapshot(parts)
    except MalformedRecordError as error:
        return end_with(transaction, begin(entry, subject, origin, now), _unreadable(error))
    incomplete = is_incomplete(snapshot, rules.settings, now)
    if incomplete and origin.cause == "retry" and entry is not None and entry.fault_code == INCOMPLETE:
        return entry
    begun = begin(entry, subject, origin, now)
    if incomplete:
        return end_with(transaction, begun, Fault(INCOMPLETE, strike=False, final=False))
    event = messages.discovered(
        transaction.tenant_id, begun, snapshot, rules.version, autotask_url(web_root, subject.id), now
    )
    try:
        transaction.publish(names.DISCOVERED, event, begun.traceparent)
    except EventTooLargeError as error:
        too_large = Fault("INVOICE_TOO_LARGE", strike=False, final=True, details=(str(error),))
        return end_with(transaction, begun, too_large)
    except UnrepresentableEventError as error:
        too_precise = Fault("AMOUNT_PRECISION", strike=True, final=False, details=(str(error),))
        return end_with(transaction, begun, too_precise)
    transaction.save(begun)
    transaction.tell(LogLine(_message(origin, begun, snapshot), f"try begun: {origin.cause}", entry=begun))
    return begun


def skip(
    transaction: Transaction, entry: Entry | None, invoice: Record, verdict: Skip, origin: Origin
) -> Entry:
    """End an invoice's newest try as skipped.

    Returns:
        The entry as it was stored.
    """
    now = transaction.now
    begun = begin(entry, _subject(invoice, now), origin, now)
    outcome = Outcome(begun.document, begun.revision, "skipped", begun.traceparent, reason=verdict.reason)
    ended = settle(begun, outcome) or begun
    transaction.save(ended)
    event = messages.skipped(transaction.tenant_id, begun, verdict, now)
    transaction.publish(names.SKIPPED, event, begun.traceparent)
    number = text(invoice, "invoiceNumber") or begun.document
    message, said = f"Invoice {number} skipped: {verdict.text}", f"skipped: {verdict.reason}"
    transaction.tell(LogLine(message, said, entry=ended, fields=(("reason", verdict.reason),)))
    return ended


def blame(
    transaction: Transaction, entry: Entry | None, invoice: Record, origin: Origin, error: Exception
) -> Entry:
    """End an invoice's newest try as the fault of a provider that fails on this one document.

    Returns:
        The entry as it was stored.
    """
    begun = begin(entry, _subject(invoice, transaction.now), origin, transaction.now)
    details = ("What belongs to this invoice could not be read, while that of others could.",)
    fault = Fault(
        "PROVIDER_ERROR", strike=True, final=False, text=str(error), details=details, blamed="autotask"
    )
    return end_with(transaction, begun, fault)


def end_with(transaction: Transaction, begun: Entry, fault: Fault) -> Entry:
    """End a try with a fault of ours. The event that says so comes back from Kafka and changes nothing more.

    Returns:
        The entry as it was stored.
    """
    outcome = Outcome(
        begun.document,
        begun.revision,
        "faulted",
        begun.traceparent,
        code=fault.code,
        text=fault.words,
        strike=fault.strike,
        final=fault.final,
    )
    ended = settle(begun, outcome) or begun
    transaction.save(ended)
    event = messages.faulted(transaction.tenant_id, begun, fault, transaction.now)
    transaction.publish(names.FAULTED, event, begun.traceparent)
    metrics.faults.labels(transaction.tenant_id, fault.code, fault.side).inc()
    transaction.tell(fault_line(ended, fault.code, fault.words))
    return ended


def fault_line(entry: Entry, code: str, words: str) -> LogLine:
    """A fault with its count, as people read it."""
    fields = (("code", code), ("strikes", str(entry.strikes)))
    if entry.state == "fault":
        return LogLine(
            f"Fault, no further try until a resync: {words}", f"fault {code}, final", "error", entry, fields
        )
    if code == INCOMPLETE:
        return LogLine(f"{words}; it is read again in the next cycle", "incomplete", "info", entry, fields)
    return LogLine(
        f"Fault {entry.strikes} of 3, tried again in the next cycle: {words}",
        f"fault {code}, strike {entry.strikes}",
        "warning",
        entry,
        fields,
    )


def _subject(invoice: Record, now: datetime) -> Subject:
    """What the ledger keeps of an invoice, as far as its record can be read."""
    try:
        return subject_of(invoice)
    except MalformedRecordError:
        return Subject(record_id(invoice), None, now)


def _unreadable(error: MalformedRecordError) -> Fault:
    words = f"Autotask's record can not be read: {error}"
    return Fault("UNKNOWN", strike=True, final=False, text=words, blamed="autotask")


def _message(origin: Origin, entry: Entry, snapshot: Snapshot) -> str:
    number = snapshot["invoice"]["number"] or entry.document
    return _CAUSES[origin.cause].format(number=number, attempt=entry.attempt)
