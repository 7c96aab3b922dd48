"""The two kinds of documents, as the pages speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of documents.

    Attributes:
        kind: its name in documents' names.
        resource: its place below a tenant, and its tab.
        plural: in words.
        party: who is on the other side.
    """

    kind: str
    resource: str
    plural: str
    party: str

    def figures(self, overview: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its part of a tenant's overview."""
        return overview if self.kind == "invoice" else overview["purchase_orders"]


KINDS: Mapping[str, DocumentKind] = {
    "invoice": DocumentKind("invoice", "invoices", "invoices", "Client"),
    "purchase-order": DocumentKind("purchase-order", "purchase-orders", "purchase orders", "Vendor"),
}
"""By their name."""
