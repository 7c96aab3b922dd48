"""Where in the form a problem belongs that the service names by its place in the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.core.settings_form import Field, Kind, Setting
from dashboard.core.settings_form_values import Problem, rows_of


def place_problems(
    settings: Mapping[str, Setting], cells: Mapping[str, Any], problems: Sequence[Mapping[str, str]]
) -> tuple[Problem, ...]:
    """Problems of a document at the cells they are about, or at the nearest field around them.

    Args:
        settings: the form.
        cells: what stands in it; names the rows of maps by their keys.
        problems: each with `place`, such as `tracking.0.category`, and `detail`.

    Returns:
        The problems; one that is about no setting has an empty place.
    """
    return tuple(Problem(_placed(settings, cells, each["place"]), each["detail"]) for each in problems)


def _placed(settings: Mapping[str, Setting], cells: Mapping[str, Any], place: str) -> str:
    name, _, rest = place.partition(".")
    if name not in settings:
        return ""
    return _inside(settings[name].field, cells, name, rest)


def _inside(field: Field, cells: Mapping[str, Any], at: str, rest: str) -> str:
    """The deepest place below `at` that the rest of a place names. Keys of maps may hold dots: they are taken whole."""
    if not rest:
        return at
    if field.kind is Kind.MAP:
        row = next((number for number in rows_of(cells, at) if cells.get(f"{at}/{number}/key") == rest), None)
        return at if row is None else f"{at}/{row}/value"
    head, _, tail = rest.partition(".")
    if field.kind is Kind.GROUP:
        part = next((each for each in field.parts if each.name == head), None)
        return at if part is None else _inside(part, cells, f"{at}/{head}", tail)
    if field.kind is Kind.RECORDS and head.isdigit():
        rows = rows_of(cells, at)
        if int(head) >= len(rows):
            return at
        column, _, deeper = tail.partition(".")
        part = next((each for each in field.parts if each.name == column), None)
        row_at = f"{at}/{rows[int(head)]}"
        return row_at if part is None else _inside(part, cells, f"{row_at}/{column}", deeper)
    return at


def problems_of(setting: str, problems: Sequence[Problem]) -> list[Problem]:
    """Those that belong to a setting."""
    return [each for each in problems if each.at == setting or each.at.startswith(f"{setting}/")]
