"""Requests with unknown outcome: sent again while that is safe, then looked up until it is known what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from invoice_events.names import Document
from service_runtime import metrics
from xero_writer.adapters import journal
from xero_writer.adapters.answers import CallRefused, NotProcessed, OutcomeUnknown, Readable
from xero_writer.adapters.journal import Element, Intent, Recheck
from xero_writer.core.answers import Refused, Written
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.marks import marked_document
from xero_writer.core.refusals import code_of
from xero_writer.core.values import Json, text
from xero_writer.core.verification import Step, Unknown, absence_believed, absence_counts, next_step
from xero_writer.worker.outcomes import conclude_fault, conclude_refused, conclude_written
from xero_writer.worker.sending import judged_update, read_document
from xero_writer.worker.session import Session, log
from xero_writer.worker.take_back import continue_take_back

_NUMBERS_A_CALL = 40


def step_of(session: Session, intent: Intent) -> Step:
    """What is to be done next about an unknown intent, and when."""
    if intent.purpose == "take_back":
        return Step("look_up", intent.last_sent_at or intent.created_at)
    return next_step(_unknown(intent), session.timing)


def _unknown(intent: Intent) -> Unknown:
    ours = (
        intent.purpose == "create"
        and intent.xero_kind == "invoice"
        and all(element.number is not None for element in intent.elements)
    )
    return Unknown(
        created_at=intent.created_at,
        last_sent_at=intent.last_sent_at or intent.created_at,
        may_resend=intent.may_resend,
        number_is_ours=ours,
        looked_up_at=intent.looked_up_at,
        absent_since=intent.absent_since,
        answered_since=intent.answered_since,
    )


def take_step(session: Session, intent: Intent, step: Step) -> None:
    """Do the next step of an unknown intent.

    Raises:
        XeroError: Xero can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    if intent.purpose == "take_back":
        continue_take_back(session, intent)
    elif step.what == "resend":
        _resend(session, intent)
    elif intent.purpose == "update":
        _look_up_update(session, intent)
    else:
        _look_up_create(session, intent)
    session.wake()


def _resend(session: Session, intent: Intent) -> None:
    """The same bytes with the same key. Whatever is answered, the outcome stays unknown until it is looked up."""

    def about_to_send() -> bool:
        with session.transaction() as tx:
            age = (journal.database_now(tx.connection) - intent.created_at).total_seconds()
            if age >= session.timing.resend or tx.lease_left <= session.timing.deadline:
                return False
            journal.mark_sending(tx.connection, intent.id)
        return True

    request = session.client.request_of(intent.method, intent.path, intent.body, intent.idempotency_key)
    answer = session.client.write(request, about_to_send)
    with session.transaction() as tx:
        if isinstance(answer, Readable | CallRefused):
            journal.mark_answered(tx.connection, intent.id)
        elif isinstance(answer, OutcomeUnknown):
            journal.mark_unknown(
                tx.connection, intent.id, intent.cause or "cut", answer.reason, may_resend=answer.may_resend
            )
    if isinstance(answer, OutcomeUnknown) and answer.never_sent and answer.may_resend:
        session.circuit.down(answer.reason)
    elif isinstance(answer, NotProcessed) and answer.throttled:
        session.circuit.throttled(answer.wait or 0.0, answer.reason)
    elif isinstance(answer, NotProcessed) and answer.wait is None:
        session.circuit.refused(answer.reason)


def _look_up_create(session: Session, intent: Intent) -> None:
    found, foreign = _found_documents(session, intent)
    with session.transaction() as tx:
        now = journal.database_now(tx.connection)
        missing: list[Element] = []
        for element in intent.elements:
            ours = found.get(Document.parse(element.document), [])
            if ours:
                _report_duplicates(session, element, ours)
                conclude_written(session, tx.connection, intent, element, ours[0], "created")
            elif element.number is not None and element.number in foreign:
                details = [f"{element.number} is {foreign[element.number]} in Xero"]
                conclude_fault(
                    session,
                    tx.connection,
                    intent,
                    element,
                    Fault(
                        "NUMBER_CONFLICT",
                        f"Invoice # must be unique. {element.number} belongs to another document in Xero.",
                        details,
                    ),
                )
            else:
                missing.append(element)
        _judge_missing(session, tx.connection, intent, missing, now)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)


