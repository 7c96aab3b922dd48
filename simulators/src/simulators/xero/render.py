"""How objects look in Xero's answers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.xero.amounts import Rounding
from simulators.xero.dates import date_string, ms_date, utc_string

if TYPE_CHECKING:
    from simulators.xero.state import Account, Contact, Document, Line, Organisation, Payment, TaxRate

_ONLY_SINGLE_OR_PAGED = ("PaymentTerms", "Website", "Balances")
_NOT_IN_SUMMARY = ("Addresses", "ContactPersons")


def contact(entry: Contact, *, detailed: bool = True, summary: bool = False) -> dict[str, Any]:
    """A contact; payment terms appear in single reads and paged lists only (`detailed`)."""
    shown: dict[str, Any] = {
        "ContactID": entry.id,
        "ContactStatus": entry.status,
        "Name": entry.name,
        "EmailAddress": "",
        "Addresses": [],
        "Phones": [],
        "ContactPersons": [],
        **entry.members,
        "IsSupplier": entry.is_supplier,
        "IsCustomer": entry.is_customer,
        "UpdatedDateUTC": ms_date(entry.updated),
        "UpdatedDateUTCString": utc_string(entry.updated),
        "HasValidationErrors": False,
    }
    hidden = (() if detailed else _ONLY_SINGLE_OR_PAGED) + (
        (*_NOT_IN_SUMMARY, "IsSupplier", "IsCustomer") if summary else ()
    )
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
    """An invoice or credit note.

    `detail`: full (single reads and writes), list (pages: lines, contact without e-mail), short (lists without page:
    no lines, contact with id and name only), summary (summaryOnly: no lines, no payments).
    """
    kind = entry.kind
    shown: dict[str, Any] = {
        "Type": entry.type,
        kind.id_member: entry.id,
        kind.number_member: entry.number,
        "Reference": entry.reference,
    }
    if detail != "summary":
        shown["Payments"] = [payment(item) for item in entry.payments if not item.deleted]
    if kind.has_url:
        shown |= {"AmountDue": entry.due, "AmountPaid": entry.paid, "AmountCredited": Decimal("0.00")}
    else:
        shown |= {"RemainingCredit": entry.due, "AppliedAmount": entry.paid, "Allocations": []}
    if entry.url:
        shown["Url"] = entry.url
    if entry.theme_id is not None:
        shown["BrandingThemeID"] = entry.theme_id
    short = detail in ("short", "summary")
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
        else [line(organisation, item, four_places=four_places) for item in entry.lines],
        "SubTotal": entry.sub_total,
        "TotalTax": entry.total_tax,
        "Total": entry.total,
        "CurrencyCode": entry.currency,
        "UpdatedDateUTC": ms_date(entry.updated),
        "UpdatedDateUTCString": utc_string(entry.updated),
    }
    if entry.status == "PAID":
        live = [item.date for item in entry.payments if not item.deleted]
        shown["FullyPaidOnDate"] = ms_date(max(live, default=entry.date))
    if detail == "summary":
        del shown["LineItems"], shown["HasAttachments"]
    return shown


def account(entry: Account) -> dict[str, Any]:
    """One account of the chart."""
    return {
        "AccountID": entry.id,
        "Code": entry.code,
        "Name": entry.name,
        "Status": entry.status,
        "Type": entry.type,
        **({} if entry.tax_type is None else {"TaxType": entry.tax_type}),
        "Description": entry.description,
        "Class": entry.account_class,
        "SystemAccount": entry.system,
        "EnablePaymentsToAccount": entry.enable_payments,
        "ShowInExpenseClaims": False,
        "BankAccountType": "",
        "ReportingCode": "",
        "HasAttachments": False,
        "UpdatedDateUTC": ms_date(entry.updated),
    }


_CLASS_MEMBERS = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}


def tax_rate(entry: TaxRate) -> dict[str, Any]:
    """One tax rate with a single component."""
    rate = entry.rate.quantize(Decimal("0.0001"))
    return {
        "Name": entry.name,
        "TaxType": entry.tax_type,
        "ReportTaxType": entry.tax_type,
        **{member: account_class in entry.applies_to for account_class, member in _CLASS_MEMBERS.items()},
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "Status": entry.status,
        "TaxComponents": [{"Name": entry.name, "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}],
    }


def tracking_categories(organisation: Organisation) -> list[dict[str, Any]]:
    """The tracking categories with their options."""
    return [
        {
            "Name": category.name,
            "Status": "ACTIVE",
            "TrackingCategoryID": category.id,
            "Options": [
                {"TrackingOptionID": option_id, "Name": option, "Status": "ACTIVE"}
                for option_id, option in category.options.items()
            ],
        }
        for category in organisation.categories
    ]


def branding_themes(organisation: Organisation) -> list[dict[str, Any]]:
    """The branding themes; sort order 0 is the default."""
    created = ms_date(organisation.connected_at)
    return [
        {
            "BrandingThemeID": theme.id,
            "Name": theme.name,
            "SortOrder": theme.sort_order,
            "Type": "INVOICE",
            "CreatedDateUTC": created,
        }
        for theme in organisation.themes
    ]


def organisation_details(organisation: Organisation) -> dict[str, Any]:
    """The organisation; lock dates only when they are set."""
    shown = {
        "LegalName": organisation.details.get("Name"),
        "PaysTax": True,
        "OrganisationType": "COMPANY",
        "OrganisationStatus": "ACTIVE",
        "IsDemoCompany": False,
        "Class": "STANDARD",
        **organisation.details,
    }
    for name, day in (
        ("PeriodLockDate", organisation.period_lock),
        ("EndOfYearLockDate", organisation.year_lock),
    ):
        if day is not None:
            shown[name] = ms_date(day)
    return shown
