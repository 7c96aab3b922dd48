"""Links into Autotask's own pages.

The API gives only the root; the paths are not part of it. Every resync must give the same link, because Xero stores it.
"""

from __future__ import annotations

from invoice_events.names import Document, Kind

_PATHS: dict[Kind, str] = {
    "invoice": "contracts/views/invoiceView.asp?invoiceId={id}",
    "purchase-order": "inventory/views/purchaseOrderView.asp?purchaseOrderId={id}",
}


def autotask_url(web_root: str, document: str) -> str:
    """Link to a document.

    Args:
        web_root: root of Autotask's own pages, from zone discovery.
        document: such as `invoice/48213` or `purchase-order/771`.
    """
    named = Document.parse(document)
    return f"{web_root.rstrip('/')}/{_PATHS[named.kind].format(id=named.id)}"
