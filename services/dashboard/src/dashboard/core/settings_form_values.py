"""Between a setting's value and the cells of its form. A cell is one input; its place is a path such as `taxes/default`.

Rows of a map or a list have their number in the place: `accounts/by_billing_code/2/key`. Nothing is a binary fraction on the
way but what JSON itself holds as a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard.core.settings_form import Field, Kind

Cells = dict[str, Any]
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell.

    Attributes:
        at: the cell's place, or that of the field it belongs to.
        words: what to do.
        is_missing: only that something has not been filled in yet.
    """

    at: str
    words: str
    is_missing: bool = False


def to_cells(field: Field, value: object, at: str) -> Cells:
    """The cells that show a value."""
    match field.kind:
        case Kind.GROUP:
            given: Any = value
            return {
                place: cell
                for part in field.parts
                for place, cell in to_cells(part, given[part.name], f"{at}/{part.name}").items()
            }
        case Kind.MAP:
            pairs: Any = value
            return _row_cells(field, [{"key": key, "value": each} for key, each in pairs.items()], at)
        case Kind.RECORDS:
            entries: Any = value
            return _row_cells(field, entries, at)
        case Kind.PERCENT:
            shown = Decimal(str(value)) * _HUNDRED
            return {at: f"{shown.normalize():f}"}
        case _:
            return {at: value}


def _row_cells(field: Field, rows: list[dict[str, Any]], at: str) -> Cells:
    return {
        place: cell
        for number, row in enumerate(rows)
        for part in field.parts
        for place, cell in to_cells(part, row[part.name], f"{at}/{number}/{part.name}").items()
    }


def empty_row(field: Field) -> dict[str, Any]:
    """A row of a map or a list that nothing was filled into; of choices it has the first."""
    return {part.name: _nothing(part) for part in field.parts}


def _nothing(part: Field) -> Any:  # noqa: ANN401  # any JSON value
    if part.kind is Kind.CHOICE:
        return part.default or part.choices[0].value
    if part.kind in {Kind.MAP, Kind.RECORDS}:
        return {} if part.kind is Kind.MAP else []
    return None


def rows_of(cells: Mapping[str, Any], at: str) -> list[int]:
    """Numbers of the rows that stand below a place, in order."""
    below = f"{at}/"
    return sorted({int(place[len(below) :].split("/")[0]) for place in cells if place.startswith(below)})


def from_cells(field: Field, cells: Mapping[str, Any], at: str) -> tuple[Any, list[Problem]]:
    """The value that cells show, as far as there is one, and what is wrong with them."""
    match field.kind:
        case Kind.GROUP:
            value: dict[str, Any] = {}
            problems: list[Problem] = []
            for part in field.parts:
                value[part.name], found = from_cells(part, cells, f"{at}/{part.name}")
                problems += found
            return value, problems
        case Kind.MAP:
            return _map(field, cells, at)
        case Kind.RECORDS:
            return _records(field, cells, at)
        case _:
            return _single(field, cells.get(at), at)


def _map(field: Field, cells: Mapping[str, Any], at: str) -> tuple[Any, list[Problem]]:
    value: dict[str, Any] = {}
    rows, problems = _filled_rows(field, cells, at)
    for place, row in rows:
        key = row["key"]
        if key in value:
            problems.append(Problem(f"{place}/key", f"{key} stands here twice."))
        elif key:
            value[key] = row["value"]
    return value, problems


def _records(field: Field, cells: Mapping[str, Any], at: str) -> tuple[Any, list[Problem]]:
    rows, problems = _filled_rows(field, cells, at)
    return [row for _, row in rows], problems


def _filled_rows(
    field: Field, cells: Mapping[str, Any], at: str
) -> tuple[list[tuple[str, dict[str, Any]]], list[Problem]]:
    """Rows that something was filled into, each with its place, and what is wrong in them. A row left empty is none."""
    rows, problems = [], []
    for number in rows_of(cells, at):
        place = f"{at}/{number}"
        read = {part.name: from_cells(part, cells, f"{place}/{part.name}") for part in field.parts}
        row = {name: value for name, (value, _) in read.items()}
        if any(row[part.name] for part in field.parts if part.kind is not Kind.CHOICE):
            rows.append((place, row))
            problems += [problem for _, found in read.values() for problem in found]
    return rows, problems


def _single(field: Field, cell: object, at: str) -> tuple[Any, list[Problem]]:
    match field.kind:
        case Kind.SWITCH:
            return bool(cell), []
        case Kind.SEVERAL:
            chosen: Any = cell or []
            return [choice.value for choice in field.choices if choice.value in chosen], []
        case Kind.WORDS:
            return _words(field, cell, at)
        case Kind.INTEGER:
            return _integer(field, cell, at)
        case Kind.PERCENT | Kind.DECIMAL:
            return _decimal(field, cell, at)
        case _:
            return _text(field, cell, at)


def _text(field: Field, cell: object, at: str) -> tuple[Any, list[Problem]]:
    text = str(cell).strip() if cell is not None else ""
    if not text:
        if field.nullable:
            return None, []
        return None if field.required else "", [Problem(at, "Fill this in.", is_missing=True)]
    if field.pattern and not re.search(field.pattern, text):
        return text, [Problem(at, _SHAPES.get(field.pattern, f"This has to look like {field.pattern}."))]
    if field.longest is not None and len(text) > field.longest:
        return text, [Problem(at, f"This may have at most {field.longest} characters.")]
    return text, []


_SHAPES = {"^[0-9]+$": "This is an id in Autotask: digits only."}


def _words(field: Field, cell: object, at: str) -> tuple[Any, list[Problem]]:
    words: Any = cell or []
    wrong = [word for word in words if field.pattern and not re.search(field.pattern, word)]
    found = [
        Problem(at, f"{word} can not be a name here: small letters, digits and hyphens, at most 40.")
        for word in wrong
    ]
    if field.most is not None and len(words) > field.most:
        found.append(Problem(at, f"At most {field.most} can be named."))
    return list(words), found


def _integer(field: Field, cell: object, at: str) -> tuple[Any, list[Problem]]:
    text = str(cell).strip() if cell is not None else ""
    wanted = Problem(at, f"Give a whole number from {field.minimum} to {field.maximum}.")
    try:
        number = int(text)
    except ValueError:
        return text, [wanted]
    inside = (field.minimum is None or number >= field.minimum) and (
        field.maximum is None or number <= field.maximum
    )
    return number, [] if inside else [wanted]


def _decimal(field: Field, cell: object, at: str) -> tuple[Any, list[Problem]]:
    text = str(cell).strip() if cell is not None else ""
    if "," in text:
        return text, [Problem(at, "Write it with a point, such as 0.05.")]
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text, [Problem(at, "Give a number, such as 0.05.")]
    if field.kind is Kind.DECIMAL:
        fits = re.search(field.pattern, text)
        return text, [] if fits else [Problem(at, "Give an amount with at most four digits after the point.")]
    share = number / _HUNDRED
    if not number.is_finite() or not Decimal(str(field.minimum)) <= share <= Decimal(str(field.maximum)):
        lowest, highest = (Decimal(str(each)) * _HUNDRED for each in (field.minimum, field.maximum))
        return text, [Problem(at, f"Give a percentage from {lowest:f} to {highest:f}.")]
    # JSON has one kind of number; the service reads it as such.
    return float(share), []
