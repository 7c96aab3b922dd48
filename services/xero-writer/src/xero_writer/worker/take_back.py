"""Taking a wrong document back, step by step, each under an intent of its own.

Every step is an absolute change of one document by id, so repeating one after an unknown outcome is harmless: the
document is read, and whatever step is missing is done. A key is never used again.
"""

from __future__ import annotations

from sqlalchemy import Connection

from xero_writer.adapters import journal, work
from xero_writer.adapters.answers import (
    CallRefused,
    NotFoundError,
    NotProcessed,
    PostponedError,
    Readable,
)
from xero_writer.adapters.intents import Element, Intent, commit_intent
from xero_writer.core.answers import Refused, refusal_texts, verdict_of
from xero_writer.core.body import change_call
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind
from xero_writer.core.taking_back import kept_reason, next_change, reason_kept, refused_to_take_back
from xero_writer.core.values import Json, text
from xero_writer.worker.lookups import read_document
from xero_writer.worker.probe import note_not_processed
from xero_writer.worker.session import Session, log, numbered

_STEPS = 4  # mark and number, status, and one of each that was overtaken


def begin_take_back(
    session: Session,
    connection: Connection,
    kind: Kind,
    element: Element,
    document: Json,
    reason: Fault,
) -> None:
    """Commit the intent of the first step, in the transaction that found the document wrong, so that it can not be forgotten."""
    change = next_change(kind, session.mapped_of(element.item), document)
    _commit(session, connection, kind, element, reason, change)
    session.log_line(
        connection,
        "error",
        "Xero's document is not as predicted and is taken back",
        item=element.item,
        fields=numbered("difference", reason.details),
    )
    log.error(
        "the document in Xero is not as predicted and is taken back", extra=session.context(element.item)
    )


def continue_take_back(session: Session, intent: Intent) -> None:
    """Read the document and do whatever step is missing, until it is gone or Xero refuses.

    Raises:
        XeroError: the document can not be read or changed now.
        LeaseLostError: somebody else works for this tenant.
    """
    refused: Refused | None = None
    for _ in range(_STEPS):
        document = _read(session, intent)
        if document is None:
            _finish(session, intent, refused=["The document is no longer in Xero"])
            return
        if is_gone(document):
            _finish(session, intent, refused=None)
            return
        change = next_change(intent.xero_kind, session.mapped_of(intent.elements[0].item), document)
        if refused is not None and change_call(intent.xero_kind, change) == intent.call:
            _finish(session, intent, refused=refused.texts)
            return
        intent = _fresh(session, intent, change)
        refused = _send(session, intent)
    raise PostponedError("a document that is taken back changes all the time")


def _read(session: Session, intent: Intent) -> Json | None:
    try:
        return read_document(session.client, intent.xero_kind, intent.elements[0].xero_id or "")
    except NotFoundError:
        return None


def _fresh(session: Session, intent: Intent, change: Json) -> Intent:
    """An intent for the step that is missing: this one if it was never sent and is young, else a new one in its place."""
    with session.transaction() as tx:
        age = (journal.database_now(tx.connection) - intent.created_at).total_seconds()
        if (
            intent.last_sent_at is None
            and 0 <= age <= session.timing.first_send
            and intent.call == change_call(intent.xero_kind, change)
        ):
            return intent
        element = intent.elements[0]
        journal.settle(tx.connection, intent.id, element, "step taken", None)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
        reason = reason_kept(intent.words, element.xero_id)
        return _commit(session, tx.connection, intent.xero_kind, element, reason, change)


def _send(session: Session, intent: Intent) -> Refused | None:
    """Send one step, within 30 s of its commit or never. What became of it is found out by reading the document again.

    Returns:
        The refusal if Xero refused it.

    Raises:
        PostponedError: it was too late, or Xero did not take it, or did not say.
    """

    def about_to_send() -> bool:
        with session.transaction() as tx:
            age = (journal.database_now(tx.connection) - intent.created_at).total_seconds()
            young = 0 <= age <= session.timing.first_send
            if not young or not tx.lease_outlives(session.timing.deadline):
                return False
            journal.mark_sending(tx.connection, intent.id, session.timing.deadline)
        return tx.lease_outlives(session.timing.deadline)

    answer = session.client.write(intent.call, intent.idempotency_key, about_to_send)
    if isinstance(answer, CallRefused):
        return Refused(refusal_texts(answer.body, answer.words))
    if isinstance(answer, Readable):
        elements = answer.body.get(ENDPOINTS[intent.xero_kind].path) or [{}]
        verdict = verdict_of(intent.xero_kind, elements[0])
        return verdict if isinstance(verdict, Refused) else None
    if isinstance(answer, NotProcessed):
        note_not_processed(session, answer)
    raise PostponedError(f"a step of taking a document back is open: {answer.reason}")


def _commit(
    session: Session, connection: Connection, kind: Kind, element: Element, reason: Fault, change: Json
) -> Intent:
    taken = Element(
        element.item,
        element.number,
        element.contact_name,
        element.due_date,
        text(change.get(ENDPOINTS[kind].id_field)),
    )
    return commit_intent(
        connection,
        tenant_id=session.tenant_id,
        epoch=session.lease.epoch,
        xero_time=session.client.clock.now(),
        app=session.app,
        purpose="take_back",
        xero_kind=kind,
        call=change_call(kind, change),
        elements=[taken],
        words=kept_reason(reason),
    )


def _finish(session: Session, intent: Intent, refused: list[str] | None) -> None:
    """The take-back is over: done, so the next try creates a new document, or refused, so a person has to look."""
    element = intent.elements[0]
    fault = reason_kept(intent.words, element.xero_id)
    with session.transaction() as tx:
        if refused is not None:
            fault = refused_to_take_back(fault, refused)
        else:
            work.forget(tx.connection, session.tenant_id, element.item.document, element.xero_id or "")
        if journal.settle(tx.connection, intent.id, element, fault.code, None):
            session.publish_fault(tx.connection, element.item, fault)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
