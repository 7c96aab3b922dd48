"""Tables of many rows; on a narrow screen each row is a card, as in `components.records`.

The browser draws them from their data (`assets/drawn.js`): as components of the page framework, whose work grows with the
square of their number, a hundred rows would take it many seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from dash import html
from dash.development.base_component import Component


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; whatever is empty is left out. All of it is shown as text.

    Attributes:
        text: the words.
        href: where they lead, within the dashboard.
        quiet: a second line.
        title: what is told when one points at it.
        tags: labels, each with its tone as in `assets/people.css`.
        button: words of a button.
        label: what the button does, for screen readers.
        does: attributes `data-…` of the button.
    """

    text: str = ""
    href: str = ""
    quiet: str = ""
    title: str = ""
    tags: Sequence[tuple[str, str]] = ()
    button: str = ""
    label: str = ""
    does: Mapping[str, str] = field(default_factory=dict)


def drawn(label: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Component:
    """A table; a column named with an empty text has no heading to see (the place of buttons).

    Args:
        label: what it lists, for screen readers.
        columns: their headings.
        rows: cells of each row, as many as columns.
    """
    told = {"label": label, "columns": list(columns), "rows": [[_told(cell) for cell in row] for row in rows]}
    place = html.Div(className="records-place drawn")
    setattr(place, "data-drawn", json.dumps(told, ensure_ascii=False))
    return place


def _told(cell: Cell) -> dict[str, object]:
    return {name: value for name, value in asdict(cell).items() if value}
