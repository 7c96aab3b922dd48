"""The Product Dashboard: a tenant at a glance."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.views.visit import Page, Visit, no_callbacks


def render(visit: Visit) -> Component:
    """The glance."""
    return html.Div([html.H1("Product Dashboard"), html.Pre(str(visit.api.get(visit.of_tenant("overview"))))])


PAGE = Page("Product Dashboard", render, no_callbacks)
