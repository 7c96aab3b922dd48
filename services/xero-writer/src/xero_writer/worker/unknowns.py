"""Requests with unknown outcome: sent again while that is safe, then looked up until it is known what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from invoice_events.catalogue import fault as entry
from xero_writer.adapters import journal
from xero_writer.adapters.answers import (
    CallRefused,
    NotFoundError,
    NotProcessed,
    OutcomeUnknown,
    PostponedError,
    Readable,
    WriteAnswer,
)
from xero_writer.adapters.intents import Cause, Element, Intent
from xero_writer.core.answers import Refused, Written, refusal_texts
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, deleted_in_xero, number_conflict
from xero_writer.core.failures import PROVIDER_ERROR
from xero_writer.core.refusals import code_of
from xero_writer.core.values import text
from xero_writer.core.verification import Step, Unknown, absence_believed, absence_counts, next_step
from xero_writer.worker.apart import recorded_apart
from xero_writer.worker.clocks import in_xeros_time
from xero_writer.worker.lookups import Found, find_documents, goes_by_number, read_document
from xero_writer.worker.outcomes import (
    VOIDED,
    announce_nothing_to_void,
    conclude_fault,
    conclude_refused,
    conclude_written,
)
from xero_writer.worker.probe import note_not_processed, xero_answers
from xero_writer.worker.rechecks import report_duplicate
from xero_writer.worker.sending import (
    OUTCOMES_OF_CHANGES,
    become_unknown,
    conclude_refusal,
    judged_change,
    matched,
)
from xero_writer.worker.session import Session, log
from xero_writer.worker.take_back import continue_take_back

_ABOUT_THE_DOCUMENTS = frozenset({"call_refused", "server_error", "cut", "unmatched"})
"""Causes that may lie in the documents: a batch is split until the guilty one is alone."""


def job_name(intent: Intent) -> str:
    """Name of the job for an intent. The steps of a take-back are intents of their own, of which one may be under way."""
    return f"take-back {intent.elements[0].item.document}" if intent.purpose == "take_back" else intent.id


def adopt(session: Session, intent: Intent) -> None:
    """Whoever committed this intent ended before its answer: it may have been sent, so it is unknown from now on."""
    words = "the process that sent it ended before the answer"
    become_unknown(session, intent, "crash", words, may_resend=True)


def step_of(session: Session, intent: Intent, now: datetime) -> Step:
    """What is to be done next about an intent, seen from `now` of the database, and when."""
    if intent.purpose == "take_back":
        return Step("look_up", min(intent.created_at, now))  # later than now: the clock was set back
    unknown = _unknown(session, intent)
    if not session.is_active() or _is_spent(session, intent):
        unknown = replace(unknown, may_resend=False)  # a paused tenant starts no call that writes
    return next_step(unknown, now, session.timing)


def _is_spent(session: Session, intent: Intent) -> bool:
    """Whether Xero may have forgotten a request's key: by Xero's clock, since the database's could have been set back.

    Keys are an app's own: under another one the same bytes would be a new request.
    """
    if intent.app != session.app:
        return True
    age = _xeros_age(session, intent)
    return age is not None and age >= session.timing.resend


def _xeros_age(session: Session, intent: Intent) -> float | None:
    """Seconds since the commit by Xero's clock; None if that is not known."""
    xeros = session.client.clock.now()
    if xeros is None or intent.xero_time is None:
        return None
    return (xeros - intent.xero_time).total_seconds()


def _unknown(session: Session, intent: Intent) -> Unknown:
    return Unknown(
        created_at=intent.created_at,
        last_sent_at=intent.last_sent_at or intent.created_at,
        may_resend=intent.may_resend,
        number_is_ours=goes_by_number(intent),
        looked_up_at=intent.looked_up_at,
        absent_since=intent.absent_since,
        answered_since=intent.answered_since,
        xeros_age=_xeros_age(session, intent),
    )


