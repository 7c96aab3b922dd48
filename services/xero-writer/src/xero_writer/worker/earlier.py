"""Before a create under another number than an earlier one of the document: is it there under the earlier one after all?"""

from __future__ import annotations

from invoice_events.names import Document
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError
from xero_writer.adapters.work import Waiting
from xero_writer.core.earlier_numbers import must_wait, other_numbers
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind, Mapped
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.changes import fault_of_reading, was_read
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import by_number
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.session import Session, log


def waits_for_the_last_look(session: Session, one: Waiting) -> bool:
    """Whether a document has to wait until it is sure that an earlier request for it was not finished late."""
    if one.xero_id is not None or not any(each.in_doubt for each in one.earlier):
        return False
    return must_wait(session.mapped_of(one.item), one.earlier)


def has_to_be_looked_for(session: Session, one: Waiting) -> bool:
    """Whether a document that is to be created may be in Xero under an earlier number; asked once for each revision."""
    if not one.earlier or session.looked_for.get(one.item.document) == one.item.revision:
        return False
    return bool(other_numbers(session.mapped_of(one.item), one.earlier))


def look_for_earlier(session: Session, one: Waiting) -> None:
    """Look up a document's earlier numbers: a living copy with our mark is the document, which then is not made again.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one.item)
    if not is_in_its_lane(session, one, mapped):
        return
    try:
        found = _living(session, one, mapped)
    except (BadQueryError, DownError) as error:
        fault = fault_of_reading(session, one, error)
        if fault is not None:
            fault_waiting(session, one, fault)
        return
    was_read(session, one)
    if found is None:
        session.looked_for[one.item.document] = one.item.revision
    else:
        _adopt(session, one, *found)
    session.wake()


def _living(session: Session, one: Waiting, mapped: Mapped) -> tuple[Kind, Json] | None:
    document = Document.parse(one.item.document)
    for earlier in other_numbers(mapped, one.earlier):
        for copy in by_number(session.client, earlier.kind, earlier.number):
            if marked_document(earlier.kind, copy) == document and not is_gone(copy):
                return earlier.kind, copy
    return None


def _adopt(session: Session, one: Waiting, kind: Kind, copy: Json) -> None:
    endpoint = ENDPOINTS[kind]
    xero_id, number = text(copy.get(endpoint.id_field)), text(copy.get(endpoint.number_field))
    with session.transaction() as tx:
        work.remember(
            tx.connection,
            session.tenant_id,
            one.item.document,
            kind,
            xero_id,
            number,
            synced_revision=None,
        )
        fields = {"xero_id": xero_id, "number": number}
        message = "found in Xero under an earlier number"
        session.log_line(tx.connection, "warning", message, item=one.item, fields=fields)
    log.warning("a document is in Xero under an earlier number", extra=session.context(one.item))
