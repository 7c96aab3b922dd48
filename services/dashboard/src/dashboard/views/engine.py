"""The engine's switch, Active or Paused: it says what will happen before it does."""

from __future__ import annotations

from itertools import count
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Answer, Json, ProblemError
from dashboard.components.aria import aria
from dashboard.components.figures import engine_pill
from dashboard.components.icons import icon
from dashboard.components.notices import tell
from dashboard.core.addresses import href
from dashboard.core.engine import (
    STATES,
    activation_words,
    overtaken_words,
    pausing_words,
    posts_at_once,
    waiting_words,
)
from dashboard.core.times import show_time
from dashboard.views.visit import Visit

_STALE = 412
_PAGE = 100
_UNFINISHED = ("Pending Sync", "Processing Now")


def place(visit: Visit, me: Json, tenant: Json) -> Component:
    """Where the switch stands, with the question that it asks."""
    return html.Div(
        [
            html.Div(_control(tenant, admin=visit.may(me, "admin")), id="engine-place"),
            dmc.Modal(
                [
                    html.Div(id="engine-words"),
                    dmc.Group(
                        [
                            dmc.Button("Leave it as it is", id="engine-cancel", variant="default"),
                            dmc.Button("Activate", id="engine-confirm", **aria(describedby="engine-words")),
                        ],
                        justify="flex-end",
                        mt="lg",
                    ),
                ],
                id="engine-dialog",
                opened=False,
                centered=True,
                size="lg",
                styles={"title": {"fontSize": 18, "fontWeight": 650}},
                closeButtonProps=aria(label="Close"),
            ),
            dcc.Store(id="engine-asked"),
        ]
    )


def _control(tenant: Json, *, admin: bool) -> Component:
    is_active = tenant["state"] == "active"
    words = f"Engine {STATES.get(tenant['state'], tenant['state'])}"
    if admin:
        return dmc.Switch(
            id="engine-switch", label=words, checked=is_active, color="teal", size="md", className="engine"
        )
    return html.Div(engine_pill(tenant["state"]), title="Only an admin of this tenant can switch it.")


def register(app: Dash) -> None:
    """Ask, do, and follow what others do."""

    @app.callback(
        Output("engine-dialog", "opened"),
        Output("engine-dialog", "title"),
        Output("engine-words", "children"),
        Output("engine-confirm", "children"),
        Output("engine-asked", "data"),
        Input("engine-switch", "checked"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def ask(checked: bool, address: dict[str, Any]) -> tuple[Any, ...]:  # noqa: FBT001  # Dash's way
        visit = Visit.of(address)
        read = visit.api.call("GET", visit.of_tenant("state"))
        wished = "active" if checked else "paused"
        if read.body["state"] == wished:
            return (no_update,) * 5
        asked = {"state": wished, "version": read.etag}
        if wished == "paused":
            return True, "Pause the engine?", _pausing(visit), "Pause", asked
        return True, "Activate the engine?", _activation(visit), "Activate", asked

    @app.callback(
        Output("engine-dialog", "opened", allow_duplicate=True),
        Input("engine-confirm", "n_clicks"),
        Input("engine-cancel", "n_clicks"),
        State("engine-asked", "data"),
        State("address", "data"),
        running=[(Output("engine-confirm", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def answer(yes: int | None, no: int | None, asked: Json, address: dict[str, Any]) -> Any:  # noqa: ANN401  # Dash's way
        if ctx.triggered_id == "engine-confirm" and yes:
            _switch(Visit.of(address), asked)
            return False
        return False if no else no_update

    @app.callback(
        Output("engine-place", "children"),
        Input("changes", "data"),
        Input("engine-dialog", "opened"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(changes: Json | None, opened: bool, address: dict[str, Any]) -> Any:  # noqa: ANN401, FBT001  # Dash's way
        if opened or (ctx.triggered_id == "changes" and not _concerns(changes)):
            return no_update
        visit = Visit.of(address)
        return _control(visit.api.get(visit.of_tenant()), admin=visit.may(visit.me(), "admin"))


def _concerns(changes: Json | None) -> bool:
    return bool(changes and (changes["reset"] or "tenant" in changes["subjects"]))


def _switch(visit: Visit, asked: Json) -> None:
    """Write the state that was confirmed; somebody else may have been faster."""
    wished = asked["state"]
    try:
        _write(visit, asked)
    except ProblemError as problem:
        if problem.status != _STALE:
            raise
        now = visit.api.get(visit.of_tenant("state"))
        when = show_time(now["updated_at"], visit.zone)
        tell("Somebody was faster", overtaken_words(now["state"], now["updated_by"], when, wished), bad=True)
    else:
        told = "It looks into Autotask now." if wished == "active" else "Nothing new is begun."
        tell(f"The engine is {STATES[wished]}", told)


def _write(visit: Visit, asked: Json) -> Answer:
    return visit.api.call(
        "PUT",
        visit.of_tenant("state"),
        body={"state": asked["state"]},
        headers={"If-Match": asked["version"]},
    )


def _activation(visit: Visit) -> Component:
    settings = visit.api.get(visit.of_tenant("settings"))["effective"]
    overview = visit.api.get(visit.of_tenant("overview"))
    first = not _was_active(visit)
    words = activation_words(settings, _unfinished(overview), first=first)
    waiting = visit.api.get(visit.of_tenant("commands"), {"state": ["waiting", "accepted"], "limit": _PAGE})
    more = waiting_words(len(waiting["items"]), more=waiting["next_cursor"] is not None)
    lead = (
        f"{overview['tenant']['name']} was never active. This is what will happen:"
        if first
        else "This is what will happen:"
    )
    parts: list[Component] = [dmc.Text(lead, fw=600, mb="xs"), _list([*words, *([more] if more else [])])]
    if posts_at_once(settings):
        parts.append(
            dmc.Alert(
                "Begin with Draft until you have seen that the mapping is right: approved documents can only be voided, not deleted.",
                color="yellow",
                icon=icon("warning"),
                mt="md",
            )
        )
    parts.append(
        dmc.Anchor(
            "Look at Xero Options first",
            href=href("t", visit.tenant, "configuration", "xero-options"),
            mt="md",
            display="inline-block",
        )
    )
    return html.Div(parts)


def _pausing(visit: Visit) -> Component:
    overview = visit.api.get(visit.of_tenant("overview"))
    counts = overview["counts"], overview["purchase_orders"]["counts"]
    return _list(pausing_words(sum(each["Processing Now"] for each in counts)))


def _unfinished(overview: Json) -> int:
    counts = overview["counts"], overview["purchase_orders"]["counts"]
    return sum(each[status] for each in counts for status in _UNFINISHED)


def _was_active(visit: Visit) -> bool:
    """Whether the tenant has ever been active, from the history of its settings, newest first."""
    cursor = None
    for _ in count():
        page = visit.api.get(visit.of_tenant("settings", "history"), {"limit": _PAGE, "cursor": cursor})
        if any(entry["state"] == "active" for entry in page["items"]):
            return True
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return False


def _list(words: list[str]) -> Component:
    return dmc.List([dmc.ListItem(each) for each in words], spacing="xs")
