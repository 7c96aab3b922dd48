"""Which of our documents a document in Xero is."""

from __future__ import annotations

from invoice_events.marks import document_of_reference, document_of_url
from invoice_events.names import Document
from invoice_events.types import XeroKind
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.values import Json, text


def marked_document(kind: XeroKind, document: Json) -> Document | None:
    """Our document that this Xero document carries the mark of, or None: then it is foreign and never touched.

    A supplier's credit note or bill is never ours, whatever its reference says.
    """
    if text(document.get("Type")) not in {"", ENDPOINTS[kind].type}:
        return None
    if kind == "invoice":
        return document_of_url(text(document.get("Url")))
    return document_of_reference(text(document.get("Reference")))
