"""Product Dashboard: one tenant at a glance, and the way to whatever needs somebody."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.parts import changed, digests, part
from dashboard.views.product_cards import BELOW, PARTS, TOP, read_parts
from dashboard.views.visit import Page, Visit

_AGES_MS = 60_000
"""Ages of what stands still, and how old the figures are, are told anew each minute."""


def render(visit: Visit) -> Component:
    """The page; each part of it is drawn anew when it changes."""
    parts = read_parts(visit, visit.me())
    places = {name: part(_place(name), drawn) for name, drawn in parts.items()}
    return html.Div(
        [
            places["head"],
            places["banners"],
            html.Div([places[name] for name in TOP], className="cards"),
            html.Div([places[name] for name in BELOW], className="cards cards-broad"),
            places["age"],
            dcc.Store(id="product-drawn", data=digests(parts)),
            dcc.Interval(id="product-clock", interval=_AGES_MS),
        ]
    )


def _place(name: str) -> str:
    return f"product-{name}"


def register(app: Dash) -> None:
    """Test a connection, and follow what changes."""

    @app.callback(
        output=[
            *[Output(_place(name), "children") for name in PARTS],
            Output("product-drawn", "data"),
        ],
        inputs={
            "_": (Input("changes", "data"), Input("product-clock", "n_intervals")),
            "__": Input({"type": "test-connection", "side": ALL}, "n_clicks"),
            "drawn": State("product-drawn", "data"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
    )
    def follow(_: Any, __: list[int | None], drawn: dict[str, str], address: Json) -> list[Any]:  # noqa: ANN401  # Dash's way
        visit = Visit.of(address)
        if isinstance(ctx.triggered_id, dict):
            if not ctx.triggered[0]["value"]:  # a button that is drawn anew was not clicked
                return [no_update] * (len(PARTS) + 1)
            body = {"kind": "test-connection", "options": {"side": ctx.triggered_id["side"]}}
            visit.api.call("POST", visit.of_tenant("commands"), body=body)
        parts = read_parts(visit, visit.me())
        return [*changed(parts, drawn), digests(parts)]


PAGE = Page("Product Dashboard", render, register)
