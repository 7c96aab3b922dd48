"""Accounts, tax rates, tracking categories and branding themes from a tenant's JSON."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members
from simulators.xero.state import Account, Category, Option, TaxRate, Theme

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_STATUSES = ("ACTIVE", "ARCHIVED", "DELETED")
_MAX_ACTIVE_CATEGORIES = 2
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
NO_TAX = TaxRate("NONE", "No Tax", Decimal(0), "ACTIVE", frozenset(_CLASSES))


def read_text(members: dict[str, Any], name: str, where: str, default: str | None = None) -> str:
    """A text that is not empty, or the default where there is one.

    Raises:
        BadDocumentError: it is missing or something else; `where` names the place.
    """
    value = members.get(name, default)
    if not isinstance(value, str) or (value == "" and default is None):
        raise BadDocumentError(f"{where}.{name}: a text is wanted")
    return value


def read_guid(members: dict[str, Any], name: str, where: str, seed: str) -> str:
    """The guid given, else one that is the same whenever the same tenant is loaded.

    Raises:
        BadDocumentError: what was given is no guid.
    """
    if members.get(name) is None:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
    try:
        return str(uuid.UUID(str(members[name])))
    except ValueError as error:
        raise BadDocumentError(f"{where}.{name}: a guid is wanted") from error


def read_decimal(value: object, where: str) -> Decimal:
    """A number, also as text.

    Raises:
        BadDocumentError: it is none.
    """
    try:
        number = Decimal(value) if isinstance(value, int | Decimal | str) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadDocumentError(f"{where}: a number is wanted")
    return number


def _status(members: dict[str, Any], where: str, default: str = "ACTIVE") -> str:
    status = read_text(members, "Status", where, default)
    if status not in _STATUSES:
        raise BadDocumentError(f"{where}.Status: one of {', '.join(_STATUSES)} is wanted")
    return status


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
    code = read_text(members, "Code", where)
    kind = read_text(members, "Type", where, old.type if old else None)
    if kind not in _CLASS_OF_TYPE:
        raise BadDocumentError(f"{where}.Type: one of {', '.join(sorted(_CLASS_OF_TYPE))} is wanted")
    status = _status(members, where, old.status if old else "ACTIVE")
    tax_type = members.get("TaxType", old.tax_type if old else None)
    return Account(
        id=old.id if old else read_guid(members, "AccountID", where, f"{tenant}/account/{code}"),
        code=code,
        name=read_text(members, "Name", where, old.name if old else None),
        type=kind,
        account_class=read_text(members, "Class", where, _CLASS_OF_TYPE[kind]),
        tax_type=None if tax_type is None else str(tax_type),
        status=status,
        system=read_text(members, "SystemAccount", where, old.system if old else ""),
        enable_payments=bool(members.get("EnablePaymentsToAccount", old.enable_payments if old else False)),
        description=read_text(members, "Description", where, old.description if old else ""),
        updated=now,
    )


def read_tax_rate(value: object, where: str) -> TaxRate:
    """One tax rate; it may be used with every class of account that is not excluded by name.

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object(value, where)
    optional = ("Status", "DisplayTaxRate", "ReportTaxType", "TaxComponents", *_APPLIES)
    check_members(members, where, required=("TaxType", "Name", "EffectiveRate"), optional=optional)
    return TaxRate(
        tax_type=read_text(members, "TaxType", where),
        name=read_text(members, "Name", where),
        rate=read_decimal(members["EffectiveRate"], f"{where}.EffectiveRate"),
        status=read_text(members, "Status", where, "ACTIVE"),
        applies_to=frozenset(
            account_class
            for member, account_class in _APPLIES.items()
            if str(members.get(member, True)).lower() == "true"
        ),
    )


def read_category(value: object, tenant: str, where: str, old: Category | None = None) -> Category:
    """One tracking category; an option is a name, or an object with Name and Status. Those of `old` are kept.

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object(value, where)
    check_members(members, where, required=("Name",), optional=("TrackingCategoryID", "Status", "Options"))
    name = read_text(members, "Name", where)
    options = {} if old is None else dict(old.options)
    for item in as_list(members.get("Options", []), f"{where}.Options"):
        option = as_object({"Name": item} if isinstance(item, str) else item, f"{where}.Options")
        check_members(option, f"{where}.Options", required=("Name",), optional=("TrackingOptionID", "Status"))
        label = read_text(option, "Name", f"{where}.Options")
        known = next((one.id for one in options.values() if one.name == label), None)
        option_id = known or read_guid(option, "TrackingOptionID", where, f"{tenant}/option/{name}/{label}")
        options[option_id] = Option(option_id, label, _status(option, f"{where}.Options"))
    return Category(
        id=old.id if old else read_guid(members, "TrackingCategoryID", where, f"{tenant}/category/{name}"),
        name=name,
        options=options,
        status=_status(members, where, old.status if old else "ACTIVE"),
    )


def too_many_categories(categories: Iterable[Category], where: str) -> None:
    """Refuses more than the two active tracking categories that an organisation can have.

    Raises:
        BadDocumentError: there are more.
    """
    if sum(category.status == "ACTIVE" for category in categories) > _MAX_ACTIVE_CATEGORIES:
        raise BadDocumentError(f"{where}: an organisation has at most two active tracking categories")


def read_theme(value: object, tenant: str, index: int, where: str) -> Theme:
    """One branding theme: a name, or an object with Name, BrandingThemeID and SortOrder (else `index`).

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object({"Name": value} if isinstance(value, str) else value, where)
    check_members(members, where, required=("Name",), optional=("BrandingThemeID", "SortOrder"))
    name = read_text(members, "Name", where)
    order = members.get("SortOrder", index)
    if isinstance(order, bool) or not isinstance(order, int):
        raise BadDocumentError(f"{where}.SortOrder: a whole number is wanted")
    return Theme(read_guid(members, "BrandingThemeID", where, f"{tenant}/theme/{name}"), name, order)
