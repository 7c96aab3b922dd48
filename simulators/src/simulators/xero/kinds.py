"""Invoices, credit notes and purchase orders are one machine with different names; this is where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ZERO_GUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses of a kind: all of them, those of a new document, and which one may follow which.

    `complete` are those that a document needs all its fields for; `sent` those in which SentToContact may be set.
    """

    every: tuple[str, ...]
    creation: frozenset[str]
    after: Mapping[str, frozenset[str]]
    complete: frozenset[str]
    sent: frozenset[str]
    sent_warning: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Names, texts and statuses of one kind of document.

    Of the texts that are formed from the label only those of invoices are known from Xero. `is_order`: purchase
    orders are not in the ledger (no payments, no lock dates, nobody becomes a customer), never create or change a
    contact, need lines from the beginning and keep four decimals of unit amounts without being asked to.
    """

    collection: str
    label: str
    id_member: str
    number_member: str
    types: tuple[str, ...]
    prefix: str
    number_taken: str
    statuses: Statuses
    not_for_modification: str
    needs_due_date: bool
    has_url: bool
    has_discounts: bool
    is_order: bool = False

    @property
    def own_type(self) -> str:
        """The type whose numbers are ours to give: sales documents and purchase orders."""
        return self.types[0]

    @property
    def not_for_creation(self) -> str:
        """A status that a new document may not have."""
        return f"{self.label} not of valid status for creation"

    @property
    def wrong_type(self) -> str:
        """A type that exists but not for this endpoint."""
        return f"{self.label} not of valid type for creation"

    @property
    def unknown_id(self) -> str:
        """An id that names nothing, or an own id given to a new document."""
        return f"An existing {self.label} with the specified {self.id_member} could not be found"


_OF_THE_LEDGER = Statuses(
    every=("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
    creation=frozenset({"DRAFT", "SUBMITTED", "AUTHORISED"}),
    after={
        "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
        "SUBMITTED": frozenset({"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"}),
        "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
        "PAID": frozenset({"PAID"}),
        "VOIDED": frozenset(),
        "DELETED": frozenset(),
    },
    complete=frozenset({"AUTHORISED", "PAID"}),
    sent=frozenset({"AUTHORISED", "PAID"}),
    sent_warning="Only AUTHORISED invoices may have SentToContact updated.",
)
# No table of transitions is known. Deletion works from everywhere (a billed order was deleted live); the way back
# from an approved order is left out, since nothing says that it exists.
_OF_ORDERS = Statuses(
    every=("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"),
    creation=frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED"}),
    after={
        "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
        "SUBMITTED": frozenset({"SUBMITTED", "DRAFT", "AUTHORISED", "BILLED", "DELETED"}),
        "AUTHORISED": frozenset({"AUTHORISED", "BILLED", "DELETED"}),
        "BILLED": frozenset({"BILLED", "DELETED"}),
        "DELETED": frozenset(),
    },
    complete=frozenset({"AUTHORISED", "BILLED"}),
    sent=frozenset({"AUTHORISED", "BILLED"}),
    sent_warning="Only AUTHORISED and BILLED purchase orders may have SentToContact updated.",
)

INVOICE = Kind(
    collection="Invoices",
    label="Invoice",
    id_member="InvoiceID",
    number_member="InvoiceNumber",
    types=("ACCREC", "ACCPAY"),
    prefix="INV-",
    number_taken="Invoice # must be unique.",
    statuses=_OF_THE_LEDGER,
    not_for_modification="Invoice not of valid status for modification",
    needs_due_date=True,
    has_url=True,
    has_discounts=True,
)
CREDIT_NOTE = Kind(
    collection="CreditNotes",
    label="Credit Note",
    id_member="CreditNoteID",
    number_member="CreditNoteNumber",
    types=("ACCRECCREDIT", "ACCPAYCREDIT"),
    prefix="CN-",
    number_taken="Credit Note # must be unique.",
    statuses=_OF_THE_LEDGER,
    not_for_modification="Credit Note not of valid status for modification",
    needs_due_date=False,
    has_url=False,
    has_discounts=False,
)
PURCHASE_ORDER = Kind(
    collection="PurchaseOrders",
    label="PurchaseOrder",
    id_member="PurchaseOrderID",
    number_member="PurchaseOrderNumber",
    types=("PURCHASEORDER",),
    prefix="PO-",
    number_taken="Order number must be unique",
    statuses=_OF_ORDERS,
    not_for_modification="PurchaseOrder status change is invalid",
    needs_due_date=False,
    has_url=False,
    has_discounts=True,
    is_order=True,
)
KINDS = {kind.collection: kind for kind in (INVOICE, CREDIT_NOTE, PURCHASE_ORDER)}
