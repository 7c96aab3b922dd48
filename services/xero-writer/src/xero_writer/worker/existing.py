"""Documents that are in Xero already, or whose number is: read first, compare, and write only what differs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from invoice_events.names import Document
from xero_writer.adapters import work
from xero_writer.adapters.answers import BadQueryError, DownError, NotFoundError
from xero_writer.adapters.intents import Element
from xero_writer.adapters.work import Waiting
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.body import change_call, update
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, deleted_in_xero, number_conflict
from xero_writer.core.judgement import (
    amount_differences,
    content_differences,
    is_gone,
    is_locked,
    locked_words,
)
from xero_writer.core.kinds import Mapped, wanted_of
from xero_writer.core.marks import is_of_kind, marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.changes import commit_change, fault_of_reading, was_read
from xero_writer.worker.contact_writes import make_contacts
from xero_writer.worker.contacts import (
    INTERACTIVE_CYCLE,
    Resolved,
    is_to_be_made,
    refresh_contacts,
    resolve,
)
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.lookups import best_first, by_number, read_document
from xero_writer.worker.outcomes import announce_synced
from xero_writer.worker.own_lane import is_in_its_lane
from xero_writer.worker.sending import Committed, send_first
from xero_writer.worker.session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that waits, with what it is to be and for whom. `one.xero_id` is known."""

    one: Waiting
    mapped: Mapped
    resolved: Resolved
    xero_id: str

    def element(self) -> Element:
        """The document as part of an intent; an update never carries a number."""
        resolved = self.resolved
        return Element(self.one.item, None, resolved.contact.name, resolved.due_date, self.xero_id)


@dataclass(frozen=True, slots=True)
class AsWanted:
    """It stands in Xero as it is to be: nothing is written."""

    document: Json


@dataclass(frozen=True, slots=True)
class ToUpdate:
    """It differs from what it is to be, in these places, and may be changed."""

    differences: list[str]


class ToRecreate:
    """It is gone, and a person asked for a new one."""


Finding = AsWanted | ToUpdate | ToRecreate | Fault


