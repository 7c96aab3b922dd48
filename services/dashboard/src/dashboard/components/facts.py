"""Small parts that show what is known: tables of names and values, texts of others, links to elsewhere, things to copy."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.icons import icon
from dashboard.core.readable import is_address, with_addresses

Shown = Component | str


def facts(rows: Sequence[tuple[str, Shown | None]], label: str) -> Component:
    """Names and their values; a row without a value is left out."""
    lines = [
        html.Tr([html.Th(name, scope="row"), html.Td(value, className="foreign")])
        for name, value in rows
        if value not in (None, "")
    ]
    return html.Table(html.Tbody(lines), className="facts", **aria(label=label))


def foreign(text: str) -> Component:
    """A text of Autotask or Xero, verbatim: inert, its lines kept."""
    return html.Span(text, className="foreign")


def with_links(text: str) -> Component:
    """A text in which addresses can be followed."""
    return html.Span(
        [outside_link(piece, piece) if linked else piece for piece, linked in with_addresses(text)],
        className="foreign",
    )


def outside_link(words: str, address: str | None) -> Shown:
    """A link that leaves this site, in a window of its own; the words alone where the address is none that one may follow."""
    if address is None or not is_address(address):
        return words
    return html.A(
        [words, icon("out")],
        href=address,
        target="_blank",
        rel="noopener noreferrer",
        className="outside-link",
        title="Opens in a new window",
    )


def copyable(text: str, name: str) -> Component:
    """A text with a button that copies it."""
    button = dmc.CopyButton(
        "Copy",
        value=text,
        copiedChildren="Copied",
        size="compact-xs",
        buttonProps={"variant": "subtle", "aria-label": f"Copy {name}"},
    )
    return html.Span([html.Code(text, className="copyable"), button], className="copy")


def note(symbol: str, title: str | None, *said: Shown, tone: str = "odd") -> Component:
    """Words in a frame; `tone`: odd (take care), bad, good or plain. Its title is dark enough to read in either theme."""
    head = [html.Div([icon(symbol), title], className="panel-cause-name")] if title else []
    classes = {"bad": " panel-cause-fault", "good": " panel-diagnosis", "plain": " panel-reason"}
    return html.Div(
        [*head, *(html.Div(each) for each in said)], className=f"panel-cause{classes.get(tone, '')}"
    )