def _found_documents(session: Session, intent: Intent) -> tuple[dict[Document, list[Json]], dict[str, str]]:
    """Documents in Xero by our mark, and who else has one of the numbers (number to id)."""
    endpoint = ENDPOINTS[intent.xero_kind]
    numbers = [element.number for element in intent.elements if element.number is not None]
    elements: list[Json] = []
    if intent.xero_kind == "invoice" and len(numbers) == len(intent.elements):
        for start in range(0, len(numbers), _NUMBERS_A_CALL):
            elements += session.client.pages(
                "Invoices",
                {"InvoiceNumbers": ",".join(numbers[start : start + _NUMBERS_A_CALL]), "unitdp": "4"},
            )
    else:
        query = {"unitdp": "4"} | ({"createdByMyApp": "true"} if intent.xero_kind == "invoice" else {})
        elements += session.client.pages(endpoint.path, query, intent.created_at)
    found: dict[Document, list[Json]] = {}
    foreign: dict[str, str] = {}
    for element in elements:
        marked = marked_document(intent.xero_kind, element)
        if marked is not None:
            found.setdefault(marked, []).append(element)
        else:
            foreign[text(element.get(endpoint.number_field))] = text(element.get(endpoint.id_field))
    return found, foreign


def _look_up_update(session: Session, intent: Intent) -> None:
    element = intent.elements[0]
    document = read_document(session, intent.xero_kind, element.xero_id or "")
    verdict = judged_update(session, intent, document)
    with session.transaction() as tx:
        now = journal.database_now(tx.connection)
        if isinstance(verdict, Written):
            conclude_written(session, tx.connection, intent, element, document, "updated")
        else:
            _judge_missing(session, tx.connection, intent, [element], now)
        journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)


def _judge_missing(
    session: Session, connection: Connection, intent: Intent, missing: list[Element], now: datetime
) -> None:
    """What was not found: believed not to be there, or to be looked up again."""
    if not missing:
        return
    unknown = _unknown(intent)
    if not absence_believed(unknown, now, session.timing):
        journal.mark_looked_up(
            connection, intent.id, absence_counts=absence_counts(unknown, now, session.timing)
        )
        return
    alone = len(intent.elements) == 1
    for element in missing:
        if alone and intent.cause == "call_refused":
            conclude_refused(session, connection, intent, element, Refused([intent.words]))
        elif alone and intent.cause in {"server_error", "cut"}:
            conclude_fault(
                session,
                connection,
                intent,
                element,
                Fault("PROVIDER_ERROR", intent.words, xero_id=element.xero_id),
            )
        else:
            halves = intent.cause in {"call_refused", "server_error", "cut"}
            limit = max(1, (len(intent.elements) + 1) // 2) if halves else element.batch_limit
            journal.put_back(connection, intent.id, element, f"not there ({intent.cause})", limit)
    log.info(
        "%d documents are not in Xero after %s",
        len(missing),
        intent.cause,
        extra=session.context() | {"code": code_of([intent.words])},
    )


def recheck(session: Session, due: Recheck) -> None:
    """The last look after an unknown outcome was resolved: more than one document with a mark is a duplicate.

    Raises:
        XeroError: Xero can not be read now.
    """
    query = {"createdByMyApp": "true"} if due.xero_kind == "invoice" else {}
    counts: dict[str, list[Json]] = {}
    for element in session.client.pages(ENDPOINTS[due.xero_kind].path, query, due.since):
        marked = marked_document(due.xero_kind, element)
        if marked is not None and str(marked) in due.documents:
            counts.setdefault(str(marked), []).append(element)
    for document, copies in counts.items():
        if len(copies) > 1:
            _duplicate(session, document, len(copies))
    with session.transaction() as tx:
        journal.rechecked(tx.connection, due.intent_id)


def _report_duplicates(session: Session, element: Element, ours: list[Json]) -> None:
    if len(ours) > 1:
        _duplicate(session, element.document, len(ours))


def _duplicate(session: Session, document: str, copies: int) -> None:
    metrics.duplicates.labels(session.tenant_id).inc()
    log.error(
        "%d documents in Xero carry the mark of one document of ours",
        copies,
        extra={"tenant": session.tenant_id, "document": document},
    )
