"""From a tenant's JSON to an organisation; everything unknown or wrong is refused by name."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members
from simulators.xero.reference_data import (
    NO_TAX,
    read_account,
    read_category,
    read_decimal,
    read_guid,
    read_tax_rate,
    read_text,
    read_theme,
    too_many_categories,
)
from simulators.xero.state import Organisation
from simulators.xero.switches import Switches

if TYPE_CHECKING:
    from datetime import datetime

_ZONES = {
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "CENAUSTRALIASTANDARDTIME": "Australia/Adelaide",
    "WAUSTRALIASTANDARDTIME": "Australia/Perth",
    "GMTSTANDARDTIME": "Europe/London",
    "WEUROPESTANDARDTIME": "Europe/Berlin",
    "EASTERNSTANDARDTIME": "America/New_York",
    "CENTRALSTANDARDTIME": "America/Chicago",
    "MOUNTAINSTANDARDTIME": "America/Denver",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "UTC": "UTC",
}
_ORGANISATION_OPTIONAL = (
    "Timezone", "ShortCode", "LegalName", "Version", "Edition", "Class", "IsDemoCompany", "TaxNumber",
    "PeriodLockDate", "EndOfYearLockDate",
)  # fmt: skip
_CHOICES = {
    "rounding_mode": ("half_up", "half_even"),
    "tax_amount_limit": ("line_amount", "unit_amount"),
    "unknown_account": ("refuse", "remove"),
    "unknown_tracking": ("refuse", "drop"),
    "paid_edits": ("ignore", "refuse"),
    "billed_orders": ("accept", "refuse"),
}
_BOOLEAN_SWITCHES = ("limits_on", "credit_note_numbers_unique")
MEMBERS = (
    "currencies", "accounts", "tax_rates", "tracking_categories", "branding_themes", "contacts", "invoices",
    "credit_notes", "purchase_orders", "currency_rates", "switches",
)  # fmt: skip


def lock_day(value: object, where: str) -> date | None:
    """A lock date `YYYY-MM-DD`, or None.

    Raises:
        BadDocumentError: it is neither.
    """
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BadDocumentError(f"{where}: YYYY-MM-DD is wanted") from error


def zone(name: str, where: str) -> ZoneInfo:
    """The time zone of an organisation: Xero's name (NEWZEALANDSTANDARDTIME) or an IANA name.

    Raises:
        BadDocumentError: it is neither.
    """
    try:
        return ZoneInfo(_ZONES.get(name.replace(" ", "").upper(), name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadDocumentError(f"{where}: {name} is no time zone") from error


def read_switches(value: object, base: Switches | None = None) -> Switches:
    """The switches, each checked; what is not given keeps the value of `base`.

    Raises:
        BadDocumentError: an unknown switch, or a value that it does not take.
    """
    members = as_object(value, "switches")
    check_members(members, "switches", optional=[field.name for field in fields(Switches)])
    for name, setting in members.items():
        where = f"switches.{name}"
        if name in _CHOICES:
            if setting not in _CHOICES[name]:
                raise BadDocumentError(f"{where}: one of {', '.join(_CHOICES[name])} is wanted")
        elif name in _BOOLEAN_SWITCHES:
            if not isinstance(setting, bool):
                raise BadDocumentError(f"{where}: true or false is wanted")
        elif setting is None and name == "approve_limit":
            continue
        elif isinstance(setting, bool) or not isinstance(setting, int) or setting < 0:
            raise BadDocumentError(f"{where}: a whole number of 0 or more is wanted")
    return replace(base or Switches(), **members)


def _currencies(members: dict[str, Any], base: str) -> list[str]:
    codes = as_list(members.get("currencies", [base]), "currencies")
    if not all(isinstance(code, str) for code in codes):
        raise BadDocumentError("currencies: currency codes are wanted")
    return codes if base in codes else [base, *codes]


def read_organisation(document: object, now: datetime) -> Organisation:
    """An organisation without contacts and documents.

    Raises:
        BadDocumentError: names what is unknown, missing or of the wrong kind.
    """
    members = as_object(document, "tenant")
    check_members(
        members, "tenant", required=("tenant", "client_id", "client_secret", "organisation"), optional=MEMBERS
    )
    tenant = read_text(members, "tenant", "tenant")
    details = as_object(members["organisation"], "organisation")
    check_members(
        details,
        "organisation",
        required=("OrganisationID", "Name", "BaseCurrency", "CountryCode"),
        optional=_ORGANISATION_OPTIONAL,
    )
    base = read_text(details, "BaseCurrency", "organisation")
    accounts = [
        read_account(value, tenant, now, f"accounts[{index}]")
        for index, value in enumerate(as_list(members.get("accounts", []), "accounts"))
    ]
    rates = [
        read_tax_rate(value, f"tax_rates[{index}]")
        for index, value in enumerate(as_list(members.get("tax_rates", []), "tax_rates"))
    ]
    categories = [
        read_category(value, tenant, f"tracking_categories[{index}]")
        for index, value in enumerate(as_list(members.get("tracking_categories", []), "tracking_categories"))
    ]
    too_many_categories(categories, "tracking_categories")
    shown = {name: value for name, value in details.items() if not name.endswith("LockDate")}
    return Organisation(
        tenant=tenant,
        client_id=read_text(members, "client_id", "tenant"),
        client_secret=read_text(members, "client_secret", "tenant"),
        id=read_guid(details, "OrganisationID", "organisation", tenant),
        connection_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/connection")),
        details={**shown, "Timezone": details.get("Timezone", "UTC")},
        base_currency=base,
        zone=zone(read_text(details, "Timezone", "organisation", "UTC"), "organisation.Timezone"),
        period_lock=lock_day(details.get("PeriodLockDate"), "organisation.PeriodLockDate"),
        year_lock=lock_day(details.get("EndOfYearLockDate"), "organisation.EndOfYearLockDate"),
        connected_at=now,
        switches=read_switches(members.get("switches", {})),
        currencies=_currencies(members, base),
        accounts={account.code: account for account in accounts},
        tax_rates={"NONE": NO_TAX} | {rate.tax_type: rate for rate in rates},
        categories=categories,
        themes=[
            read_theme(value, tenant, index, f"branding_themes[{index}]")
            for index, value in enumerate(
                as_list(members.get("branding_themes", ["Standard"]), "branding_themes")
            )
        ],
        currency_rates={
            code: read_decimal(value, f"currency_rates.{code}")
            for code, value in as_object(members.get("currency_rates", {}), "currency_rates").items()
        },
    )
