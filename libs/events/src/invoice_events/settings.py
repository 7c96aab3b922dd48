"""A tenant's settings: validated by their schema, read with every default filled in."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal, TypedDict
from zoneinfo import ZoneInfo, available_timezones

from jsonschema import Draft202012Validator

AmountBasis = Literal[
    "auto", "extended_price_net", "extended_price_gross", "total_amount_net", "total_amount_gross"
]


class AccountSettings(TypedDict):
    """Xero account codes of lines."""

    default: str | None
    by_billing_code: dict[str, str]
    by_line_type: dict[str, str]


class TaxRule(TypedDict):
    """Tax type of one Autotask region (id or name) and category (id)."""

    region: str
    category: str
    type: str


class TaxSettings(TypedDict):
    """Xero tax types of lines."""

    default: str | None
    zero_rated: str | None
    by_region_and_category: list[TaxRule]


class Settings(TypedDict):
    """Every setting, as `settings.schema.json` defines it, defaults filled in."""

    invoices_import_as: Literal["draft", "approved", "approved_and_sent"]
    invoice_numbers: Literal["xero", "autotask_id", "autotask_number"]
    days_back: int
    time_zone: str
    contact_match_by: Literal["name", "account_number"]
    contact_name_ignore_case: bool
    contact_links: dict[str, str]
    accounts: AccountSettings
    taxes: TaxSettings
    tax_amounts: Literal["autotask", "xero"]
    amount_basis: AmountBasis
    amount_tolerance: str
    four_decimal_rounding: bool
    fault_when_no_lines: bool
    autotask_budget_share: float


@cache
def settings_schema() -> dict[str, Any]:
    """The JSON Schema of the settings."""
    text = resources.files("invoice_schemas").joinpath("settings.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _time_zones() -> frozenset[str]:
    """IANA names this machine knows; listing them walks the whole data base."""
    return frozenset(available_timezones())


def settings_problems(document: object) -> list[str]:
    """What is wrong with a settings document, one sentence each with its place; empty if nothing is."""
    validator = Draft202012Validator(settings_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = sorted(
        validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path]
    )
    problems = [
        f"{'.'.join(str(part) for part in error.absolute_path) or 'settings'}: {error.message}, wanted {_wanted(error.schema)}"
        for error in found
    ]
    zone = document.get("time_zone") if isinstance(document, dict) else None
    if isinstance(zone, str) and zone not in _time_zones():
        problems.append(f"time_zone: {zone!r} is no IANA time zone, wanted a name such as Pacific/Auckland")
    return problems


def _wanted(schema: Any) -> str:  # noqa: ANN401  # a JSON Schema
    """What a part of the schema accepts, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "minimum" in schema:
        return f"a number from {schema['minimum']} to {schema['maximum']}"
    if "properties" in schema:
        return "only " + ", ".join(sorted(schema["properties"]))
    if "pattern" in schema:
        return f"a text like {schema['pattern']}"
    types = schema.get("type", "another value")
    return " or ".join(types) if isinstance(types, list) else str(schema.get("format", types))


def effective_settings(document: dict[str, Any]) -> Settings:
    """Settings with every default filled in. The document must have passed `settings_problems`."""
    filled: Settings = _fill(settings_schema(), document)
    return filled


def _fill(schema: dict[str, Any], value: Any) -> Any:  # noqa: ANN401  # any JSON value
    properties = schema.get("properties")
    if properties is None or not isinstance(value, dict):
        return value
    return {
        name: _fill(part, value[name] if name in value else deepcopy(part.get("default")))
        for name, part in properties.items()
    }


def tolerance(settings: Settings) -> Decimal:
    """Largest difference between Autotask's total and Xero's that is let through, in the document's currency."""
    return Decimal(settings["amount_tolerance"])


def zone(settings: Settings) -> ZoneInfo:
    """The tenant's time zone."""
    return ZoneInfo(settings["time_zone"])
