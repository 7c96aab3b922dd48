"""View Sync Logs: the log lines of a document, newest first, in the words they came in."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json
from dashboard.components.aria import aria
from dashboard.components.facts import copyable, foreign
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.times import show_time
from dashboard.views.documents.opened import Opened, read_opened
from dashboard.views.visit import Visit

_PAGE = 50
_MOST = 500
LEVELS = {"": "All", "info": "Info", "warning": "Warnings", "error": "Errors"}
_SYMBOLS = {"info": "check", "warning": "warning", "error": "warning"}


def section(opened: Opened, level: str, count: int) -> list[Component]:
    """The section; `count`: how many lines were asked for."""
    return [
        html.Div(
            [
                dmc.SegmentedControl(
                    id={"type": "panel-log-level", "at": "logs"},
                    data=[{"value": value, "label": label} for value, label in LEVELS.items()],
                    value=level,
                    size="xs",
                    **aria(label="Level"),
                ),
            ],
            className="panel-tools",
        ),
        html.Div(lines(opened, level, count or _PAGE), id={"type": "panel-log-lines", "at": "logs"}),
    ]


def lines(opened: Opened, level: str, count: int) -> list[Component]:
    """The newest lines of a level, and the way to older ones."""
    wanted = min(count, _MOST)
    page = opened.get("logs", {"level": level or None, "limit": wanted})
    items = page["items"]
    if not items:
        words = (
            "No lines of this level."
            if level
            else "Nothing has been logged about it, or it is older than 90 days."
        )
        return [empty_state("No log lines", words)]
    shown: list[Component] = [html.Ol([_line(opened, line) for line in items], className="log")]
    if page["next_cursor"] is not None and wanted < _MOST:
        shown.append(
            dmc.Button(
                "Older lines",
                id={"type": "panel-log-more", "count": min(count * 2, _MOST)},
                variant="default",
                size="xs",
            )
        )
    elif page["next_cursor"] is not None:
        shown.append(
            html.P(
                f"These are the newest {_MOST}. All of them are in the support bundle, and in the tab Sync Logs."
            )
        )
    return shown


def _line(opened: Opened, line: Json) -> Component:
    level = line["level"]
    fields = [
        html.Div([html.Span(f"{name}: ", className="quiet"), foreign(value)])
        for name, value in line["fields"].items()
    ]
    return html.Li(
        [
            html.Div(
                [
                    html.Span([icon(_SYMBOLS.get(level, "help")), level], className=f"level level-{level}"),
                    html.Span(show_time(line["occurred_at"], opened.visit.zone, seconds=True)),
                    html.Span(line["service"]),
                ],
                className="log-about",
            ),
            html.Div(line["message"], className="foreign log-message"),
            html.Div(fields, className="log-fields") if fields else None,
            html.Details([html.Summary("Trace"), copyable(line["trace_id"], "the trace id")], className="why")
            if line["trace_id"]
            else None,
        ]
    )


def register(app: Dash) -> None:
    """Narrow, and show older lines."""

    @app.callback(
        Output({"type": "panel-log-lines", "at": ALL}, "children"),
        Output("panel-log-count", "data"),
        Input({"type": "panel-log-level", "at": ALL}, "value"),
        Input({"type": "panel-log-more", "count": ALL}, "n_clicks"),
        State("panel-log-count", "data"),
        State("open-document", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def narrow(
        levels: list[str],
        _: list[int | None],
        count: int,
        opened: dict[str, Any] | None,
        address: dict[str, Any],
    ) -> tuple[list[list[Component]], int]:
        asked = ctx.triggered_id
        if opened is None or not levels or asked is None or not ctx.triggered:
            raise PreventUpdate
        if asked["type"] == "panel-log-more":
            if not ctx.triggered[0]["value"]:
                raise PreventUpdate
            count = asked["count"]
        else:
            count = _PAGE
        return [lines(read_opened(Visit.of(address), opened), levels[0], count)], count
