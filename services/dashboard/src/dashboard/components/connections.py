"""A connection: its state in words and colour, since when, what to do next, what is left of the budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.figures import card
from dashboard.components.icons import icon
from dashboard.core.connections import budget, side_name, state_look
from dashboard.core.times import show_age, show_time
from dashboard.views.visit import Visit

Json = Mapping[str, Any]


def state_pill(state: str) -> Component:
    """The state's word on its colour."""
    look = state_look(state)
    return html.Span([icon(look.symbol), look.words], className=f"status status-{look.name}")


def connection_card(visit: Visit, connection: Json, test: list[Component]) -> Component:
    """All that is known of a connection; `test` is the button and what came of the last test."""
    side = connection["side"]
    since = connection["changed_at"]
    facts: list[Component] = []
    if since is not None:
        facts.append(
            html.Span(
                f"Since {show_time(since, visit.zone)} ({show_age(since, visit.now, visit.zone)})",
                className="quiet",
            )
        )
    if connection["detail"]:
        facts.append(html.Span(connection["detail"], className="quiet foreign"))
    return card(
        side_name(side),
        [
            html.Div([state_pill(connection["state"]), *facts], className="connection-facts"),
            html.P([html.B("Next step: "), connection["next_step"]], className="next-step"),
            html.Div([_bar(each) for each in connection["budgets"]], className="budgets"),
            html.Div(test, className="connection-test"),
        ],
        name=f"connection-{side}",
    )


def _bar(read: Json) -> Component:
    """What is left of a budget: the words say it, the bar is for the eye."""
    left = budget(read)
    return html.Div(
        [
            html.Div([html.Span(left.label), html.B(left.words)], className="budget-words"),
            html.Div(
                html.Div(
                    className="budget-scarce" if left.scarce else "", style={"width": f"{left.share:.2%}"}
                ),
                className="budget-bar",
                **aria(hidden="true"),
            ),
        ],
        className="budget",
    )


def test_button(side: str, *, running: bool) -> Component:
    """Asks for a test of one side."""
    return dmc.Button(
        "Test connection",
        id={"type": "test-connection", "side": side},
        variant="default",
        size="compact-sm",
        disabled=running,
        **aria(label=f"Test connection to {side_name(side)}"),
    )
