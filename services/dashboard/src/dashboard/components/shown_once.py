"""A secret that is shown once: in a dialog that does not close by accident, and nowhere else.

It stands in the page alone, in no store and no address, and is taken out of it when the dialog closes.
"""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component


def shown_once(name: str, title: str) -> Component:
    """The dialog, closed. Give `{name}-secret` its `secret_words` and open `{name}-shown`."""
    return dmc.Modal(
        [
            html.Div(id=f"{name}-secret"),
            dmc.Group(dmc.Button("I have kept it: close", id=f"{name}-kept"), justify="flex-end", mt="lg"),
        ],
        id=f"{name}-shown",
        title=title,
        opened=False,
        centered=True,
        size="lg",
        withCloseButton=False,
        closeOnClickOutside=False,
        closeOnEscape=False,
    )


def secret_words(warning: str, label: str, secret: str, *more: Component) -> list[Component]:
    """The secret with what has to be said of it."""
    field = dmc.TextInput(
        label=label,
        value=secret,
        readOnly=True,
        autoComplete="off",
        spellCheck="false",
        className="secret",
        style={"flex": "1 1 320px"},
    )
    copy = dmc.CopyButton("Copy", value=secret, copiedChildren="Copied", variant="light", copiedColor="teal")
    return [
        dmc.Alert(warning, color="yellow", variant="light", mb="md"),
        dmc.Group([field, copy], align="flex-end", gap="sm"),
        *more,
    ]


def forget_when_kept(app: Dash, name: str) -> None:
    """Close the dialog by its button, and leave nothing of the secret in the page."""
    app.clientside_callback(
        ClientsideFunction("dialogs", "forget"),
        Output(f"{name}-shown", "opened", allow_duplicate=True),
        Output(f"{name}-secret", "children", allow_duplicate=True),
        Input(f"{name}-kept", "n_clicks"),
        prevent_initial_call=True,
    )
