"""Icons, drawn for this page in `assets/icons.css` as masks: they take the colour of the text beside them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria


def icon(name: str) -> Component:
    """An icon by its name. It says nothing to screen readers: words beside it, or a label, do."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))
