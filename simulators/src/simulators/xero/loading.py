"""From a tenant's JSON to an organisation; everything unknown or wrong is refused by name."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members
from simulators.xero.state import Account, Category, Organisation, Switches, TaxRate, Theme

if TYPE_CHECKING:
    from datetime import datetime

_CLASSES = {
    "ASSET": ("BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"),
    "EQUITY": ("EQUITY",),
    "EXPENSE": ("DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"),
    "LIABILITY": ("CURRLIAB", "LIABILITY", "TERMLIAB", "PAYG"),
    "REVENUE": ("OTHERINCOME", "REVENUE", "SALES"),
}
_CLASS_OF_TYPE = {name: account_class for account_class, names in _CLASSES.items() for name in names}
_APPLIES = {
    "CanApplyToAssets": "ASSET",
    "CanApplyToEquity": "EQUITY",
    "CanApplyToExpenses": "EXPENSE",
    "CanApplyToLiabilities": "LIABILITY",
    "CanApplyToRevenue": "REVENUE",
}
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
}
_BOOLEAN_SWITCHES = ("limits_on", "credit_note_numbers_unique")
_NO_TAX = TaxRate("NONE", "No Tax", Decimal(0), "ACTIVE", frozenset(_CLASSES))
MEMBERS = (
    "currencies", "accounts", "tax_rates", "tracking_categories", "branding_themes", "contacts", "invoices",
    "credit_notes", "currency_rates", "switches",
)  # fmt: skip


def _text(members: dict[str, Any], name: str, where: str, default: str | None = None) -> str:
    value = members.get(name, default)
    if not isinstance(value, str) or (value == "" and default is None):
        raise BadDocumentError(f"{where}.{name}: a text is wanted")
    return value


def _guid(members: dict[str, Any], name: str, where: str, seed: str) -> str:
    """The guid given, else one that is the same whenever the same tenant is loaded."""
    if members.get(name) is None:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
    try:
        return str(uuid.UUID(str(members[name])))
    except ValueError as error:
        raise BadDocumentError(f"{where}.{name}: a guid is wanted") from error


def _decimal(value: object, where: str) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, int | Decimal | str) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadDocumentError(f"{where}: a number is wanted")
    return number


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


def read_account(
    value: object, tenant: str, now: datetime, where: str, old: Account | None = None
) -> Account:
    """One account; members that are not given keep those of `old`.

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object(value, where)
    optional = (
        "Name", "Type", "TaxType", "Status", "Class", "SystemAccount", "EnablePaymentsToAccount", "AccountID",
        "Description", "CurrencyCode",
    )  # fmt: skip
    check_members(members, where, required=("Code",), optional=optional)
    code = _text(members, "Code", where)
    kind = _text(members, "Type", where, old.type if old else None)
    if kind not in _CLASS_OF_TYPE:
        raise BadDocumentError(f"{where}.Type: one of {', '.join(sorted(_CLASS_OF_TYPE))} is wanted")
    status = _text(members, "Status", where, old.status if old else "ACTIVE")
    if status not in ("ACTIVE", "ARCHIVED", "DELETED"):
        raise BadDocumentError(f"{where}.Status: one of ACTIVE, ARCHIVED, DELETED is wanted")
    tax_type = members.get("TaxType", old.tax_type if old else None)
    return Account(
        id=old.id if old else _guid(members, "AccountID", where, f"{tenant}/account/{code}"),
        code=code,
        name=_text(members, "Name", where, old.name if old else None),
        type=kind,
        account_class=_text(members, "Class", where, _CLASS_OF_TYPE[kind]),
        tax_type=None if tax_type is None else str(tax_type),
        status=status,
        system=_text(members, "SystemAccount", where, old.system if old else ""),
        enable_payments=bool(members.get("EnablePaymentsToAccount", old.enable_payments if old else False)),
        description=_text(members, "Description", where, old.description if old else ""),
        updated=now,
    )


