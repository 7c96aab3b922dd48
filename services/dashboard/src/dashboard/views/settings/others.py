"""What other people do to the same options meanwhile: shown, taken over, or put beneath what stands in the form."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json
from dashboard.components.notices import tell
from dashboard.core.settings_form import settings
from dashboard.core.settings_form_changes import differences
from dashboard.core.settings_form_document import (
    Document,
    cells_of_all,
    changed_settings,
    merge,
    read_draft,
)
from dashboard.core.settings_form_reference import Reference
from dashboard.core.times import show_age
from dashboard.views.settings.dialogs import STALE, stale_words
from dashboard.views.settings.editing import bodies, settings_that_differ
from dashboard.views.settings.editors import Look
from dashboard.views.settings.ids import BASE, REFERENCE, TOUCHED, form_states, read_form
from dashboard.views.settings.notes import note
from dashboard.views.settings.reading import base_of, effective_of, read_settings, reference_of
from dashboard.views.visit import Visit

_BODIES = {"type": "setting-body", "setting": ALL}


def register(app: Dash) -> None:
    """Add the callbacks."""
    _register_merge(app)
    _register_live(app)


def words_of_both(
    visit: Visit, base: Json, theirs: Json, values: Document, reference: Reference
) -> Component:
    """Who changed what meanwhile, beside what stands in the form."""
    saved = effective_of(base)
    their_changes = differences(settings(), saved, effective_of(theirs), reference)
    mine = differences(settings(), saved, values, reference)
    return stale_words(visit, theirs, their_changes, mine)


def changed_by(visit: Visit, base: Json) -> str:
    """Who changed the settings, or the tenant's state, last."""
    when = show_age(base["updated_at"], visit.now, visit.zone)
    return f"Last changed by {base['updated_by']}, {when} (version {base['version']})."


def _register_merge(app: Dash) -> None:
    @app.callback(
        Output(_BODIES, "children", allow_duplicate=True),
        Output(BASE, "data", allow_duplicate=True),
        Output(TOUCHED, "data", allow_duplicate=True),
        Output(STALE, "opened", allow_duplicate=True),
        Output("settings-elsewhere", "children", allow_duplicate=True),
        Output("settings-changed-by", "children", allow_duplicate=True),
        Input("settings-take", "n_clicks"),
        Input("settings-merge-theirs", "n_clicks"),
        Input("settings-merge-mine", "n_clicks"),
        State("address", "data"),
        State(BASE, "data"),
        State("settings-theirs", "data"),
        State(REFERENCE, "data"),
        State(TOUCHED, "data"),
        *form_states(),
        prevent_initial_call=True,
    )
    def settle(
        _: int | None,
        __: int | None,
        ___: int | None,
        address: Json,
        base: Json,
        theirs: Json,
        reference: Json | None,
        touched: int,
        *form: Any,  # noqa: ANN401  # Dash hands over what the page holds
    ) -> tuple[Any, ...]:
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        values, cells = effective_of(theirs), read_form(*form)
        if ctx.triggered_id != "settings-take":
            mine = read_draft(settings(), cells).values
            prefer = ctx.triggered_id == "settings-merge-theirs"
            values = merge(settings(), effective_of(base), values, mine, prefer_theirs=prefer)
        look = Look(reference_of(reference), theirs["editable"])
        new = cells_of_all(settings(), values)
        shown = bodies(new, look, settings_that_differ(new, cells))
        return shown, theirs, touched + 1, False, None, changed_by(Visit.of(address), theirs)


def _register_live(app: Dash) -> None:
    @app.callback(
        Output(_BODIES, "children", allow_duplicate=True),
        Output(BASE, "data", allow_duplicate=True),
        Output(TOUCHED, "data", allow_duplicate=True),
        Output("settings-elsewhere", "children", allow_duplicate=True),
        Output("settings-theirs", "data", allow_duplicate=True),
        Output("settings-stale-words", "children", allow_duplicate=True),
        Output("settings-changed-by", "children", allow_duplicate=True),
        Input("changes", "data"),
        State("address", "data"),
        State(BASE, "data"),
        State(REFERENCE, "data"),
        State(TOUCHED, "data"),
        *form_states(),
        prevent_initial_call=True,
    )
    def learn(
        changes: Json | None,
        address: Json,
        base: Json,
        reference: Json | None,
        touched: int,
        *form: Any,  # noqa: ANN401  # Dash hands over what the page holds
    ) -> tuple[Any, ...]:
        if changes is None or not (changes["reset"] or "tenant" in changes["subjects"]):
            raise PreventUpdate
        visit = Visit.of(address)
        theirs = base_of(read_settings(visit), editable=base["editable"])
        if theirs["version"] <= base["version"]:
            raise PreventUpdate
        words, known = changed_by(visit, theirs), reference_of(reference)
        look = Look(known, theirs["editable"])
        now, saved = effective_of(theirs), effective_of(base)
        cells = read_form(*form)
        values = read_draft(settings(), cells).values
        if now in (saved, values):  # the engine was switched, or it is what was just saved here
            return (
                bodies({}, look, ()),
                theirs,
                no_update,
                None,
                no_update,
                no_update,
                words,
            )
        if not changed_settings(settings(), saved, values):
            new = cells_of_all(settings(), now)
            shown = bodies(new, look, settings_that_differ(new, cells))
            tell("These options changed", f"{theirs['updated_by']} saved version {theirs['version']}.")
            return shown, theirs, touched + 1, None, no_update, no_update, words
        told = words_of_both(visit, base, theirs, values, known)
        return (
            bodies({}, look, ()),
            no_update,
            no_update,
            _elsewhere(theirs),
            theirs,
            told,
            words,
        )

    @app.callback(
        Output(STALE, "opened", allow_duplicate=True),
        Input("settings-elsewhere-show", "n_clicks"),
        prevent_initial_call=True,
    )
    def show_elsewhere(clicks: int | None) -> Any:  # noqa: ANN401  # or no change
        return True if clicks else no_update


def _elsewhere(theirs: Json) -> Component:
    words = f"{theirs['updated_by']} saved version {theirs['version']} while you were changing options here."
    show = dmc.Button("Show what changed", id="settings-elsewhere-show", size="compact-sm", variant="default")
    return note("odd", "Somebody else changed these options", html.P(words), show)
