"""Two questions before a form is saved: whether an effect in the books is meant, and what to do about somebody else's changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.asking import question
from dashboard.components.icons import icon
from dashboard.components.records import records
from dashboard.core.settings_form import settings
from dashboard.core.settings_form_changes import Change, show_value
from dashboard.core.settings_form_reference import Reference
from dashboard.core.times import show_time
from dashboard.views.visit import Visit

CONFIRM, STALE = "settings-confirm", "settings-stale"


def dialogs() -> list[Component]:
    """Both, closed."""
    return [
        question(CONFIRM, "This reaches into your books", "Save it all the same"),
        dmc.Modal(
            [
                html.Div(id="settings-stale-words"),
                dmc.Group(
                    [
                        dmc.Button("Drop mine and reload", id="settings-take", variant="default"),
                        dmc.Button(
                            "Take theirs where both changed",
                            id="settings-merge-theirs",
                            variant="default",
                        ),
                        dmc.Button("Keep mine on top of theirs", id="settings-merge-mine"),
                    ],
                    justify="flex-end",
                    mt="lg",
                ),
            ],
            id=STALE,
            title="Somebody else changed these options",
            opened=False,
            centered=True,
            size="xl",
            closeButtonProps={"aria-label": "Close"},
        ),
    ]


def caution_words(cautions: Sequence[Json], reference: Reference) -> Component:
    """Each change that has to be confirmed: before, after, and what it does."""
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(settings()[each["setting"]].field.title),
                    html.P(
                        [
                            html.Del(_value(each["setting"], each["before"], reference)),
                            " → ",
                            html.Ins(_value(each["setting"], each["after"], reference)),
                        ]
                    ),
                    html.Div(
                        [icon("warning"), html.Span(each["caution"])], className="settings-caution is-warned"
                    ),
                ],
                className="settings-confirm",
            )
            for each in cautions
        ]
    )


def _value(setting: str, value: Any, reference: Reference) -> str:  # noqa: ANN401  # any JSON value
    return show_value(settings()[setting].field, value, reference)


def stale_words(
    visit: Visit, theirs: Json, their_changes: Sequence[Change], my_changes: Sequence[Change]
) -> Component:
    """Who changed what meanwhile, beside what stands in the form."""
    mine = {change.title: change for change in my_changes}
    both = [change.title for change in their_changes if change.title in mine]
    when = show_time(theirs["updated_at"], visit.zone)
    rows = [
        [
            change.title,
            change.before,
            change.after,
            mine[change.title].after if change.title in mine else "as before",
        ]
        for change in their_changes
    ]
    only_mine = len(mine) - len(both)
    told = [
        html.P(
            f"{theirs['updated_by']} saved version {theirs['version']} on {when} ({visit.zone.key}), after you opened this page. "
            "Nothing of yours is saved yet."
        ),
        records("What differs", ("Option", "Before", "Theirs", "Yours"), rows),
    ]
    if both:
        told.append(html.P([html.Strong("Both of you changed: "), ", ".join(both), "."]))
    if only_mine:
        told.append(
            html.P(f"You changed {only_mine} more that they did not touch; these stay if you keep yours.")
        )
    return html.Div(told, className="settings-stale")
