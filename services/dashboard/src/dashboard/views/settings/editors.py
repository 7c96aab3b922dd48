"""From a field of the form to the input that edits it. Which input that is, the field's kind says; nothing here knows a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.components.tags import tag
from dashboard.core.settings_form import SPREAD, Choice, Field, Kind
from dashboard.core.settings_form_reference import Entry, Reference
from dashboard.core.settings_form_values import Cells, rows_of
from dashboard.views.settings.ids import act, cell, switch

_HIDDEN = {"label": "sr-only"}
_FEW = 5


@dataclass(frozen=True, slots=True)
class Look:
    """How editors are drawn.

    Attributes:
        reference: what can be chosen.
        editable: whether this person may change anything.
    """

    reference: Reference
    editable: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where an editor stands.

    Attributes:
        at: its place in the form.
        is_heading_near: whether its title stands as a heading just above it, so that it need not be shown again.
        named: what its label is for screen readers if it differs from the title (a cell of a row).
    """

    at: str
    is_heading_near: bool = False
    named: str = ""


def editor(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    """The editor of a field, and of all that is in it."""
    return EDITORS[field.kind](field, cells, place, look)


def _label(field: Field, place: Place) -> dict[str, Any]:
    """Label and, for parts, help. A heading above, or that of a table's column, is not said twice to the eye."""
    hidden = place.is_heading_near or bool(place.named)
    told: dict[str, Any] = {"label": place.named or field.title}
    if hidden:
        told["classNames"] = _HIDDEN
    elif field.help:
        told["description"] = field.help
    return told


def _switch(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    return dmc.Switch(
        id=switch(place.at),
        checked=bool(cells.get(place.at)),
        disabled=not look.editable,
        size="md",
        className="settings-switch" if place.is_heading_near else None,
        **_label(field, place),
    )


def _choice(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    told = any(choice.description for choice in field.choices)
    if place.named or (not told and len(field.choices) > _FEW):
        data = [{"value": choice.value, "label": choice.title} for choice in field.choices]
        return _select(data, field, cells, place, look, clearable=False)
    radios = [
        dmc.Radio(
            value=choice.value,
            label=_choice_label(choice),
            description=choice.description or None,
            disabled=not look.editable,
        )
        for choice in field.choices
    ]
    return dmc.RadioGroup(
        dmc.Stack(radios, gap=10, mt=6), id=cell(place.at), value=cells.get(place.at), **_label(field, place)
    )


def _choice_label(choice: Choice) -> Component:
    recommended = [_recommended()] if choice.recommended else []
    return html.Span([choice.title, *recommended], className="settings-choice")


def _recommended() -> Component:
    return tag("Recommended", "teal")


def _reference(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    value = cells.get(place.at)
    if not look.reference.knows(field.source):
        return _text(field, cells, place, look)
    entries = look.reference.entries(field.source)
    data: list[Any] = []
    if value and all(entry.value != value for entry in entries):
        problem = look.reference.problem(field.source, value)
        data.append({"value": value, "label": f"{value} · {problem}" if problem else value})
    return _select(data + _options(entries), field, cells, place, look, clearable=field.nullable)


def _options(entries: Sequence[Entry]) -> list[Any]:
    """What a select offers: what can be used, by its groups, and last what can not, with the reason."""
    fit = [entry for entry in entries if not entry.problem]
    unfit = [entry for entry in entries if entry.problem]
    groups = dict.fromkeys(entry.group for entry in fit)
    offered: list[Any] = []
    for group in groups:
        items: list[Any] = [{"value": each.value, "label": each.label} for each in fit if each.group == group]
        offered += [{"group": group, "items": items}] if group else items
    if unfit:
        refused = [
            {"value": each.value, "label": f"{each.label} ({each.problem})", "disabled": True}
            for each in unfit
        ]
        offered.append({"group": "Can not be used here", "items": refused})
    return offered


def _select(
    data: list[Any], field: Field, cells: Cells, place: Place, look: Look, *, clearable: bool
) -> Component:
    return dmc.Select(
        id=cell(place.at),
        data=data,
        value=cells.get(place.at),
        searchable=True,
        clearable=clearable and look.editable,
        allowDeselect=False,
        readOnly=not look.editable,
        placeholder=field.null_words[:1].upper() + field.null_words[1:] if field.nullable else "Choose",
        nothingFoundMessage="Nothing of that name",
        maxDropdownHeight=320,
        comboboxProps={"width": "max-content", "position": "bottom-start"} if place.named else {},
        clearButtonProps=aria(label=f"Clear {place.named or field.title}"),
        maw=None if place.named else 440,
        **_label(field, place),
    )


def _text(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    if (
        field.choices
    ):  # suggestions for the key of a map; what is there already stays, be it among them or not
        value = cells.get(place.at)
        data = [{"value": each.value, "label": f"{each.value} · {each.title}"} for each in field.choices]
        known = any(each.value == value for each in field.choices)
        extra = [] if known or not value else [{"value": value, "label": value}]
        return _select(extra + data, field, cells, place, look, clearable=False)
    return _input(field, cells, place, look)


def _input(field: Field, cells: Cells, place: Place, look: Look, **more: Any) -> Component:  # noqa: ANN401  # Mantine's properties
    value = cells.get(place.at)
    return dmc.TextInput(
        id=cell(place.at),
        value="" if value is None else str(value),
        debounce=250,
        readOnly=not look.editable,
        maw=None if place.named else 440,
        placeholder=field.null_words if field.nullable else None,
        **more,
        **_label(field, place),
    )


def _number(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    unit = "%" if field.kind is Kind.PERCENT else field.unit
    mode = "numeric" if field.kind is Kind.INTEGER else "decimal"
    box = _input(field, cells, place, look, inputProps={"inputMode": mode}, w=140)
    return html.Div([box, html.Span(unit, className="settings-unit")], className="settings-number")


def _clock(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    return dmc.TimeInput(
        id=cell(place.at),
        value=cells.get(place.at) or "",
        debounce=250,
        readOnly=not look.editable,
        w=140,
        **_label(field, place),
    )


def _several(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    boxes = [
        dmc.Checkbox(value=choice.value, label=choice.title, disabled=not look.editable)
        for choice in field.choices
    ]
    return dmc.CheckboxGroup(
        dmc.Group(boxes, gap="md", mt=6),
        id=cell(place.at),
        value=cells.get(place.at) or [],
        **_label(field, place),
    )


def _words(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    return dmc.TagsInput(
        id=cell(place.at),
        value=cells.get(place.at) or [],
        readOnly=not look.editable,
        placeholder="A name, then Enter" if look.editable else None,
        acceptValueOnBlur=True,
        maw=440,
        **_label(field, place),
    )


def _group(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    inside = [editor(part, cells, Place(f"{place.at}/{part.name}"), look) for part in field.parts]
    if place.is_heading_near:
        return html.Div(inside, className="settings-parts")
    legend = html.Legend(field.title, className="settings-legend")
    row = html.Div(inside, className="settings-row-of-parts")
    return html.Fieldset([legend, _help(field), row], className="settings-fieldset")


def _help(field: Field) -> Component:
    return html.P(field.help, className="settings-help")


def _rows(field: Field, cells: Cells, place: Place, look: Look) -> Component:
    """A table with a row for each pair of a map or entry of a list."""
    numbers = rows_of(cells, place.at)
    noun = field.title[:1].lower() + field.title[1:]
    add = dmc.Button(
        f"Add {_article(field)}",
        id=act("add", place.at),
        variant="default",
        size="compact-sm",
        leftSection=icon("plus"),
        disabled=field.most is not None and len(numbers) >= field.most,
        style=None if look.editable else {"display": "none"},
        **aria(label=f"Add to {noun}"),
    )
    spread = any(part.kind in SPREAD for part in field.parts)
    table = (_cards if spread else _table)(field, cells, place.at, numbers, look) if numbers else _none()
    body = [table, add]
    if place.is_heading_near:
        return html.Div(body, className="settings-rows")
    legend = html.Legend(field.title, className="settings-legend")
    return html.Fieldset([legend, _help(field), *body], className="settings-fieldset settings-rows")


def _article(field: Field) -> str:
    """What a row is, with its article: `a billing code id`, `an Autotask company id`."""
    first = field.parts[0].title
    words = first if first.startswith(("Xero", "Autotask")) else first[:1].lower() + first[1:]
    return f"{'an' if first[:1] in 'AEIOU' else 'a'} {words}"


def _none() -> Component:
    return html.P("None listed.", className="settings-none")


def _table(field: Field, cells: Cells, at: str, numbers: Sequence[int], look: Look) -> Component:
    head = html.Tr(
        [
            *[html.Th(part.title, scope="col") for part in field.parts],
            html.Th(html.Span("Row", className="sr-only")),
        ]
    )
    rows = []
    for line, number in enumerate(numbers):
        row_at = f"{at}/{number}"
        boxes = [
            html.Td(
                editor(
                    part, cells, Place(f"{row_at}/{part.name}", named=f"{part.title}, row {line + 1}"), look
                )
            )
            for part in field.parts
        ]
        rows.append(html.Tr([*boxes, html.Td(_row_acts(field, row_at, line, look))]))
    return html.Table(
        [html.Thead(head), html.Tbody(rows)], className="settings-table", **aria(label=field.title)
    )


def _cards(field: Field, cells: Cells, at: str, numbers: Sequence[int], look: Look) -> Component:
    cards = []
    for line, number in enumerate(numbers):
        row_at = f"{at}/{number}"
        inside = [editor(part, cells, Place(f"{row_at}/{part.name}"), look) for part in field.parts]
        acts = _row_acts(field, row_at, line, look)
        cards.append(
            html.Div(
                [
                    html.Div(
                        [html.Strong(f"{field.title} {line + 1}"), acts], className="settings-card-head"
                    ),
                    *inside,
                ],
                className="settings-entry",
                role="group",
                **aria(label=f"{field.title} {line + 1}"),
            )
        )
    return html.Div(cards)


def _row_acts(field: Field, row_at: str, line: int, look: Look) -> Component:
    if not look.editable:
        return html.Span()
    buttons = []
    if field.kind is Kind.RECORDS and line > 0:
        buttons.append(_row_act("up", "up", row_at, f"Move row {line + 1} of {field.title} up"))
    buttons.append(_row_act("remove", "close", row_at, f"Remove row {line + 1} of {field.title}"))
    return html.Div(buttons, className="settings-row-acts")


def _row_act(name: str, symbol: str, row_at: str, words: str) -> Component:
    return dmc.ActionIcon(
        icon(symbol), id=act(name, row_at), variant="subtle", color="gray", size="lg", **aria(label=words)
    )


EDITORS: Mapping[Kind, Callable[[Field, Cells, Place, Look], Component]] = {
    Kind.SWITCH: _switch,
    Kind.CHOICE: _choice,
    Kind.REFERENCE: _reference,
    Kind.INTEGER: _number,
    Kind.PERCENT: _number,
    Kind.DECIMAL: _number,
    Kind.CLOCK: _clock,
    Kind.TEXT: _text,
    Kind.SEVERAL: _several,
    Kind.WORDS: _words,
    Kind.GROUP: _group,
    Kind.MAP: _rows,
    Kind.RECORDS: _rows,
}
"""The editor of each kind of field. A kind without one fails a test."""
