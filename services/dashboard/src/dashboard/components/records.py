"""Tables of a few rows that become cards on a narrow screen, each value below its column's name.

Long ones are `components.drawn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria

Cell = Component | str | list[Component]


def records(label: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Component:
    """A table; a column named with an empty text has no heading to see (the place of buttons).

    Args:
        label: what it lists, for screen readers.
        columns: their headings.
        rows: cells of each row, as many as columns.
    """
    head = html.Tr(
        [html.Th(column or "Actions", scope="col", className=_hidden(column)) for column in columns]
    )
    body = [html.Tr([_cell(column, cell) for column, cell in zip(columns, row, strict=True)]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="records", **aria(label=label))
    return html.Div(table, className="records-place")


def _cell(column: str, content: Cell) -> Component:
    told: dict[str, Any] = {"data-label": column}
    return html.Td(content, **told)


def _hidden(column: str) -> str:
    return "" if column else "records-unnamed"


def quiet(text: str) -> Component:
    """A second line of a cell."""
    return html.Div(text, className="records-quiet")
