"""Name and roles."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.api.lists import tenant_names
from dashboard.components.card import card
from dashboard.components.failing import failure_place, told_failure
from dashboard.components.notices import tell
from dashboard.core.people import ROLE_NAMES, ROLE_WORDS, ordered_grants, place_words
from dashboard.views.frame import person_menu
from dashboard.views.visit import Visit


def section(me: Json, tenants: list[Json]) -> Component:
    """The part of the page."""
    person = me["person"]
    names = tenant_names(tenants)
    roles = [
        dmc.ListItem(
            [
                html.Strong(f"{place_words(grant['tenant_id'], names)}: {ROLE_NAMES[grant['role']]}"),
                f", {ROLE_WORDS[grant['role']]}.",
            ]
        )
        for grant in ordered_grants(me["grants"])
    ]
    return card(
        "You",
        dmc.Group(
            [
                dmc.TextInput(
                    id="profile-name",
                    label="Name",
                    value=person["name"],
                    autoComplete="name",
                    style={"flex": "1 1 240px", "maxWidth": 420},
                ),
                dmc.Button("Save the name", id="profile-name-save", variant="default"),
            ],
            align="flex-end",
        ),
        failure_place("profile-name-failed"),
        dmc.Text(["You sign in as ", html.Strong(person["email"]), "."], mt="md"),
        dmc.Title("Your roles", order=3, size="h5", mt="md", mb=4),
        dmc.List(roles, size="sm") if roles else dmc.Text("None: ask an administrator for one.", size="sm"),
    )


def register(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        Output("profile-name-failed", "children"),
        Output("person-place", "children", allow_duplicate=True),
        Input("profile-name-save", "n_clicks"),
        Input("profile-name", "n_submit"),
        State("profile-name", "value"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def rename(clicks: int | None, submits: int | None, name: str, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks and not submits:
            return no_update, no_update
        try:
            me = Visit.of(address).api.call("PATCH", below("me"), body={"name": name}).body
        except ProblemError as problem:
            return told_failure(problem), no_update
        tell("Saved", "Your name was changed.")
        return None, person_menu(me)
