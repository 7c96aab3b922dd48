"""What a page shows when it has nothing to show, and why."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.icons import icon


def empty_state(title: str, words: str, *more: Component) -> Component:
    """Nothing is there, which is all right; `more` may be what to do."""
    return _state("empty", title, words, *more)


def not_found_state(words: str = "There is no such page, or you have no role at its tenant.") -> Component:
    """The address names nothing."""
    return _state("search", "Nothing here", words, dmc.Anchor("Go home", href="/"))


def unreachable_state() -> Component:
    """status-api does not answer: the page tries again by itself."""
    return _state(
        "cut",
        "The service does not answer",
        "Nothing is lost: invoices go on being carried across, or wait. This page tries again by itself.",
        dmc.Button("Try again", id={"type": "again", "at": "unreachable"}, variant="light"),
    )


def error_state(title: str, words: str, request_id: str | None = None) -> Component:
    """status-api refused, or the page itself failed."""
    told = [] if request_id is None else [dmc.Text(f"Request {request_id}", size="sm", c="dimmed")]
    return _state("warning", title, words, *told)


def _state(symbol: str, title: str, words: str, *more: Component) -> Component:
    return html.Div(
        [icon(symbol), dmc.Title(title, order=2, size="h3"), dmc.Text(words, maw=560, ta="center"), *more],
        className="state",
    )
