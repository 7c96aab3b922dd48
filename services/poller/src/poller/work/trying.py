"""Beginning tries and ending those that can not leave the poller, whichever kind of document it is."""

from __future__ import annotations

from dataclasses import replace

from invoice_events import names
from invoice_events.codec import Event, UnrepresentableEventError
from invoice_events.representable import UnfitError
from poller.adapters.autotask.errors import DownError, RequestRefusedError
from poller.core import messages
from poller.core.completeness import INCOMPLETE
from poller.core.entry import Entry
from poller.core.messages import Fault, LogLine
from poller.core.transitions import Outcome, settle
from poller.core.tries import Origin, Subject, begin, without_open_void
from poller.core.values import MalformedRecordError
from poller.core.verdicts import Cause, Skip
from poller.work.store import Transaction
from service_runtime import metrics
from service_runtime.outbox import EventTooLargeError

_CAUSES: dict[Cause, str] = {
    "discovery": "{what} found in Autotask",
    "retry": "{what} read again, attempt {attempt} of 3",
    "overdue": "{what} read again, still attempt {attempt} of 3: no outcome of the last try has come for too long",
    "cleared": "The Web Service Date of {what}, which we had set, was cleared in Autotask: it is synced again",
    "paid": "{what} is paid in Autotask now",
    "voided": "{what} was voided or cancelled in Autotask after it had gone over: Xero is asked to void or delete it",
    "resync": "{what} read again because a person asked for it",
    "unskip": "{what} read again because a person lifted its hold",
}


def send(transaction: Transaction, begun: Entry, event: Event, origin: Origin, what: str) -> Entry:
    """Send a try on its way to the mapper. One that can not leave the poller ends here, as a fault.

    Args:
        transaction: in which it begins.
        begun: the try.
        event: its snapshot.
        origin: where it comes from.
        what: what people call the document, such as `Invoice INV-10277`.

    Returns:
        The entry as it was stored.
    """
    try:
        transaction.publish(names.topic_of(names.DISCOVERED, begun.document), event, begun.traceparent)
    except EventTooLargeError as error:
        words = "The purchase order is too large to carry" if begun.is_order else ""
        too_large = Fault("INVOICE_TOO_LARGE", strike=False, final=True, text=words, details=(str(error),))
        return end_with(transaction, begun, too_large)
    except UnrepresentableEventError as error:
        return end_with(transaction, begun, unfit(error))
    transaction.save(begun)
    message = _CAUSES[origin.cause].format(what=what, attempt=begun.attempt)
    transaction.tell(LogLine(message, f"try begun: {origin.cause}", entry=begun))
    return begun


def unfit(error: UnrepresentableEventError) -> Fault:
    """The fault of a document of which no event can be made. Only a decimal is told as one with too many digits."""
    cause = error.__cause__
    if isinstance(cause, UnfitError) and "digits" in cause.reason:  # the reason names no field and no value
        return Fault("AMOUNT_PRECISION", strike=True, final=False, details=(str(error),))
    words = f"Autotask's record can not be carried as it is: {error}"
    return Fault("UNKNOWN", strike=True, final=False, text=words, blamed="autotask")


def skip(
    transaction: Transaction, entry: Entry | None, subject: Subject, verdict: Skip, origin: Origin, what: str
) -> Entry:
    """End a document's newest try as skipped. Arguments as of `send`.

    Returns:
        The entry as it was stored.
    """
    begun = begin(entry, subject, origin, transaction.now)
    outcome = Outcome(begun.document, begun.revision, "skipped", begun.traceparent, reason=verdict.reason)
    ended = settle(begun, outcome) or begun
    # Nothing is written: a void that succeeded still holds.
    ended = without_open_void(replace(ended, void_revision=entry.void_revision if entry else None))
    transaction.save(ended)
    event = messages.skipped(transaction.tenant_id, begun, verdict, transaction.now)
    transaction.publish(names.topic_of(names.SKIPPED, begun.document), event, begun.traceparent)
    message, said = f"{what} skipped: {verdict.text}", f"skipped: {verdict.reason}"
    transaction.tell(LogLine(message, said, entry=ended, fields=(("reason", verdict.reason),)))
    return ended


def blame(
    transaction: Transaction,
    entry: Entry | None,
    subject: Subject,
    origin: Origin,
    error: DownError | RequestRefusedError,
) -> Entry:
    """End a document's newest try as the fault of a provider that fails on this one document, or refuses it in words of its own.

    Returns:
        The entry as it was stored.
    """
    begun = begin(entry, subject, origin, transaction.now)
    details = ("What belongs to this document could not be read, while that of others could.",)
    code = error.code if isinstance(error, RequestRefusedError) and error.code else "PROVIDER_ERROR"
    fault = Fault(code, strike=True, final=False, text=str(error), details=details, blamed="autotask")
    return end_with(transaction, begun, fault)


def unreadable(
    transaction: Transaction,
    entry: Entry | None,
    subject: Subject,
    origin: Origin,
    error: MalformedRecordError,
) -> Entry:
    """End a document's newest try because its record makes no sense.

    Returns:
        The entry as it was stored.
    """
    words = f"Autotask's record can not be read: {error}"
    fault = Fault("UNKNOWN", strike=True, final=False, text=words, blamed="autotask")
    return end_with(transaction, begin(entry, subject, origin, transaction.now), fault)


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
    transaction.publish(names.topic_of(names.FAULTED, begun.document), event, begun.traceparent)
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
