"""People: the list, and one of them."""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component

from dashboard.views.people.inviting import register_inviting
from dashboard.views.people.listing import people_page, register_listing
from dashboard.views.people.person import person_page, register_person
from dashboard.views.visit import Page, Visit


def render(visit: Visit) -> Component:
    """The list, or the person whom the address names."""
    return person_page(visit) if visit.address.parts else people_page(visit)


def register(app: Dash) -> None:
    """Their callbacks."""
    register_listing(app)
    register_inviting(app)
    register_person(app)


PAGE = Page("People", render, register)
