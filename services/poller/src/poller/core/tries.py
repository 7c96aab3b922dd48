"""Beginning a new try of a document: revision, attempt, priority, and what has to happen in Xero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from invoice_events.identity import next_revision
from invoice_events.types import Action, Priority
from poller.core.eligibility import Cause
from poller.core.entry import Entry

_BACKFILL_AGE = timedelta(days=2)
_GOING_ON: frozenset[Cause] = frozenset({"retry", "overdue"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from.

    Attributes:
        cause: why it begins.
        traceparent: its trace.
        command_id: the command that asked for it, if one did.
    """

    cause: Cause
    traceparent: str
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The invoice that is tried.

    Attributes:
        id: Autotask id.
        date: invoice date, None if it could not be read.
        created_at: when Autotask made it.
    """

    id: int
    date: date | None
    created_at: datetime


def begin(entry: Entry | None, subject: Subject, origin: Origin, now: datetime) -> Entry:
    """The entry of a new try, in flight.

    A person's resync and a cleared stamp start counting strikes anew; a retry goes on counting. A try that takes the place of
    one without an outcome is the same attempt, for the same people.
    """
    revision = next_revision(entry.revision if entry else None, now)
    strikes = entry.strikes if entry and origin.cause in _GOING_ON else 0
    if entry is None:
        entry = Entry(f"invoice/{subject.id}", subject.id, "in_flight", revision, origin.traceparent)
        known_priority: Priority = "normal"
    else:
        known_priority = entry.priority
    return replace(
        entry,
        state="in_flight",
        revision=revision,
        traceparent=origin.traceparent,
        attempt=strikes + 1,
        strikes=strikes,
        priority=_priority(origin.cause, subject, known_priority, now),
        stamped_at=None if origin.cause == "cleared" else entry.stamped_at,
        invoice_date=subject.date,
        skip_reason=None,
        command_id=entry.command_id if origin.cause == "overdue" else origin.command_id,
    )


def action_of(entry: Entry) -> Action:
    """Create, or update what the ledger knows to be in Xero."""
    return "update" if entry.xero_document_id else "create"


def _priority(cause: Cause, subject: Subject, known: Priority, now: datetime) -> Priority:
    """Interactive if a person waits for it; backfill if it was old when first seen, and its retries with it; else normal."""
    if cause == "overdue":
        return known
    if cause in {"resync", "unskip"}:
        return "interactive"
    if cause == "discovery":
        return "backfill" if now - subject.created_at > _BACKFILL_AGE else "normal"
    if cause == "retry" and known == "backfill":
        return "backfill"
    return "normal"
