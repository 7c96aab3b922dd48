"""Before a create: is the document there after all, where the ledger has it, or under an earlier number than it gets now?"""

from __future__ import annotations

from invoice_events.names import Document
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, NotFoundError
from xero_writer.adapters.work import Waiting
from xero_writer.core.earlier_numbers import must_wait, other_numbers
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind, Mapped, kinds_of
from xero_writer.core.marks import is_of_kind, marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.changes import fault_of_reading, was_read
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import by_number, read_document
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.session import Session, log


def waits_for_the_last_look(session: Session, one: Waiting) -> bool:
    """Whether a document has to wait until it is sure that an earlier request for it was not finished late."""
    if one.xero_id is not None or not any(each.in_doubt for each in one.earlier):
        return False
    return must_wait(session.mapped_of(one.item), one.earlier)


def has_to_be_looked_for(session: Session, one: Waiting) -> bool:
    """Whether a document that is to be created may be in Xero by the ledger or under an earlier number; asked once for each revision."""
    if session.looked_for.get(one.item.document) == one.item.revision:
        return False
    if one.ledger_id is not None:
        return True
    return bool(one.earlier) and bool(other_numbers(session.mapped_of(one.item), one.earlier))


def look_for_earlier(session: Session, one: Waiting) -> None:
    """Look where the ledger has a document, and under its earlier numbers. What is found is the document, which then is not made again.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one.item)
    if not is_in_its_lane(session, one, mapped):
        return
    try:
        found = _of_ledger(session, one, mapped) or _living(session, one, mapped)
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


def _of_ledger(session: Session, one: Waiting, mapped: Mapped) -> tuple[Kind, Json] | None:
    """What the ledger names, though the journal does not know it: our success that it outlived.

    A person may have removed the mark of a living one. One that is gone counts as such while it carries the mark, unless it is
    to be made anew: without the mark it was taken back.
    """
    for kind in kinds_of(mapped) if one.ledger_id is not None else ():
        try:
            copy = read_document(session.client, kind, one.ledger_id or "")
        except NotFoundError:
            continue
        marked = marked_document(kind, copy)
        is_ours = marked == Document.parse(one.item.document)
        counts = is_ours and not mapped["recreate"] if is_gone(copy) else is_ours or marked is None
        return (kind, copy) if counts and is_of_kind(kind, copy) else None
    return None


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
        where = "where the ledger has it" if xero_id == one.ledger_id else "under an earlier number"
        session.log_line(tx.connection, "warning", f"found in Xero {where}", item=one.item, fields=fields)
    log.warning("a document is in Xero %s", where, extra=session.context(one.item))
