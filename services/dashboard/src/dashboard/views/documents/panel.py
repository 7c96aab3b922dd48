"""The panel of an opened document: what is so and what to do on top, everything known of it in sections below.

The list says what is open by the store `open-document`; the section is the address's `pane`. A change of the document is read
again in place: the panel keeps its section, its scroll and what was expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import ProblemError, UnreachableError
from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.components.states import empty_state, error_state, unreachable_state
from dashboard.core.addresses import href
from dashboard.core.panes import FIRST_PANE, PANES, concerns, pane_named
from dashboard.names import FILES
from dashboard.views.documents import (
    actions,
    comparison,
    diagnosis,
    document_logs,
    original,
    summary,
    timeline,
    xero_record,
)
from dashboard.views.documents.head import head, title
from dashboard.views.documents.opened import Opened, read_opened
from dashboard.views.visit import Visit

_NOT_FOUND = 404


def place(visit: Visit, kind: str) -> Component:
    """Where the panel is, closed unless the address says what is open."""
    number = visit.address.one("open")
    opened = {"kind": kind, "id": number} if number.isascii() and number.isdigit() else None
    return html.Div(
        [
            dcc.Store(id="open-document", data=opened),
            *(dcc.Store(id=name) for name in ("panel-acted", "panel-shown", "panel-closed", "panel-written")),
            dcc.Store(id="panel-log-count", data=0),
            dmc.Drawer(
                html.Div(
                    [
                        html.Div(_loading(), id="panel-head"),
                        _sections(pane_named(visit.address.one("pane"))),
                    ],
                    id="panel-body",
                    className="panel-body",
                ),
                id="panel-drawer",
                opened=opened is not None,
                title=html.Div("Opening", id="panel-title"),
                position="right",
                size="min(100vw, 860px)",
                withOverlay=False,
                lockScroll=False,
                closeOnClickOutside=False,
                closeButtonProps={"aria-label": "Close the panel"},
                className="panel",
            ),
        ],
        id="panel",
    )


def _sections(shown: str) -> Component:
    tabs = dmc.TabsList(
        [dmc.TabsTab(words, value=name) for name, words in PANES.items()], **aria(label="Sections")
    )
    panels = [
        dmc.TabsPanel(
            html.Div(_loading(), id={"type": "panel-section", "name": name}, className="panel-section"),
            value=name,
        )
        for name in PANES
    ]
    return dmc.Tabs([tabs, *panels], id="panel-tabs", value=shown, className="panel-tabs")


def _loading() -> Component:
    return html.Div(
        [dmc.Skeleton(height=22, width=220), dmc.Skeleton(height=90, mt="sm")],
        **aria(busy="true", label="Loading"),
    )


def register(app: Dash) -> None:
    """Open, read, read again, close; and what the sections do."""
    actions.register(app)
    document_logs.register(app)
    timeline.register(app)
    _browser_callbacks(app)

    @app.callback(
        Output("panel-title", "children"),
        Output("panel-head", "children"),
        Output({"type": "panel-section", "name": ALL}, "children"),
        Output("panel-body", "className"),
        Output("panel-shown", "data"),
        Input("open-document", "data"),
        Input("panel-tabs", "value"),
        Input("panel-acted", "data"),
        Input("changes", "data"),
        State("panel-shown", "data"),
        State({"type": "panel-section", "name": ALL}, "id"),
        State({"type": "panel-log-level", "at": ALL}, "value"),
        State("panel-log-count", "data"),
        State({"type": "panel-events", "at": ALL}, "value"),
        State("address", "data"),
    )
    def show(  # noqa: PLR0917  # Dash gives the inputs by their place
        opened: dict[str, Any] | None,
        pane: str,
        _: str | None,
        changes: dict[str, Any] | None,
        shown: dict[str, Any] | None,
        places: list[dict[str, str]],
        levels: list[str],
        lines: int,
        expanded: list[list[str]],
        address: dict[str, Any],
    ) -> tuple[Any, ...]:
        by_change = {each["prop_id"] for each in ctx.triggered} == {"changes.data"}
        if opened is None or (by_change and not concerns(changes, opened, shown)):
            raise PreventUpdate
        name = f"{opened['kind']}/{opened['id']}"
        is_same = shown is not None and shown["document"] == name
        kept = (
            Kept(levels[0] if levels else "", lines, (expanded[0] or []) if expanded else [])
            if is_same
            else Kept()
        )
        answer = _read(Visit.of(address), opened, pane_named(pane), kept)
        if answer is None:
            if is_same:  # what one sees stays, and says that it may be old
                return no_update, no_update, [no_update] * len(places), "panel-body panel-late", no_update
            answer = Shown("Not read", [unreachable_state()], [], [])
        rest = no_update if is_same else _loading()
        sections = [answer.section if place["name"] == pane_named(pane) else rest for place in places]
        state = {"document": name, "commands": answer.commands}
        return answer.title, answer.head, sections, "panel-body", state


class Kept:
    """What a person has chosen inside sections, which a fresh reading keeps."""

    def __init__(self, level: str = "", lines: int = 0, expanded: list[str] | None = None) -> None:
        self.level = level
        self.lines = lines
        self.expanded = expanded or []


class Shown:
    """What a reading gives the panel."""

    def __init__(
        self, title: Component | str, head: list[Component], section: list[Component], commands: list[str]
    ) -> None:
        self.title = title
        self.head = head
        self.section = section
        self.commands = commands


def _read(visit: Visit, opened: Mapping[str, Any], pane: str, kept: Kept) -> Shown | None:
    """The document and its section; None if status-api does not answer."""
    try:
        document = read_opened(visit, opened)
        section = _SECTIONS[pane](document, kept)
    except UnreachableError:
        return None
    except ProblemError as problem:
        if problem.status == _NOT_FOUND:
            return _unknown(visit, opened)
        return Shown("Not read", [error_state(problem.title, problem.detail, problem.request_id)], [], [])
    commands = [str(command["command_id"]) for command in document.commands]
    return Shown(title(document), head(document), [*section, *_foot(document)], commands)


def _unknown(visit: Visit, opened: Mapping[str, Any]) -> Shown:
    noun, number = opened["kind"].replace("-", " "), str(opened["id"])
    ask = dmc.Anchor(
        "Why isn't it here?",
        href=href("t", visit.tenant, "explain", id=number, kind=opened["kind"]),
        fw=600,
    )
    words = (
        f"The sync knows no {noun} with the Autotask id {number}. It may be stamped by another integration, older than the"
        " days that are synced, or not be in Autotask at all. Ask: the answer says which, and what to do."
    )
    return Shown(f"{noun.capitalize()} {number}", [empty_state("Not known here", words, ask)], [], [])


def _foot(opened: Opened) -> list[Component]:
    """The way to take everything along."""
    if not opened.may_act:
        return []
    where = f"{FILES}/{opened.visit.tenant}/{opened.kind.resource}/{opened.id}/bundle"
    return [
        html.Footer(
            [
                html.A([icon("file"), "Support bundle"], href=where, download="", className="panel-bundle"),
                html.Span(
                    "Everything about it in one archive; what tells who the customer is, is masked.",
                    className="quiet",
                ),
            ],
            className="panel-foot",
        )
    ]


_SECTIONS: Mapping[str, Callable[[Opened, Kept], list[Component]]] = {
    FIRST_PANE: lambda opened, _: summary.section(opened),
    "original": lambda opened, _: original.section(opened),
    "xero": lambda opened, _: xero_record.section(opened),
    "comparison": lambda opened, _: comparison.section(opened),
    "logs": lambda opened, kept: document_logs.section(opened, kept.level, kept.lines),
    "timeline": lambda opened, kept: timeline.section(opened, kept.expanded),
    "diagnosis": lambda opened, _: diagnosis.section(opened),
}


def _browser_callbacks(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("panel", "open"), Output("panel-drawer", "opened"), Input("open-document", "data")
    )
    app.clientside_callback(
        ClientsideFunction("panel", "close"),
        Output("panel-closed", "data"),
        Input("panel-drawer", "opened"),
        State("open-document", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("panel", "section"),
        Output("panel-written", "data"),
        Input("panel-tabs", "value"),
        prevent_initial_call=True,
    )
