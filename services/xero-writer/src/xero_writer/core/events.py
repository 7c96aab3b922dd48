"""Events of the xero-writer, built from the mapped event they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from invoice_events import names
from invoice_events.catalogue import fault as entry
from invoice_events.identity import event_id
from invoice_events.types import (
    InvoiceFaulted,
    InvoiceProcessing,
    InvoiceSynced,
    ProcessingPhase,
    PurchaseOrderFaulted,
    PurchaseOrderProcessing,
    PurchaseOrderSynced,
)
from xero_writer.core.endpoints import ENDPOINTS, xero_link
from xero_writer.core.judgement import messages, totals
from xero_writer.core.kinds import Kind, Mapped
from xero_writer.core.values import Json, text, xero_date

SERVICE = "xero-writer"
Processing = InvoiceProcessing | PurchaseOrderProcessing
Synced = InvoiceSynced | PurchaseOrderSynced
Faulted = InvoiceFaulted | PurchaseOrderFaulted


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


def _common(mapped: Mapped, stage: str, now: datetime, xero_id: str | None, detail: str = "") -> EventCommon:
    """`stage`: the invoice topic of what the event tells."""
    topic = names.topic_of(stage, mapped["document"])
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
    mapped: Mapped, request_id: str, phase: ProcessingPhase, now: datetime, xero_id: str | None
) -> Processing:
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
    mapped: Mapped,
    kind: Kind,
    outcome: str,
    document: Json,
    resolved: Resolved,
    now: datetime,
    *,
    warnings: Sequence[str] = (),
) -> Synced:
    """In Xero, as Xero returned it.

    `kind`: what it is there, which a void does not take from the mapped event; `warnings`: ours, beside those of Xero.
    """
    endpoint = ENDPOINTS[kind]
    xero_id = text(document.get(endpoint.id_field))
    sub_total, total_tax, total = totals(document)
    contact = document.get("Contact") or {}
    common = _common(mapped, names.SYNCED, now, xero_id)
    told = _Told(
        outcome=outcome,
        xero_number=text(document.get(endpoint.number_field)),
        xero_url=xero_link(kind, resolved.short_code, xero_id),
        xero_status=text(document.get("Status")),
        currency=text(document.get("CurrencyCode")),
        sub_total=sub_total,
        total_tax=total_tax,
        total=total,
        contact_id=text(contact.get("ContactID")),
        contact_name=text(contact.get("Name")) or resolved.contact_name,
        warnings=[*messages(document.get("Warnings")), *warnings],
    )
    if kind == "purchase_order":
        return {**common, **told, "xero_kind": kind}
    due_date = xero_date(document, "DueDate") or resolved.due_date
    return {**common, **told, "xero_kind": kind, "due_date": due_date}


def nothing_to_void(mapped: Mapped, now: datetime) -> Synced:
    """Voided without a call that writes: nothing of this document is in Xero."""
    common = _common(mapped, names.SYNCED, now, None)
    told = _Told(
        outcome="voided",
        xero_number="",
        xero_url="",
        xero_status="",
        currency="",
        sub_total=Decimal(0),
        total_tax=Decimal(0),
        total=Decimal(0),
        contact_id="",
        contact_name=mapped["contact"]["name"],
        warnings=["Nothing of this document is in Xero: there was nothing to void."],
    )
    if mapped["xero_kind"] == "purchase_order":
        return {**common, **told, "xero_kind": mapped["xero_kind"]}
    return {**common, **told, "xero_kind": mapped["xero_kind"], "due_date": None}


class _Told(TypedDict):
    """What `synced` tells of a document of any kind."""

    outcome: str
    xero_number: str
    xero_url: str
    xero_status: str
    currency: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    contact_id: str
    contact_name: str
    warnings: list[str]


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


def number_conflict(kind: Kind, number: str, holders: list[Json]) -> Fault:
    """The number belongs to another document, which is never touched. `holders`: as Xero returned them."""
    shown = [f"{number} belongs to {described(kind, holder)}" for holder in holders]
    return Fault(
        "NUMBER_CONFLICT",
        f"{ENDPOINTS[kind].number_taken} {shown[0] if shown else f'{number} belongs to another document'} in Xero.",
        shown[1:],
    )


def described(kind: Kind, document: Json) -> str:
    """A document of somebody else's, so that a person finds it."""
    contact = text((document.get("Contact") or {}).get("Name")) or "a contact without a name"
    status = text(document.get("Status")) or "unknown"
    xero_id = text(document.get(ENDPOINTS[kind].id_field))
    return f"another {ENDPOINTS[kind].label} (of {contact}, status {status}, id {xero_id})"


def faulted(mapped: Mapped, fault: Fault, now: datetime) -> Faulted:
    """This try failed."""
    known = entry(fault.code)
    return {
        **_common(mapped, names.FAULTED, now, fault.xero_id),
        "code": fault.code,
        "text": fault.words,
        "side": known.side,
        "service": SERVICE,
        "strike": known.strike,
        "final": fault.final,
        "details": fault.details,
    }
