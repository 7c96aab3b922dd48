"""Sending a fresh intent, and what each kind of answer means for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import partial

import simplejson
from sqlalchemy import Connection

from invoice_events import names
from invoice_events.identity import utc_now
from invoice_events.names import Document
from invoice_events.types import ProcessingPhase
from xero_writer.adapters import journal
from xero_writer.adapters.answers import CallRefused, NotProcessed, Readable, WriteAnswer, XeroError
from xero_writer.adapters.intents import Cause, Element, Intent, Purpose
from xero_writer.core.answers import (
    Asked,
    Matched,
    Refused,
    Unmatched,
    Verdict,
    Written,
    match,
    refusal_texts,
)
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import processing
from xero_writer.core.judgement import content_differences, is_gone
from xero_writer.core.refusals import NUMBER_TAKEN, code_of
from xero_writer.core.values import Json, text
from xero_writer.worker.apart import recorded_apart
from xero_writer.worker.lookups import read_document
from xero_writer.worker.outcomes import VOIDED, conclude_refused, conclude_written
from xero_writer.worker.probe import note_not_processed, xero_answers
from xero_writer.worker.session import Session, log

OUTCOMES_OF_CHANGES: dict[Purpose, str] = {"update": "updated", "void": VOIDED}
"""What it is called when a change of a document that is in Xero already went over."""


@dataclass(frozen=True, slots=True)
class Committed:
    """An intent that this process commits, and since when, by its own steady clock, before which nothing was committed."""

    intent: Intent
    since: float

    def age(self) -> float:
        """Seconds since the commit, at most."""
        return time.monotonic() - self.since


def send_first(session: Session, committed: Committed, ending: threading.Event) -> None:
    """Send a fresh intent and record what came of it.

    It is sent within 30 s of its commit or never, and only while the lease outlives the call's deadline. A limit is waited
    for with the same intent, while it is young enough and nobody has paused the tenant.

    Raises:
        LeaseLostError: somebody else works for this tenant now; the intent is his to resolve.
    """
    intent, not_later_than = committed.intent, session.timing.first_send
    while True:
        about_to_send = partial(_may_send, session, committed, not_later_than)
        answer = session.client.write(intent.call, intent.idempotency_key, about_to_send)
        if not isinstance(answer, NotProcessed) or answer.why != "throttled":
            break
        note_not_processed(session, answer)
        not_later_than = session.timing.resend  # it was sent once
        if committed.age() + answer.wait >= not_later_than or ending.wait(answer.wait):
            break
        if not session.is_active():
            break  # the call that was under way has been finished, and no other is begun
    record_answer(session, intent, answer)


def _may_send(session: Session, committed: Committed, not_later_than: float) -> bool:
    """The last question before the first byte: young enough, and still ours for the whole call."""
    with session.transaction() as tx:
        if not tx.lease_outlives(session.timing.deadline):
            return False
        journal.mark_sending(tx.connection, committed.intent.id, session.timing.deadline)
    return (  # asked again: the commit may have taken its time
        tx.lease_outlives(session.timing.deadline)
        and committed.age() <= not_later_than
        and not session.lease.lost.is_set()
    )


def record_answer(session: Session, intent: Intent, answer: WriteAnswer) -> None:
    """Commit what an answer to the first sending means: outcomes and their events in one transaction."""
    if isinstance(answer, Readable):
        session.circuit.connected()
        _record_readable(session, intent, answer)
    elif isinstance(answer, NotProcessed):
        note_not_processed(session, answer)
        _put_all_back(session, intent, answer.why)
    elif isinstance(answer, CallRefused):
        words = "; ".join(refusal_texts(answer.body, answer.words))
        become_unknown(session, intent, "call_refused", words, may_resend=False, code=answer.code)
    else:
        cause: Cause = "cut" if answer.may_resend else "server_error"
        if not xero_answers(session):
            cause = "outage"
        become_unknown(session, intent, cause, answer.reason, may_resend=answer.may_resend, code=answer.code)


def matched(intent: Intent, body: Json) -> Matched:
    """What Xero's answer says about the documents of an intent."""
    asked = [Asked(Document.parse(one.item.document), one.number) for one in intent.elements]
    return match(intent.xero_kind, asked, body)


