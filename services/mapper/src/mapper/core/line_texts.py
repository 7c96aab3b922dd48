"""What stands in the description of an invoice line: words a customer understands, never empty, never cut."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import ZERO, round_half_up, times
from invoice_events.types import AutotaskLine
from mapper.core.numbers import TIMES, number_text
from mapper.core.texts import clean, one_line

LABOUR = 1
_CONTRACT_TYPES = frozenset({6, 7})
_TYPE_WORDS = {
    LABOUR: "Labour",
    2: "Project charge",
    3: "Charge",
    4: "Expense",
    5: "Subscription",
    6: "Recurring service",
    7: "Recurring service bundle",
    8: "Milestone",
}
"""Autotask's types of billing items."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip  # not strftime's, which speaks the machine's language


class Style(NamedTuple):
    """What is shown of a line.

    Attributes:
        resource: the technician, below the text of ticket lines.
        date: the day of the work, before the text of ticket lines.
        hide: contract lines show their name only, or the first line of their text.
    """

    resource: bool
    date: bool
    hide: bool


def line_text(line: AutotaskLine, style: Style, group_text: str = "") -> str:
    """The description without the note on amounts.

    Args:
        line: Autotask's billing item.
        style: what is shown.
        group_text: text of the printed group of which this is the only member; stands in for the line's own.
    """
    text = group_text or base_text(line)
    if style.hide and is_contract_line(line):
        text = _short_name(line) or text.partition("\n")[0].strip()
    if line["ticket_id"] is None:
        return text
    if style.date and line["date"] is not None:
        text = f"{day_text(line['date'])}: {text}"
    if style.resource and (resource := one_line(line["resource_name"] or "")):
        text = f"{text}\nTechnician: {resource}"
    return text


def base_text(line: AutotaskLine) -> str:
    """The first text that is not empty, from Autotask's full text down to the item's id."""
    return (
        clean(line["description"])
        or clean(line["item_name"])
        or clean(line["group_description"])
        or clean(f"{line['ticket_number'] or ''} {line['ticket_title'] or ''}")
        or clean(line["contract_name"] or "")
        or clean(line["billing_code_name"] or "")
        or _TYPE_WORDS.get(line["type"])
        or f"Autotask billing item {line['id']}"
    )


def is_contract_line(line: AutotaskLine) -> bool:
    """A recurring service or bundle, or whatever else a contract bills that is neither work nor of a ticket."""
    if line["type"] in _CONTRACT_TYPES:
        return True
    return line["contract_id"] is not None and line["ticket_id"] is None and line["type"] != LABOUR


def _short_name(line: AutotaskLine) -> str:
    """The item's name; of a recurring service or bundle else the contract's. A contract's name says nothing of what else it bills."""
    name = one_line(line["item_name"])
    if name or line["type"] not in _CONTRACT_TYPES:
        return name
    return one_line(line["contract_name"] or "")


def day_text(day: date) -> str:
    """A day as `14 May 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def is_covered(line: AutotaskLine, amount: Decimal, unit: Decimal) -> bool:
    """Whether nothing is to be paid for a line although quantity times rate is worth something."""
    return not amount and round_half_up(times(line["quantity"], line["rate"]), unit) != ZERO


def covered_note(line: AutotaskLine) -> str:
    """Why nothing is to be paid, with Autotask's quantity and rate, as a line of its own."""
    why = (
        "Not billable"
        if line["non_billable"]
        else f"Covered by {one_line(line['contract_name'] or '') or 'contract'}"
    )
    return f"\n{why}: {quantity_and_rate(line['quantity'], line['rate'])}"


def original_note(quantity: Decimal, rate: Decimal) -> str:
    """Autotask's quantity and rate where they could not be sent, as a line of its own; nothing where they say nothing."""
    return f"\n{quantity_and_rate(quantity, rate)}" if quantity and rate else ""


def quantity_and_rate(quantity: Decimal, rate: Decimal) -> str:
    """Such as `3.175 x 118.3333`; the sign goes to the rate, as Xero takes it."""
    if quantity < 0:
        quantity, rate = -quantity, -rate
    return f"{number_text(quantity, 0)} {TIMES} {number_text(rate)}"
