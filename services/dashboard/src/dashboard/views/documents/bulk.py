"""Acts on many documents: on those that are selected, and on all that have one cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError
from dashboard.components.aria import aria
from dashboard.components.asking import close_by
from dashboard.components.icons import icon
from dashboard.core.bulk import (
    ACTS,
    MOST_SINGLE,
    NO_DUPLICATE,
    answer_of_singles,
    cause_act,
    counted_words,
    fates_of,
    question,
    things_of,
)
from dashboard.core.listing import PAGE_SIZE
from dashboard.views.documents.kinds import KINDS, DocumentKind
from dashboard.views.visit import Visit

_SYMBOLS = {"resync": "again", "skip": "skip", "unskip": "play", "release": "out"}


def bar(kind: DocumentKind, *, may_act: bool, offer: Component | None) -> Component:
    """What can be done with what is selected, and `offer`, what can be done about a cause. Hidden from those who only see."""
    buttons = [
        dmc.Button(
            [act.verb, html.Span(id=f"list-number-{name}", className="chip-count")],
            id={"type": "bulk", "act": name},
            variant="light",
            size="compact-sm",
            leftSection=icon(_SYMBOLS[name]),
        )
        for name, act in ACTS.items()
    ]
    chosen = html.Div(
        [
            html.Span(id="list-chosen-words", className="selection-words", **aria(live="polite")),
            *buttons,
            dmc.Button("Select none", id="list-select-none", variant="subtle", size="compact-sm"),
        ],
        id="list-selection",
        className="selection none",
        role="group",
        **aria(label=f"Do to the selected {kind.plural}"),
    )
    stores = [dcc.Store(id="list-selected", data=[]), dcc.Store(id="list-may-act", data=may_act)]
    return html.Div(
        [*stores, chosen, html.Div(offer, id="list-cause-act")], className="list-acts", hidden=not may_act
    )


def dialog() -> Component:
    """The question before an act, and afterwards what became of each document."""
    return dmc.Modal(
        [
            dcc.Store(id="bulk-asked"),
            dcc.Store(id="bulk-done"),
            html.Div(id="bulk-words", **aria(live="polite")),
            dmc.Group(
                [
                    dmc.Button("Close", id="bulk-close", variant="default"),
                    dmc.Button("Do it", id="bulk-do"),
                ],
                justify="flex-end",
                mt="lg",
            ),
        ],
        id="bulk-dialog",
        title="",
        opened=False,
        centered=True,
        size="lg",
        closeButtonProps=aria(label="Close"),
    )


def register(app: Dash) -> None:
    """Callbacks of the acts."""
    app.clientside_callback(
        ClientsideFunction("listing", "selected"),
        Output("list-selected", "data"),
        Output("list-selection", "className"),
        Output("list-chosen-words", "children"),
        *[Output(f"list-number-{name}", "children") for name in ACTS],
        *[Output({"type": "bulk", "act": name}, "style") for name in ACTS],
        Input("list-grid", "selectedRows"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("listing", "selectNone"),
        Output("list-grid", "deselectAll"),
        Input("list-select-none", "n_clicks"),
        Input("bulk-done", "data"),
        prevent_initial_call=True,
    )
    close_by(app, "bulk-close", "bulk-dialog")
    _ask(app)
    _do(app)


def offer_for_cause(cause: str, name: str, faults: Sequence[Json], *, shown: int) -> Component | None:
    """What can be done to all documents with a cause at once; None where nothing can, or no document has it."""
    act = cause_act(cause, name, _by_code(faults)) if cause else None
    if act is None or not shown:
        return None
    nobody_waits = act.documents == 0
    return dmc.Button(
        act.words + (f" ({act.documents:,})" if act.documents else ""),
        id={"type": "bulk-cause", "act": act.kind},
        variant="light",
        size="compact-sm",
        leftSection=icon(_SYMBOLS[act.kind]),
        disabled=nobody_waits,
        **_title(
            "None is at Fault: those with this cause are tried again by themselves" if nobody_waits else ""
        ),
    )


def _title(words: str) -> dict[str, Any]:
    return {"attributes": {"root": {"title": words}}} if words else {}


def _by_code(faults: Sequence[Json]) -> dict[str, Json]:
    return {line["cause"]["code"]: line for line in faults}


def _ask(app: Dash) -> None:
    @app.callback(
        Output("bulk-dialog", "opened"),
        Output("bulk-dialog", "title"),
        Output("bulk-words", "children"),
        Output("bulk-do", "children"),
        Output("bulk-do", "style"),
        Output("bulk-close", "children"),
        Output("bulk-asked", "data"),
        Input({"type": "bulk", "act": ALL}, "n_clicks"),
        Input({"type": "bulk-cause", "act": ALL}, "n_clicks"),
        State("list-selected", "data"),
        State("list-cause", "value"),
        State("list-faults", "data"),
        State("list-kind", "data"),
        prevent_initial_call=True,
    )
    def ask(
        _clicks: list[int | None],
        _of_cause: list[int | None],
        selected: Sequence[Json],
        cause: str | None,
        faults: Sequence[Json],
        name: str,
    ) -> tuple[Any, ...]:
        by = ctx.triggered_id
        if by is None or not ctx.triggered[0]["value"]:
            return (no_update,) * 7
        kind = KINDS[name]
        act = cause_act(cause, name, _by_code(faults)) if cause and by["type"] == "bulk-cause" else None
        if act is not None:
            verb, number, body, complete = act.kind, act.documents, act.body, act.documents is None
        else:
            verb = by["act"]
            rows = [row for row in selected if verb in row["acts"]][:PAGE_SIZE]
            number, body = len(rows), {"kind": verb, "documents": [row["name"] for row in rows]}
            complete = any(row["status"] == "Complete" for row in rows)
        asked = {"body": body, "key": str(uuid4())}
        words = _promise(verb, number, complete=complete, plural=kind.plural, all_of_cause=act is not None)
        return (
            True,
            question(verb, number, things_of(name, number)),
            words,
            ACTS[verb].verb,
            {},
            "Cancel",
            asked,
        )


def _promise(
    verb: str, number: int | None, *, complete: bool, plural: str, all_of_cause: bool
) -> list[Component]:
    """What an act will do, in words."""
    words = [ACTS[verb].promise]
    if all_of_cause:
        words.append(
            f"All {plural} that wait for a person with this cause are taken, those on other pages too."
        )
    if verb == "resync" and complete:
        words.append(f"Some are Complete. {NO_DUPLICATE}")
    if verb == "release" and number is not None and number > MOST_SINGLE:
        words.append(f"{MOST_SINGLE} are released at a time.")
    return [dmc.Text(each, mb="xs") for each in words]


def _do(app: Dash) -> None:
    @app.callback(
        Output("bulk-words", "children", allow_duplicate=True),
        Output("bulk-dialog", "title", allow_duplicate=True),
        Output("bulk-do", "style", allow_duplicate=True),
        Output("bulk-close", "children", allow_duplicate=True),
        Output("bulk-done", "data"),
        Input("bulk-do", "n_clicks"),
        State("bulk-asked", "data"),
        State("address", "data"),
        running=[(Output("bulk-do", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def do(_clicks: int, asked: Json, address: Json) -> tuple[Any, ...]:
        visit, body = Visit.of(address), asked["body"]
        try:
            answer = _release(visit, body["documents"]) if body["kind"] == "release" else _bulk(visit, asked)
        except ProblemError as problem:
            return dmc.Alert(problem.detail, title=problem.title, color="red"), *(no_update,) * 4
        return _results(body["kind"], answer), "What became of it", {"display": "none"}, "Close", asked["key"]


def _bulk(visit: Visit, asked: Json) -> Json:
    """Give the commands. The key makes a repeat, of a second click or after a lost answer, do nothing."""
    path = visit.of_tenant("commands", "bulk")
    return visit.api.call("POST", path, body=asked["body"], headers={"Idempotency-Key": asked["key"]}).body


def _release(visit: Visit, documents: Sequence[str]) -> Json:
    """Release documents one by one: status-api has no bulk act for it, and few are ever in Diagnostic Mode."""
    items = [_released(visit, document) for document in documents[:MOST_SINGLE]]
    return answer_of_singles(items, max(0, len(documents) - MOST_SINGLE))


def _released(visit: Visit, document: str) -> Json:
    body = {"kind": "release", "document": document}
    try:
        answer = visit.api.call("POST", visit.of_tenant("commands"), body=body)
    except ProblemError as problem:
        return {"document": document, "fate": "refused", "problem": problem.body}
    fate = "accepted" if answer.status == 202 else "already_open"  # noqa: PLR2004  # as docs/api.md has it
    return {"document": document, "fate": fate, "problem": None}


def _results(kind: str, answer: Json) -> list[Component]:
    """What became of each document."""
    fates, untold = fates_of(answer)
    told: list[Component] = [
        dmc.List([dmc.ListItem(words) for words in counted_words(kind, answer)], mb="sm")
    ]
    if answer["reason"]:
        told.append(dmc.Alert(answer["reason"], color="yellow", mb="sm", icon=icon("clock")))
    rows = [
        dmc.TableTr(
            [
                dmc.TableTd(fate.document.replace("/", " ").replace("-", " ")),
                dmc.TableTd([icon("warning" if fate.bad else "check"), " ", fate.words]),
            ],
            className="fate-bad" if fate.bad else "fate",
        )
        for fate in fates
    ]
    if rows:
        head = dmc.TableThead(dmc.TableTr([dmc.TableTh("Document"), dmc.TableTh("Result")]))
        table = dmc.Table([head, dmc.TableTbody(rows)], verticalSpacing=4)
        told.append(
            html.Div(table, className="fates", tabIndex=0, role="region", **aria(label="Result of each"))
        )
    if untold:
        told.append(dmc.Text(f"and {untold:,} more", size="sm", c="dimmed"))
    return told