def _record_readable(session: Session, intent: Intent, answer: Readable) -> None:
    found = matched(intent, answer.body)
    verdicts = found.verdicts
    if intent.purpose in OUTCOMES_OF_CHANGES and not isinstance(verdicts[0], Unmatched):
        verdicts = [_reread(session, intent, verdicts[0])]
    unmatched: list[Element] = []
    unrecorded: list[Element] = []
    with session.transaction() as tx:
        verdict_of = dict(zip((one.position for one in intent.elements), verdicts, strict=True))
        for element in intent.in_lock_order():
            verdict = verdict_of[element.position]
            if isinstance(verdict, Unmatched):
                unmatched.append(element)
                continue
            conclude = partial(_conclude, session, tx.connection, intent, element, verdict)
            if not recorded_apart(session, tx.connection, element, conclude):
                unrecorded.append(element)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
    if unmatched:
        cause: Cause = "stray" if found.strays else "unmatched"
        words = f"Xero's answer says nothing of {len(unmatched)} documents" + (
            f", but it wrote {', '.join(found.strays)} without their marks" if found.strays else ""
        )
        become_unknown(session, intent, cause, words, may_resend=False, elements=unmatched + unrecorded)
    elif unrecorded:
        words = f"what Xero answered of {len(unrecorded)} documents can not be recorded"
        become_unknown(session, intent, "unmatched", words, may_resend=False, elements=unrecorded)
    session.wake()


def _conclude(
    session: Session, connection: Connection, intent: Intent, element: Element, verdict: Written | Refused
) -> None:
    if isinstance(verdict, Written):
        outcome = OUTCOMES_OF_CHANGES.get(intent.purpose, "created")
        conclude_written(session, connection, intent, element, verdict.document, outcome)
    else:
        conclude_refusal(session, connection, intent, element, verdict)


def conclude_refusal(
    session: Session, connection: Connection, intent: Intent, element: Element, refused: Refused
) -> None:
    """A number that is taken needs a look at who has it; every other refusal is the document's fault at once."""
    code = refused.code or code_of(refused.texts)
    if intent.purpose == "create" and element.number and code == NUMBER_TAKEN:
        journal.put_back(connection, intent.id, element, "number taken", check_number=True)
    else:
        conclude_refused(session, connection, intent, element, refused)


def _reread(session: Session, intent: Intent, answered: Written | Refused) -> Verdict:
    """A change is judged by what stands in Xero afterwards: amounts on paid documents are ignored silently.

    A refusal is believed, unless the document turns out to be gone: a person was faster, and Xero's words about statuses
    would not tell.
    """
    if isinstance(answered, Refused) and code_of(answered.texts) != NUMBER_TAKEN:
        return answered
    element = intent.elements[0]
    try:
        document = read_document(session.client, intent.xero_kind, element.xero_id or "")
    except XeroError as error:
        log.warning(
            "the changed document can not be read again yet: %s", error, extra=session.context(element.item)
        )
        return answered if isinstance(answered, Refused) else Unmatched()
    if isinstance(answered, Refused) and not is_gone(document):
        return answered
    return judged_change(session, intent, document)


def judged_change(session: Session, intent: Intent, document: Json) -> Written | Refused:
    """Whether a change is in the document as it stands now. One that is gone by now is told as it is."""
    if is_gone(document):
        return Written(document)
    if intent.purpose == "void":
        status = text(document.get("Status"))
        return Refused([f"Xero did not take over the change of status: the document is {status}"])
    element = intent.elements[0]
    body = simplejson.loads(intent.call.body)[ENDPOINTS[intent.xero_kind].path][0]
    mapped = session.mapped_of(element.item)
    differences = content_differences(mapped, body["Contact"]["ContactID"], element.due_date, document)
    if differences:
        return Refused([f"Xero did not take over the change of {', '.join(differences)}"])
    return Written(document)


def become_unknown(
    session: Session,
    intent: Intent,
    cause: Cause,
    words: str,
    *,
    may_resend: bool,
    code: str | None = None,
    elements: list[Element] | None = None,
) -> None:
    """The outcome is unknown from now on; said once per document that is open."""
    with session.transaction() as tx:
        journal.mark_unknown(tx.connection, intent.id, cause, words, code, may_resend=may_resend)
        for element in elements if elements is not None else intent.elements:
            publish_processing(session, tx.connection, intent, element, "verifying")
    log.warning(  # Xero's words may name a customer: they stay in the journal and in events
        "outcome of %d documents unknown (%s)", intent.carried, cause, extra=session.context()
    )
    session.wake()


def _put_all_back(session: Session, intent: Intent, why: str) -> None:
    """None of the documents was written: all wait again."""
    with session.transaction() as tx:
        for element in intent.in_lock_order():
            journal.put_back(tx.connection, intent.id, element, f"not processed ({why})")
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
    session.wake()


def publish_processing(
    session: Session, connection: Connection, intent: Intent, element: Element, phase: ProcessingPhase
) -> None:
    """Processing Now: being written, or being verified."""
    event = processing(session.mapped_of(element.item), intent.id, phase, utc_now(), element.xero_id)
    session.publish_stage(connection, names.PROCESSING, event, element.item)
