"""Timeline: every event of a document, oldest first, each with its fields and who caused it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json
from dashboard.api.lists import gather
from dashboard.components.facts import copyable, facts
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.readable import pretty
from dashboard.core.times import show_time
from dashboard.views.documents.opened import Opened, read_opened
from dashboard.views.visit import Visit

_SYMBOLS = {
    "discovered": "file",
    "mapped": "list",
    "processing": "play",
    "synced": "check",
    "faulted": "warning",
    "skipped": "skip",
    "held": "pause",
    "commands": "person",
    "command-results": "again",
}
_BY = {
    "discovered": "poller",
    "mapped": "mapper",
    "processing": "xero-writer",
    "synced": "xero-writer",
    "held": "poller",
}
"""Who publishes what, where the event does not name them."""
_LONGEST = 40_000


def section(opened: Opened, expanded: list[str]) -> list[Component]:
    """The section; `expanded`: events whose fields are shown."""
    found = gather(opened.visit.api, opened.path("timeline"))
    if not found.items:
        return [empty_state("No events", "Nothing has happened to it that is still kept.")]
    more = (
        [html.P("There are more events: the support bundle has them all.")]
        if found.next_cursor is not None
        else []
    )
    return [
        html.P(
            f"{len(found.items)} events, oldest first. Times are in {opened.visit.zone.key}.",
            className="quiet",
        ),
        dmc.Accordion(
            [_entry(opened, entry, expanded) for entry in found.items],
            id={"type": "panel-events", "at": "timeline"},
            multiple=True,
            value=expanded,
            variant="separated",
            chevronPosition="left",
            order=3,
            className="timeline",
        ),
        *more,
    ]


def _entry(opened: Opened, entry: Json, expanded: list[str]) -> Component:
    stage, by = entry["topic"].rpartition(".")[2], _by(entry)
    about = [show_time(entry["occurred_at"], opened.visit.zone, seconds=True), *([by] if by else [])]
    fields = [_fields(entry)] if entry["event_id"] in expanded else []
    return dmc.AccordionItem(
        [
            dmc.AccordionControl(
                html.Div(
                    [
                        html.Div(entry["summary"], className="foreign timeline-summary"),
                        html.Div(" · ".join(about), className="quiet"),
                    ]
                ),
                icon=icon(_SYMBOLS.get(stage, "clock")),
                className=f"event event-{stage}",
            ),
            dmc.AccordionPanel(html.Div(fields, id={"type": "panel-event", "event": entry["event_id"]})),
        ],
        value=entry["event_id"],
    )


def _by(entry: Json) -> str | None:
    """Who caused it: a person where one did, else the service."""
    event = entry["event"]
    stage = entry["topic"].rpartition(".")[2]
    caused = event.get("actor") or event.get("service") or _BY.get(stage)
    return str(caused) if caused else None


def _fields(entry: Json) -> Component:
    text = pretty(entry["event"])
    cut = len(text) > _LONGEST
    return html.Div(
        [
            facts(
                [
                    ("Event", copyable(entry["event_id"], "the event id")),
                    ("Topic", entry["topic"]),
                    ("Revision", str(entry["revision"]) if entry["revision"] is not None else None),
                    (
                        "Command",
                        copyable(entry["command_id"], "the command id") if entry["command_id"] else None,
                    ),
                    ("Trace", copyable(entry["trace_id"], "the trace id") if entry["trace_id"] else None),
                ],
                "Event",
            ),
            html.Pre(text[:_LONGEST], className="payload", tabIndex=0),
            html.P("The rest is in the support bundle.") if cut else None,
        ]
    )


def register(app: Dash) -> None:
    """Show the fields of the events that are opened."""

    @app.callback(
        Output({"type": "panel-event", "event": ALL}, "children"),
        Input({"type": "panel-events", "at": ALL}, "value"),
        State({"type": "panel-event", "event": ALL}, "id"),
        State("open-document", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def expand(
        expanded: list[list[str]],
        places: list[dict[str, str]],
        opened: dict[str, Any] | None,
        address: dict[str, Any],
    ) -> list[list[Component]]:
        if opened is None or not expanded:
            raise PreventUpdate
        wanted = frozenset(expanded[0] or ())
        if not wanted:
            return [[] for _ in places]
        document = read_opened(Visit.of(address), opened)
        events = {
            entry["event_id"]: entry for entry in gather(document.visit.api, document.path("timeline")).items
        }
        return [
            [_fields(events[place["event"]])] if place["event"] in wanted and place["event"] in events else []
            for place in places
        ]
