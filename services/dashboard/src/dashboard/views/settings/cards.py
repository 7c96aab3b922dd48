"""A setting as it stands on the page: words, editor, what is missing, what warns of it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.core.addresses import document_href
from dashboard.core.settings_form import Kind, Section, Setting
from dashboard.core.settings_form_changes import show_default, show_value
from dashboard.core.settings_form_gaps import faults_of
from dashboard.core.settings_form_values import Cells
from dashboard.views.settings.editors import Look, Place, editor
from dashboard.views.settings.ids import act, part
from dashboard.views.settings.notes import note


def section_block(
    section: Section, cells: Cells, look: Look, faults: list[dict[str, Any]], tenant: str
) -> Component:
    """All settings of a section."""
    cards = [
        setting_card(setting, cells, look, faults, tenant, is_marked=not section.is_advanced)
        for setting in section.settings
    ]
    return html.Section(
        [dmc.Title(section.title, order=2, size="h3", mb="sm"), *cards],
        id={"type": "settings-section", "section": section.slug},
        **aria(label=section.title),
    )


def setting_card(
    setting: Setting,
    cells: Cells,
    look: Look,
    faults: list[dict[str, Any]],
    tenant: str,
    *,
    is_marked: bool,
) -> Component:
    """One setting; `is_marked` tells whether one of the Advanced Options has to say so itself."""
    name = setting.name
    return html.Div(
        [
            html.Div(
                [_heading(setting, is_marked=is_marked), _acts(setting, look)], className="settings-card-head"
            ),
            html.P(setting.field.help, className="settings-help"),
            html.Div(
                editor(setting.field, cells, Place(name, is_heading_near=True), look),
                id=part("body", name),
                className="settings-body",
            ),
            html.Div(id=part("problem", name), className="settings-problems", **aria(live="polite")),
            html.Div(id=part("gaps", name), **aria(live="polite")),
            *_faulting(setting, faults, tenant),
            *_effects(setting),
            *_caution(setting),
            _facts(setting, look),
            html.Div(id=part("mark", name), className="settings-mark", role="status"),
        ],
        id=part("card", name),
        className="settings-card",
    )


def _heading(setting: Setting, *, is_marked: bool) -> Component:
    badges = [html.Span("Advanced Options", className="tag")] if setting.is_advanced and is_marked else []
    return html.Div(
        [dmc.Title(setting.field.title, order=3, size="h4", id=f"setting-{setting.name}"), *badges],
        className="settings-heading",
    )


def _acts(setting: Setting, look: Look) -> Component:
    if not look.editable:
        return html.Span()
    hidden = {"display": "none"}
    return html.Div(
        [
            dmc.Button(
                words,
                id=act(name, setting.name),
                variant="default",
                size="compact-xs",
                style=hidden,
                **aria(label=f"{words}: {setting.field.title}"),
            )
            for name, words in (("undo", "Undo"), ("reset", "Reset to default"))
        ],
        className="settings-acts",
    )


def _facts(setting: Setting, look: Look) -> Component:
    default = show_default(setting, look.reference)
    facts = [f"Default: {default}"] if default else []
    if setting.recommended:
        words = " or ".join(show_value(setting.field, value, look.reference) for value in setting.recommended)
        facts.append(f"Recommended: {words}")
    if setting.field.kind is Kind.INTEGER:
        facts.append(f"From {setting.field.minimum} to {setting.field.maximum}")
    return html.P(" · ".join(facts), className="settings-facts")


def _caution(setting: Setting) -> list[Component]:
    if not setting.caution:
        return []
    words = html.Span([html.Strong("Caution. "), setting.caution])
    return [
        html.Div([icon("warning"), words], id=part("caution", setting.name), className="settings-caution")
    ]


def _effects(setting: Setting) -> list[Component]:
    """Field by field, what is overwritten in Xero and what is not."""
    if not setting.overwrites:
        return []
    columns = (("Overwritten from Autotask", setting.overwrites), ("Never written", setting.never_writes))
    lists = [
        html.Div(
            [html.H4(title, className="settings-effects-title"), html.Ul([html.Li(each) for each in members])]
        )
        for title, members in columns
    ]
    return [html.Div(lists, className="settings-effects")]


def _faulting(setting: Setting, faults: list[dict[str, Any]], tenant: str) -> list[Component]:
    """Documents that this setting keeps out of Xero now, in the words of their newest fault."""
    found = faults_of(setting.name, faults)
    return [
        note(
            "bad",
            f"Kept back now: {_counted(fault)}",
            html.P(fault["newest_text"]),
            *[
                dmc.Anchor(
                    f"{'Purchase order' if fault['kind'] == 'purchase-order' else 'Invoice'} {number}",
                    href=document_href(tenant, f"{fault['kind']}/{number}"),
                    size="sm",
                    mr="sm",
                )
                for number in fault["newest_ids"][:3]
            ],
        )
        for fault in found
    ]


def _counted(fault: dict[str, Any]) -> str:
    noun = "purchase order" if fault["kind"] == "purchase-order" else "invoice"
    count = fault["documents"]
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
