"""Home: a product tile for each tenant that the person may see, worst first; a list with a search once they are many."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, below
from dashboard.api.lists import gather
from dashboard.components.aria import aria
from dashboard.components.connections import state_pill
from dashboard.components.figures import as_of_note, engine_pill
from dashboard.components.icons import icon
from dashboard.components.parts import digest
from dashboard.components.records import records
from dashboard.components.states import empty_state
from dashboard.components.status import status_class
from dashboard.core.addresses import document_href, tab_href, tenant_href
from dashboard.core.connections import side_name
from dashboard.core.figures import (
    LISTS,
    NOUNS,
    count_of,
    faults_of,
    many,
    matching,
    needs_somebody,
    oldest_waiting,
    worst_first,
)
from dashboard.core.money import show_count
from dashboard.core.times import show_age, show_month
from dashboard.names import PRODUCT
from dashboard.views.visit import Page, Visit

_MOST_TILES = 12
_SEARCH_FROM = 7
_AGES_MS = 60_000
"""Ages of what stands still, and how old the figures are, are told anew each minute."""


def render(visit: Visit) -> Component:
    """The tiles, or the list."""
    lines, as_of = _lines(visit)
    text = visit.address.one("text")
    fleet = _fleet(visit, lines, text)
    return html.Div(
        [
            html.Div(
                [dmc.Title("Home", order=1, size="h2"), *_search(text, shown=len(lines) >= _SEARCH_FROM)],
                className="page-head",
            ),
            html.Div(fleet, id="fleet"),
            html.Div(as_of_note(visit, as_of), id="fleet-age"),
            dcc.Store(id="fleet-drawn", data=digest(fleet)),
            dcc.Store(id="fleet-found", data=text),
            dcc.Interval(id="fleet-clock", interval=_AGES_MS),
        ]
    )


def _search(text: str, *, shown: bool) -> list[Component]:
    box = dmc.TextInput(
        id="fleet-text",
        value=text,
        placeholder="Find a tenant",
        leftSection=icon("search"),
        debounce=200,
        display=None if shown else "none",
        w=260,
        **aria(label="Find a tenant by its name"),
    )
    return [box]


def _lines(visit: Visit) -> tuple[list[Json], str | None]:
    """Every tenant's line, worst first, and the time they are of."""
    found = gather(visit.api, below("overview"))
    return worst_first(found.items), found.as_of


def _fleet(visit: Visit, lines: list[Json], text: str) -> list[Component]:
    if not lines:
        return [
            empty_state(
                "No tenant yet", "You have no role at any tenant. An admin can give you one under People."
            )
        ]
    found = matching(lines, text)
    if not found:
        return [empty_state("No tenant of that name", "Try another part of the name, or clear the search.")]
    if len(lines) <= _MOST_TILES:
        tiles: Component = html.Div([_tile(visit, line) for line in found], className="tiles")
    else:
        tiles = _list(visit, found)
    troubled = sum(map(needs_somebody, found))
    amount = "1 tenant" if len(found) == 1 else f"{show_count(len(found))} tenants"
    summary = _summary(amount, troubled)
    return [html.P(summary, className="summary", role="status"), tiles]


def _summary(amount: str, troubled: int) -> str:
    if not troubled:
        return f"{amount}. Nothing needs you."
    return f"{amount}. {'1 needs' if troubled == 1 else f'{show_count(troubled)} need'} attention: faults, or a connection."


def _tile(visit: Visit, line: Json) -> Component:
    tenant, month = line["tenant"], line["invoices"]["month"]
    orders = line["purchase_orders"]["month"]["first_synced"]
    return html.Article(
        [
            html.Div(
                [
                    dmc.Title(
                        dmc.Anchor(
                            f"{PRODUCT} — {tenant['name']}",
                            href=tenant_href(tenant["tenant_id"]),
                            underline="hover",
                            inherit=True,
                            c="inherit",
                            className="tile-link",
                        ),
                        order=2,
                        size="h4",
                    ),
                    engine_pill(tenant["state"]),
                ],
                className="tile-head",
            ),
            html.Div(
                [
                    html.B(show_count(month["first_synced"]), className="big"),
                    html.Span(
                        [
                            f"{'invoice' if month['first_synced'] == 1 else 'invoices'} synced in {show_month(month['name'])}",
                            html.Br(),
                            html.Span(f"and {many(orders, 'purchase-order')}", className="quiet"),
                        ]
                    ),
                ],
                className="tile-volume",
            ),
            html.Div(
                [
                    html.Div(
                        [html.Span(side_name(each["side"])), state_pill(each["state"])], className="tile-side"
                    )
                    for each in line["connections"]
                ],
                className="tile-sides",
            ),
            html.Div(_waiting(visit, line), className="tile-foot"),
        ],
        className="card tile tile-troubled" if needs_somebody(line) else "card tile",
    )


