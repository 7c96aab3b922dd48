"""The kinds of documents in Xero, and the mapped events that make them."""

from __future__ import annotations

from typing import overload

from invoice_events.types import (
    InvoiceMapped,
    OrderKind,
    PurchaseOrderMapped,
    XeroDocument,
    XeroKind,
    XeroOrder,
)

Kind = XeroKind | OrderKind
"""What a document is in Xero."""

Mapped = InvoiceMapped | PurchaseOrderMapped
"""What the mapper says of a document, whatever it is in Autotask; `xero_kind` tells which of the two it is."""

SALES_KINDS: tuple[Kind, ...] = ("invoice", "credit_note")
"""What an Autotask invoice is in Xero."""

ORDER_KINDS: tuple[Kind, ...] = ("purchase_order",)


def kinds_of(mapped: Mapped) -> tuple[Kind, ...]:
    """What the document can be in Xero, the likeliest first: a voided invoice's total may have another sign than before."""
    if mapped["xero_kind"] == "purchase_order":
        return ORDER_KINDS
    return (mapped["xero_kind"], *(kind for kind in SALES_KINDS if kind != mapped["xero_kind"]))


@overload
def wanted_of(mapped: InvoiceMapped) -> XeroDocument: ...
@overload
def wanted_of(mapped: PurchaseOrderMapped) -> XeroOrder: ...
@overload
def wanted_of(mapped: Mapped) -> XeroDocument | XeroOrder: ...
def wanted_of(mapped: Mapped) -> XeroDocument | XeroOrder:
    """The document to be; every event has one, unless it asks for a document to be voided.

    Raises:
        ValueError: it has none.
    """
    if mapped["xero"] is None:
        raise ValueError(f"{mapped['document']}: mapped without a document")
    return mapped["xero"]
