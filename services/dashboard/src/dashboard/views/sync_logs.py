"""The tab Sync Logs: what the engine says, by Autotask ID, time, level or words; all of it is in the address."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.figures import as_of_note
from dashboard.components.icons import icon
from dashboard.components.log_lines import log_table
from dashboard.components.states import empty_state
from dashboard.core.log_lines import KINDS, LEVELS, Wanted, read_id
from dashboard.core.moments import to_clock, to_moment
from dashboard.views.visit import Visit

_LOOK_EVERY_MS = 5000
"""Lines come on a way of their own: some a moment after the change that they are about was told."""
_ACTS = ("logs-clear", "logs-newest", "logs-older")
_FILTERS = ("id", "kind", "from", "before", "level", "text")


def content(visit: Visit, me: Json) -> Component:  # noqa: ARG001  # every tab is given the person
    """Filters and lines."""
    wanted = Wanted.of_address(visit.address)
    lines, state = _lines(visit, wanted)
    return html.Div(
        [
            html.Div(_filters(visit, wanted), className="logs-filters"),
            html.Div(_acts(visit, wanted, state), id="logs-acts", className="logs-acts"),
            html.Div(id="logs-waiting", role="status"),
            html.Div(lines, id="logs-lines"),
            html.Div(as_of_note(visit, state["as_of"]), id="logs-age"),
            dcc.Store(id="logs-state", data=state),
            dcc.Interval(id="logs-clock", interval=_LOOK_EVERY_MS),
            dcc.Store(id="logs-look"),
        ]
    )


def _filters(visit: Visit, wanted: Wanted) -> list[Component]:
    return [
        dmc.TextInput(
            id="logs-id",
            label="Autotask ID",
            placeholder="48213",
            value=wanted.document_id,
            debounce=300,
            autoComplete="off",
            w=150,
        ),
        dmc.Select(
            id="logs-kind",
            label="Kind",
            data=[{"value": kind, "label": words} for kind, words in KINDS.items()],
            value=wanted.kind,
            allowDeselect=False,
            w=160,
        ),
        _clock("from", "From", wanted.since, visit),
        _clock("before", "Before", wanted.before, visit),
        dmc.Select(
            id="logs-level",
            label="Level",
            placeholder="All",
            data=[{"value": level, "label": words} for level, words in LEVELS.items()],
            value=wanted.level or None,
            clearable=True,
            clearButtonProps={"aria-label": "All levels"},
            w=150,
        ),
        dmc.TextInput(
            id="logs-text",
            label="Message holds",
            placeholder="Any words",
            value=wanted.text,
            debounce=300,
            autoComplete="off",
            w=220,
        ),
    ]


def _clock(name: str, label: str, moment: str, visit: Visit) -> Component:
    return dmc.DateTimePicker(
        id=f"logs-{name}",
        label=label,
        placeholder="Any time",
        value=to_clock(moment, visit.zone),
        valueFormat="D MMM YYYY, HH:mm",
        clearable=True,
        clearButtonProps={"aria-label": f"{label}: any time"},
        submitButtonProps={"aria-label": "Take this time"},
        w=210,
    )


def _acts(visit: Visit, wanted: Wanted, state: Json) -> list[Component]:
    """What can be done with the lines; where in them one is."""
    where = "Newest lines first" if not wanted.cursor else "Older lines, newest first"
    return [
        html.Span(f"{where}. Times are in {visit.zone.key}.", className="quiet"),
        dmc.Group(
            [
                dmc.Button(
                    "Newest",
                    id="logs-newest",
                    variant="default",
                    size="compact-sm",
                    leftSection=icon("left"),
                    disabled=not wanted.cursor,
                ),
                dmc.Button(
                    "Older",
                    id="logs-older",
                    variant="default",
                    size="compact-sm",
                    rightSection=icon("right"),
                    disabled=state["older"] is None,
                ),
                dmc.Button(
                    "Refresh",
                    id="logs-refresh",
                    variant="default",
                    size="compact-sm",
                    leftSection=icon("again"),
                ),
                dmc.Button(
                    "Clear filters",
                    id="logs-clear",
                    variant="subtle",
                    size="compact-sm",
                    disabled=not wanted.is_narrowed,
                ),
                html.A(
                    [icon("file"), "Export CSV"],
                    href=wanted.file_href(visit.tenant),
                    download="",
                    className="download",
                    id="logs-export",
                ),
            ],
            gap="xs",
        ),
    ]


def _lines(visit: Visit, wanted: Wanted) -> tuple[list[Component], Json]:
    """The lines, and what the browser keeps of them: which they are, the newest, the way to older ones, their age."""
    page = visit.api.get(visit.of_tenant("logs"), wanted.query())
    items = page["items"]
    state = {
        "wanted": asdict(wanted),
        "newest": items[0]["event_id"] if items else None,
        "older": page["next_cursor"],
        "as_of": page["as_of"],
    }
    if items:
        return [log_table(visit, items)], state
    words = (
        "Nothing that was logged fits what you chose above. Lines are kept for 90 days."
        if wanted.is_narrowed
        else "The engine has said nothing yet: once it is active, every step stands here."
    )
    return [empty_state("No lines", words)], state


def register(app: Dash) -> None:
    """Filter, page, refresh, and follow what comes."""

    @app.callback(
        output=(
            Output("logs-lines", "children"),
            Output("logs-acts", "children"),
            Output("logs-state", "data"),
            Output("logs-waiting", "children"),
            Output("shown", "data", allow_duplicate=True),
            Output("logs-id", "error"),
            [Output(f"logs-{name}", "value") for name in _FILTERS],
        ),
        inputs={
            "given": {name: Input(f"logs-{name}", "value") for name in _FILTERS},
            "_": [Input(act, "n_clicks") for act in (*_ACTS, "logs-refresh")],
            "state": State("logs-state", "data"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
    )
    def choose(given: Json, _: list[int | None], state: Json, address: Json) -> Any:  # noqa: ANN401  # Dash's way
        visit, before = Visit.of(address), Wanted(**state["wanted"])
        unchanged = [no_update] * len(_FILTERS)
        if ctx.triggered_id in _ACTS or ctx.triggered_id == "logs-refresh":
            if not ctx.triggered[0]["value"]:
                return (*(no_update,) * 6, unchanged)
            wanted = _turned(str(ctx.triggered_id), before, state)
        else:
            chosen = _chosen(given, before, visit)
            if chosen is None:
                error = "An Autotask ID is a number, such as 48213"
                return (*(no_update,) * 5, error, unchanged)
            if chosen == before:
                return (*(no_update,) * 5, None, unchanged)
            wanted = chosen
        lines, kept = _lines(visit, wanted)
        shown = {"query": wanted.shown(), "push": wanted.cursor != before.cursor}
        typed = given["kind"], (given["id"] or "").strip()
        is_other = ctx.triggered_id == "logs-clear" or typed != (wanted.kind, wanted.document_id)
        fields = _fields(visit, wanted) if is_other else unchanged
        return lines, _acts(visit, wanted, kept), kept, None, shown, None, fields

    app.clientside_callback(
        ClientsideFunction("logs", "look"),
        Output("logs-look", "data"),
        Input("changes", "data"),
        Input("logs-clock", "n_intervals"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("logs-lines", "children", allow_duplicate=True),
        Output("logs-acts", "children", allow_duplicate=True),
        Output("logs-state", "data", allow_duplicate=True),
        Output("logs-waiting", "children", allow_duplicate=True),
        Output("logs-age", "children"),
        Input("logs-look", "data"),
        State("logs-state", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(look: Json | None, state: Json, address: Json) -> tuple[Any, ...]:
        wanted, visit = Wanted(**state["wanted"]), Visit.of(address)
        if look is None or not wanted.is_live:
            return (no_update,) * 5
        newest = visit.api.get(visit.of_tenant("logs"), wanted.query(limit=1))
        age = as_of_note(visit, newest["as_of"])
        if (newest["items"][0]["event_id"] if newest["items"] else None) == state["newest"]:
            return *(no_update,) * 4, age
        if not look["at_top"]:
            return *(no_update,) * 3, "New lines have come. Refresh shows them.", age
        lines, kept = _lines(visit, wanted)
        return lines, _acts(visit, wanted, kept), kept, None, age


def _turned(act: str, before: Wanted, state: Json) -> Wanted:
    """What a button makes of what was wanted."""
    if act == "logs-clear":
        return Wanted(kind=before.kind)
    if act == "logs-newest":
        return before.newest()
    if act == "logs-older" and state["older"] is not None:
        return replace(before, cursor=state["older"])
    return before


def _chosen(given: Json, before: Wanted, visit: Visit) -> Wanted | None:
    """What the fields ask for; None while the id is none. Whoever filters begins at the newest line."""
    typed = (given["id"] or "").strip()
    read = read_id(typed, given["kind"]) if typed else (given["kind"], "")
    if read is None:
        return None
    chosen = Wanted(
        kind=read[0],
        document_id=read[1],
        since=to_moment(given["from"], visit.zone),
        before=to_moment(given["before"], visit.zone),
        level=given["level"] or "",
        text=(given["text"] or "").strip(),
    )
    return before if chosen == before.newest() else chosen


def _fields(visit: Visit, wanted: Wanted) -> list[Any]:
    """Values of the fields, in the order of `_FILTERS`."""
    clocks = to_clock(wanted.since, visit.zone), to_clock(wanted.before, visit.zone)
    return [wanted.document_id, wanted.kind, *clocks, wanted.level or None, wanted.text]
