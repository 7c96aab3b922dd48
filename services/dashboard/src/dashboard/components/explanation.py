"""An answer to "Why isn't it here?" as people read it: the cause, what to do step by step, the facts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from dashboard.components.facts import facts, outside_link, with_links
from dashboard.components.icons import icon
from dashboard.core.answers import Cause, Explanation, fact_rows
from dashboard.core.readable import in_steps, is_address

_FINE = frozenset({"in_xero", "next_cycle", "in_flight", "stamp_waiting", "stamp_cleared"})
"""Causes at which nobody has to do anything."""


def causes(told: Explanation) -> list[Component]:
    """Why, and what stands in the way besides."""
    shown: list[Component] = [_first(told.cause)]
    if told.also:
        shown.append(html.H2("Also", className="explain-also"))
        shown += [_besides(each) for each in told.also]
    return shown


def facts_of(told: Explanation, zone: ZoneInfo) -> list[Component]:
    """What the answer was made from."""
    rows = [
        (name, outside_link("The Xero Record", value) if is_address(value) else value)
        for name, value in fact_rows(told.facts, zone)
    ]
    if not rows:
        return []
    return [html.H2("What this was answered from", className="explain-also"), facts(rows, "Facts")]


def _first(cause: Cause) -> Component:
    fine = cause.name in _FINE
    return html.Div(
        [
            html.H2([icon("check" if fine else "warning"), f" {cause.title}"], className="explain-title"),
            html.Div(with_links(cause.words)),
            *what_to_do(cause.what_to_do),
        ],
        className="panel-cause panel-diagnosis" if fine else "panel-cause",
        id="explain-cause",
    )


def _besides(cause: Cause) -> Component:
    return html.Div(
        [html.Strong(cause.title), html.Div(with_links(cause.words)), *what_to_do(cause.what_to_do)],
        className="panel-cause panel-reason",
    )


def what_to_do(words: str) -> list[Component]:
    """An instruction; a path through menus becomes numbered steps."""
    if not words:
        return []
    before, steps, after = in_steps(words)
    shown: list[Component] = [html.Strong("What to do"), html.Div(with_links(before))]
    if steps:
        shown.append(html.Ol([html.Li(step) for step in steps], className="explain-steps"))
    if after:
        shown.append(html.Div(with_links(after)))
    return [html.Div(shown, className="panel-remedy")]
