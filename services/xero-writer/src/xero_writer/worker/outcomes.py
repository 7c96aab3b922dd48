"""Recording what became of a document: judged against the prediction, announced, or taken back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from invoice_events import names
from invoice_events.catalogue import fault as entry
from invoice_events.identity import utc_now
from service_runtime import metrics
from xero_writer.adapters import journal, work
from xero_writer.adapters.intents import Element, Intent
from xero_writer.adapters.items import Item
from xero_writer.core.answers import Refused
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.events import Fault, Resolved, Synced, deleted_in_xero, nothing_to_void, synced
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind, Mapped
from xero_writer.core.refusals import NUMBER_TAKEN, REFERENCE_CODES, code_of
from xero_writer.core.taking_back import reason_to_take_back
from xero_writer.core.values import Json, text
from xero_writer.worker.contact_refreshes import enqueue_refresh
from xero_writer.worker.session import Session, log
from xero_writer.worker.take_back import begin_take_back

VOIDED = "voided"


def conclude_written(
    session: Session, connection: Connection, intent: Intent, element: Element, document: Json, outcome: str
) -> None:
    """The document is in Xero as `document` says. One that is not as predicted is taken back at once.

    `outcome`: created or updated; voided: that it is gone is what was wanted.
    """
    mapped, kind = session.mapped_of(element.item), intent.xero_kind
    xero_id = text(document.get(ENDPOINTS[kind].id_field))
    if outcome == VOIDED:
        if journal.settle(connection, intent.id, element, outcome, xero_id):
            announce_synced(session, connection, kind, element, document, outcome)
        return
    if is_gone(document):
        _remember(connection, kind, mapped, document, synced_revision=None)
        conclude_fault(session, connection, intent, element, deleted_in_xero(document, xero_id))
        return
    reason = reason_to_take_back(mapped, document, xero_id)
    if reason is not None:
        if journal.settle(connection, intent.id, element, "wrong", xero_id):
            _remember(connection, kind, mapped, document, synced_revision=None)
            begin_take_back(session, connection, kind, element, document, reason)
    elif journal.settle(connection, intent.id, element, outcome, xero_id):
        announce_synced(session, connection, kind, element, document, outcome)


def announce_synced(
    session: Session,
    connection: Connection,
    kind: Kind,
    element: Element,
    document: Json,
    outcome: str,
    *,
    warnings: Sequence[str] = (),
) -> None:
    """Publish `synced` and remember where the document is. `warnings`: ours, beside those of Xero."""
    mapped = session.mapped_of(element.item)
    _remember(connection, kind, mapped, document, synced_revision=mapped["revision"])
    resolved = Resolved(session.short_code, element.contact_name, element.due_date)
    event = synced(mapped, kind, outcome, document, resolved, utc_now(), warnings=warnings)
    _publish(session, connection, element.item, event)
    if outcome in {"created", "adopted"}:
        enqueue_refresh(session, connection, element.item, document)


def announce_nothing_to_void(session: Session, connection: Connection, item: Item) -> None:
    """Publish `synced` for a document of which nothing is in Xero."""
    _publish(session, connection, item, nothing_to_void(session.mapped_of(item), utc_now()))


def _publish(session: Session, connection: Connection, item: Item, event: Synced) -> None:
    session.publish_stage(connection, names.SYNCED, event, item)
    fields = {
        "xero_id": event["xero_document_id"] or "",
        "number": event["xero_number"],
        "status": event["xero_status"],
        "total": f"{event['total']:f} {event['currency']}",
    }
    outcome = event["outcome"]
    session.log_line(connection, "info", f"{outcome} in Xero", item=item, fields=fields)
    metrics.outcomes.labels(session.tenant_id, outcome).inc()
    log.info("%s in Xero", outcome, extra=session.context(item))


def conclude_refused(
    session: Session, connection: Connection, intent: Intent, element: Element, refused: Refused
) -> None:
    """Xero refused this document; its words become the fault."""
    code = refused.code or code_of(refused.texts)
    if code == NUMBER_TAKEN and intent.purpose != "create":
        code = "LOCKED_BY_PAYMENT"  # a change carries no number: its status does not allow it
    session.reference_wanted = session.reference_wanted or code in REFERENCE_CODES
    words = journal.storable("; ".join(refused.texts))
    conclude_fault(
        session,
        connection,
        intent,
        element,
        Fault(code, words, final=entry(code).final, xero_id=element.xero_id),
    )


def conclude_fault(
    session: Session, connection: Connection, intent: Intent, element: Element, fault: Fault
) -> None:
    """This try of the document failed."""
    if journal.settle(connection, intent.id, element, fault.code, fault.xero_id):
        session.publish_fault(connection, element.item, fault)


def _remember(
    connection: Connection, kind: Kind, mapped: Mapped, document: Json, *, synced_revision: int | None
) -> None:
    endpoint = ENDPOINTS[kind]
    work.remember(
        connection,
        mapped["tenant_id"],
        mapped["document"],
        kind,
        text(document.get(endpoint.id_field)),
        text(document.get(endpoint.number_field)),
        synced_revision=synced_revision,
    )
