"""The list of people: found by name and address, at a tenant, by state; everything of it in the address."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, below
from dashboard.api.lists import gather, tenant_names
from dashboard.components.drawn import Cell, drawn
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.components.tags import tag
from dashboard.core.addresses import href
from dashboard.core.people import EVERYWHERE, PERSON_STATES, fits, person_state, place_words, places_to_grant
from dashboard.views.people.inviting import invitation_form
from dashboard.views.people.roles import role_tags
from dashboard.views.visit import Visit

_FOUND = "people-found"
_ENOUGH = 50
_FILTERS = ("text", "tenant", "state")

Query = dict[str, str]


def people_page(visit: Visit) -> Component:
    """Everybody whom this person administers."""
    query = {name: visit.address.one(name) for name in (*_FILTERS, "cursor")}
    found = _found(visit, query)  # first: it is refused to whoever administers nothing
    me, tenants = visit.me(), gather(visit.api, below("tenants")).items
    names, places = tenant_names(tenants), places_to_grant(me, tenants)
    top = dmc.Group(
        [
            dmc.Title("People", order=1),
            dmc.Button("Invite somebody", id="invite-new", leftSection=icon("plus")),
        ],
        justify="space-between",
        mb="md",
    )
    return html.Div(
        [
            top,
            _filters(query, [place for place in places if place != EVERYWHERE], names),
            dcc.Store(id=f"{_FOUND}-query", data=query),
            html.Div(found, id=_FOUND),
            *invitation_form(places, names),
        ]
    )


def _filters(query: Query, places: list[str], names: dict[str, str]) -> Component:
    return dmc.Group(
        [
            dmc.TextInput(
                id="people-text",
                label="Find",
                placeholder="Name or e-mail address",
                value=query["text"],
                leftSection=icon("search"),
                debounce=250,
                autoComplete="off",
                w=280,
                maw="100%",
            ),
            dmc.Select(
                id="people-tenant",
                label="With a role at",
                placeholder="Any tenant",
                data=[{"value": place, "label": place_words(place, names)} for place in places],
                value=query["tenant"] or None,
                searchable=True,
                clearable=True,
                w=240,
                clearButtonProps={"aria-label": "Any tenant"},
            ),
            dmc.Select(
                id="people-state",
                label="State",
                placeholder="Any",
                data=[{"value": state.name, "label": state.words} for state in PERSON_STATES.values()],
                value=query["state"] or None,
                clearable=True,
                w=160,
                clearButtonProps={"aria-label": "Any state"},
            ),
        ],
        mb="md",
    )


def _found(visit: Visit, query: Query) -> Component:
    found = gather(
        visit.api,
        below("people"),
        {"tenant": query["tenant"], "cursor": query["cursor"]},
        fits=lambda person: fits(person, query["text"], query["state"]),
        enough=_ENOUGH,
    )
    if not found.items:
        return empty_state("Nobody", "Nobody whom you administer fits what you chose above.")
    names = tenant_names(gather(visit.api, below("tenants")).items)
    kept = {name: query[name] for name in _FILTERS}
    links: list[Component] = []
    if query["cursor"]:
        links.append(dmc.Anchor("From the beginning", href=href("people", **kept)))
    if found.next_cursor:
        links.append(dmc.Anchor("More", href=href("people", **kept, cursor=found.next_cursor)))
    rows = [_row(person, names) for person in found.items]
    return html.Div(
        [
            drawn("People", ("Name", "State", "Roles"), rows),
            dmc.Group(links, mt="md", justify="flex-end"),
        ]
    )


def _row(person: Json, names: dict[str, str]) -> list[Cell]:
    state = person_state(person)
    return [
        Cell(person["name"], href=href("people", person["person_id"]), quiet=person["email"]),
        Cell(tags=[(state.words, state.tone)]),
        Cell(tags=role_tags(person["grants"], names)) if person["grants"] else Cell("No role"),
    ]


def state_badge(person: Json) -> Component:
    """Whether somebody can come in, as a label."""
    state = person_state(person)
    return tag(state.words, state.tone)


def register_listing(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        Output(_FOUND, "children"),
        Output(f"{_FOUND}-query", "data"),
        Output("shown", "data", allow_duplicate=True),
        Input("people-text", "value"),
        Input("people-tenant", "value"),
        Input("people-state", "value"),
        State(f"{_FOUND}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def find(text: str, tenant: str | None, state: str | None, query: Query, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        wished = {"text": text.strip(), "tenant": tenant or "", "state": state or ""}
        if all(wished[name] == query[name] for name in _FILTERS):
            return no_update, no_update, no_update
        typing = wished["text"] != query["text"] != ""
        shown = {"query": wished, "push": not typing}
        return _found(Visit.of(address), wished | {"cursor": ""}), wished | {"cursor": ""}, shown

    @app.callback(
        Output(_FOUND, "children", allow_duplicate=True),
        Input("invite-shown", "opened"),
        State(f"{_FOUND}-query", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def show_invited(is_shown: bool, query: Query, address: Json) -> Any:  # noqa: ANN401, FBT001  # as Dash takes it
        return _found(Visit.of(address), query) if is_shown else no_update
