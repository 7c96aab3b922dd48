"""Summary: both sides of a document beside each other, and what identifies it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.aria import aria
from dashboard.components.facts import Shown, copyable, facts, foreign, outside_link
from dashboard.core.compared_totals import basis_words
from dashboard.core.money import show_count, show_money
from dashboard.core.times import show_date, show_time
from dashboard.views.documents.opened import Opened

_PRIORITIES = {"interactive": "asked for by a person", "normal": "normal", "backfill": "older documents"}


def section(opened: Opened) -> list[Component]:
    """The section."""
    return [_sides(opened), html.H3("Identity"), _identity(opened)]


def _sides(opened: Opened) -> Component:
    rows = [row for row in (_order_rows if opened.is_order else _invoice_rows)(opened) if row[1] or row[2]]
    head = html.Tr([html.Th(""), html.Th("Autotask", scope="col"), html.Th("Xero", scope="col")])
    body = [
        html.Tr([html.Th(name, scope="row"), html.Td(left or "none"), html.Td(right or "none")])
        for name, left, right in rows
    ]
    return html.Table(
        [html.Thead(head), html.Tbody(body)], className="sides", **aria(label="Autotask and Xero")
    )


def _invoice_rows(opened: Opened) -> list[tuple[str, Shown | None, Shown | None]]:
    document = opened.document
    company, currency = document["company"], document["currency"]
    due = (document["synced"] or document["mapping"] or {}).get("due_date")
    return [
        ("Number", _text(document["number"]), _number(opened)),
        ("Date", show_date(document["date"]), _same_date(opened)),
        ("Due date", show_date(document["due_date"]), show_date(due)),
        (f"Total{basis_words(document)}", show_money(document["total"], currency), _total(opened)),
        ("Tax", show_money(document["tax_total"], currency), _tax(opened)),
        ("Client", _text(company["name"] if company else None), _contact(opened)),
        ("Status", _autotask_state(opened), _xero_status(opened)),
        (
            "Open it",
            outside_link("In Autotask", document["autotask_url"]) if document["autotask_url"] else None,
            _link(opened),
        ),
    ]


def _order_rows(opened: Opened) -> list[tuple[str, Shown | None, Shown | None]]:
    document = opened.document
    vendor, status = document["vendor"], document["autotask_status"]
    return [
        ("Number", _text(document["number"]), _number(opened)),
        ("Date", show_date(document["date"]), _same_date(opened)),
        ("Expected on", show_date(document["expected_on"]), None),
        ("Total", None, _total(opened)),
        ("Tax", None, _tax(opened)),
        ("Vendor", _text(vendor["name"] if vendor else None), _contact(opened)),
        ("Status", _text(status["name"] or str(status["id"])) if status else None, _xero_status(opened)),
        ("Changed since it went over", show_time(document["changed_since"], opened.visit.zone), None),
        (
            "Open it",
            outside_link("In Autotask", document["autotask_url"]) if document["autotask_url"] else None,
            _link(opened),
        ),
    ]


def _same_date(opened: Opened) -> str | None:
    """The date goes over as it is."""
    document = opened.document
    return show_date(document["date"]) if document["mapping"] or document["xero"] else None


def _text(text: str | None) -> Shown | None:
    return foreign(text) if text else None


def _number(opened: Opened) -> Shown | None:
    xero, mapping = opened.document["xero"], opened.document["mapping"]
    if xero is not None:
        return foreign(xero["number"]) if xero["number"] else None
    return foreign(f"{mapping['number']} (to be)") if mapping and mapping["number"] else None


def _total(opened: Opened) -> str | None:
    xero, mapping = opened.document["xero"], opened.document["mapping"]
    if xero is not None:
        return show_money(xero["total"], xero["currency"])
    if mapping is None or mapping["total"] is None:
        return None
    return f"{show_money(mapping['total'], opened.document['currency'])} (to be)"


def _tax(opened: Opened) -> str | None:
    synced, mapping = opened.document["synced"], opened.document["mapping"]
    if opened.document["xero"] is not None and synced is not None:
        return show_money(synced["total_tax"], opened.document["xero"]["currency"])
    if mapping is None or mapping["tax_total"] is None:
        return None
    return f"{show_money(mapping['tax_total'], opened.document['currency'])} (to be)"


def _contact(opened: Opened) -> Shown | None:
    synced = opened.document["synced"]
    return _text(synced["contact_name"]) if synced and opened.document["xero"] else None


def _autotask_state(opened: Opened) -> str | None:
    source = opened.document["source"]
    if source is None:
        return None
    if source.get("is_voided"):
        return "Voided"
    stamped = source.get("stamped_at")
    return (
        f"Web Service Date {show_time(stamped, opened.visit.zone)}"
        if stamped
        else "No Web Service Date when it was read"
    )


def _xero_status(opened: Opened) -> Shown | None:
    xero = opened.document["xero"]
    return foreign(xero["status"]) if xero else None


def _link(opened: Opened) -> Shown | None:
    xero = opened.document["xero"]
    return outside_link("The Xero Record", xero["url"]) if xero else "Not in Xero yet"


def _identity(opened: Opened) -> Component:
    document, zone = opened.document, opened.visit.zone
    source, processing, xero = document["source"], document["processing"], document["xero"]
    return facts(
        [
            ("Autotask id", copyable(str(document["id"]), "the Autotask id")),
            ("Xero id", copyable(xero["id"], "the Xero id") if xero and xero["id"] else None),
            ("Request id", copyable(processing["request_id"], "the request id") if processing else None),
            (
                "Revision",
                copyable(str(document["revision"]), "the revision") if document["revision"] else None,
            ),
            ("Read from Autotask", show_time(source["at"], zone, seconds=True) if source else None),
            ("Lines", show_count(source["line_count"]) if source else None),
            ("First in Xero", show_time(document["first_synced_at"], zone, seconds=True)),
            ("Priority", _PRIORITIES.get(document["priority"] or "", document["priority"])),
            ("Settings version", str(source["settings_version"]) if source else None),
            ("Hold", _hold(opened)),
        ],
        "Identity",
    )


def _hold(opened: Opened) -> str | None:
    held = opened.document["held"]
    if held is None or held["hold"] == "none":
        return None
    by = f" by {held['actor']}" if held["actor"] else ""
    return f"{held['hold']}{by}, {show_time(held['at'], opened.visit.zone)}"
