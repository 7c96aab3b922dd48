"""A tenant's settings: validated by their schema, read with every default filled in."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal, TypedDict, cast
from zoneinfo import ZoneInfo, available_timezones

from jsonschema import Draft202012Validator

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

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


class TrackingRule(TypedDict):
    """One Xero tracking category, and where a line's option comes from."""

    category: str
    source: Literal["territory", "line_of_business", "account"]
    options: dict[str, str]
    default: str | None


class ContactField(TypedDict):
    """User-defined field on Autotask contacts that names the accounts contact."""

    name: str
    value: str


class OrderSettings(TypedDict):
    """Whether and how purchase orders go over."""

    enabled: bool
    trigger_status: Literal["new", "submitted", "received_partially", "received_in_full"]
    initial_status: Literal["draft", "submitted", "authorised", "billed"]
    account: str | None
    freight_account: str | None
    account_by_product: dict[str, str]
    tax: str | None
    tax_by_region: dict[str, str]


class BusinessHours(TypedDict):
    """From `start` until just before `end`, `HH:MM` in the tenant's time zone."""

    start: str
    end: str


class QuietMode(TypedDict):
    """When backfill has to wait."""

    enabled: bool
    business_hours: BusinessHours
    days: list[str]


class AlertSettings(TypedDict):
    """Whether and how somebody is told of faults and connections; `targets` are names, never addresses."""

    on: bool
    detailed: bool
    targets: list[str]


class Settings(TypedDict):
    """Every setting, as `settings.schema.json` defines it, defaults filled in."""

    invoices_import_as: Literal["draft", "approved", "approved_and_sent"]
    paid_invoices_only: bool
    invoice_numbers: Literal["xero", "autotask_id", "autotask_number"]
    due_date_from_xero_contact: bool
    days_back: int
    time_zone: str
    contact_match_by: Literal["name", "account_number"]
    contact_name_ignore_case: bool
    contact_links: dict[str, str]
    accounts_contact_udf: ContactField
    update_xero_contacts: bool
    create_missing_contacts: bool
    show_resource: bool
    show_date_in_description: bool
    hide_service_contract_descriptions: bool
    four_decimal_rounding: bool
    branding_theme: str | None
    accounts: AccountSettings
    taxes: TaxSettings
    tracking: list[TrackingRule]
    tax_amounts: Literal["autotask", "xero"]
    amount_basis: AmountBasis
    amount_tolerance: str
    rounding_line: bool
    purchase_orders: OrderSettings
    fault_when_no_lines: bool
    void_autotask_invoices: bool
    quiet_mode: QuietMode
    autotask_budget_share: float
    alerts: AlertSettings


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
    return problems or _contradictions(effective_settings(cast("dict[str, Any]", document)))


def _contradictions(settings: Settings) -> list[str]:
    """What a schema can not say: names that nothing has, and parts that contradict each other."""
    problems = []
    if settings["time_zone"] not in _time_zones():
        problems.append(
            f"time_zone: {settings['time_zone']!r} is no IANA time zone, wanted a name such as Pacific/Auckland"
        )
    problems += _tracking_problems(settings["tracking"])
    hours = settings["quiet_mode"]["business_hours"]
    if hours["start"] == hours["end"]:
        problems.append(
            f"quiet_mode.business_hours: they begin and end at {hours['start']}, wanted two different times"
        )
    return problems


def _tracking_problems(rules: list[TrackingRule]) -> list[str]:
    """Names that are blank, and a category that is named twice; blanks around a name do not make it another."""
    problems = []
    for place, rule in enumerate(rules):
        names = {"category": rule["category"], "default": rule["default"]}
        names |= {f"options.{value}": option for value, option in rule["options"].items()}
        problems += [
            f"tracking.{place}.{part}: {name!r} names nothing, wanted a name that is not blank"
            for part, name in names.items()
            if name is not None and not name.strip()
        ]
    categories = [rule["category"].strip().casefold() for rule in rules]
    if len(set(categories)) < len(categories):
        problems.append(f"tracking: {rules[0]['category']!r} is named twice, wanted two different categories")
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
    if isinstance(value, list) and "items" in schema:
        return [_fill(schema["items"], item) for item in value]
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


def is_quiet(settings: Settings, now: datetime) -> bool:
    """Whether backfill has to wait now: quiet mode is on, and it is within business hours in the tenant's time zone.

    Hours whose end is not after their start run on into the next day; they belong to the day on which they began.
    """
    quiet = settings["quiet_mode"]
    if not quiet["enabled"]:
        return False
    local = now.astimezone(zone(settings))
    start, end = (time.fromisoformat(quiet["business_hours"][edge]) for edge in ("start", "end"))
    today, clock = _DAYS[local.weekday()] in quiet["days"], local.time()
    if start < end:
        return today and start <= clock < end
    yesterday = _DAYS[local.weekday() - 1] in quiet["days"]
    return (today and clock >= start) or (yesterday and clock < end)


def zone(settings: Settings) -> ZoneInfo:
    """The tenant's time zone."""
    return ZoneInfo(settings["time_zone"])
