"""The list of a kind of documents: what stands on the page, and what its callbacks keep up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, UnreachableError
from dashboard.components.aria import aria
from dashboard.core.bulk import cause_choices
from dashboard.core.listing import Wanted, total_of
from dashboard.core.statuses import STATUSES
from dashboard.views.documents import bulk
from dashboard.views.documents.columns import column_defs, grid
from dashboard.views.documents.filters import FORMATS, count_id, status_row, toolbar
from dashboard.views.documents.kinds import KINDS, DocumentKind
from dashboard.views.documents.panel import place
from dashboard.views.documents.reading import (
    Found,
    away_note,
    notes_of,
    nothing_found,
    read_page,
    words_of,
)
from dashboard.views.visit import Visit

_ASKED_BY = ("text", "status", "cause", "from", "to")
"""Controls whose value narrows the list, in the order that `listing.ask` takes them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted for the filters.

    Attributes:
        counts: documents by status.
        faults: status-api's lines of the kind.
    """

    counts: Mapping[str, int]
    faults: Sequence[Json]

    @classmethod
    def read(cls, visit: Visit, kind: DocumentKind) -> Figures:
        """As they are now.

        Raises:
            StatusApiError: status-api did not answer, or refused.
        """
        overview = visit.api.get(visit.of_tenant("overview"))
        faults = visit.api.get(visit.of_tenant("faults"), {"kind": kind.kind})
        return cls(kind.figures(overview)["counts"], faults["items"])


def content(visit: Visit, me: Json, name: str) -> Component:
    """The list of the kind `name`, as the address wants it.

    Raises:
        StatusApiError: status-api did not answer, or refused.
    """
    kind = KINDS[name]
    figures = Figures.read(visit, kind)
    found = read_page(visit, kind, Wanted.of_address(visit.address))
    wanted = found.wanted
    may_act = visit.may(me, "operator")
    columns = column_defs(kind.party, wanted.sort)
    offer = bulk.offer_for_cause(wanted.cause, name, figures.faults, shown=len(found.rows))
    older, newer = found.next_cursor is None, wanted.page == 1
    return html.Div(
        [
            *_stores(visit, kind, figures, found, columns),
            toolbar(visit.tenant, kind, wanted, cause_choices(figures.faults, wanted.cause)),
            status_row(wanted, figures.counts),
            html.Div(
                [
                    html.Div(
                        words_of(visit, kind, found, total_of(wanted, figures.counts)),
                        id="list-words",
                        className="list-words",
                        role="status",
                    ),
                    bulk.bar(kind, may_act=may_act, offer=offer if may_act else None),
                    _pager(older=older, newer=newer),
                ],
                className="list-bar list-head",
            ),
            html.Div(notes_of(visit, found), id="list-notes", className="list-notes"),
            html.Div(
                [
                    html.Div(id="list-busy", className="list-busy"),
                    grid(found.rows, columns, selectable=may_act),
                ],
                id="list-body",
                className=_body_class(found),
            ),
            html.Div(_in_place(visit, kind, found), id="list-empty"),
            bulk.dialog(),
            place(visit, name),
        ],
        id="list",
        className="list",
    )


def _stores(
    visit: Visit, kind: DocumentKind, figures: Figures, found: Found, columns: list[Json]
) -> list[Component]:
    """What the browser's side of the list works with."""
    opened = visit.address.one("open")
    first: dict[str, Any] = {
        "list-kind": kind.kind,
        "list-wanted": found.wanted.for_store(),
        "list-found": found.for_store(0),
        "list-sort": found.wanted.sort,
        "list-columns": columns,
        "list-counts": dict(figures.counts),
        "list-faults": figures.faults,
        "list-opened": opened,
        "list-again": 0,  # not None: a store that comes up empty tells its callbacks so
        "list-counts-again": 0,
        "list-narrow": 0,
        "list-heard": 0,
    }
    return [dcc.Store(id=name, data=data) for name, data in first.items()]


def _pager(*, older: bool, newer: bool) -> Component:
    """The way to the pages before and after; `older` and `newer` tell whether there is none."""
    return html.Div(
        [
            dmc.Button("Newer 500", id="list-newer", variant="default", size="compact-sm", disabled=newer),
            dmc.Button("Older 500", id="list-older", variant="default", size="compact-sm", disabled=older),
        ],
        className="list-pages",
        role="group",
        **aria(label="Pages"),
    )


