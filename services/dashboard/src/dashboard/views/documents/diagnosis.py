"""The answer of a diagnosis: what a resync would do, and what it would send."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.facts import Shown, facts, foreign
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.acts import fate_words
from dashboard.core.answers import Diagnosis, read_diagnosis
from dashboard.core.errands import is_open
from dashboard.core.money import show_money
from dashboard.core.readable import pretty
from dashboard.core.times import show_date, show_time
from dashboard.views.documents.opened import Opened


def newest_diagnosis(commands: list[Json]) -> Json | None:
    """The diagnosis that was asked for last."""
    return next((command for command in commands if command["kind"] == "diagnose"), None)


def section(opened: Opened) -> list[Component]:
    """The section."""
    command = newest_diagnosis(opened.commands) or _older(opened)
    if command is None:
        return [
            empty_state(
                "Not diagnosed yet",
                "Diagnose is a dry run: the document is read from Autotask, mapped, and held against Xero. Nothing is"
                " written. The answer tells what a resync would do, with the requests that it would send.",
            )
        ]
    at = show_time(command["answered_at"] or command["issued_at"], opened.visit.zone, seconds=True)
    asked = html.P(f"Asked for by {command['actor']}; {at}.", className="quiet")
    if is_open(command):
        return [empty_state("Being diagnosed", "The answer comes up here by itself."), asked]
    diagnosis = read_diagnosis(command["answer"])
    if diagnosis is None:
        return [empty_state("No answer", fate_words(command)), asked]
    return [
        _verdict(diagnosis),
        *_details(diagnosis),
        asked,
        _made_from(diagnosis),
        *_lists(diagnosis),
        *_requests(diagnosis),
    ]


def _older(opened: Opened) -> Json | None:
    query = {"document": opened.document["document"], "kind": "diagnose", "limit": 1}
    items = opened.visit.api.get(opened.visit.of_tenant("commands"), query)["items"]
    return items[0] if items else None


def _verdict(diagnosis: Diagnosis) -> Component:
    code: list[Shown] = [" ", html.Code(diagnosis.code)] if diagnosis.code else []
    return html.Div(
        [
            html.Div(
                [icon("check" if diagnosis.good else "warning"), diagnosis.would],
                className="panel-cause-name",
            ),
            html.Div([foreign(diagnosis.words), *code]),
        ],
        className="panel-cause panel-diagnosis" if diagnosis.good else "panel-cause",
    )


def _details(diagnosis: Diagnosis) -> list[Component]:
    return _list("Details", list(diagnosis.details))


def _made_from(diagnosis: Diagnosis) -> Component:
    more = diagnosis.more
    contact: dict[str, Any] = more.get("contact") or {}
    prediction: dict[str, Any] = more.get("prediction") or {}
    rows: list[tuple[str, Shown | None]] = [
        ("Contact in Xero", foreign(contact["name"]) if contact else None),
        ("Due date", show_date(more.get("due_date"))),
        ("Net, predicted", show_money(prediction.get("sub_total"))),
        ("Tax, predicted", show_money(prediction.get("total_tax"))),
        ("Total, predicted", show_money(prediction.get("total"))),
        ("Settings version", str(more["settings_version"]) if "settings_version" in more else None),
        (
            "Version of Xero's reference data",
            str(more["reference_version"]) if "reference_version" in more else None,
        ),
    ]
    return facts(rows, "What it was made from")


def _lists(diagnosis: Diagnosis) -> list[Component]:
    more = diagnosis.more
    return [
        *_list("What an update would change", more.get("differences", [])),
        *_list("Warnings", more.get("warnings", [])),
        *_list("How it was decided", more.get("decisions", [])),
    ]


def _list(title: str, words: list[str]) -> list[Component]:
    if not words:
        return []
    return [html.H3(title), html.Ul([html.Li(foreign(each)) for each in words], className="panel-details")]


def _requests(diagnosis: Diagnosis) -> list[Component]:
    shown: list[Component] = [html.H3("Requests that would be sent to Xero")]
    if not diagnosis.requests:
        return [*shown, html.P("None.")]
    for place, request in enumerate(diagnosis.requests, start=1):
        shown.append(
            html.Details(
                [
                    html.Summary([f"{place}. ", html.Code(f"{request['method']} {request['path']}")]),
                    html.Pre(pretty(request["body"]), className="payload", tabIndex=0),
                ],
                open=place == 1,
            )
        )
    return shown
