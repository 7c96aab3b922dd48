"""Boxes that say something in passing; their colours hold against both themes."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.icons import icon


def note(tone: str, title: str, *more: Component | str) -> Component:
    """A box that something is said in: `bad`, `odd` or `plain`."""
    return html.Div(
        [html.Strong([icon("warning"), title]), *more], className=f"settings-note settings-note-{tone}"
    )
