"""The Xero Record: the document as Xero answered when it was last written."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.facts import copyable, facts, foreign, outside_link
from dashboard.components.states import empty_state
from dashboard.core.money import show_money
from dashboard.core.times import show_date, show_time
from dashboard.views.documents.opened import Opened

_KINDS = {"invoice": "Invoice", "credit_note": "Credit note", "purchase_order": "Purchase order"}
_OUTCOMES = {
    "created": "made new",
    "updated": "updated",
    "unchanged": "found as it should be; nothing was written",
    "adopted": "found in Xero by its mark and taken over; not written a second time",
    "voided": "voided",
}
_GONE = ("DELETED", "VOIDED")


def section(opened: Opened) -> list[Component]:
    """The section."""
    document = opened.document
    xero, synced = document["xero"], document["synced"]
    if xero is None or synced is None:
        words = (
            "It was voided in Autotask before anything of it was in Xero."
            if document["status"] == "Complete"
            else "There is no document in Xero yet. Above stands why, and what happens next."
        )
        return [empty_state("Not in Xero", words)]
    currency = xero["currency"]
    gone = (
        "It stands in Xero as deleted or voided; the link leads there all the same."
        if xero["status"] in _GONE
        else None
    )
    return [
        html.P(outside_link(f"Open {xero['number'] or 'it'} in Xero", xero["url"]), className="panel-link"),
        *([html.P(gone)] if gone else []),
        facts(
            [
                ("Kind", _KINDS.get(xero["kind"], xero["kind"])),
                ("Number", foreign(xero["number"]) if xero["number"] else None),
                ("Status", foreign(xero["status"])),
                ("Contact", foreign(synced["contact_name"])),
                ("Due date", show_date(synced.get("due_date"))),
                ("Net", show_money(synced["sub_total"], currency)),
                ("Tax", show_money(synced["total_tax"], currency)),
                ("Total", show_money(xero["total"], currency)),
                ("Last written", show_time(xero["synced_at"], opened.visit.zone, seconds=True)),
                ("What was done", _OUTCOMES.get(synced["outcome"], synced["outcome"])),
                ("First in Xero", show_time(document["first_synced_at"], opened.visit.zone, seconds=True)),
                ("Xero id", copyable(xero["id"], "the Xero id") if xero["id"] else None),
                (
                    "Contact id",
                    copyable(synced["contact_id"], "the contact id") if synced["contact_id"] else None,
                ),
            ],
            "The Xero Record",
        ),
        html.P(
            "As Xero returned it then. What people changed in Xero afterwards is not told here: follow the link.",
            className="quiet",
        ),
        *_warnings(synced["warnings"]),
    ]


def _warnings(warnings: list[str]) -> list[Component]:
    if not warnings:
        return []
    return [html.H3("Xero's warnings"), html.Ul([html.Li(foreign(each)) for each in warnings])]
