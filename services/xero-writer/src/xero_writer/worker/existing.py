"""Documents that are in Xero already, or whose number is: read first, compare, and write only what differs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from invoice_events.names import Document
from invoice_events.types import InvoiceMapped, XeroDocument
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, NotFoundError, PostponedError
from xero_writer.adapters.intents import Element, commit_intent
from xero_writer.adapters.work import Waiting
from xero_writer.core.body import change_call, update
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, deleted_in_xero, number_conflict
from xero_writer.core.judgement import amount_differences, content_differences, is_gone, is_locked
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.contacts import INTERACTIVE_CYCLE, Resolved, refresh_contacts, resolve
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import best_first, by_number
from xero_writer.worker.outcomes import announce_synced
from xero_writer.worker.probe import xero_answers
from xero_writer.worker.sending import Committed, publish_processing, send_first
from xero_writer.worker.session import Session, wanted_of


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A document that waits, with what it is to be and for whom. `one.xero_id` is known."""

    one: Waiting
    mapped: InvoiceMapped
    document: XeroDocument
    resolved: Resolved
    xero_id: str

    def element(self) -> Element:
        """The document as part of an intent; an update never carries a number."""
        resolved = self.resolved
        return Element(self.one.item, None, resolved.contact.name, resolved.due_date, self.xero_id)


def reconcile(session: Session, one: Waiting, ending: threading.Event) -> None:
    """Bring one document in Xero to what Autotask says: unchanged if equal, else updated by id.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one.item)
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        refresh_contacts(session, INTERACTIVE_CYCLE)
        resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        fault_waiting(session, one, resolved)
        return
    looked = _looked_at(session, one, mapped, resolved)
    if looked is None:
        return
    wanted, found = looked
    if isinstance(found, Fault):
        fault_waiting(session, wanted.one, found)
    elif found is not None:
        _unchanged(session, wanted, found)
    else:
        committed = _commit_update(session, wanted)
        if committed is not None:
            send_first(session, committed, ending)


def _looked_at(
    session: Session, one: Waiting, mapped: InvoiceMapped, resolved: Resolved
) -> tuple[_Wanted, Json | Fault | None] | None:
    """What the look at Xero says: the document if it is as wanted, a fault, or None if it is to be updated.

    None altogether: Xero can not be used now. What fails for this document while Xero answers others is its own fault.
    """
    wanted = _Wanted(one, mapped, wanted_of(mapped), resolved, one.xero_id or "")
    try:
        if one.xero_id is None:
            holder = _holder_of_number(session, mapped, wanted.document["number"] or "")
            if isinstance(holder, Fault):
                return wanted, holder
            wanted = replace(wanted, one=replace(one, xero_id=holder, adopted=True), xero_id=holder)
        return wanted, _compare(session, wanted)
    except NotFoundError:
        return wanted, deleted_in_xero({}, wanted.xero_id)
    except BadQueryError as error:
        return wanted, Fault("UNKNOWN", str(error), xero_id=one.xero_id)
    except DownError as error:
        if not xero_answers(session):
            return None
        return wanted, Fault("PROVIDER_ERROR", str(error), xero_id=one.xero_id)


def _holder_of_number(session: Session, mapped: InvoiceMapped, number: str) -> str | Fault:
    """Who has the number that Xero says is taken: this document itself (adopted), or another one (never touched)."""
    kind, endpoint = mapped["xero_kind"], ENDPOINTS[mapped["xero_kind"]]
    holders = [
        element
        for element in by_number(session.client, kind, number)
        if text(element.get(endpoint.number_field)) == number
    ]
    document = Document.parse(mapped["document"])
    ours = best_first([one for one in holders if marked_document(kind, one) == document], number)
    if not ours:
        shown = [f"{text(one.get(endpoint.id_field))}, status {text(one.get('Status'))}," for one in holders]
        return number_conflict(number, shown)
    xero_id = text(ours[0].get(endpoint.id_field))
    with session.transaction() as tx:
        work.remember(
            tx.connection,
            session.tenant_id,
            mapped["document"],
            kind,
            xero_id,
            number,
            synced_revision=None,
        )
    return xero_id


def _compare(session: Session, wanted: _Wanted) -> Json | Fault | None:
    """The document if it is as wanted, a fault if it must not be written, None if it is to be updated."""
    kind, known_kind = wanted.mapped["xero_kind"], wanted.one.xero_kind
    if known_kind is not None and known_kind != kind:
        return Fault(
            "KIND_CHANGED",
            f"The document is a {known_kind} in Xero and would have to become a {kind}",
            xero_id=wanted.xero_id,
        )
    document = session.client.document(ENDPOINTS[kind].path, wanted.xero_id)
    if is_gone(document):
        return deleted_in_xero(document, wanted.xero_id)
    resolved, prediction = wanted.resolved, wanted.mapped["prediction"]
    differences = content_differences(
        wanted.mapped, wanted.document, resolved.contact.id, resolved.due_date, document
    )
    amounts = amount_differences(prediction, document) if prediction is not None else []
    if not differences and not amounts:
        return document
    if is_locked(document):
        words = "This document cannot be edited as it has a payment or credit note allocated to it."
        details = [*(f"would change: {name}" for name in differences), *amounts]
        return Fault("LOCKED_BY_PAYMENT", words, details, xero_id=wanted.xero_id)
    return None


def _unchanged(session: Session, wanted: _Wanted, document: Json) -> None:
    outcome = "adopted" if wanted.one.adopted else "unchanged"
    with session.transaction() as tx:
        if work.take(tx.connection, wanted.one):
            announce_synced(session, tx.connection, wanted.mapped, wanted.element(), document, outcome)


def _commit_update(session: Session, wanted: _Wanted) -> Committed | None:
    """Commit the intent of an update. None: a newer revision has come.

    Raises:
        PostponedError: the lease is too short for a call.
    """
    kind, resolved = wanted.mapped["xero_kind"], wanted.resolved
    body = update(wanted.mapped, wanted.document, wanted.xero_id, resolved.contact.id, resolved.due_date)
    since = time.monotonic()
    with session.transaction() as tx:
        if not tx.lease_outlives(session.timing.deadline):
            raise PostponedError("the lease is too short for a call")
        if not work.take(tx.connection, wanted.one):
            return None
        intent = commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            purpose="update",
            xero_kind=kind,
            call=change_call(kind, body, wanted.document["unit_decimals"]),
            elements=[wanted.element()],
        )
        publish_processing(session, tx.connection, intent, intent.elements[0], "writing")
    return Committed(intent, since)
