"""What mapping ends in: one of three events, complete."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, TypedDict

from invoice_events import names
from invoice_events.identity import event_id
from invoice_events.types import InvoiceDiscovered, InvoiceFaulted, InvoiceMapped, InvoiceSkipped
from mapper.core.problems import Gravest, Problem, gravest, problem

SERVICE = "mapper"


class Mapped(NamedTuple):
    """The Xero document to be."""

    event: InvoiceMapped
    topic: str = names.MAPPED


class Faulted(NamedTuple):
    """Why there is none in this try."""

    event: InvoiceFaulted
    topic: str = names.FAULTED


class Skipped(NamedTuple):
    """Why none is wanted."""

    event: InvoiceSkipped
    topic: str = names.SKIPPED


Outcome = Mapped | Faulted | Skipped


class Envelope(TypedDict):
    """What every document event carries."""

    event_id: str
    tenant_id: str
    document: str
    revision: int
    occurred_at: datetime
    attempt: int
    command_id: str | None
    xero_document_id: str | None


def envelope(source: InvoiceDiscovered, topic: str, occurred_at: datetime) -> Envelope:
    """The fields that every event about this try shares; the id depends on the try and the topic alone."""
    return {
        "event_id": event_id(source["tenant_id"], source["document"], source["revision"], topic),
        "tenant_id": source["tenant_id"],
        "document": source["document"],
        "revision": source["revision"],
        "occurred_at": occurred_at,
        "attempt": source["attempt"],
        "command_id": source["command_id"],
        "xero_document_id": source["xero_document_id"],
    }


def faulted(source: InvoiceDiscovered, problems: list[Problem], occurred_at: datetime) -> Faulted:
    """The gravest of the faults found; a strike, and never final: it is tried again until the third."""
    return Faulted(
        _fault(envelope(source, names.FAULTED, occurred_at), gravest(problems), strike=True, final=False)
    )


def skipped(source: InvoiceDiscovered, reason: str, text: str, occurred_at: datetime) -> Skipped:
    """Not synced, and why."""
    return Skipped({**envelope(source, names.SKIPPED, occurred_at), "reason": reason, "text": text})


def unreadable(tenant_id: str, document: str, revision: int, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of a document whose event could not be decoded or handled: final at once, built from the record's headers.

    How many tries went before is in the payload that nobody can read, so `attempt` is 1.
    """
    shared: Envelope = {
        "event_id": event_id(tenant_id, document, revision, names.FAULTED),
        "tenant_id": tenant_id,
        "document": document,
        "revision": revision,
        "occurred_at": occurred_at,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
    }
    found = gravest([problem("EVENT_UNREADABLE", reason)])
    return Faulted(_fault(shared, found, strike=False, final=True))


def _fault(shared: Envelope, found: Gravest, *, strike: bool, final: bool) -> InvoiceFaulted:
    return {
        **shared,
        "code": found.code,
        "text": found.text,
        "side": found.side,
        "service": SERVICE,
        "strike": strike,
        "final": final,
        "details": found.details,
    }


def unrepresentable(source: InvoiceDiscovered, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of an outcome that its schema can not carry: some amount has more digits than fit, and none is rounded away."""
    return faulted(source, [problem("AMOUNT_PRECISION", reason)], occurred_at)


def too_large(source: InvoiceDiscovered, size: int, limit: int, occurred_at: datetime) -> Faulted:
    """The fault of a document that no topic would take: final, since every try would be as large."""
    found = gravest([problem("INVOICE_TOO_LARGE", f"{size} bytes, at most {limit} are carried")])
    shared = envelope(source, names.FAULTED, occurred_at)
    return Faulted(_fault(shared, found, strike=False, final=True))


def data_missing(source: InvoiceDiscovered, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of a document whose tenant's settings or reference data are not here: no strike, tried again next cycle."""
    found = gravest([problem("TENANT_DATA_MISSING", reason)])
    return Faulted(_fault(envelope(source, names.FAULTED, occurred_at), found, strike=False, final=False))