def take_step(session: Session, intent: Intent, step: Step) -> None:
    """Do the next step of an unresolved intent.

    Raises:
        XeroError: it can not be done now.
        LeaseLostError: somebody else works for this tenant.
    """
    if intent.purpose == "take_back":
        continue_take_back(session, intent)
    elif step.what == "resend":
        _resend(session, intent)
    elif intent.purpose in OUTCOMES_OF_CHANGES:
        _look_up_change(session, intent)
    else:
        _look_up_create(session, intent)
    session.wake()


def _resend(session: Session, intent: Intent) -> None:
    """The same bytes with the same key. Whatever is answered, the outcome stays unknown until it is looked up."""

    def about_to_send() -> bool:
        with session.transaction() as tx:
            age = (journal.database_now(tx.connection) - intent.created_at).total_seconds()
            young = 0 <= age < session.timing.resend and not _is_spent(session, intent)
            if not young or not tx.lease_outlives(session.timing.deadline):
                return False
            journal.mark_sending(tx.connection, intent.id, session.timing.deadline)
        return tx.lease_outlives(session.timing.deadline)

    answer = session.client.write(intent.call, intent.idempotency_key, about_to_send)
    cause = _cause_after(session, intent, answer)
    with session.transaction() as tx:
        if isinstance(answer, Readable | CallRefused):
            journal.mark_answered(tx.connection, intent.id, _refusal(intent, answer))
            journal.note_told(tx.connection, intent.id, _told_ids(intent, answer))
        elif isinstance(answer, OutcomeUnknown):
            journal.mark_unknown(
                tx.connection,
                intent.id,
                cause,
                answer.reason,
                answer.code,
                may_resend=answer.may_resend,
            )
        elif answer.why == "down":
            journal.mark_unknown(tx.connection, intent.id, cause, intent.words, intent.code, may_resend=True)
        else:
            journal.mark_call_over(tx.connection, intent.id)
    if isinstance(answer, NotProcessed):
        note_not_processed(session, answer)
        if answer.why == "too_late":
            raise PostponedError("an unknown request could not be sent again in time")


def _cause_after(session: Session, intent: Intent, answer: WriteAnswer) -> Cause:
    """What is to blame if nothing turns out to be written: an outage that a repeat met, or what was to blame before."""
    away = isinstance(answer, OutcomeUnknown) or (isinstance(answer, NotProcessed) and answer.why == "down")
    return "outage" if away and not xero_answers(session) else intent.cause or "cut"


def _refusal(intent: Intent, answer: Readable | CallRefused) -> Refused | None:
    """How Xero refused the one document that the request carries; None if it did not, or carries several."""
    if intent.carried > 1:
        return None
    if isinstance(answer, CallRefused):
        return Refused(refusal_texts(answer.body, answer.words), answer.code)
    verdict = matched(intent, answer.body).verdicts[0]
    return replace(verdict, code=code_of(verdict.texts)) if isinstance(verdict, Refused) else None


def _told_ids(intent: Intent, answer: Readable | CallRefused) -> dict[int, str]:
    """Ids of new documents that Xero says it has written, by their places in the request."""
    if intent.purpose != "create" or isinstance(answer, CallRefused):
        return {}
    verdicts = zip(intent.elements, matched(intent, answer.body).verdicts, strict=True)
    id_field = ENDPOINTS[intent.xero_kind].id_field
    return {
        element.position: text(verdict.document.get(id_field))
        for element, verdict in verdicts
        if isinstance(verdict, Written)
    }


def _look_up_create(session: Session, intent: Intent) -> None:
    since = partial(in_xeros_time, session, intent.created_at, intent.xero_time)
    found = find_documents(session.client, intent, since, by_this_app=intent.app == session.app)
    missing: list[Element] = []
    unrecorded = 0
    with session.transaction() as tx:
        for element in intent.in_lock_order():
            conclude = _conclusion(session, tx.connection, intent, element, found)
            if conclude is None:
                missing.append(element)
            else:
                unrecorded += not recorded_apart(session, tx.connection, element, conclude)
        _judge_missing(session, tx.connection, intent, missing)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
    if unrecorded:
        raise PostponedError(f"what became of {unrecorded} documents can not be recorded")


