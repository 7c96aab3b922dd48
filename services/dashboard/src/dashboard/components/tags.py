"""Short labels in a colour that holds in both themes; the words say it, the colour only helps."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def tag(words: str, tone: str = "gray") -> Component:
    """A label; tones are gray, blue, indigo, teal and yellow, as in `assets/people.css`."""
    return html.Span(words, className=f"tag tag-{tone}")
