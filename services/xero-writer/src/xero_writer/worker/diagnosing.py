"""Diagnoses: the end of a dry run. Xero is read as before a real write, and what would be sent is told instead of sent.

Nothing here knows how to write: neither a row of work nor an intent comes of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import cast

from invoice_events import names
from invoice_events.identity import utc_now
from xero_writer.adapters import commands, work
from xero_writer.adapters.answers import (
    BadQueryError,
    DownError,
    NotFoundError,
    RefusedError,
    ThrottledError,
    XeroError,
)
from xero_writer.adapters.commands import Command
from xero_writer.adapters.items import Item
from xero_writer.adapters.work import PRIORITIES, Waiting
from xero_writer.core.batches import MAX_DOCUMENTS
from xero_writer.core.body import Call, change_call, create_call, element, update, wrap
from xero_writer.core.contact_body import BadContactError, new_contact
from xero_writer.core.contact_match import NoContact, XeroContact, find_contact
from xero_writer.core.diagnosis import NEW_CONTACT, Diagnosis, obstructed
from xero_writer.core.due_date import due_date
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, number_conflict
from xero_writer.core.gone import keeps_from_voiding, removal, stays_paid
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Mapped, wanted_of
from xero_writer.core.lanes import lane_of
from xero_writer.core.values import text
from xero_writer.worker.command_results import tell
from xero_writer.worker.contacts import (
    INTERACTIVE_CYCLE,
    Resolved,
    is_to_be_made,
    no_contact,
    refresh_contacts,
    resolve,
)
from xero_writer.worker.existing import AsWanted, ToUpdate, Wanted, compare, gone, holders_of_number
from xero_writer.worker.jobs import ENDS_THE_WORKER, Jobs
from xero_writer.worker.probe import note_failure, xero_answers
from xero_writer.worker.session import Session, log
from xero_writer.worker.voids import standing

_PATIENCE = timedelta(minutes=1)
"""Somebody waits for the answer: what Xero does not say by then is told as not known."""


def begin_diagnoses(session: Session, jobs: Jobs, *, may_read: bool) -> None:
    """Answer every dry run that has come: at once where Xero has nothing to say to it, else in a job.

    Args:
        session: the tenant's.
        jobs: of the worker.
        may_read: whether Xero may be asked now.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    with session.engine.connect() as connection:
        asked = commands.open_commands(connection, session.tenant_id, commands.DIAGNOSE)
    # One at a time, and never in the last free place: however many are asked for, what is to be written goes on.
    has_room = jobs.free() > 1 and not any(jobs.is_running(_job(command)) for command in asked)
    for command in asked:
        if jobs.is_running(_job(command)):
            continue
        mapped = _mapped(session, command)
        found = obstructed(mapped)
        if found is None and not may_read and _is_late(session, command):
            circuit = session.circuit
            words = f"Xero can not be asked now ({circuit.state}). {circuit.detail}".strip()
            found = Diagnosis("unknown", words)
        if found is not None:
            _answer(session, command, mapped, found)
        elif may_read and has_room:
            has_room = not jobs.start(_job(command), partial(diagnose, session, command))


def _job(command: Command) -> str:
    return f"diagnosis {command.id}"


