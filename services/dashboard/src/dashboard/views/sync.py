"""Sync Overview."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.views.visit import Page, Visit, no_callbacks


def render(visit: Visit) -> Component:
    """The page."""
    return html.Div([html.H1("Sync Overview"), html.P(visit.address.page)])


PAGE = Page("Sync Overview", render, no_callbacks)
