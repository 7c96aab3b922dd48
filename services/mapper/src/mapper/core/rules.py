"""A tenant's settings and Xero reference data, put in order once so that each invoice is mapped by look-ups alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from invoice_events.settings import Settings, tolerance
from invoice_events.types import XeroAccount, XeroReference, XeroTaxRate

_SALES_CLASSES = frozenset({"REVENUE", "EXPENSE", "LIABILITY"})
"""Classes a sales line can be booked on: income, passed-on cost, and prepaid work. Xero has the last word."""


class TaxType(NamedTuple):
    """A Xero tax type: effective rate in per cent, and why it can not be used on sales (None if it can)."""

    rate: Decimal
    problem: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything about a tenant that mapping needs.

    Attributes:
        settings: the tenant's settings, defaults filled in.
        settings_version: version of these settings.
        reference_version: version of the reference data.
        tolerance: largest difference between Autotask's and Xero's amounts that is let through.
        unit_decimals: decimals of unit prices in Xero, 2 or 4.
        currencies: currencies the Xero organisation is subscribed to.
        accounts: by code, why the account can not be used on sales lines (None if it can).
        tax_types: by `TaxType`.
        region_taxes: tax type by (tax region id or lower-case name, tax category id).
    """

    settings: Settings
    settings_version: int
    reference_version: int
    tolerance: Decimal
    unit_decimals: int
    currencies: frozenset[str]
    accounts: dict[str, str | None]
    tax_types: dict[str, TaxType]
    region_taxes: dict[tuple[str, str], str]


def prepare(settings: Settings, settings_version: int, reference: XeroReference) -> Rules:
    """Put a tenant's settings and reference data in order. Where a tax rule occurs twice, the first one holds."""
    region_taxes: dict[tuple[str, str], str] = {}
    for rule in settings["taxes"]["by_region_and_category"]:
        region_taxes.setdefault((region_key(rule["region"]), rule["category"].strip()), rule["type"])
    return Rules(
        settings=settings,
        settings_version=settings_version,
        reference_version=reference["version"],
        tolerance=tolerance(settings),
        unit_decimals=4 if settings["four_decimal_rounding"] else 2,
        currencies=frozenset(reference["currencies"]) | {reference["organisation"]["base_currency"]},
        accounts={account["code"]: _account_problem(account) for account in reference["accounts"]},
        tax_types={
            rate["tax_type"]: TaxType(rate["effective_rate"], _tax_problem(rate))
            for rate in reference["tax_rates"]
        },
        region_taxes=region_taxes,
    )


def region_key(region: str | int) -> str:
    """How a tax region is looked up: its id as text, or its name regardless of case and outer spaces."""
    return str(region).strip().casefold()


def _account_problem(account: XeroAccount) -> str | None:
    if account["status"] != "ACTIVE":
        return f"it is {account['status']}, wanted an active account"
    if account["system_account"]:
        return f"it is Xero's system account {account['system_account']}"
    if account["type"] == "BANK" or account["account_class"] not in _SALES_CLASSES:
        return f"it is of type {account['type']}, wanted a revenue account"
    return None


def _tax_problem(rate: XeroTaxRate) -> str | None:
    if rate["status"] != "ACTIVE":
        return f"it is {rate['status']}, wanted an active tax type"
    if not rate["can_apply_to_revenue"]:
        return "it does not apply to revenue"
    return None