def diagnose(session: Session, command: Command) -> None:
    """Read what has to be known of Xero, and answer.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    mapped = _mapped(session, command)
    try:
        found = (
            _of_void(session, command, mapped)
            if mapped["action"] == "void"
            else _of(session, command, mapped)
        )
    except BadQueryError as error:
        found = Diagnosis("fault", str(error), error.code)
    except XeroError as error:
        if isinstance(error, ThrottledError | RefusedError):
            note_failure(session, error)
        elif isinstance(error, DownError):
            xero_answers(session)  # the circuit opens if it is an outage, and not if it is this document
        found = Diagnosis("unknown", f"Xero could not be read: {error}")
    except ENDS_THE_WORKER:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it is about this document, and somebody waits
        log.exception("a diagnosis failed unexpectedly", extra=session.context())
        found = Diagnosis("unknown", f"It could not be told what would be sent: {type(error).__name__}")
    _answer(session, command, mapped, found)


def _is_late(session: Session, command: Command) -> bool:
    """Whether nobody should wait any longer for Xero."""
    return not session.circuit.is_closed() or utc_now() - command.issued_at > _PATIENCE


def _of(session: Session, command: Command, mapped: Mapped) -> Diagnosis:
    """What would become of a document to be."""
    refresh_contacts(session, INTERACTIVE_CYCLE)
    first: list[Call] = []
    resolved = resolve(session, mapped)
    if isinstance(resolved, Fault) and is_to_be_made(session, mapped):
        resolved = _to_be_made(session, mapped, first)
    if isinstance(resolved, Fault):
        return Diagnosis.of_fault(resolved)
    found = _beside_xero(session, _waiting(session, command, mapped), mapped, resolved)
    return replace(
        found,
        calls=(*first, *found.calls) if found.calls else (),
        contact=(resolved.contact.id, resolved.contact.name),
        due_date=resolved.due_date,
    )


def _to_be_made(session: Session, mapped: Mapped, first: list[Call]) -> Resolved | Fault:
    """The contact that would be made before the document; the call that makes it goes to `first`."""
    criteria = mapped["contact"]
    missing = find_contact(criteria, session.contacts)
    if isinstance(missing, NoContact) and not missing.may_be_made:
        return no_contact(criteria, missing)
    try:
        body = new_contact(criteria)
    except BadContactError as error:
        return Fault("CONTACT_INVALID", f"Can't create a Xero Contact for {criteria['name']}: {error}")
    first.append(Call("PUT", "/Contacts?summarizeErrors=false", wrap("Contacts", [body])))
    contact = XeroContact(NEW_CONTACT, text(body["Name"]), "", "ACTIVE", None, None)
    if mapped["xero_kind"] == "purchase_order":
        return Resolved(contact, None)
    invoice_date = wanted_of(mapped)["date"]
    return Resolved(contact, due_date(mapped["due_rule"], mapped["due_date"], invoice_date, contact))


def _beside_xero(session: Session, one: Waiting, mapped: Mapped, resolved: Resolved) -> Diagnosis:
    """A new document, or a change of the one that is there."""
    kind, document = mapped["xero_kind"], wanted_of(mapped)
    xero_id = one.xero_id
    if xero_id is None and mapped["number_is_ours"] and document["number"] is not None:
        holders, ours = holders_of_number(session.client, mapped)
        if ours:
            xero_id = text(ours[0].get(ENDPOINTS[kind].id_field))
        elif holders:
            return Diagnosis.of_fault(number_conflict(kind, document["number"], holders))
    if xero_id is None:
        call = create_call(
            kind, document["unit_decimals"], [element(mapped, resolved.contact.id, resolved.due_date)]
        )
        return Diagnosis(
            "create", f"It would be created in Xero as a new {ENDPOINTS[kind].label}.", calls=(call,)
        )
    wanted = Wanted(replace(one, xero_id=xero_id), mapped, resolved, xero_id)
    try:
        finding = compare(session, wanted)
    except NotFoundError:
        finding = gone(wanted, {})
    if isinstance(finding, Fault):
        return Diagnosis.of_fault(finding)
    if isinstance(finding, ToUpdate):
        body = update(mapped, xero_id, resolved.contact.id, resolved.due_date)
        call = change_call(kind, body, document["unit_decimals"])
        words = "It is in Xero and would be changed there."
        return Diagnosis("update", words, calls=(call,), differences=finding.differences)
    told = "It is in Xero as it is to be: nothing would be written."
    return Diagnosis("nothing", told if isinstance(finding, AsWanted) else "It is gone from Xero.")


def _of_void(session: Session, command: Command, mapped: Mapped) -> Diagnosis:
    """What would become of a document that was voided in Autotask."""
    found = standing(session, _waiting(session, command, mapped), mapped)
    if found is None or is_gone(found.document) or stays_paid(found.kind, found.document):
        return Diagnosis("nothing", "It was voided in Autotask, and nothing of it is left to void in Xero.")
    locked = keeps_from_voiding(found.kind, found.document)
    if locked is not None:
        return Diagnosis.of_fault(Fault("LOCKED_BY_PAYMENT", locked))
    call = change_call(found.kind, removal(found.kind, found.document))
    return Diagnosis(
        "void", "It was voided in Autotask and would be deleted or voided in Xero.", calls=(call,)
    )


def _waiting(session: Session, command: Command, mapped: Mapped) -> Waiting:
    """The document as it would wait to be written."""
    item = Item(
        session.tenant_id,
        mapped["document"],
        mapped["revision"],
        PRIORITIES[mapped["priority"]],
        command.mapped or b"",
        command.traceparent,
        MAX_DOCUMENTS,
        command.issued_at,
        lane_of(mapped),
    )
    with session.engine.connect() as connection:
        known = work.known(connection, session.tenant_id, mapped["document"])
    kind, xero_id = known if known is not None else (None, mapped["xero_document_id"])
    return Waiting(item, 0.0, kind, xero_id, adopted=False, check_number=False)


def _mapped(session: Session, command: Command) -> Mapped:
    topic = names.topic_of(names.MAPPED, command.document or "")
    return cast("Mapped", session.codec.decode(topic, command.mapped or b""))


def _answer(session: Session, command: Command, mapped: Mapped, found: Diagnosis) -> None:
    tell(session, command, "done", found.words, found.as_json(mapped))
