"""How the settings of an organisation look in Xero's answers: accounts, rates, tracking, themes, the organisation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.xero.dates import ms_date

if TYPE_CHECKING:
    from simulators.xero.state import Account, Organisation, TaxRate


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


def tracking_categories(organisation: Organisation, *, archived: bool) -> list[dict[str, Any]]:
    """The tracking categories with their options; archived ones of both only if asked for."""
    statuses = ("ACTIVE", "ARCHIVED") if archived else ("ACTIVE",)
    return [
        {
            "Name": category.name,
            "Status": category.status,
            "TrackingCategoryID": category.id,
            "Options": [
                {"TrackingOptionID": option.id, "Name": option.name, "Status": option.status}
                for option in category.options.values()
                if option.status in statuses
            ],
        }
        for category in organisation.categories
        if category.status in statuses
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
