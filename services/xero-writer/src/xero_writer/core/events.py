"""Events of the xero-writer, built from the mapped event they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypedDict

from invoice_events import names
from invoice_events.catalogue import fault as entry
from invoice_events.identity import event_id
from invoice_events.types import (
    InvoiceFaulted,
    InvoiceMapped,
    InvoiceProcessing,
    InvoiceSynced,
    ProcessingPhase,
)
from xero_writer.core.endpoints import ENDPOINTS, xero_link
from xero_writer.core.judgement import messages, totals
from xero_writer.core.values import Json, text, xero_date

SERVICE = "xero-writer"


class EventCommon(TypedDict):
    """What every document event carries."""

    event_id: str
    tenant_id: str
    document: str
    revision: int
    occurred_at: datetime
    attempt: int
    command_id: str | None
    xero_document_id: str | None


def _common(
    mapped: InvoiceMapped, topic: str, now: datetime, xero_id: str | None, detail: str = ""
) -> EventCommon:
    return {
        "event_id": event_id(mapped["tenant_id"], mapped["document"], mapped["revision"], topic, detail),
        "tenant_id": mapped["tenant_id"],
        "document": mapped["document"],
        "revision": mapped["revision"],
        "occurred_at": now,
        "attempt": mapped["attempt"],
        "command_id": mapped["command_id"],
        "xero_document_id": xero_id,
    }


def processing(
    mapped: InvoiceMapped, request_id: str, phase: ProcessingPhase, now: datetime, xero_id: str | None
) -> InvoiceProcessing:
    """Being written now, or being verified."""
    common = _common(mapped, names.PROCESSING, now, xero_id, f"{request_id}/{phase}")
    return {**common, "request_id": request_id, "phase": phase}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the writer resolved for a document: link parts, contact and due date."""

    short_code: str
    contact_name: str
    due_date: date | None


def synced(
    mapped: InvoiceMapped, outcome: str, document: Json, resolved: Resolved, now: datetime
) -> InvoiceSynced:
    """In Xero, as Xero returned it."""
    endpoint = ENDPOINTS[mapped["xero_kind"]]
    xero_id = text(document.get(endpoint.id_field))
    sub_total, total_tax, total = totals(document)
    contact = document.get("Contact") or {}
    return {
        **_common(mapped, names.SYNCED, now, xero_id),
        "xero_kind": mapped["xero_kind"],
        "outcome": outcome,
        "xero_number": text(document.get(endpoint.number_field)),
        "xero_url": xero_link(mapped["xero_kind"], resolved.short_code, xero_id),
        "xero_status": text(document.get("Status")),
        "currency": text(document.get("CurrencyCode")),
        "sub_total": sub_total,
        "total_tax": total_tax,
        "total": total,
        "contact_id": text(contact.get("ContactID")),
        "contact_name": text(contact.get("Name")) or resolved.contact_name,
        "due_date": xero_date(document, "DueDate") or resolved.due_date,
        "warnings": messages(document.get("Warnings")),
    }


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a try failed.

    Attributes:
        code: of the catalogue.
        words: the provider's, verbatim, or ours where we found it.
        details: what helps to understand it.
        final: no automatic try follows.
        xero_id: the document in Xero that it is about, if any.
    """

    code: str
    words: str
    details: list[str] = field(default_factory=list)
    final: bool = False
    xero_id: str | None = None


def deleted_in_xero(document: Json, xero_id: str) -> Fault:
    """A person deleted or voided the document: final, since only a person can say what that means."""
    return Fault(
        "DELETED_IN_XERO",
        f"The document is {text(document.get('Status')) or 'no longer'} in Xero",
        final=True,
        xero_id=xero_id,
    )


def number_conflict(number: str, holders: list[str]) -> Fault:
    """The number belongs to another document, which is never touched. `holders`: what is known of it."""
    return Fault(
        "NUMBER_CONFLICT",
        f"Invoice # must be unique. {number} belongs to another document in Xero.",
        [f"{number} is {holder} in Xero" for holder in holders],
    )


def faulted(mapped: InvoiceMapped, fault: Fault, now: datetime) -> InvoiceFaulted:
    """This try failed."""
    return {
        **_common(mapped, names.FAULTED, now, fault.xero_id),
        "code": fault.code,
        "text": fault.words,
        "side": entry(fault.code).side,
        "service": SERVICE,
        "strike": True,
        "final": fault.final,
        "details": fault.details,
    }
