"""Home: one tile for each tenant that the person may see, worst first."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.views.visit import Page, Visit, no_callbacks


def render(visit: Visit) -> Component:
    """The tiles."""
    return html.Div([html.H1("Home"), html.Pre(str(visit.api.get("/api/v1/overview")))])


PAGE = Page("Home", render, no_callbacks)
