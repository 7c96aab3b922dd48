"""Invoices and credit notes are one machine with different names; this is where they differ."""

from __future__ import annotations

from dataclasses import dataclass

ZERO_GUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Kind:
    """Names and texts of one kind of document.

    Only the invoice texts are known from Xero; those of credit notes are formed after them.
    """

    collection: str
    label: str
    id_member: str
    number_member: str
    types: tuple[str, str]
    prefix: str
    number_taken: str
    needs_due_date: bool
    has_url: bool
    has_discounts: bool

    @property
    def sales_type(self) -> str:
        """The type of a document for a customer."""
        return self.types[0]

    @property
    def not_for_creation(self) -> str:
        """A status that a new document may not have."""
        return f"{self.label} not of valid status for creation"

    @property
    def not_for_modification(self) -> str:
        """An illegal transition, or an edit of a voided, deleted or paid document."""
        return f"{self.label} not of valid status for modification"

    @property
    def wrong_type(self) -> str:
        """A type that exists but not for this endpoint."""
        return f"{self.label} not of valid type for creation"

    @property
    def unknown_id(self) -> str:
        """An id that names nothing, or an own id given to a new document."""
        return f"An existing {self.label} with the specified {self.id_member} could not be found"


INVOICE = Kind(
    collection="Invoices",
    label="Invoice",
    id_member="InvoiceID",
    number_member="InvoiceNumber",
    types=("ACCREC", "ACCPAY"),
    prefix="INV-",
    number_taken="Invoice # must be unique.",
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
    needs_due_date=False,
    has_url=False,
    has_discounts=False,
)
