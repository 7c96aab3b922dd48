"""The page: sections at the left, the open one beside them, what was changed below."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.core.settings_form import Section, sections, settings
from dashboard.core.settings_form_document import cells_of_all
from dashboard.views.settings.cards import section_block
from dashboard.views.settings.dialogs import dialogs
from dashboard.views.settings.editors import Look
from dashboard.views.settings.history import history_drawer
from dashboard.views.settings.ids import (
    BASE,
    FOCUS,
    OPEN_SECTION,
    REFERENCE,
    REFUSED,
    SEARCH,
    SOUGHT,
    TOUCHED,
    TRIED,
)
from dashboard.views.settings.notes import note
from dashboard.views.settings.others import changed_by
from dashboard.views.settings.reading import (
    base_of,
    effective_of,
    read_reference,
    read_settings,
    reference_of,
)
from dashboard.views.visit import Visit


def render(visit: Visit) -> Component:
    """The page."""
    editable = visit.may(visit.me(), "admin")
    base, reference = base_of(read_settings(visit), editable=editable), read_reference(visit)
    faults = visit.api.get(visit.of_tenant("faults"))["items"]
    opened = _opened(visit.address.one("section"))
    return html.Div(
        [
            *_stores(base, reference, opened),
            _top(visit, base),
            *_notes(visit, editable=editable, reference=reference),
            html.Div(
                [_sections(opened), _form(visit, base, reference, faults)], className="settings-columns"
            ),
            *([_bar()] if editable else [_no_bar()]),
            *dialogs(),
            history_drawer(visit, reference_of(reference)),
        ],
        className="settings",
    )


def _opened(wanted: str) -> str:
    slugs = [section.slug for section in sections()]
    return wanted if wanted in slugs else slugs[0]


def _stores(base: Json, reference: Json | None, opened: str) -> list[Component]:
    sought = {name: setting.sought for name, setting in settings().items()}
    kept = {
        BASE: base,
        REFERENCE: reference,
        OPEN_SECTION: opened,
        SOUGHT: {
            "settings": sought,
            "sections": {section.slug: [s.name for s in section.settings] for section in sections()},
        },
        TRIED: False,
        TOUCHED: 0,
        FOCUS: None,
        REFUSED: None,
        "settings-guarded": None,
        "settings-focused": None,
        "settings-theirs": None,
    }
    return [dcc.Store(id=name, data=data) for name, data in kept.items()]


def _top(visit: Visit, base: Json) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.P("Autotask to Xero > Configuration", className="settings-path"),
                    dmc.Title("Xero Options", order=1),
                    html.P(changed_by(visit, base), id="settings-changed-by", className="settings-help"),
                ]
            ),
            html.Div(
                [
                    dmc.TextInput(
                        id=SEARCH,
                        value=visit.address.one("find"),
                        placeholder="Search options",
                        leftSection=icon("search"),
                        debounce=150,
                        className="settings-search",
                        **aria(label="Search options by name or description"),
                    ),
                    dmc.Button(
                        "History", id="settings-history-open", variant="default", leftSection=icon("clock")
                    ),
                ],
                className="settings-tools",
            ),
        ],
        className="settings-top",
    )


def _notes(visit: Visit, *, editable: bool, reference: Json | None) -> list[Component]:
    notes: list[Component] = []
    if not editable:
        words = (
            "You can see these options, but not change them: that takes the role admin at this tenant. "
            "Ask an admin of yours."
        )
        notes.append(note("plain", "Read only", html.P(words)))
    if reference is None:
        words = (
            "Accounts, tax types, tracking categories and branding themes have not arrived from Xero yet, so their codes "
            f"have to be typed. See whether the connection of {visit.tenant} works on the Product Dashboard."
        )
        notes.append(note("odd", "Nothing known of Xero yet", html.P(words)))
    return [*notes, html.Div(id="settings-elsewhere", **aria(live="polite"))]


def _sections(opened: str) -> Component:
    """The list of sections. Buttons, not links: a link would leave the page and with it what was changed."""
    basic = [section for section in sections() if not section.is_advanced]
    advanced = [section for section in sections() if section.is_advanced]
    return html.Nav(
        [
            html.Div("Options", className="settings-nav-title"),
            *[_section_button(section, opened) for section in basic],
            html.Div("Advanced Options", className="settings-nav-title"),
            *[_section_button(section, opened) for section in advanced],
        ],
        className="settings-nav",
        **aria(label="Sections of the options"),
    )


def _section_button(section: Section, opened: str) -> Component:
    return html.Button(
        [
            html.Span(section.title),
            html.Span(id={"type": "settings-count", "section": section.slug}, className="settings-count"),
        ],
        id={"type": "settings-go", "section": section.slug},
        type="button",
        className="settings-go is-open" if section.slug == opened else "settings-go",
    )


def _form(visit: Visit, base: Json, reference: Json | None, faults: list[dict[str, Any]]) -> Component:
    cells = cells_of_all(settings(), effective_of(base))
    look = Look(reference_of(reference), base["editable"])
    return html.Div(
        [
            *[section_block(section, cells, look, faults, visit.tenant) for section in sections()],
            html.P(
                "No option has these words in its name or description.",
                id="settings-none-found",
                className="settings-none",
                hidden=True,
            ),
        ],
        className="settings-form",
        id="settings-form",
    )


def _bar() -> Component:
    return html.Div(
        [
            html.Div(
                "No unsaved changes", id="settings-count", className="settings-bar-words", role="status"
            ),
            dmc.Button("Discard", id="settings-discard", variant="default", disabled=True),
            dmc.Button("Save", id="settings-save", disabled=True),
        ],
        id="settings-bar",
        className="settings-bar",
    )


def _no_bar() -> Component:
    """What the callbacks want to find, where nothing can be saved."""
    return html.Div(
        [
            html.Span(id="settings-count"),
            *[
                dmc.Button(id=name, disabled=True, **aria(hidden="true"))
                for name in ("settings-discard", "settings-save")
            ],
        ],
        id="settings-bar",
        style={"display": "none"},
    )


def register(app: Dash) -> None:
    """Which section is shown, what a search finds, and the address that says so."""

    @app.callback(
        Output(OPEN_SECTION, "data"),
        Output(SEARCH, "value"),
        Input({"type": "settings-go", "section": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def go(_: list[int | None]) -> tuple[Any, Any]:
        pressed = ctx.triggered_id
        if pressed is None or not ctx.triggered[0]["value"]:
            return no_update, no_update
        return pressed["section"], ""

    app.clientside_callback(
        ClientsideFunction("settings", "arrange"),
        Output({"type": "setting-card", "setting": ALL}, "hidden"),
        Output({"type": "settings-section", "section": ALL}, "hidden"),
        Output({"type": "settings-go", "section": ALL}, "className"),
        Output("settings-none-found", "hidden"),
        Input(SEARCH, "value"),
        Input(OPEN_SECTION, "data"),
        State(SOUGHT, "data"),
        State({"type": "setting-card", "setting": ALL}, "id"),
        State({"type": "settings-section", "section": ALL}, "id"),
        State({"type": "settings-go", "section": ALL}, "id"),
    )

    @app.callback(
        Output("shown", "data", allow_duplicate=True),
        Input(OPEN_SECTION, "data"),
        Input(SEARCH, "value"),
        Input("settings-history", "opened"),
        prevent_initial_call=True,
    )
    def remember(section: str, sought: str | None, history: bool) -> Json:  # noqa: FBT001  # Dash's way
        query = {"section": section, "find": sought or "", "history": "open" if history else ""}
        return {"query": query, "push": False}
