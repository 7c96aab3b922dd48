"""Everybody's tokens and sessions, for admins of every tenant."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, below
from dashboard.api.lists import gather, tenant_names
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.addresses import Address, href
from dashboard.core.people import NO_PASSWORD, person_state
from dashboard.core.tokens import token_state
from dashboard.views.tokens.making import register_making, token_form
from dashboard.views.tokens.table import Query, Shown, ending_question, register_ending, token_table
from dashboard.views.visit import Page, Visit

_NAME = "tokens"
_FOUND = "tokens-found"
_ENOUGH = 50
_KINDS = {"token": "Tokens of programs", "session": "Sessions"}
_STATES = {"active": "Active", "all": "Active and ended"}


def render(visit: Visit) -> Component:
    """The page."""
    address = visit.address
    found = _found(
        visit, visit.me(), address
    )  # first: it is refused to whoever does not administer every tenant
    people = gather(visit.api, below("people")).items
    tenants = gather(visit.api, below("tenants")).items
    machines = [each for each in people if person_state(each) is NO_PASSWORD]
    chosen = next((each["person_id"] for each in machines if each["person_id"] == address.one("for")), None)
    top = dmc.Group(
        [
            dmc.Title("Tokens", order=1),
            dmc.Button("New token for a machine", id=f"{_NAME}-new", leftSection=icon("plus")),
        ],
        justify="space-between",
    )
    words = dmc.Text(
        "Everything that lets somebody in: sessions of people and tokens of programs. Whatever ended is listed for 90 days.",
        c="dimmed",
        mt="xs",
        mb="md",
    )
    return html.Div(
        [
            top,
            words,
            _filters(address, people),
            dcc.Store(
                id=f"{_FOUND}-query", data={name: list(values) for name, values in address.query.items()}
            ),
            html.Div(found, id=_FOUND),
            ending_question(_NAME),
            *token_form(_NAME, "Whatever the machine may do", tenants, machines, chosen),
        ]
    )


def _filters(address: Address, people: list[Json]) -> Component:
    return dmc.Group(
        [
            dmc.Select(
                id="tokens-of",
                label="Whose",
                placeholder="Everybody",
                data=[
                    {"value": each["person_id"], "label": f"{each['name']} ({each['email']})"}
                    for each in people
                ],
                value=address.one("person") or None,
                searchable=True,
                clearable=True,
                w=320,
                maw="100%",
                clearButtonProps={"aria-label": "Everybody"},
            ),
            dmc.Select(
                id="tokens-kind",
                label="What",
                placeholder="Tokens and sessions",
                data=[{"value": kind, "label": words} for kind, words in _KINDS.items()],
                value=address.one("kind") or None,
                clearable=True,
                w=200,
                clearButtonProps={"aria-label": "Tokens and sessions"},
            ),
            dmc.Select(
                id="tokens-state",
                label="State",
                data=[{"value": state, "label": words} for state, words in _STATES.items()],
                value=address.one("state", "active"),
                allowDeselect=False,
                w=200,
            ),
        ],
        mb="md",
    )


def _found(visit: Visit, me: Json, address: Address) -> Component:
    kind, state = address.one("kind"), address.one("state", "active")

    def fits(token: Json) -> bool:
        return kind in ("", token["kind"]) and (state == "all" or token_state(token, visit.now) == "active")

    found = gather(
        visit.api,
        below("tokens"),
        {"person_id": address.one("person"), "cursor": address.one("cursor")},
        fits=fits,
        enough=_ENOUGH,
    )
    names = tenant_names(gather(visit.api, below("tenants")).items)
    how = Shown(_NAME, "Tokens and sessions", me["token_id"], names, with_person=True)
    if not found.items and not address.one("cursor"):
        return empty_state("No tokens", "Nothing fits what you chose above.")
    kept = {name: address.query.get(name, ()) for name in ("person", "kind", "state")}
    links: list[Component] = []
    if address.one("cursor"):
        links.append(dmc.Anchor("Newest", href=href("tokens", **kept)))
    if found.next_cursor:
        links.append(dmc.Anchor("Older", href=href("tokens", **kept, cursor=found.next_cursor)))
    return html.Div([token_table(visit, found.items, how), dmc.Group(links, mt="md", justify="flex-end")])


def register(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        Output(_FOUND, "children"),
        Output(f"{_FOUND}-query", "data"),
        Output("shown", "data", allow_duplicate=True),
        Input("tokens-of", "value"),
        Input("tokens-kind", "value"),
        Input("tokens-state", "value"),
        State(f"{_FOUND}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def narrow(person: str | None, kind: str | None, state: str, query: Query, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        given = {"person": person, "kind": kind, "state": state if state != "active" else None}
        wished = {name: [value] for name, value in given.items() if value}
        if wished == {name: query[name] for name in given if name in query}:
            return no_update, no_update, no_update
        visit = Visit.of(address)
        return _again(visit, visit.me(), wished), wished, {"query": wished, "push": True}

    register_ending(app, _NAME, ("tokens",), _again, _FOUND)
    register_making(app, _NAME, ("tokens",), _again, _FOUND, for_machines=True)


def _again(visit: Visit, me: Json, query: Query) -> Component:
    return _found(visit, me, Address("tokens", query={name: tuple(values) for name, values in query.items()}))


PAGE = Page("Tokens", render, register)
