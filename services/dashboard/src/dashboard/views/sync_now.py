"""Sync Now: Autotask is asked at once, and what came of it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.icons import icon
from dashboard.core.errands import is_open, sync_now_words
from dashboard.core.times import parse_time, show_time
from dashboard.views.visit import Visit

_TOLD_FOR = timedelta(minutes=10)
"""So long after its end a Sync Now is worth a word beside the button."""


def place(visit: Visit, me: Json) -> list[Component]:
    """The button and the fate of what was asked last; nothing for those who may not ask."""
    if not visit.may(me, "operator"):
        return []
    return [html.Div(_control(visit, _newest(visit)), id="sync-now-place")]


def _control(visit: Visit, newest: Json | None) -> list[Component]:
    running = newest is not None and is_open(newest)
    return [
        dmc.Text(
            _fate(visit, newest),
            size="sm",
            c="dimmed",
            id="sync-now-fate",
            attributes={"root": {"role": "status"}},
        ),
        dmc.Button(
            "Sync Now",
            id="sync-now",
            leftSection=icon("again"),
            variant="light",
            disabled=running,
        ),
    ]


def _newest(visit: Visit) -> Json | None:
    items = visit.api.get(visit.of_tenant("commands"), {"kind": "sync-now", "limit": 1})["items"]
    return items[0] if items else None


def _fate(visit: Visit, command: Json | None) -> str:
    if command is None:
        return ""
    if is_open(command):
        return sync_now_words(command)
    at = command["answered_at"] or command["issued_at"]
    if visit.now - parse_time(at) > _TOLD_FOR:
        return ""
    return f"{show_time(at, visit.zone).rpartition(', ')[2]}: {sync_now_words(command)}"


def register(app: Dash) -> None:
    """Ask, and follow what becomes of it."""

    @app.callback(
        Output("sync-now-place", "children"),
        Input("sync-now", "n_clicks"),
        State("address", "data"),
        running=[(Output("sync-now", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def ask(clicks: int | None, address: dict[str, Any]) -> Any:  # noqa: ANN401  # Dash's way
        if not clicks:
            return no_update
        visit = Visit.of(address)
        command = visit.api.call("POST", visit.of_tenant("commands"), body={"kind": "sync-now"}).body
        return _control(visit, command)

    @app.callback(
        Output("sync-now-place", "children", allow_duplicate=True),
        Input("changes", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(changes: Json, address: dict[str, Any]) -> Any:  # noqa: ANN401  # Dash's way
        if not (changes["reset"] or {"command", "tenant"} & set(changes["subjects"])):
            return no_update
        visit = Visit.of(address)
        return _control(visit, _newest(visit))
