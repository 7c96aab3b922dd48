"""Comparison: Autotask's lines beside those made for Xero, with what differs said in words."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.api.lists import gather
from dashboard.components.aria import aria, data
from dashboard.components.facts import foreign
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.compared_totals import Total
from dashboard.core.comparison import Comparison, Line, Row, compare
from dashboard.core.money import show_money, show_quantity
from dashboard.core.times import show_time
from dashboard.views.documents.opened import Opened


def section(opened: Opened) -> list[Component]:
    """The section."""
    events = gather(opened.visit.api, opened.path("timeline")).items
    pair = _newest_pair(events)
    if pair is None:
        return [empty_state("Nothing to compare yet", _why_not(opened))]
    discovered, mapped = pair
    synced = opened.document["synced"]
    answered = synced if synced is not None and synced["revision"] == mapped["revision"] else None
    found = compare(discovered["event"], mapped["event"], answered)
    return [
        html.P(_about(opened, mapped, is_answered=answered is not None), className="quiet"),
        _verdict(found),
        _table(found),
        _totals(found, is_answered=answered is not None),
        *_decisions(found),
    ]


def _newest_pair(events: list[Json]) -> tuple[Json, Json] | None:
    """The last event with a document to be, and the reading that it was made from."""
    read: dict[tuple[int, str], Json] = {}
    newest: tuple[Json, Json] | None = None
    for entry in events:
        stage, event = entry["topic"].rpartition(".")[2], entry["event"]
        if stage == "discovered":
            read[entry["revision"], event["purpose"]] = entry
        elif stage == "mapped" and event["xero"] is not None and event["prediction"] is not None:
            before = read.get((entry["revision"], event["purpose"]))
            newest = (before, entry) if before is not None else newest
    return newest


def _why_not(opened: Opened) -> str:
    if opened.document["fault"] is not None:
        return "No document for Xero could be made of it so far: the cause is above, and the lines as Autotask has them are in The Autotask Original."
    return "No document for Xero has been made of it so far."


def _about(opened: Opened, mapped: Json, *, is_answered: bool) -> str:
    at = show_time(mapped["occurred_at"], opened.visit.zone, seconds=True)
    if mapped["event"]["purpose"] == "diagnose":
        return f"What a resync would send, from the diagnosis of {at}. Nothing of it was sent."
    sent = "sent, and what Xero answered" if is_answered else "made to be sent"
    return f"Autotask's lines beside what was {sent}, {at}."


def _verdict(found: Comparison) -> Component:
    if found.differing:
        count = found.differing
        words = f"{count} {'place differs' if count == 1 else 'places differ'}: marked with the word Differs."
        return html.P([icon("warning"), words], className="verdict verdict-bad")
    turned = " Xero keeps credit notes positive: every sign is turned." if found.turned else ""
    return html.P([icon("check"), f"Every amount is the same on both sides.{turned}"], className="verdict")


def _table(found: Comparison) -> Component:
    rows: list[Component] = []
    for place, row in enumerate(found.rows, start=1):
        rows += _row(place, row)
    head = html.Tr(
        [
            html.Th("", className="compared-side"),
            html.Th("Text", scope="col"),
            *(
                html.Th(name, scope="col", className="number")
                for name in ("Quantity", "Price", "Amount", "Tax")
            ),
        ]
    )
    return html.Table([html.Thead(head), *rows], className="compared", **aria(label="Lines of both sides"))


def _row(place: int, row: Row) -> list[Component]:
    """Both sides of a line below each other, then the words about them."""
    lines = [_line("Autotask", line) for line in row.autotask] or [_missing("Autotask")]
    lines.append(_line("Xero", row.xero) if row.xero is not None else _missing("Xero"))
    said = [html.Span([html.Strong("Differs: "), each], className="differs") for each in row.differences] + [
        html.Span(each, className="remark") for each in row.remarks
    ]
    coding = row.xero.coding if row.xero else ""
    words = [*said, html.Span(coding, className="foreign remark") if coding else None]
    why = html.Details([html.Summary("Why"), foreign(row.why)], className="why") if row.why else None
    about = html.Tr(
        [html.Td(html.Span(f"Line {place}", className="compared-place")), html.Td([*words, why], colSpan=5)]
    )
    changed = "compared-line compared-differs" if row.differences else "compared-line"
    return [html.Tbody([*lines, about], className=changed)]


def _line(side: str, line: Line) -> Component:
    numbers = (
        ("Quantity", show_quantity(line.quantity)),
        ("Price", show_money(line.price)),
        ("Amount", show_money(line.amount)),
        ("Tax", show_money(line.tax)),
    )
    return html.Tr(
        [
            html.Th(side, scope="row", className="compared-side"),
            html.Td(foreign(line.text), className="compared-text"),
            *(html.Td(value, className="number", **data(label=name)) for name, value in numbers),
        ]
    )


def _missing(side: str) -> Component:
    return html.Tr(
        [
            html.Th(side, scope="row", className="compared-side"),
            html.Td("No such line", colSpan=5, className="quiet"),
        ]
    )


def _totals(found: Comparison, *, is_answered: bool) -> Component:
    columns = ["Autotask", "For Xero", *(["Xero's answer"] if is_answered else [])]
    head = html.Tr(
        [
            html.Th(found.currency, scope="col"),
            *(html.Th(name, scope="col", className="number") for name in columns),
            html.Th(""),
        ]
    )
    return html.Table(
        [html.Thead(head), html.Tbody([_total(each, is_answered=is_answered) for each in found.totals])],
        className="sides compared-totals",
        **aria(label="Totals of both sides"),
    )


def _total(total: Total, *, is_answered: bool) -> Component:
    values = [total.autotask, total.sent, *([total.returned] if is_answered else [])]
    said = [html.Span([html.Strong("Differs: "), each], className="differs") for each in total.differences]
    same = "the same" if not said and sum(value is not None for value in values) > 1 else ""
    return html.Tr(
        [
            html.Th(total.name, scope="row"),
            *(html.Td(show_money(value) or "not told", className="number") for value in values),
            html.Td(said or same),
        ]
    )


def _decisions(found: Comparison) -> list[Component]:
    if not found.decisions:
        return []
    return [
        html.H3("How it was decided"),
        html.Ul(
            [html.Li(foreign(each[:1].upper() + each[1:])) for each in found.decisions],
            className="panel-details",
        ),
    ]
