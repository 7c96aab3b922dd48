"""Alert wishes: which tenants' troubles are told by mail, and how much the mail says."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.components.card import card
from dashboard.components.failing import failure_place, told_failure
from dashboard.components.notices import tell
from dashboard.core.people import EVERYWHERE
from dashboard.core.wishes import AS_EVERYWHERE, AS_EVERYWHERE_WORDS, CHOICES, choices_of, wishes_of
from dashboard.views.visit import Visit


def section(visit: Visit, tenants: list[Json]) -> Component:
    """The part of the page."""
    wishes = visit.api.get(below("me", "alerts"))["items"]
    choices = choices_of(wishes, [tenant["tenant_id"] for tenant in tenants])
    words = {EVERYWHERE: "All your tenants"} | {tenant["tenant_id"]: tenant["name"] for tenant in tenants}
    return card(
        "Alerts by mail",
        dmc.Text("Tell me by mail when an invoice ends in Fault or a connection fails."),
        dmc.Text(
            "A mail comes within an hour, one for many faults of the same cause. The generic text says how many documents, why and"
            " what to do, and holds no invoice data. The detailed text also names documents and clients, with Autotask's or"
            " Xero's own words.",
            size="sm",
            c="dimmed",
            mb="md",
        ),
        dmc.SimpleGrid(
            [_choice(place, words[place], choice) for place, choice in choices.items()],
            cols={"base": 1, "sm": 2, "lg": 3},
        ),
        failure_place("alerts-failed"),
        dmc.Button("Save the alerts", id="alerts-save", mt="md", variant="default"),
    )


def _choice(place: str, label: str, choice: str) -> Component:
    own = {} if place == EVERYWHERE else {AS_EVERYWHERE: AS_EVERYWHERE_WORDS}
    return dmc.Select(
        id={"type": "alert-wish", "place": place},
        label=label,
        data=[{"value": value, "label": words} for value, words in (own | CHOICES).items()],
        value=choice,
        allowDeselect=False,
    )


def register(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        Output("alerts-failed", "children"),
        Input("alerts-save", "n_clicks"),
        State({"type": "alert-wish", "place": ALL}, "value"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output("alerts-save", "loading"), True, False)],
    )
    def save(clicks: int | None, chosen: list[str], address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return no_update
        places = [field["id"]["place"] for field in ctx.states_list[0]]
        body = {"items": wishes_of(dict(zip(places, chosen, strict=True)))}
        try:
            Visit.of(address).api.call("PUT", below("me", "alerts"), body=body)
        except ProblemError as problem:
            return told_failure(problem)
        tell("Saved", "Your alert wishes hold from now on.")
        return None
