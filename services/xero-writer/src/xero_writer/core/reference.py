"""A tenant's Xero reference data, from Xero's answers to the shape of `xero.reference`."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from invoice_events.plain import to_plain
from invoice_events.types import (
    XeroAccount,
    XeroBrandingTheme,
    XeroOrganisation,
    XeroReference,
    XeroTaxRate,
    XeroTrackingCategory,
    XeroTrackingOption,
)
from xero_writer.core.values import Json, amount, text, truth, xero_date

COLLECTIONS = ("Organisation", "Accounts", "TaxRates", "Currencies", "TrackingCategories", "BrandingThemes")
"""What is read, one call each."""


def build_reference(tenant_id: str, answers: dict[str, Json], now: datetime) -> XeroReference:
    """Reference data of a tenant, as version 0: whether they are a new version is seen by comparing digests.

    Raises:
        ValueError: there is no organisation in the answers, or an amount or date can not be read.
    """
    organisations = _items(answers["Organisation"], "Organisations")
    if not organisations:
        raise ValueError("Xero's answer names no organisation")
    organisation = organisations[0]
    return XeroReference(
        tenant_id=tenant_id,
        version=0,
        fetched_at=now,
        organisation=XeroOrganisation(
            id=text(organisation.get("OrganisationID")),
            name=text(organisation.get("Name")),
            base_currency=text(organisation.get("BaseCurrency")),
            country_code=text(organisation.get("CountryCode")),
            time_zone=text(organisation.get("Timezone")),
            short_code=text(organisation.get("ShortCode")),
            period_lock_date=xero_date(organisation, "PeriodLockDate"),
            end_of_year_lock_date=xero_date(organisation, "EndOfYearLockDate"),
        ),
        accounts=sorted(
            (_account(item) for item in _items(answers["Accounts"], "Accounts") if item.get("Code")),
            key=lambda account: account["code"],
        ),
        tax_rates=sorted(
            (_tax_rate(item) for item in _items(answers["TaxRates"], "TaxRates")),
            key=lambda rate: rate["tax_type"],
        ),
        currencies=sorted(text(item.get("Code")) for item in _items(answers["Currencies"], "Currencies")),
        tracking_categories=[
            _tracking(item) for item in _items(answers["TrackingCategories"], "TrackingCategories")
        ],
        branding_themes=[
            XeroBrandingTheme(id=text(item.get("BrandingThemeID")), name=text(item.get("Name")))
            for item in _items(answers["BrandingThemes"], "BrandingThemes")
        ],
    )


def digest(reference: XeroReference) -> str:
    """Fingerprint of the content, without version and time: the same content is not a new version."""
    content = {
        key: value for key, value in to_plain(reference).items() if key not in {"version", "fetched_at"}
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _items(answer: Json, collection: str) -> list[Json]:
    """A collection of an answer; Xero leaves out what is empty."""
    return [item for item in answer.get(collection) or [] if isinstance(item, dict)]


def _account(item: Json) -> XeroAccount:
    return XeroAccount(
        code=text(item.get("Code")),
        name=text(item.get("Name")),
        type=text(item.get("Type")),
        account_class=text(item.get("Class")),
        status=text(item.get("Status")) or "ACTIVE",
        tax_type=text(item.get("TaxType")),
        system_account=text(item.get("SystemAccount")),
    )


def _tax_rate(item: Json) -> XeroTaxRate:
    return XeroTaxRate(
        tax_type=text(item.get("TaxType")),
        name=text(item.get("Name")),
        status=text(item.get("Status")) or "ACTIVE",
        effective_rate=amount(item.get("EffectiveRate")),
        can_apply_to_revenue=truth(item.get("CanApplyToRevenue")),
        can_apply_to_expenses=truth(expenses)
        if (expenses := item.get("CanApplyToExpenses")) is not None
        else None,
    )


def _tracking(item: Json) -> XeroTrackingCategory:
    return XeroTrackingCategory(
        id=text(item.get("TrackingCategoryID")),
        name=text(item.get("Name")),
        status=text(item.get("Status")) or "ACTIVE",
        options=[
            XeroTrackingOption(
                id=text(option.get("TrackingOptionID")),
                name=text(option.get("Name")),
                status=text(option.get("Status")) or "ACTIVE",
            )
            for option in item.get("Options") or []
        ],
    )
