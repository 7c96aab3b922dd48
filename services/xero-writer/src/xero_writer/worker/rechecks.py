"""The last look after an unknown outcome was resolved: whatever the protocol can not exclude is found here."""

from __future__ import annotations

from sqlalchemy import Connection

from service_runtime import metrics
from xero_writer.adapters import journal, work
from xero_writer.adapters.journal import Recheck
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text
from xero_writer.worker.clocks import in_xeros_time
from xero_writer.worker.lookups import changed_since
from xero_writer.worker.session import Session, log


def recheck(session: Session, due: Recheck) -> None:
    """Look for documents that carry one mark twice, and for one that was believed not to be there.

    Raises:
        XeroError: Xero can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    copies: dict[str, list[Json]] = {}
    since = in_xeros_time(session, due.created_at, due.xero_time)
    by_this_app = due.app == session.app
    for element in changed_since(session.client, due.xero_kind, since, by_this_app=by_this_app):
        document = str(marked_document(due.xero_kind, element))
        if document in due.documents and not is_gone(element):
            copies.setdefault(document, []).append(element)
    with session.transaction() as tx:
        for document, found in sorted(copies.items()):
            report_duplicate(session, tx.connection, document, found)
            if due.documents[document] is None:
                _adopt(session, tx.connection, due, document, found[0])
        journal.rechecked(tx.connection, due.intent_id)


def _adopt(session: Session, connection: Connection, due: Recheck, document: str, found: Json) -> None:
    """A request that was believed to have come to nothing has written after all: the next try has to know."""
    endpoint = ENDPOINTS[due.xero_kind]
    xero_id, number = text(found.get(endpoint.id_field)), text(found.get(endpoint.number_field))
    work.remember(
        connection, session.tenant_id, document, due.xero_kind, xero_id, number, synced_revision=None
    )
    log.error(
        "a document is in Xero although it was believed not to be there",
        extra={"tenant": session.tenant_id, "document": document},
    )


def report_duplicate(session: Session, connection: Connection, document: str, copies: list[Json]) -> None:
    """More than one live document with a mark must never be; if it is, everybody shall know."""
    live = [copy for copy in copies if not is_gone(copy)]
    if len(live) < 2:  # noqa: PLR2004  # one is as it should be
        return
    metrics.duplicates.labels(session.tenant_id).inc()
    numbers = {
        f"number_{place}": text(copy.get(endpoint.number_field))
        for endpoint in ENDPOINTS.values()
        for place, copy in enumerate(live, start=1)
        if copy.get(endpoint.number_field)
    }
    message = f"{len(live)} documents in Xero carry the mark of {document}"
    session.log_line(connection, "error", message, fields=numbers)
    log.error(
        "%d documents in Xero carry the mark of one document of ours",
        len(live),
        extra={"tenant": session.tenant_id, "document": document},
    )
