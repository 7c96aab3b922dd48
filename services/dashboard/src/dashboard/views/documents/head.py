"""The first screenful of the panel: what is so, why, what to do, and the buttons for it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.facts import foreign, with_links
from dashboard.components.icons import icon
from dashboard.components.status import status_badge
from dashboard.core.acts import acts_for, command_name, fate_words, open_kinds
from dashboard.core.addresses import href
from dashboard.core.errands import is_open
from dashboard.core.statuses import STRIKES
from dashboard.core.stories import SIDES, noun_of, now_and_next
from dashboard.core.times import parse_time, show_age, show_time
from dashboard.views.documents.opened import Opened
from dashboard.views.documents.remedies import remedy_of

_FATE_TOLD_SECONDS = 3600
_OPTIONS = ("configuration", "xero-options")
_SHOWN_DETAILS = 3


def title(opened: Opened) -> Component:
    """What is open: its kind, Autotask's id, its number and whose it is."""
    document = opened.document
    party = document.get("company") or document.get("vendor")
    parts = [document["number"], party["name"] if party else None]
    return html.Div(
        [
            html.Div(f"{noun_of(document).capitalize()} {document['id']}", className="panel-name"),
            html.Div(" · ".join(part for part in parts if part), className="panel-party foreign"),
        ]
    )


def head(opened: Opened) -> list[Component]:
    """Status, story, cause and remedy, warnings, buttons, and what became of what was asked."""
    document = opened.document
    now, then = now_and_next(document)
    changed = show_age(document["changed_at"], opened.visit.now, opened.visit.zone)
    shown: list[Component | None] = [
        _banner() if document["hold"] == "diagnose" else None,
        html.Div(
            [
                status_badge(document["status"], document["phase"]),
                _strikes(document["strikes"]),
                dmc.Text(f"changed {changed}", size="sm", c="dimmed"),
            ],
            className="panel-status",
        ),
        html.P([html.Strong(now), " ", then], className="panel-story"),
        _cause(opened),
        _warnings(document),
        _buttons(opened) if opened.may_act else None,
        _fates(opened),
    ]
    return [each for each in shown if each is not None]


def _banner() -> Component:
    return html.Div(
        [
            html.Div([icon("lens"), "Diagnostic Mode"], className="panel-cause-name"),
            html.Div(
                "The sync does not touch this document, and nothing of it is written, until it is released."
            ),
        ],
        className="panel-cause panel-banner",
        role="note",
    )


def _strikes(strikes: int) -> Component | None:
    """Three marks, filled by the faults in a row, and the same in words."""
    if not strikes:
        return None
    marks = [
        html.Span(className="strike strike-on" if place < strikes else "strike") for place in range(STRIKES)
    ]
    return html.Span([*marks, f"{strikes} of {STRIKES} faults"], className="strikes")


def _cause(opened: Opened) -> Component | None:
    """Why, in the words users know, what to do, and whose side it is on."""
    document = opened.document
    cause, fault = document["cause"], document["fault"]
    if cause is None:
        return None
    entry = remedy_of(opened.visit.api, cause["code"])
    is_fault = fault is not None and fault["code"] == cause["code"]
    if not is_fault and entry is None:
        return _no_fault(cause)
    side = (fault["side"] if is_fault else None) or (entry["side"] if entry else "us")
    told: list[Component] = [foreign(cause["text"] or (entry["text"] if entry else cause["code"]))]
    details = fault["details"] if is_fault else []
    if details:
        told.append(_details(details))
    if entry is not None:
        told.append(
            html.Div(
                [
                    html.Strong("What to do"),
                    html.Div(entry["remedy"]),
                    _settings_link(opened, entry["remedy"]),
                ],
                className="panel-remedy",
                id="panel-remedy",
            )
        )
    told.append(html.Div([f"{SIDES.get(side, side)}. ", html.Code(cause["code"])], className="panel-side"))
    red = document["status"] == "Fault"
    return html.Div(
        [html.Div([icon("warning"), "Cause"], className="panel-cause-name"), *told],
        className="panel-cause panel-cause-fault" if red else "panel-cause",
        id="panel-cause",
    )


def _settings_link(opened: Opened, remedy: str) -> Component | None:
    """The way to the settings, where the remedy names them."""
    if "settings" not in remedy:
        return None
    return dmc.Anchor("Open Xero Options", href=href("t", opened.visit.tenant, *_OPTIONS), size="sm", fw=600)


def _no_fault(cause: Json) -> Component | None:
    """A reason that is no fault; the story has said the plain ones in full."""
    if not cause["text"] or cause["code"] in (
        "by_hand",
        "voided_in_xero",
        "nothing_in_xero",
        "changed_since",
    ):
        return None
    return html.Div(with_links(cause["text"]), className="panel-cause panel-reason", id="panel-cause")


def _details(details: list[str]) -> Component:
    first = html.Ul([html.Li(foreign(each)) for each in details[:_SHOWN_DETAILS]], className="panel-details")
    rest = details[_SHOWN_DETAILS:]
    if not rest:
        return first
    more = html.Ul([html.Li(foreign(each)) for each in rest], className="panel-details")
    return html.Div([first, html.Details([html.Summary(f"{len(rest)} more"), more])])


def _warnings(document: Json) -> Component | None:
    """What a person should know although it goes over: ours, then Xero's own."""
    told = [
        (who, each)
        for part, who in (("mapping", "Here"), ("synced", "Xero"))
        if document[part]
        for each in document[part]["warnings"]
    ]
    if not told:
        return None
    return html.Div(
        [
            html.Div([icon("warning"), "Warnings"], className="panel-cause-name"),
            html.Ul([html.Li([f"{who}: ", foreign(each)]) for who, each in told], className="panel-details"),
        ],
        className="panel-cause panel-warnings",
    )


def _buttons(opened: Opened) -> Component:
    acts = acts_for(opened.document)
    asked = open_kinds(opened.commands)
    buttons = [
        dmc.Tooltip(
            dmc.Button(
                act.words,
                id={"type": "panel-act", "name": act.name},
                leftSection=icon(act.symbol),
                variant="filled" if act.main else "default",
                size="sm",
                disabled=act.name in asked,
            ),
            label=act.hint,
            multiline=True,
            w=300,
            withArrow=True,
            events={"hover": True, "focus": True, "touch": False},
        )
        for act in acts
    ]
    return html.Div(
        [html.Div(buttons, className="panel-buttons"), html.P(acts[0].hint, className="panel-hint")]
    )


def _fates(opened: Opened) -> Component:
    """What became of what somebody asked: all that is open, and what ended last if that was lately."""
    told = [command for command in opened.commands if is_open(command)]
    told += [command for command in opened.commands[:1] if not is_open(command) and _is_late(opened, command)]
    return html.Div([_fate(opened, command) for command in told], id="panel-fates", role="status")


def _is_late(opened: Opened, command: Json) -> bool:
    at = parse_time(command["answered_at"] or command["issued_at"])
    return (opened.visit.now - at).total_seconds() < _FATE_TOLD_SECONDS


def _fate(opened: Opened, command: Json) -> Component:
    at = show_time(command["issued_at"], opened.visit.zone, seconds=True)
    refused = command["state"] in ("refused", "expired")
    return html.Div(
        [
            html.Strong(f"{command_name(command)}: "),
            fate_words(command),
            html.Span(f" {command['actor']}, {at}", className="quiet"),
        ],
        className="panel-fate panel-fate-bad" if refused else "panel-fate",
    )