def _conclusion(
    session: Session, connection: Connection, intent: Intent, element: Element, found: Found
) -> Callable[[], None] | None:
    """What is to be recorded of a document by what a lookup found; None: nothing, it was not found."""
    recreate = session.mapped_of(element.item)["recreate"]
    copies = found.copies_of(element, recreate=recreate)

    def written() -> None:
        report_duplicate(session, connection, element.item.document, copies)
        conclude_written(session, connection, intent, element, copies[0], "created")

    if copies:
        return written
    if element.number is None or element.number not in found.foreign:
        return None
    fault = number_conflict(intent.xero_kind, element.number, [found.foreign[element.number]])
    return partial(conclude_fault, session, connection, intent, element, fault)


def _look_up_change(session: Session, intent: Intent) -> None:
    element = intent.elements[0]
    try:
        document = read_document(session.client, intent.xero_kind, element.xero_id or "")
    except NotFoundError:
        with session.transaction() as tx:
            _conclude_vanished(session, tx.connection, intent, element)
            journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
        return
    verdict = judged_change(session, intent, document)
    with session.transaction() as tx:
        if isinstance(verdict, Written):
            outcome = OUTCOMES_OF_CHANGES[intent.purpose]
            conclude_written(session, tx.connection, intent, element, document, outcome)
        elif intent.cause == "unmatched":  # Xero had said that it was written, only the reading was missing
            conclude_refused(session, tx.connection, intent, element, verdict)
        else:
            _judge_missing(session, tx.connection, intent, [element])
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)


def _conclude_vanished(session: Session, connection: Connection, intent: Intent, element: Element) -> None:
    """The document is no longer in Xero at all, which is all that a void could want."""
    if intent.purpose != "void":
        fault = deleted_in_xero({}, element.xero_id or "")
        conclude_fault(session, connection, intent, element, fault)
    elif journal.settle(connection, intent.id, element, VOIDED, None):
        announce_nothing_to_void(session, connection, element.item)


def _judge_missing(session: Session, connection: Connection, intent: Intent, missing: list[Element]) -> None:
    """What was not found: believed not to be there, or to be looked up again."""
    if not missing:
        return
    now = journal.database_now(connection)
    unknown = _unknown(session, intent)
    if not absence_believed(unknown, now, session.timing):
        counts = absence_counts(unknown, now, session.timing)
        journal.mark_looked_up(connection, intent.id, session.timing.deadline, absence_counts=counts)
        return
    for element in missing:
        _conclude_absent(session, connection, intent, element)
    log.info("%d documents are not in Xero after %s", len(missing), intent.cause, extra=session.context())


def _conclude_absent(session: Session, connection: Connection, intent: Intent, element: Element) -> None:
    """Nothing was written for this document. It is at fault only if its call carried it alone; else it waits again."""
    if intent.cause == "stray":
        words = journal.storable(intent.words)
        conclude_fault(session, connection, intent, element, Fault("CAN_NOT_TAKE_BACK", words, final=True))
    elif intent.cause not in _ABOUT_THE_DOCUMENTS:
        journal.put_back(connection, intent.id, element, f"not there ({intent.cause})")
    elif intent.carried > 1:
        half = (intent.carried + 1) // 2
        journal.put_back(connection, intent.id, element, f"not there ({intent.cause})", batch_limit=half)
    elif intent.cause == "call_refused":
        conclude_refusal(session, connection, intent, element, Refused([intent.words], intent.code))
    else:
        code = intent.code or PROVIDER_ERROR
        fault = Fault(code, intent.words, final=entry(code).final, xero_id=element.xero_id)
        conclude_fault(session, connection, intent, element, fault)
