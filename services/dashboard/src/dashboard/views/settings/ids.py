"""Names of the page's parts, and the cells of its form as Dash hands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Input, State

from dashboard.core.settings_form_values import Cells

BASE, TOUCHED, FOCUS, TRIED, REFUSED, SOUGHT = (
    "settings-base",
    "settings-touched",
    "settings-focus",
    "settings-tried",
    "settings-refused",
    "settings-sought",
)
"""
Stores. base: what the form began with: {version, given, updated_at, updated_by, editable}. touched: grows when rows come or go.
focus: {n, at} what to give the focus to, at null: the first problem. tried: whether saving was tried, so that what is not
filled in yet is told. refused: {document, problems} of the last refusal. sought: text that a search looks through, by setting.
"""
REFERENCE, OPEN_SECTION, SEARCH = "settings-reference", "settings-open", "settings-search"


def cell(at: str) -> dict[str, str]:
    """An input that has a `value`."""
    return {"type": "setting", "at": at}


def switch(at: str) -> dict[str, str]:
    """An input that is on or off."""
    return {"type": "setting-switch", "at": at}


def act(name: str, at: str) -> dict[str, str]:
    """A button that changes the form: `undo`, `reset`, `add`, `remove`, `up`."""
    return {"type": "setting-act", "act": name, "at": at}


def part(name: str, setting: str) -> dict[str, str]:
    """A place that belongs to a setting."""
    return {"type": f"setting-{name}", "setting": setting}


_ANY_CELL, _ANY_SWITCH = {"type": "setting", "at": ALL}, {"type": "setting-switch", "at": ALL}


def form_inputs() -> list[Input | State]:
    """The whole form as inputs of a callback; read it by `read_form`."""
    return [
        Input(_ANY_CELL, "value"),
        State(_ANY_CELL, "id"),
        Input(_ANY_SWITCH, "checked"),
        State(_ANY_SWITCH, "id"),
    ]


def form_states() -> list[State]:
    """The whole form as states of a callback."""
    return [State(each.component_id, each.component_property) for each in form_inputs()]


def read_form(
    values: Sequence[Any],
    value_ids: Sequence[Mapping[str, str]],
    checked: Sequence[Any],
    checked_ids: Sequence[Mapping[str, str]],
) -> Cells:
    """The cells of the form, by their places."""
    cells: Cells = {each["at"]: value for each, value in zip(value_ids, values, strict=True)}
    cells |= {each["at"]: value for each, value in zip(checked_ids, checked, strict=True)}
    return cells
