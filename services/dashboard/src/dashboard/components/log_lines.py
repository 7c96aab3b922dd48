"""Log lines as rows: when, how much it matters, who says it, what; the details unfold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.core.addresses import document_href
from dashboard.core.figures import NOUNS
from dashboard.core.log_lines import LEVEL_LOOKS, LEVELS, details
from dashboard.core.times import show_time
from dashboard.views.visit import Visit

_COLUMNS = ("Time", "Level", "Service", "Message", "Document")


def log_table(visit: Visit, lines: Sequence[Mapping[str, Any]]) -> Component:
    """The lines in the order given. What is unfolded has a name, and stays so when other lines come before it."""
    head = html.Tr([html.Th(column, scope="col") for column in _COLUMNS])
    body = [html.Tr(_cells(visit, line)) for line in lines]
    return html.Table(
        [html.Thead(head), html.Tbody(body)], className="records logs", **aria(label="Sync Logs")
    )


def _cells(visit: Visit, line: Mapping[str, Any]) -> list[Component]:
    cells: list[Component | str] = [
        html.Span(show_time(line["occurred_at"], visit.zone, seconds=True), title=line["occurred_at"]),
        html.Span(
            LEVELS.get(line["level"], line["level"]),
            className=f"status status-{LEVEL_LOOKS.get(line['level'], 'other')}",
        ),
        line["service"],
        _message(line),
        _document(visit, line["document"]),
    ]
    return [html.Td(cell, **_label(column)) for column, cell in zip(_COLUMNS, cells, strict=True)]


def _label(column: str) -> dict[str, Any]:
    """The column's name, for narrow screens, where each cell stands below it."""
    return {"data-label": column}


def _message(line: Mapping[str, Any]) -> Component:
    more = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in details(line).items()]
    return html.Div(
        [
            html.Div(line["message"], className="foreign logs-message"),
            html.Details(
                [html.Summary("Details"), html.Dl(more)],
                id=f"line-{line['event_id']}",
                className="logs-details",
            ),
        ]
    )


def _document(visit: Visit, document: str | None) -> Component | str:
    if document is None:
        return ""
    kind, _, number = document.partition("/")
    noun = NOUNS.get(kind, (kind, ""))[0].capitalize()
    return dmc.Anchor(f"{noun} {number}", href=document_href(visit.tenant, document), size="sm")
