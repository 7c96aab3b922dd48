"""Rows of maps and lists that come, go and change places in the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.core.settings_form import Field, Kind, Setting
from dashboard.core.settings_form_values import Cells, empty_row, rows_of, to_cells


def change_rows(setting: Setting, cells: Mapping[str, Any], act: str, at: str) -> tuple[Cells, str | None]:
    """The cells of a setting after a row came, went or moved, its rows numbered anew.

    Args:
        setting: whose rows.
        cells: of the whole form.
        act: `add`, with the place of the map or list; `remove` or `up`, with that of the row.
        at: the place.

    Returns:
        The cells, and the place of the one to go on with.
    """
    own = {place: cell for place, cell in cells.items() if place.startswith(f"{setting.name}/")}
    holder, number = (at, None) if act == "add" else (at.rpartition("/")[0], int(at.rpartition("/")[2]))
    field = _field_at(setting.field, holder.split("/")[1:])
    rows = [_row(own, f"{holder}/{each}") for each in rows_of(own, holder)]
    place = len(rows) if number is None else rows_of(own, holder).index(number)
    if act == "add":
        rows.append(_relative(field, empty_row(field)))
    elif act == "remove":
        del rows[place]
    elif place > 0:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        place -= 1
    kept = {name: cell for name, cell in own.items() if not name.startswith(f"{holder}/")}
    for index, row in enumerate(rows):
        kept |= {f"{holder}/{index}/{name}": cell for name, cell in row.items()}
    focus = min(place, len(rows) - 1)
    return kept, f"{holder}/{focus}/{field.parts[0].name}" if rows else None


def _row(cells: Cells, at: str) -> Cells:
    return {place[len(at) + 1 :]: cell for place, cell in cells.items() if place.startswith(f"{at}/")}


def _relative(field: Field, row: Mapping[str, Any]) -> Cells:
    return {
        place: cell
        for part in field.parts
        for place, cell in to_cells(part, row[part.name], part.name).items()
    }


def _field_at(field: Field, path: list[str]) -> Field:
    """The map or list at a path; numbers of rows lead from a list to its members."""
    for step in path:
        if field.kind in {Kind.MAP, Kind.RECORDS} and step.isdigit():
            continue
        field = next(part for part in field.parts if part.name == step)
    return field