def _waiting(visit: Visit, line: Json) -> list[Component]:
    return [_faults(line), _pending(line), _oldest(visit, line)]


def _faults(line: Json) -> Component:
    return _count(line, "Fault")


def _pending(line: Json) -> Component:
    return _count(line, "Pending Sync")


def _count(line: Json, status: str) -> Component:
    """A way to the list of the kind that has such documents, invoices if both have."""
    number = count_of(line, status)
    kind = "invoice" if line["invoices"]["counts"][status] or not number else "purchase-order"
    return dmc.Anchor(
        f"{status} {show_count(number)}",
        href=tab_href(line["tenant"]["tenant_id"], LISTS[kind], status=status),
        className=status_class(status) if number else "status",
        underline="never",
    )


def _oldest(visit: Visit, line: Json) -> Component:
    oldest = oldest_waiting(line["invoices"], line["purchase_orders"])
    if oldest is None:
        return html.Span("Nothing waits", className="quiet")
    kind, document = oldest
    age = show_age(document["changed_at"], visit.now, visit.zone)
    return dmc.Anchor(
        f"Oldest waiting: {NOUNS[kind][0]} {document['id']}, {age}",
        href=document_href(line["tenant"]["tenant_id"], f"{kind}/{document['id']}"),
        size="sm",
        c="dimmed",
    )


def _list(visit: Visit, lines: list[Json]) -> Component:
    """One row for each tenant."""
    columns = (
        "Tenant",
        "Engine",
        "Autotask",
        "Xero",
        "Fault",
        "Pending Sync",
        "Oldest waiting",
        "This month",
    )
    return records("Tenants", columns, [_row(visit, line) for line in lines])


def _row(visit: Visit, line: Json) -> list[Any]:
    tenant = line["tenant"]
    states = {each["side"]: state_pill(each["state"]) for each in line["connections"]}
    month = line["invoices"]["month"]["first_synced"] + line["purchase_orders"]["month"]["first_synced"]
    return [
        dmc.Anchor(tenant["name"], href=tenant_href(tenant["tenant_id"]), fw=600, size="sm"),
        engine_pill(tenant["state"]),
        states.get("autotask", ""),
        states.get("xero", ""),
        _faults(line) if faults_of(line) else "0",
        _pending(line) if count_of(line, "Pending Sync") else "0",
        _oldest(visit, line),
        show_count(month),
    ]


def register(app: Dash) -> None:
    """Search, and follow what changes."""

    @app.callback(
        Output("fleet", "children"),
        Output("fleet-age", "children"),
        Output("fleet-drawn", "data"),
        Output("fleet-found", "data"),
        Output("shown", "data", allow_duplicate=True),
        Input("fleet-text", "value"),
        State("fleet-found", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def search(text: str, before: str, address: Json) -> tuple[Any, ...]:
        if text == before:
            return (no_update,) * 5
        visit = Visit.of(address)
        lines, as_of = _lines(visit)
        fleet = _fleet(visit, lines, text)
        shown = {"query": {"text": text}, "push": False}
        return fleet, as_of_note(visit, as_of), digest(fleet), text, shown

    @app.callback(
        Output("fleet", "children", allow_duplicate=True),
        Output("fleet-age", "children", allow_duplicate=True),
        Output("fleet-drawn", "data", allow_duplicate=True),
        Input("changes", "data"),
        Input("fleet-clock", "n_intervals"),
        State("fleet-text", "value"),
        State("fleet-drawn", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(_: Json | None, __: int | None, text: str, drawn: str, address: Json) -> tuple[Any, ...]:
        visit = Visit.of(address)
        lines, as_of = _lines(visit)
        fleet, age = _fleet(visit, lines, text), as_of_note(visit, as_of)
        now = digest(fleet)
        return (no_update, age, no_update) if now == drawn else (fleet, age, now)


PAGE = Page("Home", render, register)
