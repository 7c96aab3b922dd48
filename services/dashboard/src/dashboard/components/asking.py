"""A question before something that can not be taken back: what will happen, a way out, and the deed by its name."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard.components.failing import failure_place


def question(name: str, title: str, deed: str, words: Component | str = "") -> Component:
    """The dialog, closed.

    A button with `asks(name)` opens it. What such a button is about comes in the store `{name}-asked`, the yes as a click on
    `{name}-do`; `{name}-failed` takes why the deed failed, and `opened` of `{name}-asking` closes the dialog.
    """
    return dmc.Modal(
        [
            dcc.Store(id=f"{name}-asked"),
            html.Div(words, id=f"{name}-words"),
            failure_place(f"{name}-failed"),
            dmc.Group(
                [
                    dmc.Button("Cancel", id=f"{name}-cancel", variant="default"),
                    dmc.Button(deed, id=f"{name}-do", color="red.9"),
                ],
                justify="flex-end",
                mt="lg",
            ),
        ],
        id=f"{name}-asking",
        title=title,
        opened=False,
        centered=True,
        closeButtonProps={"aria-label": "Close"},
    )


def asks(name: str, about: str = "", words: str = "") -> dict[str, str]:
    """Attributes of a button that asks a `question` first; `assets/dialogs.js` opens it.

    They need no id and no callback, so that a list may have a button in every row.

    Args:
        name: of the question.
        about: what the deed needs to know.
        words: what will happen, if the question does not say it already.
    """
    return {"data-asks": name, "data-about": about, "data-words": words}


def close_by(app: Dash, button: str, dialog: str) -> None:
    """Let a button close a dialog, in the browser alone."""
    app.clientside_callback(
        ClientsideFunction("dialogs", "close"),
        Output(dialog, "opened", allow_duplicate=True),
        Input(button, "n_clicks"),
        prevent_initial_call=True,
    )


def close_by_cancel(app: Dash, name: str) -> None:
    """The way out of a `question`."""
    close_by(app, f"{name}-cancel", f"{name}-asking")
