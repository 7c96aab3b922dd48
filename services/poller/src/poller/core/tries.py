"""Beginning a new try of a document: revision, attempt, priority, and what has to happen in Xero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from invoice_events.identity import next_revision
from invoice_events.names import Document
from invoice_events.types import Action, Priority
from poller.core.entry import Entry
from poller.core.verdicts import Cause

_GOING_ON: frozenset[Cause] = frozenset({"retry", "overdue"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from.

    Attributes:
        cause: why it begins.
        traceparent: its trace.
        command_id: the command that asked for it, if one did.
        void: whether Xero is asked to void or delete the document.
        recreate: whether a person wants the document made anew, should the one in Xero be gone; where none is known to have been
            there, it is a try like any other.
        in_bulk: whether a person wanted many at once: nobody waits for this one.
    """

    cause: Cause
    traceparent: str
    command_id: str | None = None
    void: bool = False
    recreate: bool = False
    in_bulk: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The document that is tried.

    Attributes:
        document: such as `invoice/48213`.
        date: its date, None if it could not be read.
        backfill: whether it counts as backfill if it is seen for the first time.
    """

    document: str
    date: date | None
    backfill: bool = False


def begin(
    entry: Entry | None, subject: Subject, origin: Origin, now: datetime, fingerprint: str | None = None
) -> Entry:
    """The entry of a new try, in flight.

    A try that is no void ends what was known of voids: the document lives, and may be voided again.

    A person's resync, a cleared stamp and a void start counting strikes anew; a retry goes on counting. The wish
    for a new document lasts as long. A try that takes the place of one without an outcome is the same attempt, for the same
    people.

    Args:
        entry: what the ledger knows of the document.
        subject: the document as Autotask has it.
        origin: where the try comes from.
        now: the moment, from which the revision is made.
        fingerprint: of what the try carries; purchase orders have one.
    """
    revision = next_revision(entry.revision if entry else None, now)
    strikes = entry.strikes if entry and origin.cause in _GOING_ON else 0
    in_place = origin.cause == "overdue"
    if entry is None:
        number = Document.parse(subject.document).id
        entry = Entry(subject.document, number, "in_flight", revision, origin.traceparent)
    # What may never have reached Xero keeps its number: under another one, a first try that comes late would double it.
    anew = origin.recreate and not origin.void and entry.xero_document_id is not None
    return replace(
        entry,
        state="in_flight",
        revision=revision,
        traceparent=origin.traceparent,
        attempt=strikes + 1,
        strikes=strikes,
        priority=_priority(origin, subject, entry.priority),
        generation=entry.generation + 1 if anew else entry.generation,
        recreate=anew or (origin.cause in _GOING_ON and entry.recreate and not origin.void),
        stamped_at=None if origin.cause == "cleared" else entry.stamped_at,
        void_revision=revision if origin.void else None,
        invoice_date=subject.date,
        fingerprint=fingerprint,
        skip_reason=None,
        command_id=entry.command_id if in_place else origin.command_id,
    )


def action_of(entry: Entry) -> Action:
    """Void, update what the ledger knows to be in Xero, or create."""
    if entry.void_revision == entry.revision:
        return "void"
    return "update" if entry.xero_document_id else "create"


def without_open_void(entry: Entry) -> Entry:
    """The entry of a void that was given up before it succeeded: should the settings want it again, it begins anew."""
    if entry.void_revision is None or (entry.synced_revision or 0) >= entry.void_revision:
        return entry
    return replace(entry, void_revision=None)


def _priority(origin: Origin, subject: Subject, known: Priority) -> Priority:
    """Interactive if a person waits for it; backfill if it was that when first seen, and its retries with it; else normal."""
    cause = origin.cause
    if cause == "overdue":
        return known
    if cause in {"resync", "unskip"}:
        return "normal" if origin.in_bulk else "interactive"
    if cause == "discovery":
        return "backfill" if subject.backfill else "normal"
    if cause == "retry" and known == "backfill":
        return "backfill"
    return "normal"
