"""What an Autotask purchase order becomes in Xero: a purchase order, a fault, or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from invoice_amounts import UnsupportedCurrencyError, minor_unit, predict
from invoice_events.types import PurchaseOrderDiscovered, XeroLine, XeroOrder
from mapper.core.contact import left_out, vendor
from mapper.core.currency import currency_problems
from mapper.core.naming import Naming, name_order
from mapper.core.order_lines import UNIT_DECIMALS, plan_order
from mapper.core.outcome import Faulted, OrderMapped, Skipped, faulted, heading, skipped
from mapper.core.predicted import prediction
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules
from mapper.core.texts import clean, one_line
from mapper.core.voids import void_order
from mapper.core.work import require_known_work
from mapper.core.writing import Plan, write_lines

_CANCELLED = 5
"""Autotask's status of a cancelled order."""


class OrderDraft(NamedTuple):
    """Everything that was decided about an order."""

    event: PurchaseOrderDiscovered
    rules: Rules
    naming: Naming
    plans: list[Plan]


def map_order(
    event: PurchaseOrderDiscovered, rules: Rules, occurred_at: datetime
) -> OrderMapped | Faulted | Skipped:
    """Decide what a purchase order becomes in Xero.

    Args:
        event: the snapshot.
        rules: the tenant's settings and reference data.
        occurred_at: the time that the resulting event carries.

    Raises:
        UnsupportedWorkError: action or purpose is beyond this release, or the snapshot is another document's.
    """
    order = event["order"]
    require_known_work(event, "purchase-order", order["id"])
    if event["action"] == "void":
        return void_order(event, rules, occurred_at)
    if order["status"] == _CANCELLED:
        return skipped(event, "voided", "The purchase order was cancelled in Autotask", occurred_at)
    problems = currency_problems(order["currency"], rules)
    plans: list[Plan] = []
    try:
        unit = minor_unit(order["currency"])
    except UnsupportedCurrencyError as error:
        problems.append(problem("AMOUNT_PRECISION", str(error)))
    else:
        plans, line_problems = plan_order(event, rules, unit)
        problems += line_problems
    if not event["lines"]:
        problems.append(_no_lines())
    if problems:
        return faulted(event, problems, occurred_at)
    return _assemble(OrderDraft(event, rules, name_order(event), plans), occurred_at)


def _no_lines() -> Problem:
    return problem("NO_LINES", "the purchase order has no items")


def _assemble(draft: OrderDraft, occurred_at: datetime) -> OrderMapped:
    """The event with the order to be. There are no totals in Autotask to compare: the lines are all it has."""
    event, rules, naming, plans = draft
    lines, sent = write_lines(plans, sends_tax=True, closing=clean(event["order"]["memo"]))
    contact = vendor(event, rules)
    return OrderMapped(
        {
            **heading(event, rules, naming.mark, occurred_at, number_is_ours=True),
            "xero_kind": "purchase_order",
            "contact": contact,
            "xero": _xero_order(draft, lines),
            "prediction": prediction(predict(sent)),
            "decisions": [naming.why, *(plan.why for plan in plans)],
            "warnings": left_out(contact, event["vendor"], None),
        }
    )


def _xero_order(draft: OrderDraft, lines: list[XeroLine]) -> XeroOrder:
    order, naming = draft.event["order"], draft.naming
    return {
        "number": naming.number,
        "reference": naming.reference,
        "date": order["date"],
        "currency": order["currency"],
        "status": draft.rules.settings["purchase_orders"]["initial_status"].upper(),
        "sent_to_contact": False,
        "branding_theme_id": None,
        "unit_decimals": UNIT_DECIMALS,
        "lines": lines,
        "delivery_date": order["expected_on"],
        "delivery_address": delivery_address(draft.event),
        "attention_to": one_line(order["ship_to_name"]),
        "telephone": one_line(order["phone"]),
    }


def delivery_address(event: PurchaseOrderDiscovered) -> str:
    """The lines of the ship-to address: two of the street, then city, state and postal code on one; empty ones are left out."""
    order = event["order"]
    place = " ".join(
        text
        for part in (order["ship_to_city"], order["ship_to_state"], order["ship_to_postal_code"])
        if (text := one_line(part))
    )
    lines = (one_line(order["ship_to_address_1"]), one_line(order["ship_to_address_2"]), place)
    return "\n".join(line for line in lines if line)
