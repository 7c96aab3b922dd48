"""What settings name that Xero does not have, and what they leave open that every invoice needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.core.settings_form import Field, Kind, Setting
from dashboard.core.settings_form_reference import NOUNS, Reference, folded

FAULT_CODES = {
    "accounts": ("ACCOUNT_MISSING", "ACCOUNT_INVALID"),
    "taxes": ("TAX_MISSING", "TAX_INVALID", "TAX_MISMATCH"),
    "tracking": ("TRACKING_INVALID",),
    "branding_theme": ("BRANDING_THEME_INVALID",),
    "rounding_line": ("ROUNDING_ACCOUNT_MISSING",),
    "contact_links": ("CONTACT_NOT_FOUND",),
    "invoice_numbers": ("NUMBER_CONFLICT", "NUMBER_EMPTY"),
    "purchase_orders": ("ACCOUNT_MISSING", "ACCOUNT_INVALID", "TAX_MISSING", "TAX_INVALID"),
}
"""Causes of faults that a setting can mend; those of `purchase_orders` are of purchase orders, the others of invoices."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that will put documents at fault.

    Attributes:
        setting: which setting mends it.
        words: what is wrong.
    """

    setting: str
    words: str


def gaps(settings: Mapping[str, Setting], values: Mapping[str, Any], reference: Reference) -> tuple[Gap, ...]:
    """Everything that the settings, as they stand in the form, leave open or name wrongly."""
    found = [
        Gap(name, words)
        for name, setting in settings.items()
        for words in _of(setting.field, values[name], reference, "")
    ]
    if reference.is_there:
        found += [Gap("tracking", words) for words in _foreign_options(values["tracking"], reference)]
        if values["rounding_line"] and not reference.has_rounding_account:
            found.append(
                Gap(
                    "rounding_line",
                    "Xero has no active rounding account: an invoice that needs the line is at fault.",
                )
            )
    return tuple(dict.fromkeys(found))


def _of(field: Field, value: Any, reference: Reference, where: str) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    match field.kind:
        case Kind.GROUP:
            if value.get("enabled") is False:
                return
            for part in field.parts:
                yield from _of(part, value[part.name], reference, part.title)
        case Kind.MAP:
            key, inner = field.parts
            for name, each in value.items():
                words = {choice.value: choice.title for choice in key.choices}.get(name, name)
                yield from _of(inner, each, reference, f"{key.title} {words}")
        case Kind.RECORDS:
            for row in value:
                shown = next(
                    (str(row[part.name]) for part in field.parts if part.kind is not Kind.CHOICE), ""
                )
                for part in field.parts:
                    yield from _of(part, row[part.name], reference, f"{field.title}, {shown}: {part.title}")
        case Kind.REFERENCE:
            yield from _named(field, value, reference, where)
        case _:
            return


def _named(field: Field, value: str | None, reference: Reference, where: str) -> Iterator[str]:
    if not value:
        if field.gap:
            yield field.gap
        return
    problem = reference.problem(field.source, value)
    if problem:
        noun = NOUNS[field.source].partition(" ")[2].capitalize()
        yield f"{noun} {value} can not be used: {problem}" + (f" ({where})." if where else ".")


def _foreign_options(rules: list[dict[str, Any]], reference: Reference) -> Iterator[str]:
    """Options that exist, but in another category than the one they are set for."""
    for rule in rules:
        options = reference.options_of(rule["category"]) if rule["category"] else None
        if options is None:
            continue
        for option in dict.fromkeys([*rule["options"].values(), rule["default"]]):
            if option and folded(option) not in options:
                yield f"{rule['category']} has no active option {option} in Xero."


def faults_of(setting: str, faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of status-api's faults by cause that a setting can mend."""
    kind = "purchase-order" if setting == "purchase_orders" else "invoice"
    codes = FAULT_CODES.get(setting, ())
    return [fault for fault in faults if fault["kind"] == kind and fault["cause"]["code"] in codes]