def _tax_rate(value: object, where: str) -> TaxRate:
    members = as_object(value, where)
    optional = ("Status", "DisplayTaxRate", "ReportTaxType", "TaxComponents", *_APPLIES)
    check_members(members, where, required=("TaxType", "Name", "EffectiveRate"), optional=optional)
    return TaxRate(
        tax_type=_text(members, "TaxType", where),
        name=_text(members, "Name", where),
        rate=_decimal(members["EffectiveRate"], f"{where}.EffectiveRate"),
        status=_text(members, "Status", where, "ACTIVE"),
        applies_to=frozenset(
            account_class
            for member, account_class in _APPLIES.items()
            if str(members.get(member, True)).lower() == "true"
        ),
    )


def _category(value: object, tenant: str, where: str) -> Category:
    members = as_object(value, where)
    check_members(members, where, required=("Name",), optional=("TrackingCategoryID", "Status", "Options"))
    name = _text(members, "Name", where)
    options = {}
    for item in as_list(members.get("Options", []), f"{where}.Options"):
        option = as_object({"Name": item} if isinstance(item, str) else item, f"{where}.Options")
        check_members(option, f"{where}.Options", required=("Name",), optional=("TrackingOptionID", "Status"))
        label = _text(option, "Name", f"{where}.Options")
        options[_guid(option, "TrackingOptionID", where, f"{tenant}/option/{name}/{label}")] = label
    return Category(_guid(members, "TrackingCategoryID", where, f"{tenant}/category/{name}"), name, options)


def _theme(value: object, tenant: str, index: int, where: str) -> Theme:
    members = as_object({"Name": value} if isinstance(value, str) else value, where)
    check_members(members, where, required=("Name",), optional=("BrandingThemeID", "SortOrder"))
    name = _text(members, "Name", where)
    order = members.get("SortOrder", index)
    if isinstance(order, bool) or not isinstance(order, int):
        raise BadDocumentError(f"{where}.SortOrder: a whole number is wanted")
    return Theme(_guid(members, "BrandingThemeID", where, f"{tenant}/theme/{name}"), name, order)


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
    tenant = _text(members, "tenant", "tenant")
    details = as_object(members["organisation"], "organisation")
    check_members(
        details,
        "organisation",
        required=("OrganisationID", "Name", "BaseCurrency", "CountryCode"),
        optional=_ORGANISATION_OPTIONAL,
    )
    base = _text(details, "BaseCurrency", "organisation")
    accounts = [
        read_account(value, tenant, now, f"accounts[{index}]")
        for index, value in enumerate(as_list(members.get("accounts", []), "accounts"))
    ]
    rates = [
        _tax_rate(value, f"tax_rates[{index}]")
        for index, value in enumerate(as_list(members.get("tax_rates", []), "tax_rates"))
    ]
    shown = {name: value for name, value in details.items() if not name.endswith("LockDate")}
    return Organisation(
        tenant=tenant,
        client_id=_text(members, "client_id", "tenant"),
        client_secret=_text(members, "client_secret", "tenant"),
        id=_guid(details, "OrganisationID", "organisation", tenant),
        connection_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/connection")),
        details={**shown, "Timezone": details.get("Timezone", "UTC")},
        base_currency=base,
        zone=zone(_text(details, "Timezone", "organisation", "UTC"), "organisation.Timezone"),
        period_lock=lock_day(details.get("PeriodLockDate"), "organisation.PeriodLockDate"),
        year_lock=lock_day(details.get("EndOfYearLockDate"), "organisation.EndOfYearLockDate"),
        connected_at=now,
        switches=read_switches(members.get("switches", {})),
        currencies=_currencies(members, base),
        accounts={account.code: account for account in accounts},
        tax_rates={"NONE": _NO_TAX} | {rate.tax_type: rate for rate in rates},
        categories=[
            _category(value, tenant, f"tracking_categories[{index}]")
            for index, value in enumerate(
                as_list(members.get("tracking_categories", []), "tracking_categories")
            )
        ],
        themes=[
            _theme(value, tenant, index, f"branding_themes[{index}]")
            for index, value in enumerate(
                as_list(members.get("branding_themes", ["Standard"]), "branding_themes")
            )
        ],
        currency_rates={
            code: _decimal(value, f"currency_rates.{code}")
            for code, value in as_object(members.get("currency_rates", {}), "currency_rates").items()
        },
    )
