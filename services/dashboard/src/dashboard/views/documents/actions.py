"""What a person does with the document that is open: given to status-api, told at once."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard.components.notices import tell
from dashboard.core.acts import act_named, command_name, fate_words
from dashboard.views.documents.kinds import KINDS
from dashboard.views.visit import Visit

_STILL_OPEN = 200
"""Status of the answer where the same command was open already."""


def register(app: Dash) -> None:
    """Give the command of a button."""

    @app.callback(
        Output("panel-acted", "data"),
        Input({"type": "panel-act", "name": ALL}, "n_clicks"),
        State("open-document", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def act(_: list[int | None], opened: dict[str, Any] | None, address: dict[str, Any]) -> str:
        if opened is None or not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        visit = Visit.of(address)
        kind = KINDS[opened["kind"]]
        document = visit.api.get(visit.of_tenant(kind.resource, str(opened["id"])))
        wished = act_named(document, ctx.triggered_id["name"])
        if wished is None:
            tell(
                "Not possible any more", "The document has changed meanwhile; the panel shows how it is now."
            )
            return visit.now.isoformat()
        body = {**wished.command, "document": f"{kind.kind}/{opened['id']}"}
        answer = visit.api.call("POST", visit.of_tenant("commands"), body=body)
        if answer.status == _STILL_OPEN:
            tell(
                f"{command_name(answer.body)} was asked for already",
                f"{fate_words(answer.body)} It is not done twice.",
            )
        else:
            tell(f"{command_name(answer.body)} asked for", fate_words(answer.body))
        return str(answer.body["command_id"])
