"""Where each kind of document lives in Xero's API, what its fields are called there, and how it is recognised as ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from invoice_events.names import Kind as DocumentKind
from xero_writer.core.kinds import Kind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One collection.

    Attributes:
        path: below the API's root; also the name of the list in bodies.
        id_field, number_field: names of id and number.
        type: what Xero calls it in `Type`; others in the same collection (bills, say) are never ours.
        sends_type: whether a create has to name the type.
        document: the kind of our document that it is made of.
        mark_field: where it carries our mark.
        takes_decimals: whether the number of decimals of unit amounts is asked for; purchase orders always keep four.
        number_taken: Xero's words when a number is used already.
        label: what Xero calls it in its sentences.
    """

    path: str
    id_field: str
    number_field: str
    type: str
    sends_type: bool
    document: DocumentKind
    mark_field: Literal["Url", "Reference"]
    takes_decimals: bool
    number_taken: str
    label: str

    def query(self, unit_decimals: int) -> dict[str, str]:
        """The query parameter for so many decimals of unit amounts, where there is one."""
        return {"unitdp": str(unit_decimals)} if self.takes_decimals else {}


ENDPOINTS: dict[Kind, Endpoint] = {
    "invoice": Endpoint(
        path="Invoices",
        id_field="InvoiceID",
        number_field="InvoiceNumber",
        type="ACCREC",
        sends_type=True,
        document="invoice",
        mark_field="Url",
        takes_decimals=True,
        number_taken="Invoice # must be unique.",
        label="invoice",
    ),
    "credit_note": Endpoint(
        path="CreditNotes",
        id_field="CreditNoteID",
        number_field="CreditNoteNumber",
        type="ACCRECCREDIT",
        sends_type=True,
        document="invoice",
        mark_field="Reference",
        takes_decimals=True,
        number_taken="Credit Note # must be unique.",
        label="credit note",
    ),
    "purchase_order": Endpoint(
        path="PurchaseOrders",
        id_field="PurchaseOrderID",
        number_field="PurchaseOrderNumber",
        type="PURCHASEORDER",
        sends_type=False,
        document="purchase-order",
        mark_field="Reference",
        takes_decimals=False,
        number_taken="Order number must be unique.",
        label="purchase order",
    ),
}


def xero_link(kind: Kind, short_code: str, xero_id: str) -> str:
    """Link to a document in Xero's web page. `short_code` carries its own exclamation mark."""
    if kind == "invoice":
        return f"https://go.xero.com/app/{short_code}/invoicing/view/{xero_id}"
    page = {
        "credit_note": f"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={xero_id}",
        "purchase_order": f"/Accounts/Payable/PurchaseOrders/View/{xero_id}/",
    }[kind]
    return f"https://go.xero.com/organisationlogin/default.aspx?shortcode={short_code}&redirecturl={page}"
