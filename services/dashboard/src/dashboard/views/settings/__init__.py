"""Xero Options: every setting of a tenant, as a form that the settings' schema makes."""

from __future__ import annotations

from dash import Dash

from dashboard.views.settings import editing, history, others, page, saving
from dashboard.views.visit import Page


def _register(app: Dash) -> None:
    for each in (page, editing, saving, others, history):
        each.register(app)


PAGE = Page("Xero Options", page.render, _register)
