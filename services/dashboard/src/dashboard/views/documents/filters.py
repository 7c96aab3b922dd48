"""What narrows a list: text, statuses, cause, dates; beside them the files and the choice of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.core.listing import Wanted
from dashboard.core.statuses import STATUSES, look_of
from dashboard.views.documents.columns import column_choices
from dashboard.views.documents.kinds import DocumentKind

TYPING_MS = 200
"""So long after the last key the server is asked."""
FORMATS = {"csv": "CSV", "xlsx": "Excel"}


def toolbar(
    tenant: str, kind: DocumentKind, wanted: Wanted, causes: Sequence[Mapping[str, Any]]
) -> Component:
    """Files and columns at the left, the filter box at the right, cause and dates between."""
    return html.Div(
        [
            html.Div([*_files(tenant, kind, wanted), _columns(kind)], className="list-tools"),
            html.Div(
                [
                    _cause(wanted, causes),
                    _date("from", "From", wanted.first),
                    _date("to", "Until", wanted.last),
                ],
                className="list-narrowing",
            ),
            dmc.TextInput(
                id="list-text",
                value=wanted.text,
                debounce=TYPING_MS,
                placeholder=f"Filter by ID, number or {kind.party.lower()}",
                leftSection=icon("search"),
                className="list-text",
                inputProps={"type": "search", "autoComplete": "off", "spellCheck": "false", "maxLength": 200},
                **aria(label=f"Filter by ID, number or {kind.party.lower()}"),
            ),
        ],
        className="list-bar",
    )


def _files(tenant: str, kind: DocumentKind, wanted: Wanted) -> list[Component]:
    return [
        html.A(
            [icon("file"), html.Span(words)],
            id=f"list-{suffix}",
            href=wanted.file_href(tenant, f"{kind.resource}.{suffix}"),
            className="list-file",
            title=f"Download all {kind.plural} that the filters let through, in this order, as {words}",
        )
        for suffix, words in FORMATS.items()
    ]


def _columns(kind: DocumentKind) -> Component:
    choices = column_choices(kind.party)
    return dmc.Popover(
        [
            dmc.PopoverTarget(
                dmc.Button(
                    "Columns",
                    variant="default",
                    size="compact-sm",
                    rightSection=icon("down"),
                    visibleFrom="sm",
                )
            ),
            dmc.PopoverDropdown(
                dmc.CheckboxGroup(
                    dmc.Stack([dmc.Checkbox(label=words, value=field) for field, words in choices], gap="xs"),
                    id="list-chosen",
                    label="Columns to show",
                    value=[field for field, _ in choices],
                    persistence=True,
                    persistence_type="local",
                )
            ),
        ],
        position="bottom-start",
        shadow="md",
        trapFocus=True,
        withRoles=False,  # the library would put them on a box around the button, where they mean nothing
    )


def _cause(wanted: Wanted, causes: Sequence[Mapping[str, Any]]) -> Component:
    return dmc.Select(
        id="list-cause",
        data=causes,
        value=wanted.cause or None,
        placeholder="Any cause",
        clearable=True,
        searchable=True,
        nothingFoundMessage="No such cause",
        className="list-cause",
        clearButtonProps=aria(label="Any cause"),
        comboboxProps={"width": 420, "position": "bottom-start"},
        **aria(label="Cause"),
    )


def status_row(wanted: Wanted, counts: Mapping[str, int]) -> Component:
    """Statuses with their counts, and the way back to everything."""
    clear = dmc.Button(
        "Clear all filters",
        id="list-clear",
        variant="subtle",
        size="compact-sm",
        leftSection=icon("close"),
        style={} if wanted.is_narrowed else {"display": "none"},
    )
    return html.Div([_statuses(wanted, counts), clear], className="list-bar")


def _statuses(wanted: Wanted, counts: Mapping[str, int]) -> Component:
    chips = [
        dmc.Chip(
            [
                status,
                html.Span(f"{counts.get(status, 0):,}", id=count_id(status), className="chip-count"),
            ],
            value=status,
            size="sm",
            color=look_of(status).colour,
            variant="outline",
        )
        for status in STATUSES
    ]
    return html.Div(
        dmc.ChipGroup(chips, id="list-status", multiple=True, value=list(wanted.statuses)),
        className="list-chips",
        role="group",
        **aria(label="Status"),
    )


def count_id(status: str) -> str:
    """Where the number of documents with a status stands."""
    return f"list-count-{look_of(status).name}"


def _date(name: str, words: str, value: str) -> Component:
    return dmc.DateInput(
        id=f"list-{name}",
        value=value or None,
        placeholder=words,
        valueFormat="D MMM YYYY",
        clearable=True,
        className="list-date",
        clearButtonProps=aria(label=f"No bound: {words.lower()}"),
        **aria(label=f"Date {words.lower()}"),
    )
