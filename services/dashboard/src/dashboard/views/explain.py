"""Why isn't it here?."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.views.visit import Page, Visit, no_callbacks


def render(visit: Visit) -> Component:
    """The page."""
    return html.Div([html.H1("Why isn't it here?"), html.P(visit.address.page)])


PAGE = Page("Why isn't it here?", render, no_callbacks)
