"""What people change in the settings of an organisation: accounts, rates, currencies, tracking, themes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.kit.documents import BadDocumentError, as_object, check_members
from simulators.xero.reference_data import (
    read_account,
    read_category,
    read_tax_rate,
    read_text,
    read_theme,
    too_many_categories,
)

if TYPE_CHECKING:
    from datetime import datetime

    from simulators.xero.state import Organisation


def put_account(organisation: Organisation, value: object, now: datetime) -> dict[str, str]:
    """Adds or changes one account (by Code), for example to archive it.

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object(value, "account")
    old = organisation.accounts.get(str(members.get("Code")))
    account = read_account(members, organisation.tenant, now, "account", old)
    organisation.accounts = {**organisation.accounts, account.code: account}
    return {"id": account.id}


def put_tax_rate(organisation: Organisation, value: object) -> dict[str, str]:
    """Adds or replaces one tax rate (by TaxType), for example with another EffectiveRate or Status.

    Raises:
        BadDocumentError: names the member.
    """
    rate = read_tax_rate(value, "tax_rate")
    organisation.tax_rates = {**organisation.tax_rates, rate.tax_type: rate}
    return {"tax_type": rate.tax_type}


def put_currency(organisation: Organisation, value: object) -> dict[str, list[str]]:
    """Subscribes to a currency, or drops it with `{"Code": "AUD", "remove": true}`.

    Raises:
        BadDocumentError: no code, or the base currency is to be dropped.
    """
    members = as_object(value, "currency")
    check_members(members, "currency", required=("Code",), optional=("remove",))
    code = members["Code"]
    if not isinstance(code, str) or (members.get("remove") and code == organisation.base_currency):
        raise BadDocumentError(
            "currency.Code: a currency code is wanted, not the base currency's to remove it"
        )
    kept = [known for known in organisation.currencies if known != code]
    organisation.currencies = kept if members.get("remove") else [*kept, code]
    return {"currencies": organisation.currencies}


def put_tracking_category(organisation: Organisation, value: object) -> dict[str, str]:
    """Adds or changes a tracking category (by Name): its Status, new options, the Status of those it has.

    Raises:
        BadDocumentError: names the member; or a third active category.
    """
    members = as_object(value, "tracking_category")
    old = next((known for known in organisation.categories if known.name == members.get("Name")), None)
    category = read_category(members, organisation.tenant, "tracking_category", old)
    categories = [known for known in organisation.categories if known is not old] + [category]
    too_many_categories(categories, "tracking_category")
    organisation.categories = categories
    return {"id": category.id}


def put_branding_theme(organisation: Organisation, value: object) -> dict[str, Any]:
    """Adds a branding theme, or removes it with `{"Name": "Special", "remove": true}`; documents keep its id.

    Raises:
        BadDocumentError: names the member.
    """
    members = dict(as_object(value, "branding_theme"))
    remove = members.pop("remove", False)
    name = read_text(members, "Name", "branding_theme")
    kept = [known for known in organisation.themes if known.name != name]
    if not remove:
        order = max((known.sort_order for known in kept), default=-1) + 1
        kept.append(read_theme(members, organisation.tenant, order, "branding_theme"))
    organisation.themes = kept
    return {"themes": [theme.name for theme in kept]}
