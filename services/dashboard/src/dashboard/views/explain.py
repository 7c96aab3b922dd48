"""Why isn't it here? Any Autotask id is answered, whether the sync knows the document or not.

The poller answers, which takes a second or some: the page gives the command, says what is being asked, and follows it. An answer
that somebody got a moment ago is shown again instead of asking Autotask twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json, ProblemError
from dashboard.components.aria import aria
from dashboard.components.explanation import causes, facts_of
from dashboard.components.facts import note, outside_link
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.components.status import status_badge
from dashboard.core.acts import fate_words
from dashboard.core.addresses import document_href, tab_href, tenant_href
from dashboard.core.answers import autotask_id, read_explanation
from dashboard.core.errands import is_open
from dashboard.core.stories import now_and_next
from dashboard.core.times import parse_time, show_time
from dashboard.views.documents.kinds import KINDS
from dashboard.views.visit import Page, Visit

_NOT_FOUND = 404
_FRESH = timedelta(minutes=5)
"""An answer that is younger is shown instead of asking again."""
_PATIENCE = timedelta(seconds=30)
_OFTEN_MS, _SELDOM_MS = 1000, 5000


def render(visit: Visit) -> Component:
    """The question, and the answer if the address asks."""
    typed = visit.address.one("id")
    kind = _kind(visit.address.one("kind"))
    number, wrong = autotask_id(typed) if typed else (None, "")
    question = None if number is None else {"id": number, "kind": kind, "again": False}
    return html.Div(
        [
            dcc.Store(id="explain-first", data=question),
            dcc.Store(id="explain-question", data=question),
            dcc.Store(id="explain-asked"),
            dcc.Interval(id="explain-tick", interval=_OFTEN_MS, disabled=True),
            dmc.Title("Why isn't it here?", order=1, size="h2"),
            dmc.Text(
                "Type the Autotask id of any invoice or purchase order. The sync looks at it in Autotask and says why it is not in"
                " Xero, or where it is, and what to do. Nothing is changed by asking.",
                c="dimmed",
                maw=720,
                mt="xs",
                mb="lg",
            ),
            _form(typed, kind),
            html.Div(_wrong(visit, kind, typed, wrong), id="explain-wrong", role="alert"),
            html.Div(id="explain-answer", className="explain-answer", **aria(live="polite")),
        ]
    )


def _kind(name: str) -> str:
    return name if name in KINDS else next(iter(KINDS))


def _form(typed: str, kind: str) -> Component:
    return html.Div(
        [
            dmc.TextInput(
                id="explain-id",
                label="Autotask id",
                value=typed,
                placeholder="48213",
                w=180,
                inputProps={"inputMode": "numeric", "autoComplete": "off", "maxLength": 60},
            ),
            dmc.SegmentedControl(
                id="explain-kind",
                data=[
                    {"value": "invoice", "label": "Invoice"},
                    {"value": "purchase-order", "label": "Purchase order"},
                ],
                value=kind,
                **aria(label="Kind of document"),
            ),
            dmc.Button("Ask", id="explain-ask", leftSection=icon("help")),
        ],
        className="explain-form",
    )


def _wrong(visit: Visit, kind: str, typed: str, words: str) -> Component | None:
    """What is wrong with what was typed, and where a number would be found."""
    if not words:
        return None
    look = dmc.Anchor(
        f"Look for it in {'Invoices' if kind == 'invoice' else 'Purchase Orders'}",
        href=tab_href(visit.tenant, KINDS[kind].resource, text=typed.strip()),
    )
    return html.Div(
        note("warning", None, words, *([look] if typed.strip() else [])), className="explain-answer"
    )


def register(app: Dash) -> None:
    """Ask, follow, answer."""

    @app.callback(
        Output("explain-question", "data"),
        Output("explain-wrong", "children"),
        Output("shown", "data", allow_duplicate=True),
        Output("explain-answer", "children", allow_duplicate=True),
        Output("explain-tick", "disabled", allow_duplicate=True),
        Input("explain-ask", "n_clicks"),
        Input("explain-id", "n_submit"),
        State("explain-id", "value"),
        State("explain-kind", "value"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def ask(
        clicks: int | None, enters: int | None, typed: str | None, kind: str, address: dict[str, Any]
    ) -> tuple[Any, ...]:
        if not (clicks or enters):
            raise PreventUpdate
        number, wrong = autotask_id(typed or "")
        if number is None:
            return None, _wrong(Visit.of(address), kind, typed or "", wrong), no_update, None, True
        query = {"id": str(number), "kind": kind}
        return (
            {"id": number, "kind": kind, "again": True},
            None,
            {"query": query, "push": True},
            no_update,
            no_update,
        )

    @app.callback(
        Output("explain-answer", "children"),
        Output("explain-asked", "data"),
        Output("explain-tick", "disabled"),
        Output("explain-tick", "interval"),
        Input("explain-question", "data"),
        Input(
            "explain-first", "data"
        ),  # nothing but the page sets it: Dash calls at the start for its sake alone
        State("address", "data"),
    )
    def begin(
        question: dict[str, Any] | None, _: dict[str, Any] | None, address: dict[str, Any]
    ) -> tuple[Any, ...]:
        if question is None:
            raise PreventUpdate
        visit = Visit.of(address)
        command, may_ask = _command(visit, question)
        asked = {"command_id": command["command_id"], "issued_at": command["issued_at"]} if command else None
        content = _content(visit, question, command, may_ask=may_ask)
        return content, asked, command is None or not is_open(command), _OFTEN_MS

    @app.callback(
        Output("explain-answer", "children", allow_duplicate=True),
        Output("explain-tick", "disabled", allow_duplicate=True),
        Output("explain-tick", "interval", allow_duplicate=True),
        Input("explain-tick", "n_intervals"),
        Input("changes", "data"),
        State("explain-tick", "disabled"),
        State("explain-asked", "data"),
        State("explain-question", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(
        _: int,
        changes: dict[str, Any] | None,
        is_answered: bool,  # noqa: FBT001  # Dash's way
        asked: dict[str, Any] | None,
        question: dict[str, Any] | None,
        address: dict[str, Any],
    ) -> tuple[Any, ...]:
        if is_answered or asked is None or question is None:
            raise PreventUpdate
        if ctx.triggered_id == "changes" and not _tells(changes, asked):
            raise PreventUpdate
        visit = Visit.of(address)
        command = visit.api.get(visit.of_tenant("commands", asked["command_id"]))
        late = visit.now - parse_time(asked["issued_at"]) > _PATIENCE
        if is_open(command):
            content = _waiting(visit, question, command) if late else no_update
            return content, False, _SELDOM_MS if late else _OFTEN_MS
        return _content(visit, question, command, may_ask=True), True, _OFTEN_MS


def _tells(changes: Json | None, asked: Json) -> bool:
    return changes is not None and (changes["reset"] or f"command/{asked['command_id']}" in changes["ids"])


def _command(visit: Visit, question: Json) -> tuple[Json | None, bool]:
    """The command that answers: a fresh one, one that is open, or a new one; none for those who may not ask and find none."""
    document = f"{question['kind']}/{question['id']}"
    found = visit.api.get(visit.of_tenant("commands"), {"kind": "explain", "document": document, "limit": 1})[
        "items"
    ]
    newest: Json | None = found[0] if found else None
    if not visit.may(visit.me(), "operator"):
        return newest, False
    if newest is not None and not question["again"] and visit.now - parse_time(newest["issued_at"]) < _FRESH:
        return newest, True
    body = {"kind": "explain", "document": document}
    return visit.api.call("POST", visit.of_tenant("commands"), body=body).body, True


def _content(visit: Visit, question: Json, command: Json | None, *, may_ask: bool) -> list[Component]:
    """What is known here, and the answer as far as it has come."""
    here = _here(visit, question)
    if command is None:
        return [*here, _only_operators()]
    if is_open(command):
        return [*here, *_waiting(visit, question, command)]
    told = read_explanation(command["answer"])
    at = show_time(command["answered_at"] or command["issued_at"], visit.zone, seconds=True)
    asked_by = html.P(f"Asked by {command['actor']}, answered {at} ({visit.zone.key}).", className="quiet")
    if told is None:
        return [*here, empty_state("No answer", fate_words(command)), asked_by]
    links = html.Div(
        [
            dmc.Anchor("Connections", href=tenant_href(visit.tenant)),
            dmc.Anchor("Sync Logs", href=tab_href(visit.tenant, "sync-logs", text=str(question["id"]))),
        ],
        className="explain-links",
    )
    return [
        *causes(told),
        *here,
        *facts_of(told, visit.zone),
        links,
        asked_by,
        *([] if may_ask else [_only_operators()]),
    ]


def _waiting(visit: Visit, question: Json, command: Json) -> list[Component]:
    """Between asking and answer: what is being asked, and after a while the truth."""
    noun = KINDS[question["kind"]].kind.replace("-", " ")
    if visit.now - parse_time(command["issued_at"]) > _PATIENCE:
        words = (
            f"The poller has not answered since {show_time(command['issued_at'], visit.zone, seconds=True)}. It may be stopped,"
            " or busy with a long reading. The question stays open and this page goes on waiting; an answer that comes later"
            " is shown here and kept. Look at the connections, or tell the operators that the poller does not answer."
        )
        return [
            note("clock", "No answer yet", words),
            dmc.Anchor("Connections", href=tenant_href(visit.tenant)),
        ]
    return [
        dmc.Group(
            [
                dmc.Loader(size="sm"),
                dmc.Text(f"Asking Autotask and the sync about {noun} {question['id']} …"),
            ],
            gap="sm",
        )
    ]


def _here(visit: Visit, question: Json) -> list[Component]:
    """The document as the sync knows it, if it does."""
    kind, number = KINDS[question["kind"]], str(question["id"])
    try:
        document = visit.api.get(visit.of_tenant(kind.resource, number))
    except ProblemError as problem:
        if problem.status != _NOT_FOUND:
            raise
        words = f"The sync does not know this {kind.kind.replace('-', ' ')}: it is not in the list."
        return [html.P(words, className="quiet")]
    now, then = now_and_next(document)
    return [
        html.Div(
            [
                html.Div(
                    [
                        html.Strong("The sync knows it"),
                        status_badge(document["status"], document["phase"]),
                        dmc.Anchor(
                            "Open it here", href=document_href(visit.tenant, document["document"]), fw=600
                        ),
                        outside_link("In Autotask", document["autotask_url"])
                        if document["autotask_url"]
                        else None,
                    ],
                    className="panel-status",
                ),
                html.Div([html.Strong(now), " ", then]),
            ],
            className="panel-cause panel-reason",
        )
    ]


def _only_operators() -> Component:
    return note(
        "help",
        "You can read answers, not ask for them",
        "Asking Autotask takes the role operator or admin at this tenant; yours is viewer. What the sync itself knows is shown here."
        " Ask a colleague with that role: the answer can be read by everybody who opens this address.",
        tone="plain",
    )


PAGE = Page("Why isn't it here?", render, register)
