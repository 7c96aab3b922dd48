"""The mark by which a document of ours is recognised in Xero.

Invoices carry it as the fragment of `Url` (`…#sync=invoice/48213`); only the fragment is compared. Credit notes and
purchase orders have no `Url` and carry it at the end of `Reference` (`… [INV 48213]`, `… [PO 771]`). A document that
was taken back carries a suffix (`~{revision}`) and is nobody's any more.
"""

from __future__ import annotations

import re

from invoice_events.names import BadDocumentNameError, Document, Kind

_FRAGMENT = re.compile(r"sync=(invoice|purchase-order)/([1-9][0-9]*)")
_REFERENCE = re.compile(r"\[(INV|PO) ([1-9][0-9]*)\]\s*$")
_WORDS: dict[Kind, str] = {"invoice": "INV", "purchase-order": "PO"}


def url_fragment(document: Document) -> str:
    """Fragment of an invoice's Url, without the `#`."""
    return f"sync={document}"


def reference_suffix(document: Document) -> str:
    """End of a credit note's or purchase order's Reference."""
    return f"[{_WORDS[document.kind]} {document.id}]"


def document_of_url(url: str | None) -> Document | None:
    """The document whose mark a Url carries, or None."""
    found = _FRAGMENT.fullmatch((url or "").partition("#")[2])
    return _document(found[1], found[2]) if found else None


def document_of_reference(reference: str | None) -> Document | None:
    """The document whose mark stands at the end of a Reference, or None."""
    found = _REFERENCE.search(reference or "")
    if not found:
        return None
    return _document("invoice" if found[1] == "INV" else "purchase-order", found[2])


def _document(kind: str, number: str) -> Document | None:
    """The document, or None: Url and Reference are anybody's to write, and no document has a number that large."""
    try:
        return Document.parse(f"{kind}/{number}")
    except BadDocumentNameError:
        return None
