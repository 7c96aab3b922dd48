"""Taking a wrong document back: first its mark and number get a suffix, then it is deleted or voided.

In this order, because Xero never frees a number, and a copy that still carried our mark would be found again. Both
steps are absolute changes of one document by id, so repeating one after an unknown outcome is harmless: the document is
read and whatever step is missing is done.
"""

from __future__ import annotations

from sqlalchemy import Connection

from invoice_events.types import InvoiceMapped, XeroKind
from xero_writer.adapters import journal, work
from xero_writer.adapters.answers import CallRefused, Readable
from xero_writer.adapters.journal import Element, Intent, Planned
from xero_writer.adapters.work import Waiting
from xero_writer.core.answers import Refused, refusal_texts, verdict_of
from xero_writer.core.body import wrap
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault
from xero_writer.core.judgement import amount_differences, is_gone, serious_warnings
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.session import Session, log

WRONG = "Invoice Amounts do not match"


def begin_take_back(
    session: Session,
    connection: Connection,
    intent: Intent,
    element: Element,
    document: Json,
    reasons: list[str],
) -> None:
    """Commit the intent of the next step, in the transaction that found the document wrong, so that it can not be forgotten."""
    mapped = session.mapped_of(element)
    body = next_change(intent.xero_kind, mapped, document)
    _commit(
        session,
        connection,
        intent.xero_kind,
        element,
        text(document.get(ENDPOINTS[intent.xero_kind].id_field)),
        body,
    )
    session.log_line(
        connection,
        "error",
        "Xero's document is not as predicted and is taken back",
        mapped=mapped,
        traceparent=element.traceparent,
        fields={f"difference_{number}": reason for number, reason in enumerate(reasons, start=1)},
    )
    log.error("the document in Xero is not as predicted and is taken back", extra=session.context(element))


def next_change(kind: XeroKind, mapped: InvoiceMapped, document: Json) -> Json:
    """What the next call changes: mark and number while our mark is on it, else the status."""
    endpoint = ENDPOINTS[kind]
    body: Json = {endpoint.id_field: text(document.get(endpoint.id_field))}
    if marked_document(kind, document) is None:
        return body | {
            "Status": "VOIDED" if text(document.get("Status")) in {"AUTHORISED", "PAID"} else "DELETED"
        }
    suffix = f"~{mapped['revision']}"
    field = "Url" if kind == "invoice" else "Reference"
    body[field] = text(document.get(field)) + suffix
    if mapped["number_is_ours"]:
        body[endpoint.number_field] = text(document.get(endpoint.number_field)) + suffix
    return body


def continue_take_back(session: Session, intent: Intent) -> None:
    """Read the document and do whatever step is missing. Called for each unresolved take-back until it is over.

    Raises:
        XeroError: the document can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    element = intent.elements[0]
    endpoint = ENDPOINTS[intent.xero_kind]
    document = (session.client.read(f"{endpoint.path}/{element.xero_id}").get(endpoint.path) or [{}])[0]
    mapped = session.mapped_of(element)
    if is_gone(document):
        with session.transaction() as tx:
            _finish(
                session,
                tx.connection,
                intent,
                Fault("XERO_AMOUNTS_DIFFER", WRONG, _reasons(mapped, document), xero_id=element.xero_id),
            )
        return
    request_body = wrap(endpoint.path, [next_change(intent.xero_kind, mapped, document)])
    if request_body != intent.body or intent.last_sent_at is not None:
        with session.transaction() as tx:
            journal.settle(tx.connection, intent.id, element, "step done", None)
            journal.close_if_settled(tx.connection, intent.id, session.timing.recheck)
            intent = _commit(
                session,
                tx.connection,
                intent.xero_kind,
                element,
                element.xero_id or "",
                next_change(intent.xero_kind, mapped, document),
            )
        element = intent.elements[0]
    refused = _send(session, intent)
    if refused is not None:
        with session.transaction() as tx:
            _finish(
                session,
                tx.connection,
                intent,
                Fault(
                    "CAN_NOT_TAKE_BACK",
                    "; ".join(refused.texts),
                    _reasons(mapped, document),
                    final=True,
                    xero_id=element.xero_id,
                ),
            )
    session.wake()


def _send(session: Session, intent: Intent) -> Refused | None:
    """Send one step. Returns the refusal if Xero refused it; anything else is found out by reading the document again."""

    def about_to_send() -> bool:
        with session.transaction() as tx:
            journal.mark_sending(tx.connection, intent.id)
            return tx.lease_left > session.timing.deadline

    answer = session.client.write(
        session.client.request_of(intent.method, intent.path, intent.body, intent.idempotency_key),
        about_to_send,
    )
    if isinstance(answer, CallRefused):
        return Refused(refusal_texts(answer.body, answer.words))
    if isinstance(answer, Readable):
        elements = answer.body.get(ENDPOINTS[intent.xero_kind].path) or [{}]
        verdict = verdict_of(intent.xero_kind, elements[0])
        return verdict if isinstance(verdict, Refused) else None
    return None


def _commit(
    session: Session, connection: Connection, kind: XeroKind, element: Element, xero_id: str, body: Json
) -> Intent:
    path = ENDPOINTS[kind].path
    planned = Planned(_as_waiting(element), element.number, element.contact_name, element.due_date, xero_id)
    return journal.commit_intent(
        connection,
        tenant_id=session.tenant_id,
        epoch=session.lease.epoch,
        purpose="take_back",
        xero_kind=kind,
        method="POST",
        path=f"/{path}?summarizeErrors=false",
        body=wrap(path, [body]),
        planned=[planned],
    )


def _as_waiting(element: Element) -> Waiting:
    return Waiting(
        tenant_id=element.tenant_id,
        document=element.document,
        revision=element.revision,
        priority=element.priority,
        raw=element.raw,
        traceparent=element.traceparent,
        batch_limit=element.batch_limit,
        received_at=element.received_at,
        waited=0.0,
        xero_kind=None,
        xero_id=element.xero_id,
        adopted=False,
        check_number=False,
    )


def _reasons(mapped: InvoiceMapped, document: Json) -> list[str]:
    prediction = mapped["prediction"]
    return [
        *(amount_differences(prediction, document) if prediction is not None else []),
        *serious_warnings(document),
    ]


def _finish(session: Session, connection: Connection, intent: Intent, fault: Fault) -> None:
    """The take-back is over: done, so the next try creates a new document, or refused, so a person has to look."""
    element = intent.elements[0]
    if journal.settle(connection, intent.id, element, fault.code, None):
        if not fault.final:
            work.forget(connection, session.tenant_id, element.document)
        session.publish_fault(connection, session.mapped_of(element), fault, element.traceparent)
    journal.close_if_settled(connection, intent.id, session.timing.recheck)