def reconcile(session: Session, one: Waiting, ending: threading.Event) -> None:
    """Bring one document in Xero to what Autotask says: unchanged if equal, else updated by id.

    Raises:
        XeroError: Xero can not be used now; the document goes on waiting.
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = session.mapped_of(one.item)
    if not is_in_its_lane(session, one, mapped):
        return
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault):
        refresh_contacts(session, INTERACTIVE_CYCLE)
        if is_to_be_made(session, mapped):
            make_contacts(session, [one])
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
    elif isinstance(found, AsWanted):
        _unchanged(session, wanted, found.document)
    elif isinstance(found, ToRecreate):
        _forget(session, wanted)
    else:
        committed = _commit_update(session, wanted)
        if committed is not None:
            send_first(session, committed, ending)


def _looked_at(
    session: Session, one: Waiting, mapped: Mapped, resolved: Resolved
) -> tuple[Wanted, Finding] | None:
    """What the look at Xero says. None: Xero can not be used now."""
    wanted = Wanted(one, mapped, resolved, one.xero_id or "")
    try:
        if one.xero_id is None:
            holder = _holder_of_number(session, mapped)
            if isinstance(holder, Fault):
                return wanted, holder
            wanted = replace(wanted, one=replace(one, xero_id=holder, adopted=True), xero_id=holder)
        finding = compare(session, wanted)
    except NotFoundError:
        return wanted, gone(wanted, {})
    except (BadQueryError, DownError) as error:
        fault = fault_of_reading(session, one, error)
        return None if fault is None else (wanted, fault)
    was_read(session, one)
    return wanted, finding


def _holder_of_number(session: Session, mapped: Mapped) -> str | Fault:
    """Who has the number that Xero says is taken: this document itself (adopted), or another one (never touched)."""
    kind, endpoint = mapped["xero_kind"], ENDPOINTS[mapped["xero_kind"]]
    number = wanted_of(mapped)["number"] or ""
    holders, ours = holders_of_number(session.client, mapped)
    if not ours or (mapped["recreate"] and is_gone(ours[0])):
        return number_conflict(kind, number, holders)
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


def holders_of_number(client: XeroClient, mapped: Mapped) -> tuple[list[Json], list[Json]]:
    """Documents in Xero with the number that a document is to have; and those of them that are it, the likeliest first.

    Raises:
        XeroError: Xero can not be read now.
    """
    kind, endpoint = mapped["xero_kind"], ENDPOINTS[mapped["xero_kind"]]
    number = wanted_of(mapped)["number"] or ""
    holders = [
        element
        for element in by_number(client, kind, number)
        if is_of_kind(kind, element)
        and text(element.get(endpoint.number_field)).casefold() == number.casefold()
    ]
    document = Document.parse(mapped["document"])
    return holders, best_first([one for one in holders if marked_document(kind, one) == document], number)


def compare(session: Session, wanted: Wanted) -> Finding:
    """The document as it stands beside what it is to be.

    Raises:
        NotFoundError: it is not there any more, see `gone`.
        XeroError: Xero can not be read now.
    """
    kind = wanted.mapped["xero_kind"]
    known_kind = wanted.one.xero_kind or kind
    if known_kind != kind and not wanted.mapped["recreate"]:
        return _kind_changed(wanted)
    document = read_document(session.client, known_kind, wanted.xero_id)
    if is_gone(document):
        return gone(wanted, document)
    if known_kind != kind:
        return _kind_changed(wanted)
    resolved, prediction = wanted.resolved, wanted.mapped["prediction"]
    differences = content_differences(wanted.mapped, resolved.contact.id, resolved.due_date, document)
    amounts = amount_differences(prediction, document) if prediction is not None else []
    if not differences and not amounts:
        return AsWanted(document)
    if is_locked(kind, document):
        details = [*(f"would change: {name}" for name in differences), *amounts]
        return Fault("LOCKED_BY_PAYMENT", locked_words(kind), details, xero_id=wanted.xero_id)
    return ToUpdate([*differences, *amounts])


def gone(wanted: Wanted, document: Json) -> Finding:
    """Deleted or voided by a person, who has to say what that means; `recreate` is how it is said."""
    return ToRecreate() if wanted.mapped["recreate"] else deleted_in_xero(document, wanted.xero_id)


def _kind_changed(wanted: Wanted) -> Fault:
    """An invoice can not become a credit note, nor the other way round."""
    return Fault(
        "KIND_CHANGED",
        f"The document is a {wanted.one.xero_kind} in Xero and would have to become a {wanted.mapped['xero_kind']}",
        xero_id=wanted.xero_id,
    )


def _unchanged(session: Session, wanted: Wanted, document: Json) -> None:
    outcome = "adopted" if wanted.one.adopted else "unchanged"
    with session.transaction() as tx:
        if work.take(tx.connection, wanted.one):
            kind = wanted.mapped["xero_kind"]
            announce_synced(session, tx.connection, kind, wanted.element(), document, outcome)


def _forget(session: Session, wanted: Wanted) -> None:
    """Leave the document that is gone where it is: what waits is created like any other from now on.

    Unless a newer revision has come, of which nobody said that it may be made anew.
    """
    item = wanted.one.item
    with session.transaction() as tx:
        if not work.take(tx.connection, wanted.one):
            return
        work.forget(tx.connection, session.tenant_id, item.document, wanted.xero_id)
        work.put_back(tx.connection, item, item.batch_limit, check_number=False)
        fields = {"xero_id": wanted.xero_id}
        session.log_line(tx.connection, "info", "gone in Xero and made anew", item=item, fields=fields)
    session.wake()


def _commit_update(session: Session, wanted: Wanted) -> Committed | None:
    """Commit the intent of an update. None: a newer revision has come.

    Raises:
        PostponedError: the lease is too short for a call.
    """
    kind, resolved = wanted.mapped["xero_kind"], wanted.resolved
    body = update(wanted.mapped, wanted.xero_id, resolved.contact.id, resolved.due_date)
    call = change_call(kind, body, wanted_of(wanted.mapped)["unit_decimals"])
    return commit_change(session, wanted.one, "update", kind, call, wanted.element())
