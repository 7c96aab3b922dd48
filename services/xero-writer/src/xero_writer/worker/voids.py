"""Documents that were voided in Autotask: what we wrote of them is deleted or voided in Xero, and only that."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from invoice_events.names import Document
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, NotFoundError, PostponedError
from xero_writer.adapters.intents import Element, commit_intent
from xero_writer.adapters.work import Waiting
from xero_writer.core.body import change_call
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.gone import keeps_from_voiding, removal
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind, Mapped, kinds_of
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import read_document
from xero_writer.worker.outcomes import VOIDED, announce_nothing_to_void, announce_synced
from xero_writer.worker.probe import xero_answers
from xero_writer.worker.sending import Committed, publish_processing, send_first
from xero_writer.worker.session import Session


@dataclass(frozen=True, slots=True)
class _Standing:
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

    What is gone already, or never was in Xero, is a success without a write; what has money applied is left alone.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    try:
        found = _standing(session, one)
    except BadQueryError as error:
        fault_waiting(session, one, Fault("UNKNOWN", str(error), xero_id=one.xero_id))
        return
    except DownError as error:
        if xero_answers(session):  # it fails for this document alone
            fault_waiting(session, one, Fault("PROVIDER_ERROR", str(error), xero_id=one.xero_id))
        return
    if found is None or is_gone(found.document):
        _nothing_to_do(session, one, found)
        return
    locked = keeps_from_voiding(found.kind, found.document)
    if locked is not None:
        fault_waiting(session, one, Fault("LOCKED_BY_PAYMENT", locked, xero_id=found.element(one).xero_id))
        return
    committed = _commit(session, one, found)
    if committed is not None:
        send_first(session, committed, ending)


def _standing(session: Session, one: Waiting) -> _Standing | None:
    """Our document in Xero; None: there is none, or it is somebody else's."""
    mapped = session.mapped_of(one.item)
    xero_id = one.xero_id or mapped["xero_document_id"]
    if xero_id is None:
        return None
    for kind in (one.xero_kind,) if one.xero_kind is not None else kinds_of(mapped):
        try:
            document = read_document(session.client, kind, xero_id)
        except NotFoundError:
            continue
        return _Standing(kind, document) if _is_ours(one, mapped, kind, document) else None
    return None


def _is_ours(one: Waiting, mapped: Mapped, kind: Kind, document: Json) -> bool:
    """By its mark. What the journal wrote stays ours if a person removed the mark, not if it is another document's now."""
    marked = marked_document(kind, document)
    return marked == Document.parse(mapped["document"]) or (marked is None and one.xero_id is not None)


def _nothing_to_do(session: Session, one: Waiting, found: _Standing | None) -> None:
    with session.transaction() as tx:
        if not work.take(tx.connection, one):
            return
        if found is None:
            announce_nothing_to_void(session, tx.connection, one.item)
        else:
            announce_synced(session, tx.connection, found.kind, found.element(one), found.document, VOIDED)


def _commit(session: Session, one: Waiting, found: _Standing) -> Committed | None:
    """Commit the intent of a void. None: a newer revision has come.

    Raises:
        PostponedError: the lease is too short for a call.
    """
    since = time.monotonic()
    with session.transaction() as tx:
        if not tx.lease_outlives(session.timing.deadline):
            raise PostponedError("the lease is too short for a call")
        if not work.take(tx.connection, one):
            return None
        intent = commit_intent(
            tx.connection,
            tenant_id=session.tenant_id,
            epoch=session.lease.epoch,
            purpose="void",
            xero_kind=found.kind,
            call=change_call(found.kind, removal(found.kind, found.document)),
            elements=[found.element(one)],
        )
        publish_processing(session, tx.connection, intent, intent.elements[0], "writing")
    return Committed(intent, since)
