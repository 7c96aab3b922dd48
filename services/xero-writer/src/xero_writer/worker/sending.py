"""Sending an intent, and what each kind of answer means for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import simplejson
from sqlalchemy import Connection

from invoice_events import names
from invoice_events.identity import utc_now
from invoice_events.names import Document
from invoice_events.types import ProcessingPhase, XeroKind
from xero_writer.adapters import journal
from xero_writer.adapters.answers import (
    CallRefused,
    DownError,
    NotProcessed,
    Readable,
    WriteAnswer,
    XeroError,
)
from xero_writer.adapters.journal import Cause, Element, Intent
from xero_writer.adapters.xero_client import Request
from xero_writer.core.answers import Asked, Refused, Unmatched, Verdict, Written, refusal_texts, verdicts
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import processing
from xero_writer.core.judgement import content_differences
from xero_writer.core.refusals import NUMBER_TAKEN, code_of
from xero_writer.core.values import Json
from xero_writer.worker.outcomes import conclude_refused, conclude_written
from xero_writer.worker.session import Session, log


@dataclass(frozen=True, slots=True)
class Committed:
    """An intent that this process committed, and when, by its own steady clock."""

    intent: Intent
    at: float
    lease_left: float


def send_first(session: Session, committed: Committed, stopping: threading.Event) -> None:
    """Send a fresh intent and record what came of it.

    It is sent within 30 s of its commit or never, and only while the lease outlives the call's deadline. A refused
    token is renewed and a limit waited for with the same intent, while it is young enough.

    Raises:
        LeaseLostError: somebody else works for this tenant now; the intent is his to resolve.
    """
    intent = committed.intent
    while True:
        answer = session.client.write(_request(session, intent), lambda: _may_send(session, committed))
        if not isinstance(answer, NotProcessed) or answer.wait is None:
            break
        if answer.throttled:
            session.circuit.throttled(answer.wait, answer.reason)
        too_old = time.monotonic() - committed.at + answer.wait >= session.timing.resend
        if too_old or stopping.wait(answer.wait):
            break
    record_answer(session, intent, answer)


def _may_send(session: Session, committed: Committed) -> bool:
    """The last question before the first byte: young enough, and still ours for the whole call."""
    with session.transaction() as tx:
        if tx.lease_left <= session.timing.deadline:
            return False
        journal.mark_sending(tx.connection, committed.intent.id)
    return time.monotonic() - committed.at <= session.timing.resend and not session.lease.lost.is_set()


def record_answer(session: Session, intent: Intent, answer: WriteAnswer) -> None:
    """Commit what an answer to the first sending means: outcomes and their events in one transaction."""
    if isinstance(answer, Readable):
        session.circuit.connected()
        _record_readable(session, intent, answer)
    elif isinstance(answer, NotProcessed):
        if answer.wait is None:
            session.circuit.refused(answer.reason)
        put_all_back(session, intent, "not processed")
    elif isinstance(answer, CallRefused):
        become_unknown(
            session,
            intent,
            "call_refused",
            "; ".join(refusal_texts(answer.body, answer.words)),
            may_resend=False,
        )
    elif answer.never_sent:
        if answer.may_resend:
            session.circuit.down(answer.reason)
        put_all_back(session, intent, "never sent")
    else:
        cause: Cause = "cut" if answer.may_resend else "server_error"
        become_unknown(
            session,
            intent,
            cause if xero_answers(session) else "outage",
            answer.reason,
            may_resend=answer.may_resend,
        )


def xero_answers(session: Session) -> bool:
    """Probe: does Xero answer others? Then a failed call is about its documents, else it is an outage."""
    try:
        session.client.read("Organisation")
    except XeroError as error:
        session.circuit.down(str(error))
        return False
    session.circuit.connected()
    return True


def _record_readable(session: Session, intent: Intent, answer: Readable) -> None:
    asked = [Asked(Document.parse(element.document), element.number) for element in intent.elements]
    found = verdicts(intent.xero_kind, asked, answer.body)
    if intent.purpose == "update" and isinstance(found[0], Written):
        found = [_reread(session, intent)]
    unmatched: list[Element] = []
    with session.transaction() as tx:
        for element, verdict in zip(intent.elements, found, strict=True):
            if isinstance(verdict, Written):
                conclude_written(
                    session,
                    tx.connection,
                    intent,
                    element,
                    verdict.document,
                    "created" if intent.purpose == "create" else "updated",
                )
            elif isinstance(verdict, Refused):
                _refused(session, tx.connection, intent, element, verdict)
            else:
                unmatched.append(element)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
    if unmatched:
        become_unknown(
            session,
            intent,
            "unmatched",
            f"Xero's answer says nothing of {len(unmatched)} documents",
            may_resend=False,
            elements=unmatched,
        )
    session.wake()


def _reread(session: Session, intent: Intent) -> Verdict:
    """An update is judged by what stands in Xero afterwards: amounts on paid documents are ignored silently."""
    try:
        document = read_document(session, intent.xero_kind, intent.elements[0].xero_id or "")
    except XeroError as error:
        log.warning(
            "the updated document can not be read again yet: %s",
            error,
            extra=session.context(intent.elements[0]),
        )
        return Unmatched()
    return judged_update(session, intent, document)


def judged_update(session: Session, intent: Intent, document: Json) -> Verdict:
    """Whether an update is in the document as it stands now."""
    element = intent.elements[0]
    mapped = session.mapped_of(element)
    wanted = mapped["xero"]
    if wanted is None:
        raise ValueError(f"{element.document}: an update without a document was committed")
    contact_id = simplejson.loads(intent.body)[ENDPOINTS[intent.xero_kind].path][0]["Contact"]["ContactID"]
    differences = content_differences(mapped, wanted, contact_id, element.due_date, document)
    if differences:
        return Refused([f"Xero did not take over the change of {', '.join(differences)}"])
    return Written(document)


def read_document(session: Session, kind: XeroKind, xero_id: str) -> Json:
    """One document of Xero's, with its lines, unit amounts with four decimals.

    Raises:
        XeroError: it can not be read.
    """
    path = ENDPOINTS[kind].path
    found = session.client.read(f"{path}/{xero_id}", {"unitdp": "4"}).get(path) or []
    if len(found) != 1 or not isinstance(found[0], dict):
        raise DownError(f"Xero answers {len(found)} documents for one id")
    document: Json = found[0]
    return document


def _refused(
    session: Session, connection: Connection, intent: Intent, element: Element, refused: Refused
) -> None:
    """A number that is taken needs a look at who has it; everything else is the document's fault at once."""
    if intent.purpose == "create" and element.number is not None and code_of(refused.texts) == NUMBER_TAKEN:
        journal.put_back(
            connection, intent.id, element, "number taken", element.batch_limit, check_number=True
        )
        return
    conclude_refused(session, connection, intent, element, refused)


