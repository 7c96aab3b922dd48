"""Documents that are in Xero already, or whose number is: read first, compare, and write only what differs."""

from __future__ import annotations

import threading
import time

from invoice_events.names import Document
from invoice_events.types import InvoiceMapped, XeroDocument
from xero_writer.adapters import journal, work
from xero_writer.adapters.answers import BadQueryError
from xero_writer.adapters.journal import Element, Planned
from xero_writer.adapters.work import Waiting
from xero_writer.core.body import update, wrap
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.judgement import amount_differences, content_differences, is_gone, is_locked
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.contacts import INTERACTIVE_CYCLE, Resolved, refresh_contacts, resolve
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.outcomes import announce_synced
from xero_writer.worker.sending import Committed, publish_processing, read_document, send_first
from xero_writer.worker.session import Session


def reconcile(session: Session, one: Waiting, stopping: threading.Event) -> None:
    """Bring one document in Xero to what Autotask says: unchanged if equal, else updated by id.

    Raises:
        XeroError: Xero can not be read now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one)
    wanted = mapped["xero"]
    if wanted is None:
        raise ValueError(f"{one.document}: mapped without a document")
    xero_id = one.xero_id
    if xero_id is None:
        holder = _holder_of_number(session, mapped, wanted)
        if isinstance(holder, Fault):
            fault_waiting(session, one, holder)
            return
        xero_id = holder
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault) and refresh_contacts(session, INTERACTIVE_CYCLE):
        resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        fault_waiting(session, one, resolved)
        return
    verdict = _compare(session, one, mapped, wanted, resolved, xero_id)
    if isinstance(verdict, Fault):
        fault_waiting(session, one, verdict)
    elif verdict is not None:
        _unchanged(session, one, mapped, verdict, resolved)
    else:
        committed = _commit_update(session, one, mapped, wanted, resolved, xero_id)
        if committed is not None:
            send_first(session, committed, stopping)


def _holder_of_number(session: Session, mapped: InvoiceMapped, wanted: XeroDocument) -> str | Fault:
    """Who has the number that Xero says is taken: this document itself (adopted), or another one (never touched)."""
    endpoint = ENDPOINTS[mapped["xero_kind"]]
    number = wanted["number"] or ""
    holders = [
        element
        for element in documents_by_number(session, mapped, [number])
        if text(element.get(endpoint.number_field)) == number
    ]
    ours = [
        element
        for element in holders
        if marked_document(mapped["xero_kind"], element) == Document.parse(mapped["document"])
    ]
    if len(ours) == 1:
        xero_id = text(ours[0].get(endpoint.id_field))
        with session.transaction() as tx:
            work.remember(
                tx.connection,
                session.tenant_id,
                mapped["document"],
                mapped["xero_kind"],
                xero_id,
                number,
                synced_revision=None,
            )
        return xero_id
    details = [
        f"{number} is {text(element.get(endpoint.id_field))} in Xero, status {text(element.get('Status'))}"
        for element in holders
    ]
    return Fault(
        "NUMBER_CONFLICT", f"Invoice # must be unique. {number} belongs to another document in Xero.", details
    )


def documents_by_number(session: Session, mapped: InvoiceMapped, numbers: list[str]) -> list[Json]:
    """Documents in Xero with one of these numbers; credit notes, which have no such filter, by the number in their path.

    Raises:
        XeroError: Xero can not be read now.
    """
    if mapped["xero_kind"] == "invoice":
        return list(session.client.pages("Invoices", {"InvoiceNumbers": ",".join(numbers), "unitdp": "4"}))
    found: list[Json] = []
    for number in numbers:
        try:
            found.append(read_document(session, "credit_note", number))
        except BadQueryError:
            continue
    return found


def _compare(
    session: Session,
    one: Waiting,
    mapped: InvoiceMapped,
    wanted: XeroDocument,
    resolved: Resolved,
    xero_id: str,
) -> Json | Fault | None:
    """The document if it is as wanted, a fault if it must not be written, None if it is to be updated."""
    if one.xero_kind is not None and one.xero_kind != mapped["xero_kind"]:
        return Fault(
            "KIND_CHANGED",
            f"The document is a {one.xero_kind} in Xero and would have to become a {mapped['xero_kind']}",
            final=True,
            xero_id=xero_id,
        )
    document = read_document(session, mapped["xero_kind"], xero_id)
    if is_gone(document):
        return Fault(
            "DELETED_IN_XERO",
            f"The document is {text(document.get('Status'))} in Xero",
            final=True,
            xero_id=xero_id,
        )
    differences = content_differences(mapped, wanted, resolved.contact.id, resolved.due_date, document)
    prediction = mapped["prediction"]
    amounts = amount_differences(prediction, document) if prediction is not None else []
    if not differences and not amounts:
        return document
    if is_locked(document):
        words = "This document cannot be edited as it has a payment or credit note allocated to it."
        return Fault(
            "LOCKED_BY_PAYMENT",
            words,
            [*(f"would change: {name}" for name in differences), *amounts],
            xero_id=xero_id,
        )
    return None


def _unchanged(
    session: Session, one: Waiting, mapped: InvoiceMapped, document: Json, resolved: Resolved
) -> None:
    outcome = "adopted" if one.adopted or one.xero_id is None else "unchanged"
    element = Element(
        position=0,
        tenant_id=one.tenant_id,
        document=one.document,
        revision=one.revision,
        priority=one.priority,
        raw=one.raw,
        traceparent=one.traceparent,
        batch_limit=one.batch_limit,
        received_at=one.received_at,
        number=None,
        contact_name=resolved.contact.name,
        due_date=resolved.due_date,
        xero_id=one.xero_id,
    )
    with session.transaction() as tx:
        if work.take(tx.connection, one):
            announce_synced(session, tx.connection, mapped, element, document, outcome)


def _commit_update(
    session: Session,
    one: Waiting,
    mapped: InvoiceMapped,
    wanted: XeroDocument,
    resolved: Resolved,
    xero_id: str,
) -> Committed | None:
    path = ENDPOINTS[mapped["xero_kind"]].path
    body = update(mapped, wanted, xero_id, resolved.contact.id, resolved.due_date)
    with session.transaction() as tx:
        if tx.lease_left <= session.timing.deadline or not work.take(tx.connection, one):
            return None
        intent = journal.commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            purpose="update",
            xero_kind=mapped["xero_kind"],
            method="POST",
            path=f"/{path}?summarizeErrors=false&unitdp={wanted['unit_decimals']}",
            body=wrap(path, [body]),
            planned=[Planned(one, None, resolved.contact.name, resolved.due_date, xero_id)],
        )
        publish_processing(session, tx.connection, intent, intent.elements[0], "writing")
        left = tx.lease_left
    return Committed(intent, time.monotonic(), left)
