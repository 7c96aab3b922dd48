"""A tenant's settings and Xero reference data, put in order once so that each document is mapped by look-ups alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from invoice_events.settings import Settings, tolerance
from invoice_events.types import XeroReference
from mapper.core.fitness import (
    purchase_account_problem,
    purchase_tax_problem,
    sales_account_problem,
    sales_tax_problem,
)
from mapper.core.line_texts import Style
from mapper.core.problems import Problem, problem
from mapper.core.tracking import Category, prepare_tracking


class TaxType(NamedTuple):
    """A Xero tax type: effective rate in per cent, and why it can not be used on sales or on purchases (None if it can)."""

    rate: Decimal
    problem: str | None
    purchase_problem: str | None


class RoundingCode(NamedTuple):
    """Account and tax type, of rate 0, of a rounding line."""

    account: str
    tax: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything about a tenant that mapping needs.

    Attributes:
        settings: the tenant's settings, defaults filled in.
        settings_version: version of these settings.
        reference_version: version of the reference data.
        tolerance: largest difference between Autotask's and Xero's amounts that is let through.
        unit_decimals: decimals of an invoice's unit prices in Xero, 2 or 4.
        style: how texts of lines are shown.
        currencies: currencies the Xero organisation is subscribed to.
        accounts: by code, why the account can not be used on sales lines (None if it can).
        purchase_accounts: the same for purchase lines.
        tax_types: by `TaxType`.
        region_taxes: tax type by (tax region id or lower-case name, tax category id).
        tracking: the categories that lines carry, or the fault of every invoice.
        branding_theme: id of the theme, None: Xero's default; or the fault of every invoice.
        rounding: what a rounding line is booked on, or the fault of an invoice that needs one.
    """

    settings: Settings
    settings_version: int
    reference_version: int
    tolerance: Decimal
    unit_decimals: int
    style: Style
    currencies: frozenset[str]
    accounts: dict[str, str | None]
    purchase_accounts: dict[str, str | None]
    tax_types: dict[str, TaxType]
    region_taxes: dict[tuple[str, str], str]
    tracking: tuple[Category, ...] | Problem
    branding_theme: str | Problem | None
    rounding: RoundingCode | Problem


def prepare(settings: Settings, settings_version: int, reference: XeroReference) -> Rules:
    """Put a tenant's settings and reference data in order. Where a tax rule occurs twice, the first one holds."""
    region_taxes: dict[tuple[str, str], str] = {}
    for rule in settings["taxes"]["by_region_and_category"]:
        region_taxes.setdefault((region_key(rule["region"]), rule["category"].strip()), rule["type"])
    tax_types = {
        rate["tax_type"]: TaxType(rate["effective_rate"], sales_tax_problem(rate), purchase_tax_problem(rate))
        for rate in reference["tax_rates"]
    }
    return Rules(
        settings=settings,
        settings_version=settings_version,
        reference_version=reference["version"],
        tolerance=tolerance(settings),
        unit_decimals=4 if settings["four_decimal_rounding"] else 2,
        style=Style(
            settings["show_resource"],
            settings["show_date_in_description"],
            settings["hide_service_contract_descriptions"],
        ),
        currencies=frozenset(reference["currencies"]) | {reference["organisation"]["base_currency"]},
        accounts={account["code"]: sales_account_problem(account) for account in reference["accounts"]},
        purchase_accounts={
            account["code"]: purchase_account_problem(account) for account in reference["accounts"]
        },
        tax_types=tax_types,
        region_taxes=region_taxes,
        tracking=prepare_tracking(settings["tracking"], reference),
        branding_theme=_branding_theme(settings["branding_theme"], reference),
        rounding=_rounding(settings["taxes"]["zero_rated"], tax_types, reference),
    )


def region_key(region: str | int) -> str:
    """How a tax region is looked up: its id as text, or its name regardless of case and outer spaces."""
    return str(region).strip().casefold()


def _branding_theme(wanted: str | None, reference: XeroReference) -> str | Problem | None:
    """The theme's id, found by id, by name, or by name but for case."""
    if wanted is None:
        return None
    themes, folded = reference["branding_themes"], wanted.strip().casefold()
    for matches in (
        [theme for theme in themes if theme["id"].casefold() == folded],
        [theme for theme in themes if theme["name"] == wanted],
        [theme for theme in themes if theme["name"].strip().casefold() == folded],
    ):
        if matches:
            return matches[0]["id"]
    known = ", ".join(sorted(theme["name"] for theme in themes)) or "none"
    return problem("BRANDING_THEME_INVALID", f"branding theme {wanted}: Xero has {known}")


def _rounding(
    zero_rated: str | None, tax_types: dict[str, TaxType], reference: XeroReference
) -> RoundingCode | Problem:
    """The organisation's active rounding account, with its own tax type or the zero-rated one, whichever makes no tax."""
    account = next(
        (
            each
            for each in reference["accounts"]
            if each["system_account"] == "ROUNDING" and each["status"] == "ACTIVE"
        ),
        None,
    )
    if account is None:
        return problem(
            "ROUNDING_ACCOUNT_MISSING",
            "no active account of this Xero organisation is its system account ROUNDING",
        )
    for name in (account["tax_type"], zero_rated):
        tax_type = tax_types.get(name or "")
        if name and tax_type is not None and not tax_type.rate and tax_type.problem is None:
            return RoundingCode(account["code"], name)
    return problem(
        "ROUNDING_ACCOUNT_MISSING",
        f"account {account['code']}: neither its own tax type {account['tax_type'] or 'none'} nor the settings' zero-rated type {zero_rated or 'none'} can stand on a sales line without tax",
    )
