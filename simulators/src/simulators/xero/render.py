"""How objects look in Xero's answers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.xero import orders
from simulators.xero.amounts import Rounding
from simulators.xero.dates import date_string, ms_date, utc_string
from simulators.xero.kinds import CREDIT_NOTE, INVOICE

if TYPE_CHECKING:
    from simulators.xero.state import Contact, Credit, Document, Line, Organisation, Payment

_ONLY_SINGLE_OR_PAGED = ("PaymentTerms", "MergedToContactID")
_NOT_IN_SUMMARY = (
    "Addresses",
    "ContactPersons",
    "IsSupplier",
    "IsCustomer",
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
)


def contact(entry: Contact, *, detailed: bool = True, summary: bool = False) -> dict[str, Any]:
    """A contact; terms and the contact it was merged into appear in single reads and paged lists only (`detailed`)."""
    shown: dict[str, Any] = {
        "ContactID": entry.id,
        "ContactStatus": entry.status,
        "Name": entry.name,
        "EmailAddress": "",
        "Addresses": [],
        "Phones": [],
        "ContactPersons": [],
        **entry.members,
        **({} if entry.merged_to is None else {"MergedToContactID": entry.merged_to}),
        "IsSupplier": entry.is_supplier,
        "IsCustomer": entry.is_customer,
        "UpdatedDateUTC": ms_date(entry.updated),
        "UpdatedDateUTCString": utc_string(entry.updated),
        "HasValidationErrors": False,
    }
    hidden = (() if detailed else _ONLY_SINGLE_OR_PAGED) + (_NOT_IN_SUMMARY if summary else ())
    return {name: value for name, value in shown.items() if name not in hidden}


def line(organisation: Organisation, entry: Line, *, four_places: bool) -> dict[str, Any]:
    """A line item; unit amounts show 2 decimals unless the request carries unitdp=4."""
    shown: dict[str, Any] = {"LineItemID": entry.id}
    if entry.description is not None:
        shown["Description"] = entry.description
    if entry.has_amount:
        unit = entry.unit_amount or Decimal(0)
        rounding = Rounding(organisation.switches.rounding_mode)
        shown["Quantity"] = entry.quantity
        shown["UnitAmount"] = rounding.unit(unit, four_places=four_places)
        if entry.discount_rate is not None:
            shown["DiscountRate"] = entry.discount_rate
        if entry.discount_amount is not None:
            shown["DiscountAmount"] = entry.discount_amount
        shown["LineAmount"] = entry.line_amount
        shown["TaxAmount"] = entry.tax_amount
    codes = {"TaxType": entry.tax_type, "AccountCode": entry.account_code, "AccountID": entry.account_id}
    shown |= {name: value for name, value in codes.items() if value is not None}
    shown["Tracking"] = [
        {
            "TrackingCategoryID": tracked.category_id,
            "Name": tracked.category,
            "TrackingOptionID": tracked.option_id,
            "Option": tracked.option,
        }
        for tracked in entry.tracking
    ]
    return shown


def payment(entry: Payment) -> dict[str, Any]:
    """A payment as it appears on its document."""
    return {
        "PaymentID": entry.id,
        "Date": ms_date(entry.date),
        "Amount": entry.amount,
        "Reference": entry.reference,
        "HasAccount": True,
        "HasValidationErrors": False,
    }


def _embedded_contact(organisation: Organisation, document: Document, *, detail: str) -> dict[str, Any]:
    entry = organisation.ledger.contacts[document.contact_id]
    if detail == "short":
        return {"ContactID": entry.id, "Name": entry.name}
    shown = contact(entry)
    if detail == "list":
        # In lists the contact inside a document has no e-mail address.
        shown.pop("EmailAddress")
        shown.pop("ContactPersons")
    return shown


def _dates(name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - a date or None
    return {} if value is None else {f"{name}String": date_string(value), name: ms_date(value)}


def document(
    organisation: Organisation, entry: Document, *, four_places: bool, detail: str = "full"
) -> dict[str, Any]:
    """An invoice, credit note or purchase order.

    `detail`: full (single reads and writes), list (pages: lines, contact without e-mail), short (lists without page:
    no lines, contact with id and name only), summary (summaryOnly: no lines, no payments).
    """
    kind = entry.kind
    short = detail in ("short", "summary")
    shown: dict[str, Any] = {
        "Type": entry.type,
        kind.id_member: entry.id,
        kind.number_member: entry.number,
        "Reference": entry.reference,
        **(
            orders.shown_delivery(entry.delivery)
            if kind.is_order
            else _settlement(organisation, entry, detail)
        ),
    }
    if entry.url:
        shown["Url"] = entry.url
    if entry.theme_id is not None:
        shown["BrandingThemeID"] = entry.theme_id
    shown |= {
        "SentToContact": entry.sent,
        "CurrencyRate": entry.currency_rate,
        "HasAttachments": False,
        "HasErrors": False,
        "Contact": _embedded_contact(organisation, entry, detail="short" if short else detail),
        **_dates("Date", entry.date),
        **_dates("DueDate", entry.due_date),
        **_dates("ExpectedPaymentDate", entry.expected_payment_date),
        "Status": entry.status,
        "LineAmountTypes": entry.line_amount_types,
        "LineItems": []
        if short
        else [line(organisation, item, four_places=four_places or kind.is_order) for item in entry.lines],
        "SubTotal": entry.sub_total,
        "TotalTax": entry.total_tax,
        "Total": entry.total,
        "CurrencyCode": entry.currency,
        "UpdatedDateUTC": ms_date(entry.updated),
        "UpdatedDateUTCString": utc_string(entry.updated),
    }
    if detail == "summary":
        del shown["LineItems"], shown["HasAttachments"]
    return shown


def _settlement(organisation: Organisation, entry: Document, detail: str) -> dict[str, Any]:
    """What was paid and credited, what is left, and by which payments and credit notes."""
    documents = organisation.ledger.documents
    shown: dict[str, Any] = {}
    if detail != "summary":
        shown["Payments"] = [payment(item) for item in entry.payments if not item.deleted]
    if entry.kind is CREDIT_NOTE:
        shown |= {"RemainingCredit": entry.due, "AppliedAmount": entry.paid + entry.credited}
        shown["Allocations"] = [
            allocation(item, documents[INVOICE.collection][item.invoice_id]) for item in entry.credits
        ]
    else:
        shown |= {"AmountDue": entry.due, "AmountPaid": entry.paid, "AmountCredited": entry.credited}
        shown["CreditNotes"] = [
            _credit_note(item, documents[CREDIT_NOTE.collection][item.credit_note_id])
            for item in entry.credits
        ]
    if entry.status == "PAID":
        days = [item.date for item in entry.payments if not item.deleted]
        days += [item.date for item in entry.credits]
        shown["FullyPaidOnDate"] = ms_date(max(days, default=entry.date))
    return shown


def allocation(entry: Credit, invoice: Document) -> dict[str, Any]:
    """An allocation as its credit note shows it."""
    return {
        "AllocationID": entry.id,
        "Amount": entry.amount,
        **_dates("Date", entry.date),
        "Invoice": {"InvoiceID": invoice.id, "InvoiceNumber": invoice.number, "HasErrors": False},
        "HasErrors": False,
    }


def _credit_note(entry: Credit, note: Document) -> dict[str, Any]:
    """A credit note as the invoice shows it that it was allocated to."""
    return {
        "CreditNoteID": note.id,
        "CreditNoteNumber": note.number,
        "ID": entry.id,
        "AppliedAmount": entry.amount,
        "Total": note.total,
        **_dates("Date", entry.date),
        "HasErrors": False,
    }
