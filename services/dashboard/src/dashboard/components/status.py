"""A status as a coloured label: the word always, the colour besides."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.icons import icon
from dashboard.core.statuses import PHASES, look_of, status_words


def status_class(status: str) -> str:
    """Classes of `assets/status.css` that give a status its colours."""
    return f"status status-{look_of(status).name}"


def status_badge(status: str, phase: str | None = None) -> Component:
    """The label. What its word means, and what Processing Now is doing, is told when one points at it."""
    look = look_of(status)
    told = PHASES.get(phase) if phase is not None else None
    return html.Span(
        [icon(look.symbol), status_words(status, phase)],
        className=status_class(status),
        title=f"{look.meaning} Now {told}." if told else look.meaning,
    )
