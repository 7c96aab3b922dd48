"""One's own sessions, and the tokens of one's programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError, below
from dashboard.api.lists import gather, tenant_names
from dashboard.components.asking import asks, close_by_cancel, question
from dashboard.components.card import card
from dashboard.components.failing import told_failure
from dashboard.components.icons import icon
from dashboard.components.notices import tell
from dashboard.core.tokens import token_state
from dashboard.views.tokens.making import header_note, register_making, token_form
from dashboard.views.tokens.table import (
    Query,
    Shown,
    ending_question,
    register_ending,
    session_table,
    token_table,
)
from dashboard.views.visit import Visit

_NAME = "own"
_PLACE = "own-access"
_OTHERS = "Wherever else you are signed in, you will have to sign in again. This browser stays, and so do the tokens of your programs."


def sections(visit: Visit, me: Json, tenants: Sequence[Json]) -> list[Component]:
    """The parts of the page."""
    query = {name: list(values) for name, values in visit.address.query.items()}
    return [
        dcc.Store(id=f"{_PLACE}-query", data=query),
        html.Div(_access(visit, me, query), id=_PLACE),
        ending_question(_NAME),
        question("others", "End all other sessions?", "End them", dmc.Text(_OTHERS)),
        *token_form(_NAME, "Whatever I may do", tenants),
    ]


def _access(visit: Visit, me: Json, query: Query) -> Component:
    tokens = gather(visit.api, below("me", "tokens")).items
    names = tenant_names(gather(visit.api, below("tenants")).items)
    active = [token for token in tokens if token_state(token, visit.now) == "active"]
    shown = tokens if "ended" in query else active
    sessions = [token for token in shown if token["kind"] == "session"]
    programs = [token for token in shown if token["kind"] == "token"]
    others = any(each["kind"] == "session" and each["token_id"] != me["token_id"] for each in active)
    return dmc.Stack(
        [
            dmc.Switch(
                id="own-ended",
                label="Show what has ended in the last 90 days, too",
                checked="ended" in query,
            ),
            card(
                "Where you are signed in",
                session_table(visit, sessions, Shown(_NAME, "Your sessions", me["token_id"], names)),
                dmc.Button(
                    "End all other sessions",
                    variant="light",
                    color="red",
                    className="danger",
                    disabled=not others,
                    mt="md",
                    **asks("others"),
                ),
            ),
            card(
                "Tokens for your programs",
                header_note(),
                html.Div(
                    token_table(visit, programs, Shown(_NAME, "Your tokens", me["token_id"], names))
                    if programs
                    else dmc.Text("You have none.", c="dimmed"),
                    style={"marginTop": 12},
                ),
                dmc.Button("New token", id="own-new", leftSection=icon("plus"), variant="default", mt="md"),
            ),
        ],
        gap="md",
    )


def register(app: Dash) -> None:
    """Its callbacks."""
    close_by_cancel(app, "others")
    register_ending(app, _NAME, ("me", "tokens"), _access, _PLACE)
    register_making(app, _NAME, ("me", "tokens"), _access, _PLACE)

    @app.callback(
        Output(_PLACE, "children", allow_duplicate=True),
        Output(f"{_PLACE}-query", "data"),
        Output("shown", "data", allow_duplicate=True),
        Input("own-ended", "checked"),
        State(f"{_PLACE}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def show_ended(checked: bool, query: Query, address: Json) -> Any:  # noqa: ANN401, FBT001  # as Dash takes it
        if checked == ("ended" in query):
            return no_update, no_update, no_update
        wished: Query = {"ended": ["yes"]} if checked else {}
        visit = Visit.of(address)
        return _access(visit, visit.me(), wished), wished, {"query": wished, "push": True}

    @app.callback(
        Output("others-asking", "opened", allow_duplicate=True),
        Output("others-failed", "children", allow_duplicate=True),
        Output(_PLACE, "children", allow_duplicate=True),
        Input("others-do", "n_clicks"),
        State(f"{_PLACE}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
        running=[(Output("others-do", "loading"), True, False)],
    )
    def end_others(clicks: int | None, query: Query, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        if not clicks:
            return no_update, no_update, no_update
        visit = Visit.of(address)
        me = visit.me()
        try:
            for token in gather(visit.api, below("me", "tokens")).items:
                is_other = token["kind"] == "session" and token["token_id"] != me["token_id"]
                if is_other and token_state(token, visit.now) == "active":
                    visit.api.call("DELETE", below("me", "tokens", token["token_id"]))
        except ProblemError as problem:
            return True, told_failure(problem), _access(visit, me, query)
        tell("Ended", "You are signed in nowhere else.")
        return False, None, _access(visit, me, query)
