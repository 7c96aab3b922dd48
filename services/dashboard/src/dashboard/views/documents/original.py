"""The Autotask Original: the document as Autotask had it when it was last read, laid out like one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError
from dashboard.components.aria import aria, data
from dashboard.components.facts import Shown, facts, foreign, outside_link
from dashboard.components.states import empty_state
from dashboard.core.money import show_money, show_quantity
from dashboard.core.times import show_date, show_time
from dashboard.views.documents.opened import Opened

_NOT_FOUND = 404


def section(opened: Opened) -> list[Component]:
    """The section."""
    try:
        original = opened.get("original")
    except ProblemError as problem:
        if problem.status != _NOT_FOUND:
            raise
        return [empty_state("Not read from Autotask", _why_not(opened))]
    snapshot = original["snapshot"]
    paper = _order(snapshot) if "order" in snapshot else _invoice(snapshot)
    read_at = show_time(original["read_at"], opened.visit.zone, seconds=True)
    return [
        html.P(
            [
                f"As Autotask had it {read_at} ({opened.visit.zone.key}). ",
                outside_link("Open it in Autotask", original["autotask_url"]),
            ],
            className="panel-link",
        ),
        html.Article(paper, className="paper", **aria(label="The Autotask Original")),
    ]


def _why_not(opened: Opened) -> str:
    if opened.document["status"] == "Skipped":
        return "It was skipped before its lines were read. A resync reads it."
    return "Its lines have not been read yet, or they are older than what is kept."


def _invoice(snapshot: Json) -> list[Component]:
    invoice = snapshot["invoice"]
    currency = invoice["currency"]
    period = " to ".join(show_date(invoice[name]) for name in ("period_from", "period_to") if invoice[name])
    return [
        _top("Invoice", invoice["number"], "VOIDED" if invoice["is_voided"] else None),
        html.Div(
            [
                _party("Bill to", snapshot["company"], snapshot["contact"]),
                facts(
                    [
                        ("Invoice number", foreign(invoice["number"])),
                        ("Autotask id", str(invoice["id"])),
                        ("Date", show_date(invoice["date"])),
                        ("Due date", show_date(invoice["due_date"])),
                        ("Terms", _text(invoice["payment_term"])),
                        ("Period", period),
                        ("Order number", _text(invoice["order_number"])),
                        ("Tax region", _text(invoice["tax_region_name"])),
                        ("Paid on", _day(invoice["paid_date"])),
                        ("Web Service Date", _day(invoice["web_service_date"])),
                        ("Billing batch", str(invoice["batch_id"]) if invoice["batch_id"] else None),
                    ],
                    "Invoice",
                ),
            ],
            className="paper-top",
        ),
        _lines(
            ("Date", "Description", "Quantity", "Rate", "Amount", "Tax"),
            [
                (
                    show_date(line["date"]),
                    _description(line),
                    show_quantity(line["quantity"]),
                    show_money(line["rate"]),
                    show_money(line["extended_price"]),
                    show_money(line["tax"]),
                )
                for line in _in_order(snapshot["lines"])
            ],
        ),
        _totals(
            ("Tax", show_money(invoice["tax_total"], currency)),
            ("Invoice total in Autotask", show_money(invoice["total"], currency)),
        ),
        *_comments(invoice["comments"]),
    ]


def _order(snapshot: Json) -> list[Component]:
    order = snapshot["order"]
    currency = order["currency"]
    lines = snapshot["lines"]
    cost = sum((Decimal(line["quantity"]) * Decimal(line["unit_cost"]) for line in lines), Decimal(0))
    return [
        _top("Purchase order", order["number"], "CANCELLED" if order["cancelled_at"] else None),
        html.Div(
            [
                html.Div([_party("Vendor", snapshot["vendor"], None), _ship_to(order)]),
                facts(
                    [
                        ("Order number", _text(order["number"])),
                        ("Autotask id", str(order["id"])),
                        ("External number", _text(order["external_number"])),
                        ("Vendor's invoice", _text(order["vendor_invoice_number"])),
                        ("Status", _text(order["status_name"] or str(order["status"]))),
                        ("Date", show_date(order["date"])),
                        ("Expected on", show_date(order["expected_on"])),
                        ("Submitted", _day(order["submitted_at"])),
                        ("Terms", _text(order["payment_term"])),
                        ("Purchased for", _text(order["purchased_for"])),
                    ],
                    "Purchase order",
                ),
            ],
            className="paper-top",
        ),
        _lines(
            ("Expected", "Product", "Quantity", "Unit cost", "Quantity times cost"),
            [
                (
                    show_date(line["expected_on"]),
                    _product(line),
                    show_quantity(line["quantity"]),
                    show_money(line["unit_cost"]),
                    show_money(str(Decimal(line["quantity"]) * Decimal(line["unit_cost"]))),
                )
                for line in lines
            ],
        ),
        _totals(
            ("Freight", show_money(order["freight"], currency)),
            ("Lines and freight, before tax", show_money(str(cost + Decimal(order["freight"])), currency)),
        ),
        html.P("Autotask itself keeps no totals of a purchase order.", className="quiet"),
        *_comments(order["memo"]),
    ]


def _top(kind: str, number: str, mark: str | None) -> Component:
    return html.Header(
        [
            html.Span(kind, className="paper-kind"),
            html.Span(number or "without a number", className="foreign paper-number"),
            html.Span(mark, className="paper-mark") if mark else None,
        ],
        className="paper-head",
    )


def _party(name: str, company: Json, contact: Json | None) -> Component:
    place = " ".join(company[part] for part in ("city", "state", "postal_code") if company[part])
    address = (company["address_1"], company["address_2"], place, company["country_name"])
    person = contact and " ".join(part for part in (contact["first_name"], contact["last_name"]) if part)
    told = [
        *(line for line in address if line),
        f"Attention: {company['attention']}" if company["attention"] else "",
        f"Tax number {company['tax_number']}" if company["tax_number"] else "",
        f"Account {company['number']}" if company["number"] else "",
        company["phone"],
    ]
    about = [person, contact["email"], contact["phone"]] if contact else []
    return html.Div(
        [
            html.Div(name, className="paper-label"),
            html.Div(company["name"], className="foreign paper-party"),
            *(html.Div(line, className="foreign") for line in told if line),
            *([html.Div("Contact", className="paper-label")] if contact else []),
            *(html.Div(line, className="foreign") for line in about if line),
        ]
    )


def _ship_to(order: Json) -> Component | None:
    place = " ".join(
        order[f"ship_to_{part}"] for part in ("city", "state", "postal_code") if order[f"ship_to_{part}"]
    )
    told = [
        order["ship_to_name"],
        order["ship_to_address_1"],
        order["ship_to_address_2"],
        place,
        order["phone"],
    ]
    lines = [html.Div(line, className="foreign") for line in told if line]
    return html.Div([html.Div("Ship to", className="paper-label"), *lines]) if lines else None


def _lines(columns: Sequence[str], rows: Sequence[Sequence[Shown]]) -> Component:
    """The lines; on a narrow screen each becomes a block, its numbers named."""
    numbers = len(columns) - 2
    head = html.Tr(
        [
            html.Th(name, scope="col", className="number" if place >= len(columns) - numbers else "")
            for place, name in enumerate(columns)
        ]
    )
    body = [
        html.Tr(
            [
                html.Td(
                    cell,
                    className="number" if place >= len(columns) - numbers else "",
                    **data(label=columns[place]),
                )
                for place, cell in enumerate(row)
            ]
        )
        for row in rows
    ]
    if not body:
        return html.P("It has no lines.", className="paper-empty")
    return html.Table([html.Thead(head), html.Tbody(body)], className="paper-lines", **aria(label="Lines"))


def _description(line: Json) -> Component:
    name, text = line["item_name"], line["description"]
    ticket = " ".join(part for part in (line["ticket_number"], line["ticket_title"]) if part)
    notes = [
        ("Ticket", ticket),
        ("Contract", line["contract_name"]),
        ("By", line["resource_name"]),
        ("Billing code", line["billing_code_name"]),
        ("Group", line["group_description"]),
        ("", "not billable" if line["non_billable"] else ""),
    ]
    told = [f"{label} {value}".strip() for label, value in notes if value]
    return html.Div(
        [
            html.Div(name, className="foreign paper-item") if name and name != text else None,
            html.Div(text, className="foreign") if text else None,
            html.Div(" · ".join(told), className="foreign paper-notes") if told else None,
        ]
    )


def _product(line: Json) -> Component:
    told = [part for part in (line["ticket_number"], line["contract_name"]) if part]
    return html.Div(
        [
            html.Div(line["product_name"] or "without a product", className="foreign paper-item"),
            html.Div(line["memo"], className="foreign") if line["memo"] else None,
            html.Div(" · ".join(told), className="foreign paper-notes") if told else None,
        ]
    )


def _totals(*rows: tuple[str, str]) -> Component:
    return html.Div(
        html.Table(
            html.Tbody(
                [
                    html.Tr([html.Th(name, scope="row"), html.Td(value, className="number")])
                    for name, value in rows
                ]
            ),
            **aria(label="Totals"),
        ),
        className="paper-totals",
    )


def _comments(text: str) -> list[Component]:
    return (
        [html.Div("Comments", className="paper-label"), html.Div(text, className="foreign")] if text else []
    )


def _in_order(lines: list[Json]) -> list[Json]:
    return sorted(lines, key=lambda line: (line["sort_order"] is None, line["sort_order"] or 0, line["id"]))


def _text(text: str | None) -> Shown | None:
    return foreign(text) if text else None


def _day(moment: str | None) -> str | None:
    return show_date(moment[:10]) if moment else None
