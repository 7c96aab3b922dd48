"""The password: changed with the one before; every other session ends, this one goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.components.card import card
from dashboard.components.failing import failure, failure_place, told_failure
from dashboard.components.notices import tell
from dashboard.views.visit import Visit

_SHORTEST = 12
_FIELDS = ("current", "new", "repeated")


def section(me: Json) -> Component:
    """The part of the page."""
    fields = [
        _field("current", "Current password", "current-password"),
        _field("new", "New password", "new-password"),
        _field("repeated", "The new one again", "new-password"),
    ]
    # Password managers look for the account that a password is of.
    account = dmc.TextInput(
        value=me["person"]["email"], autoComplete="username", readOnly=True, label="Account"
    )
    return card(
        "Password",
        dmc.Text(
            f"At least {_SHORTEST} characters, any of them: blanks and signs such as < % & too. A sentence is fine. Your other"
            " sessions end with the change; this one goes on, and so do the tokens of your programs.",
            mb="md",
        ),
        # No button in it submits, and no field has a name: it is a form only for password managers.
        html.Form(
            [html.Div(account, style={"display": "none"}), dmc.SimpleGrid(fields, cols={"base": 1, "sm": 3})],
            method="post",
        ),
        failure_place("password-failed"),
        dmc.Button("Change the password", id="password-change", mt="md", variant="default"),
    )


def _field(name: str, label: str, meaning: str) -> Component:
    return dmc.PasswordInput(
        id=f"password-{name}",
        label=label,
        value="",
        autoComplete=meaning,
        visibilityToggleButtonProps={"aria-label": f"Show or hide: {label.lower()}", "tabIndex": 0},
    )


def register(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        output={
            "failed": Output("password-failed", "children"),
            "values": {name: Output(f"password-{name}", "value") for name in _FIELDS},
        },
        inputs={
            "clicks": Input("password-change", "n_clicks"),
            "submits": Input("password-repeated", "n_submit"),
            "given": {name: State(f"password-{name}", "value") for name in _FIELDS},
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
        running=[(Output("password-change", "loading"), True, False)],
    )
    def change(
        clicks: int | None, submits: int | None, given: dict[str, str], address: Json
    ) -> dict[str, Any]:
        kept = dict.fromkeys(_FIELDS, no_update)
        if not clicks and not submits:
            return {"failed": no_update, "values": kept}
        wrong = _wrong(given)
        if wrong is not None:
            return {"failed": failure("The password was not changed", wrong), "values": kept}
        body = {"current": given["current"], "new": given["new"]}
        try:
            Visit.of(address).api.call("PUT", below("me", "password"), body=body)
        except ProblemError as problem:
            return {"failed": told_failure(problem), "values": kept}
        tell("Your password was changed", "Your other sessions have ended; this one goes on.")
        return {"failed": None, "values": dict.fromkeys(_FIELDS, "")}


def _wrong(given: Mapping[str, str]) -> str | None:
    """What can be told without asking status-api, which is the judge of the rest."""
    if not given["current"] or not given["new"]:
        return "Give your current password, and the new one twice."
    if given["new"] != given["repeated"]:
        return "The two new passwords differ."
    return None
