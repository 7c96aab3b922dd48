"""While a person edits: what they changed is marked, what is wrong is told, rows come and go, and steps can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json
from dashboard.components.icons import icon
from dashboard.core.settings_form import Setting, sections, settings
from dashboard.core.settings_form_changes import Change, differences
from dashboard.core.settings_form_document import (
    Draft,
    cells_of_all,
    changed_settings,
    new_document,
    read_draft,
)
from dashboard.core.settings_form_gaps import gaps
from dashboard.core.settings_form_problems import place_problems, problems_of
from dashboard.core.settings_form_rows import change_rows
from dashboard.core.settings_form_values import Cells, Problem, to_cells
from dashboard.views.settings.editors import Look, Place, editor
from dashboard.views.settings.ids import (
    BASE,
    FOCUS,
    REFERENCE,
    REFUSED,
    TOUCHED,
    TRIED,
    form_inputs,
    form_states,
    read_form,
)
from dashboard.views.settings.notes import note
from dashboard.views.settings.reading import effective_of, reference_of
from invoice_events.settings import settings_problems

_NONE = object()
_FORM = 4
"""How many arguments of a callback the form takes."""


def register(app: Dash) -> None:
    """Add the callbacks."""

    @app.callback(
        {
            "errors": Output({"type": "setting", "at": ALL}, "error"),
            "problems": Output({"type": "setting-problem", "setting": ALL}, "children"),
            "gaps": Output({"type": "setting-gaps", "setting": ALL}, "children"),
            "marks": Output({"type": "setting-mark", "setting": ALL}, "children"),
            "cards": Output({"type": "setting-card", "setting": ALL}, "className"),
            "undo": Output({"type": "setting-act", "act": "undo", "at": ALL}, "style"),
            "reset": Output({"type": "setting-act", "act": "reset", "at": ALL}, "style"),
            "counts": Output({"type": "settings-count", "section": ALL}, "children"),
            "count": Output("settings-count", "children"),
            "save": Output("settings-save", "disabled"),
            "discard": Output("settings-discard", "disabled"),
            "bar": Output("settings-bar", "className"),
        },
        *form_inputs(),
        Input(TOUCHED, "data"),
        Input(BASE, "data"),
        Input(TRIED, "data"),
        Input(REFUSED, "data"),
        State(REFERENCE, "data"),
    )
    def follow(*given: Any) -> dict[str, Any]:  # noqa: ANN401  # Dash hands over what the page holds
        cells = read_form(*given[:_FORM])
        _, base, tried, refused, reference = given[_FORM:]
        return _followed(cells, base, reference, refused, tried=tried)

    @app.callback(
        Output({"type": "setting-body", "setting": ALL}, "children"),
        Output(TOUCHED, "data"),
        Output(FOCUS, "data"),
        Input({"type": "setting-act", "act": ALL, "at": ALL}, "n_clicks"),
        Input("settings-discard", "n_clicks"),
        State(BASE, "data"),
        State(REFERENCE, "data"),
        State(TOUCHED, "data"),
        *form_states(),
        prevent_initial_call=True,
    )
    def act(_: Any, __: Any, base: Json, reference: Json | None, touched: int, *form: Any) -> tuple[Any, ...]:  # noqa: ANN401  # the same
        pressed = ctx.triggered_id
        if pressed is None or not ctx.triggered[0]["value"]:
            raise PreventUpdate  # a button that only came into being
        look = Look(reference_of(reference), base["editable"])
        saved = effective_of(base)
        if pressed == "settings-discard":
            old = cells_of_all(settings(), saved)
            touching = settings_that_differ(old, read_form(*form))
            return bodies(old, look, touching), touched + 1, no_update
        name = pressed["at"].split("/")[0]
        cells, focus = _acted(pressed["act"], pressed["at"], settings()[name], read_form(*form), saved)
        return bodies(cells, look, {name}), touched + 1, {"n": touched + 1, "at": focus}

    app.clientside_callback(
        ClientsideFunction("settings", "guard"),
        Output("settings-guarded", "data"),
        Input("settings-bar", "className"),
    )
    app.clientside_callback(
        ClientsideFunction("settings", "focus"),
        Output("settings-focused", "data"),
        Input(FOCUS, "data"),
        prevent_initial_call=True,
    )


def settings_that_differ(one: Cells, other: Cells) -> set[str]:
    """Names of the settings whose cells are not the same."""
    places = {*one, *other}
    return {at.split("/")[0] for at in places if one.get(at, _NONE) != other.get(at, _NONE)}


def bodies(cells: Cells, look: Look, only: Collection[str]) -> list[Any]:
    """The editors of some settings anew from cells, no change for the others; for a callback whose output they are."""
    place = {"type": "setting-body"}
    wanted = [spec["id"]["setting"] for spec in _outputs() if spec["id"]["type"] == place["type"]]
    return [
        editor(settings()[name].field, cells, Place(name, is_heading_near=True), look)
        if name in only
        else no_update
        for name in wanted
    ]


def _outputs() -> list[dict[str, Any]]:
    """Every single output of the running callback."""
    specs: list[dict[str, Any]] = []
    for each in ctx.outputs_list:
        specs += each if isinstance(each, list) else [each]
    return [spec for spec in specs if isinstance(spec["id"], Mapping)]


def _acted(
    name: str, at: str, setting: Setting, cells: Cells, saved: Mapping[str, Any]
) -> tuple[Cells, str | None]:
    """The cells after a button was pressed, and which cell is to have the focus."""
    if name in {"undo", "reset"}:
        value = saved[setting.name] if name == "undo" else _default(setting)
        return to_cells(setting.field, value, setting.name), None
    return change_rows(setting, cells, name, at)


def _default(setting: Setting) -> Any:  # noqa: ANN401  # any JSON value
    return effective_of({"given": {}})[setting.name]


def _followed(
    cells: Cells, base: Json, reference: Json | None, refused: Json | None, *, tried: bool
) -> dict[str, Any]:
    form, saved, known = settings(), effective_of(base), reference_of(reference)
    draft = read_draft(form, cells)
    problems = told_problems(draft, cells, base, refused, tried=tried)
    changed = changed_settings(form, saved, draft.values)
    marks = _by_setting(differences(form, saved, draft.values, known))
    found = _by_setting(gaps(form, draft.values, known))
    default = effective_of({"given": {}})
    can = base["editable"]
    at_cell = {problem.at: problem.words for problem in problems}
    outputs = ctx.outputs_grouping
    own = [spec["id"]["at"] for spec in outputs["errors"]]
    return {
        "errors": [at_cell.get(at, "") for at in own],
        "problems": [
            _problem_words([each for each in problems_of(name, problems) if each.at not in own])
            for name in _names(outputs["problems"])
        ],
        "gaps": [_gap_words([gap.words for gap in found.get(name, [])]) for name in _names(outputs["gaps"])],
        "marks": [
            _mark(marks.get(name, []), changed=name in changed and can) for name in _names(outputs["marks"])
        ],
        "cards": [
            _class(form[name], draft, changed=name in changed, wrong=bool(problems_of(name, problems)))
            for name in _names(outputs["cards"])
        ],
        "undo": [_shown(can and spec["id"]["at"] in changed) for spec in outputs["undo"]],
        "reset": [
            _shown(can and draft.values[spec["id"]["at"]] != default[spec["id"]["at"]])
            for spec in outputs["reset"]
        ],
        "counts": [_section_count(spec["id"]["section"], changed) for spec in outputs["counts"]],
        "count": _count_words(len(changed)),
        "save": not (can and changed),
        "discard": not (can and (changed or problems)),
        "bar": "settings-bar is-unsaved" if can and changed else "settings-bar",
    }


def told_problems(
    draft: Draft, cells: Cells, base: Json, refused: Json | None, *, tried: bool
) -> tuple[Problem, ...]:
    """What to tell of a draft: what cells show, else what the settings' rules refuse, else what the service refused.

    What is only not filled in yet is told after a person tried to save.
    """
    told = tuple(problem for problem in draft.problems if tried or not problem.is_missing)
    if told or draft.problems:
        return told
    document = new_document(settings(), base["given"], effective_of(base), draft.values)
    found = [_split(words) for words in settings_problems(document)]
    if not found and refused is not None and refused["document"] == document:
        found = refused["problems"]
    return place_problems(settings(), cells, found)


def _split(words: str) -> dict[str, str]:
    place, _, detail = words.partition(": ")
    return {"place": place, "detail": detail}


def _names(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [spec["id"]["setting"] for spec in specs]


def _by_setting(found: Sequence[Any]) -> dict[str, list[Any]]:
    by: dict[str, list[Any]] = {}
    for each in found:
        by.setdefault(each.setting, []).append(each)
    return by


def _shown(is_shown: bool) -> dict[str, str]:  # noqa: FBT001  # the one thing it says
    return {} if is_shown else {"display": "none"}


def _class(setting: Setting, draft: Draft, *, changed: bool, wrong: bool) -> str:
    value = draft.values[setting.name]
    warned = value in setting.caution_at if setting.caution_at else value is True
    states = {"is-changed": changed, "is-wrong": wrong, "is-warned": warned}
    return " ".join(["settings-card", *[name for name, holds in states.items() if holds]])


def _mark(changes: list[Change], *, changed: bool) -> list[Component]:
    if not changed:
        return []
    if not changes:
        return [html.Div("Not saved yet: a row has to be filled in.", className="settings-mark-title")]
    title = settings()[changes[0].setting].field.title
    return [
        html.Div("Not saved yet", className="settings-mark-title"),
        html.Ul([html.Li(_change_words(change, title)) for change in changes]),
    ]


def _change_words(change: Change, title: str) -> list[Component | str]:
    named = change.title.removeprefix(title).removeprefix(", ")
    return [f"{named}: " if named else "", html.Del(change.before), " → ", html.Ins(change.after)]


def _problem_words(problems: list[Problem]) -> list[Component]:
    return [html.P([icon("warning"), problem.words]) for problem in problems]


def _gap_words(words: list[str]) -> Component | None:
    if not words:
        return None
    listed = html.Ul([html.Li(each) for each in words], className="settings-list")
    return note("odd", "Gaps: documents will be at fault", listed)


def _section_count(slug: str, changed: Sequence[str]) -> str:
    section = next(each for each in sections() if each.slug == slug)
    count = sum(setting.name in changed for setting in section.settings)
    return str(count) if count else ""


def _count_words(count: int) -> str:
    if not count:
        return "No unsaved changes"
    return "1 unsaved change" if count == 1 else f"{count} unsaved changes"
