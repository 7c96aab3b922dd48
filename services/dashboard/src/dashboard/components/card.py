"""A part of a page with its own heading."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash.development.base_component import Component


def card(title: str, *content: Component) -> Component:
    """The part, framed."""
    return dmc.Paper([dmc.Title(title, order=2, size="h4", mb="sm"), *content], withBorder=True, p="lg")