def become_unknown(
    session: Session,
    intent: Intent,
    cause: Cause,
    words: str,
    *,
    may_resend: bool,
    elements: list[Element] | None = None,
) -> None:
    """The outcome is unknown from now on; said once per document that is open."""
    with session.transaction() as tx:
        journal.mark_unknown(tx.connection, intent.id, cause, words, may_resend=may_resend)
        for element in elements if elements is not None else intent.elements:
            publish_processing(session, tx.connection, intent, element, "verifying")
    log.warning("outcome unknown (%s): %s", cause, words, extra=session.context())
    session.wake()


def put_all_back(session: Session, intent: Intent, why: str) -> None:
    """None of the documents was written: all wait again."""
    with session.transaction() as tx:
        for element in intent.elements:
            journal.put_back(tx.connection, intent.id, element, why, element.batch_limit)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
    session.wake()


def publish_processing(
    session: Session, connection: Connection, intent: Intent, element: Element, phase: ProcessingPhase
) -> None:
    """Processing Now: being written, or being verified."""
    event = processing(session.mapped_of(element), intent.id, phase, utc_now(), element.xero_id)
    session.publish(connection, names.PROCESSING, event, element.traceparent)


def _request(session: Session, intent: Intent) -> Request:
    return session.client.request_of(intent.method, intent.path, intent.body, intent.idempotency_key)
