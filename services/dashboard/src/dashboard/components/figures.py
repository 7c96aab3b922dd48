"""Cards of figures, and notes on how old they are."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.components.status import status_class
from dashboard.core.addresses import tab_href
from dashboard.core.engine import STATES
from dashboard.core.figures import LISTS, is_stale
from dashboard.core.money import show_count
from dashboard.core.statuses import LOOKS
from dashboard.core.times import show_time
from dashboard.views.visit import Visit

Content = Component | str


def card(title: str, content: Sequence[Content], *, name: str, wide: bool = False) -> Component:
    """A part of a page with its heading; `name` is its id."""
    return html.Section(
        [dmc.Title(title, order=2, size="h5", id=f"{name}-title", className="card-title"), *content],
        id=name,
        className="card card-wide" if wide else "card",
        **aria(labelledby=f"{name}-title"),
    )


def engine_pill(state: str) -> Component:
    """The engine's state."""
    look, symbol = ("complete", "play") if state == "active" else ("waiting", "pause")
    return html.Span([icon(symbol), f"Engine {STATES.get(state, state)}"], className=f"status status-{look}")


def banner(words: Content, colour: str, symbol: str, *more: Component) -> Component:
    """Something that concerns the whole page."""
    return dmc.Alert([words, *more], color=colour, variant="light", icon=icon(symbol), mb="md")


def big_number(number: int, words: str, more: str) -> Component:
    """A figure, what it counts, and how it compares."""
    return html.Div(
        [
            html.Div([html.B(show_count(number), className="big"), " ", words]),
            html.Div(more, className="quiet"),
        ],
        className="figure",
    )


def status_counts(tenant: str, kind: str, counts: dict[str, int]) -> Component:
    """How many documents show each status, each a way to their list."""
    links = [
        dmc.Anchor(
            [html.Span(status), html.B(show_count(counts[status]))],
            href=tab_href(tenant, LISTS[kind], status=status),
            underline="never",
            className=f"count {status_class(status)}" if counts[status] else "count status",
        )
        for status in LOOKS
        if status in counts
    ]
    return html.Div(links, className="counts")


def as_of_note(visit: Visit, as_of: str | None) -> Component:
    """The time that figures are of; loud if that is long ago."""
    told = (
        f"As of {show_time(as_of, visit.zone, seconds=True)} ({visit.zone.key})"
        if as_of
        else "Nothing was read yet"
    )
    if not is_stale(as_of, visit.now):
        return html.P(told, className="as-of")
    return banner(
        f"{told}. What happened since is not shown yet; nothing is lost, and this page catches up by itself.",
        "yellow",
        "clock",
    )
