"""Differences between two settings documents, and values, in words a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.core.settings_form import SPREAD, Field, Kind, Setting
from dashboard.core.settings_form_reference import Reference


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        setting: in which setting.
        title: what differs, such as `Accounts, Default account`.
        before, after: in words.
    """

    setting: str
    title: str
    before: str
    after: str


def differences(
    settings: Mapping[str, Setting],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reference: Reference,
) -> tuple[Change, ...]:
    """What differs between two effective settings, in the order of the form."""
    return tuple(
        Change(name, title, *words)
        for name, setting in settings.items()
        for title, *words in _differences(
            setting.field, before[name], after[name], reference, setting.field.title
        )
    )


def _differences(
    field: Field,
    before: Any,  # noqa: ANN401  # any JSON value
    after: Any,  # noqa: ANN401  # the same
    reference: Reference,
    title: str,
) -> Iterator[tuple[str, str, str]]:
    if before == after:
        return
    match field.kind:
        case Kind.GROUP:
            for part in field.parts:
                yield from _differences(
                    part, before[part.name], after[part.name], reference, f"{title}, {part.title}"
                )
        case Kind.MAP:
            key, inner = field.parts
            names = _titles(key)
            for name in dict.fromkeys([*before, *after]):
                if before.get(name) != after.get(name):
                    first, second = (
                        show_value(inner, each.get(name), reference, "not listed") for each in (before, after)
                    )
                    yield f"{title}, {names.get(name, name)}", first, second
        case Kind.RECORDS:
            yield from _rows(field, before, after, reference, title)
        case _:
            yield title, show_value(field, before, reference), show_value(field, after, reference)


def _rows(
    field: Field,
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    reference: Reference,
    title: str,
) -> Iterator[tuple[str, str, str]]:
    gone = [row for row in before if row not in after]
    new = [row for row in after if row not in before]
    for row in gone:
        yield title, show_row(field, row, reference), "not listed"
    for row in new:
        yield title, "not listed", show_row(field, row, reference)
    if not gone and not new:
        order = ("; ".join(show_row(field, row, reference) for row in rows) for rows in (before, after))
        first, second = order
        yield f"{title}, order", first, second


def show_value(field: Field, value: Any, reference: Reference, nothing: str = "") -> str:  # noqa: ANN401  # any JSON value
    """A value in words: On and Off, the words of a choice, a code with its name in Xero."""
    if value is None or value == "":
        return nothing or field.null_words
    if field.kind in SPREAD:
        return _show_spread(field, value, reference)
    if field.kind is Kind.CHOICE:
        return _titles(field).get(value, str(value))
    if field.kind is Kind.REFERENCE:
        return reference.words(field.source, value)
    return _show_plain(field, value)


def _show_plain(field: Field, value: Any) -> str:  # noqa: ANN401  # any JSON value
    """A value that no list of names belongs to."""
    match field.kind:
        case Kind.SWITCH:
            return "On" if value else "Off"
        case Kind.PERCENT:
            return show_share(value)
        case Kind.SEVERAL:
            return ", ".join(_titles(field)[each] for each in value) or "none"
        case Kind.WORDS:
            return ", ".join(value) or "none"
        case _:
            return f"{value} {field.unit}".strip()


def _titles(field: Field) -> dict[str, str]:
    return {choice.value: choice.title for choice in field.choices}


def show_share(value: object) -> str:
    """A share of one as a percentage; a share that is no number yet, as it is."""
    if isinstance(value, int | float):
        return f"{(Decimal(str(value)) * 100).normalize():f} %"
    return str(value)


def _show_spread(field: Field, value: Any, reference: Reference) -> str:  # noqa: ANN401  # any JSON value
    if field.kind is Kind.GROUP:
        return ", ".join(
            f"{part.title}: {show_value(part, value[part.name], reference)}" for part in field.parts
        )
    if field.kind is Kind.RECORDS:
        return "; ".join(show_row(field, row, reference) for row in value) or "none"
    key, inner = field.parts
    names = _titles(key)
    pairs = [
        f"{names.get(name, name)} → {show_value(inner, each, reference)}" for name, each in value.items()
    ]
    return ", ".join(pairs) or "none"


def show_row(field: Field, row: Mapping[str, Any], reference: Reference) -> str:
    """An entry of a list in one line, without what it leaves open."""
    told = [
        f"{part.title}: {show_value(part, row[part.name], reference)}"
        for part in field.parts
        if row[part.name] not in (None, "", {}, [])
    ]
    return ", ".join(told)


def show_default(setting: Setting, reference: Reference) -> str:
    """The default of a setting in words; empty for one whose parts have their own."""
    if setting.field.kind is Kind.GROUP:
        return ""
    return show_value(setting.field, setting.field.default, reference)
