"""Which of our documents a document in Xero is."""

from __future__ import annotations

from invoice_events.marks import document_of_reference, document_of_url
from invoice_events.names import Document
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.kinds import Kind
from xero_writer.core.values import Json, text


def marked_document(kind: Kind, document: Json) -> Document | None:
    """Our document that this Xero document carries the mark of, or None: then it is foreign and never touched.

    A supplier's credit note or bill is never ours, whatever its reference says; nor is a credit note with the mark of a
    purchase order, or the other way round.
    """
    endpoint = ENDPOINTS[kind]
    if not is_of_kind(kind, document):
        return None
    read = document_of_url if endpoint.mark_field == "Url" else document_of_reference
    found = read(text(document.get(endpoint.mark_field)))
    return found if found is not None and found.kind == endpoint.document else None


def is_of_kind(kind: Kind, document: Json) -> bool:
    """Whether a document of the kind's collection is one of this kind: invoices and bills, say, are in one, each with numbers of its own."""
    return text(document.get("Type")) in {"", ENDPOINTS[kind].type}
