"""Who did what: the whole installation for admins of every tenant, one tenant for its admins. All of it is in the address."""

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
from dashboard.core.addresses import document_href, href
from dashboard.core.audit import ACTIONS, action_words, document_of
from dashboard.core.moments import to_clock, to_moment
from dashboard.core.people import place_words, places_to_grant
from dashboard.core.roles import is_admin_everywhere, is_admin_somewhere
from dashboard.core.times import show_time
from dashboard.names import FILES
from dashboard.views.visit import Page, Visit

_FOUND = "audit-found"
_FILTERS = ("tenant", "actor", "action", "from", "before")
_PAGE = 100

Query = dict[str, str]


def render(visit: Visit) -> Component:
    """The page."""
    me, tenants = visit.me(), gather(visit.api, below("tenants")).items
    names, query = tenant_names(tenants), _query(visit, me, tenants)
    return html.Div(
        [
            dmc.Title("Audit", order=1),
            dmc.Text(f"Who did what, the newest first. Times are in {visit.zone.key}.", c="dimmed", mb="md"),
            _filters(visit, query, me, tenants),
            dcc.Store(id=f"{_FOUND}-query", data=query),
            html.Div(_found(visit, query, names), id=_FOUND),
        ]
    )


def _query(visit: Visit, me: Json, tenants: list[Json]) -> Query:
    """What the address asks for; an admin of some tenants begins with the first of them."""
    query = {name: visit.address.one(name) for name in (*_FILTERS, "cursor")}
    if not query["tenant"] and is_admin_somewhere(me) and not is_admin_everywhere(me):
        query["tenant"] = next(iter(places_to_grant(me, tenants)), "")
    return query


def _filters(visit: Visit, query: Query, me: Json, tenants: list[Json]) -> Component:
    names, everywhere = tenant_names(tenants), is_admin_everywhere(me)
    mine = [place for place in places_to_grant(me, tenants) if place in names]
    actions = [{"value": action, "label": words} for action, words in ACTIONS.items()]
    if query["action"] and query["action"] not in ACTIONS:
        actions.append({"value": query["action"], "label": query["action"]})
    return dmc.Group(
        [
            dmc.Select(
                id="audit-tenant",
                label="Where",
                placeholder="The whole installation",
                data=[{"value": place, "label": names[place]} for place in mine],
                value=query["tenant"] or None,
                searchable=True,
                clearable=everywhere,
                allowDeselect=everywhere,
                w=220,
                clearButtonProps={"aria-label": "The whole installation"},
            ),
            dmc.TextInput(
                id="audit-actor",
                label="Who",
                placeholder="Whole e-mail address",
                value=query["actor"],
                debounce=500,
                autoComplete="off",
                w=220,
            ),
            dmc.Select(
                id="audit-action",
                label="What",
                placeholder="Anything",
                data=actions,
                value=query["action"] or None,
                searchable=True,
                clearable=True,
                w=220,
                clearButtonProps={"aria-label": "Anything"},
            ),
            _clock("from", "From", to_clock(query["from"], visit.zone)),
            _clock("before", "Before", to_clock(query["before"], visit.zone)),
        ],
        align="flex-end",
        mb="md",
        gap="sm",
    )


def _clock(name: str, label: str, value: str | None) -> Component:
    return dmc.DateTimePicker(
        id=f"audit-{name}",
        label=label,
        value=value,
        valueFormat="D MMM YYYY, HH:mm",
        clearable=True,
        w=180,
        clearButtonProps={"aria-label": f"{label}: any time"},
        submitButtonProps={"aria-label": "Take this time"},
    )


def _found(visit: Visit, query: Query, names: dict[str, str]) -> Component:
    filters = {name: query[name] for name in _FILTERS}
    tenant = query["tenant"]
    path = below("tenants", tenant, "audit") if tenant else below("audit")
    rest = {name: value for name, value in query.items() if name != "tenant"}
    page = visit.api.get(path, {**rest, "limit": _PAGE})
    if not page["items"]:
        return empty_state("Nothing", "Nobody did what you chose above.")
    links: list[Component] = []
    if query["cursor"]:
        links.append(dmc.Anchor("Newest", href=href("audit", **filters)))
    if page["next_cursor"]:
        links.append(dmc.Anchor("Older", href=href("audit", **filters, cursor=page["next_cursor"])))
    return html.Div(
        [
            dmc.Group(_export(filters), justify="flex-end", mb="xs"),
            drawn(
                "Audit",
                ("When", "Who", "What", "Where", "About"),
                [_row(visit, line, names) for line in page["items"]],
            ),
            dmc.Group(links, mt="md", justify="flex-end"),
        ]
    )


def _export(filters: Query) -> Component:
    if not filters["tenant"]:
        return dmc.Text("For a CSV file, choose a tenant.", size="sm", c="dimmed")
    rest = {name: value for name, value in filters.items() if name != "tenant"}
    where = href(FILES.strip("/"), filters["tenant"], "audit.csv", **rest)
    return html.A([icon("file"), " Download as CSV"], href=where, download="", className="download")


def _row(visit: Visit, line: Json, names: dict[str, str]) -> list[Cell]:
    tenant, document = line["tenant_id"], document_of(line["subject"])
    token = f"by token {line['token_id']}" if line["token_id"] else "by no token"
    where = document_href(tenant, document) if document is not None and tenant is not None else ""
    return [
        Cell(
            show_time(line["at"], visit.zone, seconds=True),
            title=f"{line['at']}, request {line['request_id']}, {token}",
        ),
        Cell(line["actor"]),
        Cell(action_words(line["action"]), title=line["action"]),
        Cell(place_words(tenant, names) if tenant else ""),
        Cell(line["subject"] or "", href=where),
    ]


def register(app: Dash) -> None:
    """Its callbacks."""

    @app.callback(
        output=(
            Output(_FOUND, "children"),
            Output(f"{_FOUND}-query", "data"),
            Output("shown", "data", allow_duplicate=True),
        ),
        inputs={
            "given": {name: Input(f"audit-{name}", "value") for name in _FILTERS},
            "query": State(f"{_FOUND}-query", "data"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
    )
    def narrow(given: dict[str, str | None], query: Query, address: Json) -> Any:  # noqa: ANN401  # as Dash takes it
        visit = Visit.of(address)
        wished = {name: (value or "").strip() for name, value in given.items()}
        wished |= {name: to_moment(given[name], visit.zone) for name in ("from", "before")}
        if all(wished[name] == query[name] for name in _FILTERS):
            return no_update, no_update, no_update
        names = tenant_names(gather(visit.api, below("tenants")).items)
        asked = wished | {"cursor": ""}
        return _found(visit, asked, names), asked, {"query": wished, "push": True}


PAGE = Page("Audit", render, register)
