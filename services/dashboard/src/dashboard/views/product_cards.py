"""What the product dashboard shows: each card by itself, made from what status-api tells."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json
from dashboard.components.connections import connection_card, test_button
from dashboard.components.figures import as_of_note, banner, big_number, card, engine_pill, status_counts
from dashboard.components.icons import icon
from dashboard.components.records import quiet, records
from dashboard.core.addresses import TABS, document_href, tab_href
from dashboard.core.connections import side_name, state_look
from dashboard.core.errands import SIDES, is_open, newest_test, words_of_test
from dashboard.core.figures import (
    LISTS,
    NOUNS,
    Check,
    cause_title,
    change_words,
    checklist,
    many,
    oldest_waiting,
)
from dashboard.core.money import show_count, show_money
from dashboard.core.times import show_age, show_month, show_time
from dashboard.views.visit import Visit

TOP = ("volume", *SIDES)
BELOW = ("oldest", "stopped", "faults", "counts", "totals")
PARTS = ("head", "banners", *TOP, *BELOW, "age")
"""Every part of the page, in its order."""

_TESTS_READ = 10
_KINDS = ("invoice", "purchase-order")


def read_parts(visit: Visit, me: Json) -> dict[str, list[Component]]:
    """Every part of the page as it is now."""
    overview = visit.api.get(visit.of_tenant("overview"))
    faults = visit.api.get(visit.of_tenant("faults"))["items"]
    parts: dict[str, Component | list[Component]] = {
        "head": _head(visit, overview["tenant"]),
        "banners": _banners(overview),
        "volume": _volume(visit, overview),
        **_connections(visit, overview, operator=visit.may(me, "operator")),
        "oldest": _oldest(visit, overview),
        "stopped": _stopped(visit, overview, faults),
        "faults": _faults(visit, faults),
        "counts": _counts(visit, overview),
        "totals": _totals(overview),
        "age": as_of_note(visit, overview["as_of"]),
    }
    return {name: drawn if isinstance(drawn := parts[name], list) else [drawn] for name in PARTS}


def _head(visit: Visit, tenant: Json) -> Component:
    title = html.Div(
        [
            dmc.Title("Product Dashboard", order=1, size="h2"),
            html.Div(
                [html.Span(tenant["name"], className="quiet"), engine_pill(tenant["state"])],
                className="under-title",
            ),
        ]
    )
    button = dmc.Anchor(
        ["View Sync Overview", icon("right")],
        href=tab_href(visit.tenant, "invoices"),
        className="button-link",
        underline="never",
    )
    return html.Div([title, button], className="page-head")


def _banners(overview: Json) -> list[Component]:
    banners = []
    if overview["tenant"]["state"] != "active":
        banners.append(
            banner(
                "The engine is paused: nothing is looked for in Autotask or written to Xero, and commands wait.",
                "yellow",
                "pause",
            )
        )
    for connection in overview["connections"]:
        if connection["state"] in ("refused", "down"):
            words = f"{side_name(connection['side'])}: {state_look(connection['state']).words.lower()}. {connection['next_step']}"
            banners.append(banner(words, "red", "warning"))
    return banners


def _volume(visit: Visit, overview: Json) -> Component:
    """What got into Xero for the first time in this month, and whether that is more than before."""
    figures = []
    for kind, read in zip(_KINDS, (overview, overview["purchase_orders"]), strict=True):
        number = read["month"]["first_synced"]
        periods = visit.api.get(visit.of_tenant("analytics"), {"kind": kind, "per": "month"})["periods"]
        figures.append(
            big_number(number, f"{NOUNS[kind][0 if number == 1 else 1]} synced", change_words(periods))
        )
    return card(f"Volume of {show_month(overview['month']['name'])}", figures, name="volume")


def _connections(visit: Visit, overview: Json, *, operator: bool) -> dict[str, Component]:
    """Both connections by their side; who may, tests them."""
    tests: list[Json] = []
    if operator:
        tests = visit.api.get(visit.of_tenant("commands"), {"kind": "test-connection", "limit": _TESTS_READ})[
            "items"
        ]
    return {
        each["side"]: connection_card(visit, each, _test(visit, each["side"], tests) if operator else [])
        for each in overview["connections"]
    }


def _test(visit: Visit, side: str, tests: list[Json]) -> list[Component]:
    """The button, and what came of the newest test of this side."""
    newest = newest_test(tests, side)
    parts: list[Component] = [test_button(side, running=newest is not None and is_open(newest))]
    told: list[Component | str] = []
    if newest is not None:
        words, works = words_of_test(newest, side)
        when = f" ({show_age(newest['answered_at'] or newest['issued_at'], visit.now, visit.zone)})"
        if works is not None:
            told = [html.B("Works. " if works else "Does not work. "), words, when]
        else:
            told = [words]
    parts.append(html.Span(told, role="status", className="quiet foreign"))
    return parts


def _faults(visit: Visit, faults: list[Json]) -> Component:
    """Every cause with its remedy, and the way to the documents that have it."""
    if not faults:
        content: Component = html.P([icon("check"), " No document is at fault, and none is tried again."])
    else:
        content = records(
            "Faults by cause",
            ("Cause", "What to do", "Documents"),
            [
                _fault(visit, each)
                for each in sorted(faults, key=lambda each: (-each["at_fault"], -each["documents"]))
            ],
        )
    return card("Faults by cause", [content], name="faults", wide=True)


def _fault(visit: Visit, fault: Json) -> list[Any]:
    kind, cause = fault["kind"], fault["cause"]
    seen = fault["newest_text"] if fault["newest_text"] != cause["text"] else None
    told = []
    if fault["at_fault"]:
        told.append(f"{show_count(fault['at_fault'])} at Fault")
    if fault["retrying"]:
        told.append(f"{show_count(fault['retrying'])} tried again")
    return [
        html.Div([html.B(cause_title(cause)), *([quiet(seen)] if seen else [])]),
        cause["remedy"],
        html.Div(
            [
                dmc.Anchor(
                    many(fault["documents"], kind),
                    href=tab_href(visit.tenant, LISTS[kind], cause=cause["code"]),
                    fw=600,
                ),
                quiet(", ".join(told)),
            ]
        ),
    ]


def _oldest(visit: Visit, overview: Json) -> Component:
    oldest = oldest_waiting(overview, overview["purchase_orders"])
    if oldest is None:
        return card("Oldest waiting document", [html.P("Nothing waits.")], name="oldest")
    kind, document = oldest
    at = document["changed_at"]
    link = dmc.Anchor(
        f"{NOUNS[kind][0].capitalize()} {document['id']}",
        href=document_href(visit.tenant, f"{kind}/{document['id']}"),
        fw=600,
        size="lg",
    )
    age = f"{document['status']}, last moved {show_age(at, visit.now, visit.zone)} ({show_time(at, visit.zone)})"
    return card("Oldest waiting document", [link, quiet(age)], name="oldest")


def _counts(visit: Visit, overview: Json) -> Component:
    orders = overview["purchase_orders"]
    parts: list[Component] = []
    for kind, read in zip(_KINDS, (overview, orders), strict=True):
        parts += [
            dmc.Title(TABS[LISTS[kind]], order=3, size="h6", mt="xs"),
            status_counts(visit.tenant, kind, read["counts"]),
        ]
    if orders["changed_since"]:
        changed = many(orders["changed_since"], "purchase-order")
        parts.append(quiet(f"{changed} changed in Autotask since: a resync takes the change over."))
    return card("By status", parts, name="counts")


def _totals(overview: Json) -> Component:
    rows = [
        [
            TABS[LISTS[kind]],
            show_count(total["documents"]),
            show_money(total["total"], total["currency"]),
            show_money(total["total_tax"], total["currency"]),
        ]
        for kind, read in zip(_KINDS, (overview, overview["purchase_orders"]), strict=True)
        for total in read["totals"]
    ]
    content: Component = html.P("Nothing is in Xero yet.")
    if rows:
        content = records("Totals in Xero", ("", "Documents", "Total", "Of it tax"), rows)
    return card("In Xero, per currency", [content], name="totals")


def _stopped(visit: Visit, overview: Json, faults: list[Json]) -> Component:
    """The checklist of a sync that has stopped."""
    checks = html.Ol(
        [_check(each) for each in checklist(visit.tenant, overview, faults)], className="checklist"
    )
    logs = dmc.Anchor(
        "View Sync Logs", href=tab_href(visit.tenant, "sync-logs"), inherit=True, underline="always"
    )
    more = html.P(
        [
            "All as it should be, and still nothing moves? ",
            logs,
            ": what both providers said stands there in their words.",
        ],
        className="quiet",
    )
    return card("My sync has stopped", [checks, more], name="stopped")


def _check(check: Check) -> Component:
    is_page = check.href.startswith("/")
    link = (
        dmc.Anchor(check.link, href=check.href, underline="always")
        if is_page
        else html.A(check.link, href=check.href)
    )
    return html.Li(
        [
            html.Span(
                icon("check" if check.ok else "warning"), className="check-ok" if check.ok else "check-bad"
            ),
            html.Div([html.B(check.question), " ", check.answer, " ", link]),
        ]
    )
