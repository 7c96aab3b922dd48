"""Where invoices and credit notes live in Xero's API, and what their fields are called there."""

from __future__ import annotations

from dataclasses import dataclass

from invoice_events.types import XeroKind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One collection: its path, and the names of id, number and sales type."""

    path: str
    id_field: str
    number_field: str
    type: str


ENDPOINTS: dict[XeroKind, Endpoint] = {
    "invoice": Endpoint("Invoices", "InvoiceID", "InvoiceNumber", "ACCREC"),
    "credit_note": Endpoint("CreditNotes", "CreditNoteID", "CreditNoteNumber", "ACCRECCREDIT"),
}


def xero_link(kind: XeroKind, short_code: str, xero_id: str) -> str:
    """Link to a document in Xero's web page. `short_code` carries its own exclamation mark."""
    if kind == "invoice":
        return f"https://go.xero.com/app/{short_code}/invoicing/view/{xero_id}"
    return f"https://go.xero.com/organisationlogin/default.aspx?shortcode={short_code}&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={xero_id}"
