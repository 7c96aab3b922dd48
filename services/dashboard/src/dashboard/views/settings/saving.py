"""Saving: what was changed goes over the version it was read as; doubts and refusals come back as questions."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard.api.connection import Json, ProblemError
from dashboard.components.asking import close_by_cancel
from dashboard.components.notices import tell
from dashboard.core.settings_form import settings
from dashboard.core.settings_form_document import (
    Document,
    new_document,
    read_draft,
)
from dashboard.core.settings_form_reference import Reference
from dashboard.views.settings.dialogs import CONFIRM, STALE, caution_words
from dashboard.views.settings.editing import told_problems
from dashboard.views.settings.ids import (
    BASE,
    FOCUS,
    REFERENCE,
    REFUSED,
    TRIED,
    form_states,
    read_form,
)
from dashboard.views.settings.others import changed_by, words_of_both
from dashboard.views.settings.reading import base_of, effective_of, read_settings, reference_of
from dashboard.views.visit import Visit

_CONFLICT, _STALE, _INVALID = 409, 412, 422


def register(app: Dash) -> None:
    """Add the callbacks."""
    _register_save(app)
    close_by_cancel(app, CONFIRM)


def _register_save(app: Dash) -> None:
    @app.callback(
        {
            "base": Output(BASE, "data"),
            "tried": Output(TRIED, "data"),
            "refused": Output(REFUSED, "data"),
            "focus": Output(FOCUS, "data", allow_duplicate=True),
            "asking": Output(f"{CONFIRM}-asking", "opened"),
            "asked": Output(f"{CONFIRM}-asked", "data"),
            "caution": Output(f"{CONFIRM}-words", "children"),
            "stale": Output(STALE, "opened"),
            "stale_words": Output("settings-stale-words", "children"),
            "theirs": Output("settings-theirs", "data"),
            "changed_by": Output("settings-changed-by", "children"),
            "elsewhere": Output("settings-elsewhere", "children"),
        },
        Input("settings-save", "n_clicks"),
        Input(f"{CONFIRM}-do", "n_clicks"),
        State("address", "data"),
        State(BASE, "data"),
        State(REFERENCE, "data"),
        State(f"{CONFIRM}-asked", "data"),
        *form_states(),
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None,
        confirmed: int | None,
        address: Json,
        base: Json,
        reference: Json | None,
        asked: list[str] | None,
        *form: Any,  # noqa: ANN401  # Dash hands over what the page holds
    ) -> dict[str, Any]:
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        is_confirmed = ctx.triggered_id == f"{CONFIRM}-do"
        changes = dict.fromkeys(
            (
                "base",
                "tried",
                "refused",
                "focus",
                "asking",
                "asked",
                "caution",
                "stale",
                "stale_words",
                "theirs",
                "changed_by",
                "elsewhere",
            ),
            no_update,
        )
        visit, cells = Visit.of(address), read_form(*form)
        draft = read_draft(settings(), cells)
        focus = {"n": f"save-{clicks}-{confirmed}", "at": None}
        if draft.problems or told_problems(draft, cells, base, None, tried=True):
            return changes | {"tried": True, "focus": focus, "asking": False}
        confirm = asked or [] if is_confirmed else []
        return changes | _saved(visit, base, draft.values, confirm, reference_of(reference), focus)


def _saved(
    visit: Visit, base: Json, values: Document, confirm: list[str], reference: Reference, focus: Json
) -> dict[str, Any]:
    """What the page learns from trying to save."""
    document = new_document(settings(), base["given"], effective_of(base), values)
    try:
        answer = _put(visit, base["version"], document, confirm)
    except ProblemError as problem:
        if problem.status == _CONFLICT and "cautions" in problem.body:
            cautions = problem.body["cautions"]
            return {
                "asking": True,
                "asked": [each["setting"] for each in cautions],
                "caution": caution_words(cautions, reference),
            }
        if problem.status == _INVALID:
            refused = {"document": document, "problems": problem.body["problems"]}
            return {"refused": refused, "focus": focus, "asking": False, "tried": True}
        if problem.status != _STALE:
            raise
        return _stale(visit, base, values, confirm, reference, focus)
    tell("Saved", f"Version {answer['version']}. It takes effect with the next document that is mapped.")
    new_base = base_of(answer, editable=base["editable"])
    return {
        "base": new_base,
        "tried": False,
        "refused": None,
        "asking": False,
        "changed_by": changed_by(visit, new_base),
        "elsewhere": None,
    }


def _put(visit: Visit, version: int, document: Document, confirm: list[str]) -> Json:
    body: Json = {"settings": document} | ({"confirm": confirm} if confirm else {})
    return visit.api.call(
        "PUT", visit.of_tenant("settings"), body=body, headers={"If-Match": f'"{version}"'}
    ).body


def _stale(
    visit: Visit, base: Json, values: Document, confirm: list[str], reference: Reference, focus: Json
) -> dict[str, Any]:
    """Somebody was faster. If it was only the engine that was switched, nothing stands against saving."""
    theirs = base_of(read_settings(visit), editable=base["editable"])
    theirs_now = effective_of(theirs)
    if theirs_now == effective_of(base) and theirs["version"] != base["version"]:
        return _saved(visit, theirs, values, confirm, reference, focus)
    return {
        "asking": False,
        "stale": True,
        "theirs": theirs,
        "stale_words": words_of_both(visit, base, theirs, values, reference),
    }
