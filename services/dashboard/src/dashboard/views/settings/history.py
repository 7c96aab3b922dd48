"""Who changed what when, in a drawer beside the form."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json
from dashboard.components.states import empty_state
from dashboard.core.settings_form import settings
from dashboard.core.settings_form_changes import Change
from dashboard.core.settings_form_history import Version, versions
from dashboard.core.settings_form_reference import Reference
from dashboard.core.times import show_time
from dashboard.views.settings.ids import REFERENCE
from dashboard.views.settings.reading import reference_of
from dashboard.views.visit import Visit

_PAGE = 20


def history_drawer(visit: Visit, reference: Reference) -> Component:
    """The drawer: open and filled if the address says so."""
    is_open = bool(visit.address.one("history"))
    shown, more = read_history(visit, None, reference) if is_open else ([], None)
    return dmc.Drawer(
        [
            dcc.Store(id="settings-history-more", data=more),
            html.P(f"Times are those of {visit.zone.key}.", className="settings-help"),
            html.Ol(shown, id="settings-history-entries", className="settings-history"),
            dmc.Button(
                "Show older versions",
                id="settings-history-older",
                variant="default",
                fullWidth=True,
                style=_older_style(more),
            ),
        ],
        id="settings-history",
        title="History of these options",
        opened=is_open,
        position="right",
        size="lg",
        keepMounted=True,
        closeButtonProps={"aria-label": "Close the history"},
    )


def _older_style(more: Json | None) -> dict[str, str]:
    return {} if more else {"display": "none"}


def read_history(
    visit: Visit, more: Json | None, reference: Reference
) -> tuple[list[Component], Json | None]:
    """A page of the history, and what to go on with.

    Args:
        visit: whose tenant.
        more: what the page before left to go on with; None: begin with the newest.
        reference: names in Xero.
    """
    query = {"limit": _PAGE, "cursor": more["cursor"] if more else None}
    answer = visit.api.get(visit.of_tenant("settings", "history"), query)
    cursor = answer["next_cursor"]
    told, carried = versions(
        settings(), more["carried"] if more else None, answer["items"], reference, is_end=cursor is None
    )
    shown = [_entry(visit, version) for version in told]
    if not shown and not more:
        shown = [empty_state("No versions yet", "The first one appears when options are saved.")]
    return shown, {"cursor": cursor, "carried": carried} if cursor else None


def _entry(visit: Visit, version: Version) -> Component:
    entry = version.entry
    published = (
        html.Span("Published", className="tag tag-teal")
        if entry["published"]
        else html.Span("Not published yet", className="tag tag-yellow")
    )
    head = html.Div(
        [html.Strong(f"Version {entry['version']}"), published], className="settings-history-head"
    )
    who = html.Div(
        [
            html.Span(entry["updated_by"], className="settings-history-who"),
            ", ",
            html.Time(show_time(entry["updated_at"], visit.zone), dateTime=entry["updated_at"]),
        ],
        className="settings-help",
    )
    return html.Li([head, who, _what(version)])


def _what(version: Version) -> Component:
    if not version.changes:
        words = (
            "The first version: everything at its default."
            if version.is_first
            else "Saved without a difference."
        )
        return html.P(words)
    changes = html.Ul([html.Li(_change(change)) for change in version.changes], className="settings-list")
    if not version.is_first:
        return changes
    return html.Div([html.P("The first version. It differs from the defaults in:"), changes])


def _change(change: Change) -> list[Component | str]:
    return [f"{change.title}: ", html.Del(change.before), " → ", html.Ins(change.after)]


def register(app: Dash) -> None:
    """Opening it, and going on."""

    @app.callback(
        Output("settings-history", "opened"),
        Output("settings-history-entries", "children"),
        Output("settings-history-more", "data"),
        Output("settings-history-older", "style"),
        Input("settings-history-open", "n_clicks"),
        Input("settings-history-older", "n_clicks"),
        State("address", "data"),
        State("settings-history-entries", "children"),
        State("settings-history-more", "data"),
        State(REFERENCE, "data"),
        prevent_initial_call=True,
    )
    def show(
        _: int | None,
        __: int | None,
        address: Json,
        shown: list[Any] | None,
        more: Json | None,
        reference: Json | None,
    ) -> tuple[bool, list[Any], Json | None, dict[str, str]]:
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        goes_on = ctx.triggered_id == "settings-history-older"
        new, left = read_history(Visit.of(address), more if goes_on else None, reference_of(reference))
        return True, [*(shown or []), *new] if goes_on else new, left, _older_style(left)
