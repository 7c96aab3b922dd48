"""Why something failed, said at the place where it was asked for."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import ProblemError
from dashboard.components.aria import aria


def failure_place(name: str) -> Component:
    """Where `told_failure` will stand; screen readers say it when it comes."""
    return html.Div(id=name, **aria(live="assertive"))


def told_failure(problem: ProblemError) -> Component:
    """status-api's words; of a body that is wrong, each mistake with its place."""
    mistakes = problem.body.get("problems") or []
    words = [f"{mistake['place']}: {mistake['detail']}" for mistake in mistakes] or [problem.detail]
    return failure(problem.title, *words)


def failure(title: str, *words: str) -> Component:
    """Words of our own about what is wrong."""
    return dmc.Alert(
        [html.Div(each) for each in words],
        title=title,
        color="red",
        variant="light",
        mt="md",
        className="failure",
    )
