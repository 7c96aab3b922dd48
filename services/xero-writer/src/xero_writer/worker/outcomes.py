"""Recording what became of a document: judged against the prediction, announced, or taken back."""

from __future__ import annotations

from sqlalchemy import Connection

from invoice_events import names
from invoice_events.identity import utc_now
from invoice_events.types import InvoiceMapped
from service_runtime import metrics
from xero_writer.adapters import journal, work
from xero_writer.adapters.intents import Element, Intent
from xero_writer.core.answers import Refused
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, Resolved, deleted_in_xero, synced
from xero_writer.core.judgement import is_gone
from xero_writer.core.refusals import NUMBER_TAKEN, REFERENCE_CODES, code_of
from xero_writer.core.taking_back import reason_to_take_back
from xero_writer.core.values import Json, text
from xero_writer.worker.session import Session, log
from xero_writer.worker.take_back import begin_take_back


def conclude_written(
    session: Session, connection: Connection, intent: Intent, element: Element, document: Json, outcome: str
) -> None:
    """The document is in Xero as `document` says. One that is not as predicted is taken back at once."""
    mapped = session.mapped_of(element.item)
    xero_id = text(document.get(ENDPOINTS[intent.xero_kind].id_field))
    if is_gone(document):
        _remember(connection, mapped, document, synced_revision=None)
        conclude_fault(session, connection, intent, element, deleted_in_xero(document, xero_id))
        return
    reason = reason_to_take_back(mapped, document, xero_id)
    if reason is not None:
        if journal.settle(connection, intent.id, element, "wrong", xero_id):
            _remember(connection, mapped, document, synced_revision=None)
            begin_take_back(session, connection, intent.xero_kind, element, document, reason)
    elif journal.settle(connection, intent.id, element, outcome, xero_id):
        announce_synced(session, connection, mapped, element, document, outcome)


def announce_synced(
    session: Session,
    connection: Connection,
    mapped: InvoiceMapped,
    element: Element,
    document: Json,
    outcome: str,
) -> None:
    """Publish `synced` and remember where the document is."""
    _remember(connection, mapped, document, synced_revision=mapped["revision"])
    resolved = Resolved(session.short_code, element.contact_name, element.due_date)
    event = synced(mapped, outcome, document, resolved, utc_now())
    session.publish(connection, names.SYNCED, event, element.item.traceparent)
    fields = {
        "xero_id": event["xero_document_id"] or "",
        "number": event["xero_number"],
        "status": event["xero_status"],
        "total": f"{event['total']:f} {event['currency']}",
    }
    session.log_line(connection, "info", f"{outcome} in Xero", item=element.item, fields=fields)
    metrics.outcomes.labels(session.tenant_id, outcome).inc()
    log.info("%s in Xero", outcome, extra=session.context(element.item))


def conclude_refused(
    session: Session, connection: Connection, intent: Intent, element: Element, refused: Refused
) -> None:
    """Xero refused this document; its words become the fault."""
    code = code_of(refused.texts)
    if code == NUMBER_TAKEN and intent.purpose == "update":
        code = "LOCKED_BY_PAYMENT"  # an update carries no number: its status does not allow the change
    session.reference_wanted = session.reference_wanted or code in REFERENCE_CODES
    words = journal.storable("; ".join(refused.texts))
    conclude_fault(session, connection, intent, element, Fault(code, words, xero_id=element.xero_id))


def conclude_fault(
    session: Session, connection: Connection, intent: Intent, element: Element, fault: Fault
) -> None:
    """This try of the document failed."""
    if journal.settle(connection, intent.id, element, fault.code, fault.xero_id):
        session.publish_fault(connection, element.item, fault)


def _remember(
    connection: Connection, mapped: InvoiceMapped, document: Json, *, synced_revision: int | None
) -> None:
    endpoint = ENDPOINTS[mapped["xero_kind"]]
    work.remember(
        connection,
        mapped["tenant_id"],
        mapped["document"],
        mapped["xero_kind"],
        text(document.get(endpoint.id_field)),
        text(document.get(endpoint.number_field)),
        synced_revision=synced_revision,
    )