def _body_class(found: Found) -> str:
    return "list-body" if found.rows else "list-body list-none"


def _in_place(visit: Visit, kind: DocumentKind, found: Found) -> Component | None:
    return None if found.rows else nothing_found(visit, kind, found.wanted)


def register(app: Dash) -> None:
    """Callbacks of the list."""
    _browser_callbacks(app)
    _reading(app)
    _counting(app)
    bulk.register(app)


def _reading(app: Dash) -> None:
    @app.callback(
        Output("list-grid", "rowData"),
        Output("list-found", "data"),
        Output("list-words", "children"),
        Output("list-notes", "children"),
        Output("list-body", "className"),
        Output("list-empty", "children"),
        Output("list-older", "disabled"),
        Output("list-newer", "disabled"),
        Output("list-cause-act", "children"),
        *[Output(f"list-{suffix}", "href") for suffix in FORMATS],
        Input("list-wanted", "data"),
        Input("list-again", "data"),
        State("list-found", "data"),
        State("list-counts", "data"),
        State("list-faults", "data"),
        State("list-may-act", "data"),
        State("list-kind", "data"),
        State("address", "data"),
        running=[(Output("list-busy", "className"), "list-busy on", "list-busy")],
        prevent_initial_call=True,
    )
    def read(  # noqa: PLR0917  # Dash gives the inputs by their place
        asked: Json,
        _again: int,
        before: Json,
        counts: Json,
        faults: Sequence[Json],
        may_act: bool,  # noqa: FBT001  # Dash gives the inputs by their place
        name: str,
        address: Json,
    ) -> tuple[Any, ...]:
        visit, kind, wanted = Visit.of(address), KINDS[name], Wanted.of_store(asked)
        files = [wanted.file_href(visit.tenant, f"{kind.resource}.{suffix}") for suffix in FORMATS]
        try:
            found = read_page(visit, kind, wanted)
        except UnreachableError:
            away = away_note(visit, before["as_of"])
            return (*(no_update,) * 3, away, *(no_update,) * 5, *files)
        return (
            found.rows,
            found.for_store(asked["n"]),
            words_of(visit, kind, found, total_of(wanted, counts)),
            notes_of(visit, found),
            _body_class(found),
            _in_place(visit, kind, found),
            found.next_cursor is None,
            found.wanted.page == 1,
            bulk.offer_for_cause(wanted.cause, name, faults, shown=len(found.rows)) if may_act else None,
            *files,
        )


def _counting(app: Dash) -> None:
    @app.callback(
        Output("list-counts", "data"),
        Output("list-faults", "data"),
        Output("list-cause", "data"),
        *[Output(count_id(status), "children") for status in STATUSES],
        Input("list-counts-again", "data"),
        State("list-cause", "value"),
        State("list-kind", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def count(_again: int, cause: str | None, name: str, address: Json) -> tuple[Any, ...]:
        visit = Visit.of(address)
        try:
            figures = Figures.read(visit, KINDS[name])
        except UnreachableError:  # the list tells it; counts stay as they were
            return (no_update,) * (3 + len(STATUSES))
        numbers = [f"{figures.counts.get(status, 0):,}" for status in STATUSES]
        return dict(figures.counts), figures.faults, cause_choices(figures.faults, cause or ""), *numbers


def _browser_callbacks(app: Dash) -> None:
    """What happens in the browser alone; the functions are in `assets/listing.js`."""
    app.clientside_callback(
        ClientsideFunction("listing", "ask"),
        Output("list-wanted", "data"),
        *[Input(f"list-{name}", "value") for name in _ASKED_BY],
        Input("list-sort", "data"),
        Input("list-older", "n_clicks"),
        Input("list-newer", "n_clicks"),
        State("list-wanted", "data"),
        State("list-found", "data"),
        State("open-document", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("listing", "clear"),
        *[Output(f"list-{name}", "value") for name in _ASKED_BY],
        Input("list-clear", "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("listing", "opened"),
        Output("list-opened", "data"),
        Input("open-document", "data"),
        State("list-wanted", "data"),
        State("list-opened", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("listing", "changed"),
        Output("list-heard", "data"),
        Input("changes", "data"),
        State("list-kind", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("listing", "columns"),
        Output("list-grid", "columnDefs"),
        Output("list-grid", "className"),
        Input("list-chosen", "value"),
        Input("list-narrow", "data"),
        State("list-columns", "data"),
        State("list-sort", "data"),
    )
