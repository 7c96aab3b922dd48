"""Documents that were voided in Autotask: what we wrote of them is deleted or voided in Xero, and only that."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from invoice_events.names import Document
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, NotFoundError
from xero_writer.adapters.intents import Element
from xero_writer.adapters.work import Waiting
from xero_writer.core.body import change_call
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.gone import keeps_from_voiding, kept_words, removal, stays_paid
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind, Mapped, kinds_of
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.changes import commit_change, fault_of_reading, was_read
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import read_document
from xero_writer.worker.outcomes import VOIDED, announce_nothing_to_void, announce_synced
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.sending import send_first
from xero_writer.worker.session import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """Our document as it stands in Xero."""

    kind: Kind
    document: Json

    def element(self, one: Waiting) -> Element:
        """The document as part of an intent; its number is kept."""
        contact = text((self.document.get("Contact") or {}).get("Name"))
        xero_id = text(self.document.get(ENDPOINTS[self.kind].id_field))
        return Element(one.item, None, contact, None, xero_id)


def void(session: Session, one: Waiting, ending: threading.Event) -> None:
    """Remove what we wrote of a document: a draft is deleted, an approved document voided, a purchase order deleted.

    What is gone already, never was in Xero, or is an invoice of 0.00 that Xero keeps as paid, is a success without a write;
    what has money applied is left alone.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one.item)
    if not is_in_its_lane(session, one, mapped):
        return
    try:
        found = standing(session, one, mapped)
    except (BadQueryError, DownError) as error:
        fault = fault_of_reading(session, one, error)
        if fault is not None:
            fault_waiting(session, one, fault)
        return
    was_read(session, one)
    if found is None or is_gone(found.document) or stays_paid(found.kind, found.document):
        _nothing_to_do(session, one, found)
        return
    locked = keeps_from_voiding(found.kind, found.document)
    if locked is not None:
        fault_waiting(session, one, Fault("LOCKED_BY_PAYMENT", locked, xero_id=found.element(one).xero_id))
        return
    call = change_call(found.kind, removal(found.kind, found.document))
    committed = commit_change(session, one, "void", found.kind, call, found.element(one))
    if committed is not None:
        send_first(session, committed, ending)


def standing(session: Session, one: Waiting, mapped: Mapped) -> Standing | None:
    """Our document in Xero; None: there is none, or it is somebody else's.

    Raises:
        XeroError: Xero can not be read now.
    """
    xero_id = one.xero_id or mapped["xero_document_id"]
    if xero_id is None:
        return None
    for kind in (one.xero_kind,) if one.xero_kind is not None else kinds_of(mapped):
        try:
            document = read_document(session.client, kind, xero_id)
        except NotFoundError:
            continue
        return Standing(kind, document) if _is_ours(one, mapped, kind, document) else None
    return None


def _is_ours(one: Waiting, mapped: Mapped, kind: Kind, document: Json) -> bool:
    """By its mark. What the journal wrote stays ours if a person removed the mark, not if it is another document's now."""
    marked = marked_document(kind, document)
    return marked == Document.parse(mapped["document"]) or (marked is None and one.xero_id is not None)


def _nothing_to_do(session: Session, one: Waiting, found: Standing | None) -> None:
    with session.transaction() as tx:
        if not work.take(tx.connection, one):
            return
        if found is None:
            announce_nothing_to_void(session, tx.connection, one.item)
            return
        element, document = found.element(one), found.document
        kept = [] if is_gone(document) else [kept_words(found.kind)]
        announce_synced(session, tx.connection, found.kind, element, document, VOIDED, warnings=kept)
