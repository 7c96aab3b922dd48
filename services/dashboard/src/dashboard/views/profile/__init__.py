"""One's own profile: name, roles, password, alert wishes, sessions and tokens."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, html
from dash.development.base_component import Component

from dashboard.api.connection import below
from dashboard.api.lists import gather
from dashboard.views.profile import access, alerts, password, person
from dashboard.views.visit import Page, Visit


def render(visit: Visit) -> Component:
    """The page."""
    me = visit.me()
    tenants = gather(visit.api, below("tenants")).items
    parts = [
        person.section(me, tenants),
        password.section(me),
        alerts.section(visit, tenants),
        *access.sections(visit, me, tenants),
    ]
    return html.Div(
        [dmc.Title("Your profile", order=1, mb="md"), dmc.Stack(parts, gap="md")], className="page-narrow"
    )


def register(app: Dash) -> None:
    """Its callbacks."""
    for part in (person, password, alerts, access):
        part.register(app)


PAGE = Page("Your profile", render, register)
