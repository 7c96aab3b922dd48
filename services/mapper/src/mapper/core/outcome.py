"""What mapping ends in: a document, a fault or a skip; each an event, complete, for either kind of document."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, TypedDict

from invoice_events import names
from invoice_events.identity import diagnosis_detail, event_id
from invoice_events.names import topic_of
from invoice_events.types import (
    Action,
    DiagnosedObstacle,
    InvoiceFaulted,
    InvoiceMapped,
    InvoiceSkipped,
    Priority,
    PurchaseOrderMapped,
    Purpose,
)
from mapper.core.problems import Gravest, Problem, gravest, problem
from mapper.core.rules import Rules
from mapper.core.work import Source

SERVICE = "mapper"


class Mapped(NamedTuple):
    """The Xero invoice or credit note to be."""

    event: InvoiceMapped
    topic: str = names.MAPPED


class OrderMapped(NamedTuple):
    """The Xero purchase order to be."""

    event: PurchaseOrderMapped
    topic: str = names.ORDER_MAPPED


class Faulted(NamedTuple):
    """Why there is none in this try; the event is the same for both kinds of document."""

    event: InvoiceFaulted
    topic: str


class Skipped(NamedTuple):
    """Why none is wanted; the event is the same for both kinds of document."""

    event: InvoiceSkipped
    topic: str


Outcome = Mapped | OrderMapped | Faulted | Skipped


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


class Heading(Envelope):
    """What every document to be carries, whatever its kind."""

    action: Action
    priority: Priority
    purpose: Purpose
    settings_version: int
    reference_version: int
    number_is_ours: bool
    mark: str
    recreate: bool
    obstacle: DiagnosedObstacle | None


def envelope(source: Source, stage: str, occurred_at: datetime) -> Envelope:
    """The fields that every event about this try shares; the id depends on the try and the topic alone, that of a dry run on its command too.

    Args:
        source: the snapshot.
        stage: the invoice topic of the stage, such as `invoice.mapped`.
        occurred_at: the time that the event carries.
    """
    topic = topic_of(stage, source["document"])
    return {
        "event_id": event_id(
            source["tenant_id"], source["document"], source["revision"], topic, _detail(source)
        ),
        "tenant_id": source["tenant_id"],
        "document": source["document"],
        "revision": source["revision"],
        "occurred_at": occurred_at,
        "attempt": source["attempt"],
        "command_id": source["command_id"],
        "xero_document_id": source["xero_document_id"],
    }


def _detail(source: Source) -> str:
    return diagnosis_detail(source["command_id"] or "" if source["purpose"] == "diagnose" else None)


def heading(
    source: Source, rules: Rules, mark: str, occurred_at: datetime, *, number_is_ours: bool
) -> Heading:
    """The fields of a document to be that do not depend on its kind."""
    return {
        **envelope(source, names.MAPPED, occurred_at),
        "action": source["action"],
        "priority": source["priority"],
        "purpose": source["purpose"],
        "settings_version": rules.settings_version,
        "reference_version": rules.reference_version,
        "number_is_ours": number_is_ours,
        "mark": mark,
        "recreate": source["recreate"],
        "obstacle": None,
    }


def faulted(source: Source, problems: list[Problem], occurred_at: datetime) -> Faulted:
    """The gravest of the faults found; a strike, and never final: it is tried again until the third."""
    shared = envelope(source, names.FAULTED, occurred_at)
    return _faulted(shared, gravest(problems), strike=True, final=False)


def skipped(source: Source, reason: str, text: str, occurred_at: datetime) -> Skipped:
    """Not synced, and why."""
    shared = envelope(source, names.SKIPPED, occurred_at)
    return Skipped({**shared, "reason": reason, "text": text}, topic_of(names.SKIPPED, shared["document"]))


def unreadable(tenant_id: str, document: str, revision: int, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of a document whose event could not be decoded or handled: final at once, built from the record's headers.

    How many tries went before is in the payload that nobody can read, so `attempt` is 1.
    """
    shared: Envelope = {
        "event_id": event_id(tenant_id, document, revision, topic_of(names.FAULTED, document)),
        "tenant_id": tenant_id,
        "document": document,
        "revision": revision,
        "occurred_at": occurred_at,
        "attempt": 1,
        "command_id": None,
        "xero_document_id": None,
    }
    found = gravest([problem("EVENT_UNREADABLE", reason)])
    return _faulted(shared, found, strike=False, final=True)


def _faulted(shared: Envelope, found: Gravest, *, strike: bool, final: bool) -> Faulted:
    event: InvoiceFaulted = {
        **shared,
        "code": found.code,
        "text": found.text,
        "side": found.side,
        "service": SERVICE,
        "strike": strike,
        "final": final,
        "details": found.details,
    }
    return Faulted(event, topic_of(names.FAULTED, shared["document"]))


def unrepresentable(source: Source, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of an outcome that its schema can not carry: some amount has more digits than fit, and none is rounded away."""
    return faulted(source, [problem("AMOUNT_PRECISION", reason)], occurred_at)


def too_large(source: Source, size: int, limit: int, occurred_at: datetime) -> Faulted:
    """The fault of a document that no topic would take: final, since every try would be as large."""
    found = gravest([problem("INVOICE_TOO_LARGE", f"{size} bytes, at most {limit} are carried")])
    shared = envelope(source, names.FAULTED, occurred_at)
    return _faulted(shared, found, strike=False, final=True)


def data_missing(source: Source, reason: str, occurred_at: datetime) -> Faulted:
    """The fault of a document whose tenant's settings or reference data are not here: no strike, tried again next cycle."""
    found = gravest([problem("TENANT_DATA_MISSING", reason)])
    shared = envelope(source, names.FAULTED, occurred_at)
    return _faulted(shared, found, strike=False, final=False)
