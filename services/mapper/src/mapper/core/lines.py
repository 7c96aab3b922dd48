"""Lines of the Xero document: chosen, priced, grouped as Autotask prints them, and written out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import (
    LARGEST_LINE_AMOUNT,
    ZERO,
    Price,
    SentLine,
    as_one,
    exact_tax,
    expressible,
    fits_rate,
    round_half_up,
)
from invoice_events.types import AutotaskLine, InvoiceDiscovered, XeroLine
from mapper.core.choices import Choice, choose_account, choose_tax, region_keys
from mapper.core.numbers import TIMES, number_text
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules, TaxType
from mapper.core.texts import clean, pieces


class Coding(NamedTuple):
    """Account and tax type of a line."""

    account: Choice
    tax: Choice
    tax_type: TaxType


class Plan(NamedTuple):
    """One line to be printed: its text, how the amount is put, its coding, and the reasons in words.

    Attributes:
        text: description without `note`.
        note: Autotask's quantity and rate where they could not be sent, else empty.
        price: quantity and unit price.
        amount: net amount.
        tax: tax in minor units.
        coding: account and tax type.
        why: the decisions in words.
    """

    text: str
    note: str
    price: Price
    amount: Decimal
    tax: Decimal
    coding: Coding
    why: str


def in_order(lines: Sequence[AutotaskLine]) -> list[AutotaskLine]:
    """By Autotask's sort order, lines without one last, then by id: the same on every read."""
    return sorted(lines, key=_position)


def _position(line: AutotaskLine) -> tuple[bool, int, int]:
    order = line["sort_order"]
    return order is None, order or 0, line["id"]


def code_lines(
    event: InvoiceDiscovered, lines: Sequence[AutotaskLine], rules: Rules
) -> tuple[list[Coding], list[Problem]]:
    """Account and tax type of every line, or everything that is wrong with them."""
    regions = region_keys(event)
    codings: list[Coding] = []
    problems: list[Problem] = []
    known: dict[
        tuple[int | None, int, int | None, bool], Coding
    ] = {}  # most lines of an invoice are coded alike
    for line in lines:
        alike = (line["billing_code_id"], line["type"], line["tax_category_id"], not line["tax"])
        coding = known.get(alike)
        if coding is None:
            account = choose_account(line, rules)
            tax = choose_tax(line, regions, rules)
            if isinstance(account, Problem) or isinstance(tax, Problem):
                problems += [found for found in (account, tax) if isinstance(found, Problem)]
                continue
            coding = known[alike] = Coding(account, *tax)
        codings.append(coding)
    return codings, problems


def check_lines(
    lines: Sequence[AutotaskLine], codings: Sequence[Coding], amounts: Sequence[Decimal], unit: Decimal
) -> list[Problem]:
    """Taxes that do not fit their tax type's rate, and amounts that are larger than Xero takes."""
    problems: list[Problem] = []
    for line, coding, amount in zip(lines, codings, amounts, strict=True):
        rate = coding.tax_type.rate
        if not fits_rate(amount, line["tax"], rate, unit=unit):
            due = round_half_up(exact_tax(amount, rate), unit)
            problems.append(
                problem(
                    "TAX_MISMATCH",
                    f"line {line['id']}: Autotask's tax on {amount} is {number_text(line['tax'])}, {coding.tax.value} at {number_text(rate)} % makes {due}",
                )
            )
        if abs(amount) > LARGEST_LINE_AMOUNT:
            problems.append(
                problem(
                    "AMOUNT_PRECISION",
                    f"line {line['id']}: {amount} is more than Xero's {LARGEST_LINE_AMOUNT}",
                )
            )
    return problems


def plan_lines(
    lines: Sequence[AutotaskLine],
    codings: Sequence[Coding],
    amounts: Sequence[Decimal],
    taxes: Sequence[Decimal],
    rules: Rules,
    *,
    turned: bool,
) -> list[Plan]:
    """How each line is put, then groups joined. `turned`: every sign is turned, for a credit note."""
    sends_tax = rules.settings["tax_amounts"] == "autotask"
    plans = []
    grouped = False
    for line, coding, plain_amount, plain_tax in zip(lines, codings, amounts, taxes, strict=True):
        amount, tax, rate = (
            (-plain_amount, -plain_tax, -line["rate"]) if turned else (plain_amount, plain_tax, line["rate"])
        )
        price = expressible(line["quantity"], rate, amount, rules.unit_decimals, tax if sends_tax else None)
        note = ""
        if price is None:
            price = as_one(amount)
            note = _original(line["quantity"], rate)
        grouped = grouped or line["group_id"] is not None
        plans.append(Plan(describe(line), note, price, amount, tax, coding, _why(line, coding, price, note)))
    return _join_groups(lines, plans) if grouped else plans


def describe(line: AutotaskLine) -> str:
    """Autotask's full text of the line, else its item name, else the group's text, else its id: never empty."""
    return (
        clean(line["description"])
        or clean(line["item_name"])
        or clean(line["group_description"])
        or f"Autotask billing item {line['id']}"
    )


def _original(quantity: Decimal, rate: Decimal) -> str:
    """Autotask's quantity and rate in words, or nothing where they say nothing."""
    if not quantity or not rate:
        return ""
    if quantity < 0:
        quantity, rate = -quantity, -rate
    return f"\n{number_text(quantity, 0)} {TIMES} {number_text(rate)}"


def _why(line: AutotaskLine, coding: Coding, price: Price, note: str) -> str:
    put = (
        f"1 {TIMES} {price.unit_amount}"
        if note
        else f"{price.quantity.normalize():f} {TIMES} {price.unit_amount.normalize():f}"
    )
    exact = ", since Autotask's quantity and rate might not give the amount to the cent" if note else ""
    return f"line {line['id']}: {coding.account.why}; {coding.tax.why}; sent as {put}{exact}"


def _join_groups(lines: Sequence[AutotaskLine], plans: list[Plan]) -> list[Plan]:
    """One printed line for each group, where its first member stands; itemised where accounts or tax types differ."""
    members: dict[int, list[int]] = {}
    for index, line in enumerate(lines):
        if line["group_id"] is not None and clean(line["group_description"]):
            members.setdefault(line["group_id"], []).append(index)
    joined: dict[int, Plan] = {}
    dropped: set[int] = set()
    for group, indexes in members.items():
        text = clean(lines[indexes[0]]["group_description"])
        plan = _joined(group, text, [plans[index] for index in indexes])
        if plan is not None:
            joined[indexes[0]] = plan
            dropped.update(indexes[1:])
    return [joined.get(index, plan) for index, plan in enumerate(plans) if index not in dropped]


def _joined(group: int, text: str, plans: Sequence[Plan]) -> Plan | None:
    """One line for several, or None if they can not be one to the cent. A group of one only takes the group's text."""
    first = plans[0]
    if len(plans) == 1:
        return first._replace(text=text)
    codings = {(plan.coding.account.value, plan.coding.tax.value) for plan in plans}
    amount = sum((plan.amount for plan in plans), ZERO)
    tax = sum((plan.tax for plan in plans), ZERO)
    if len(codings) > 1 or abs(tax) > abs(amount) or abs(amount) > LARGEST_LINE_AMOUNT:
        return None
    why = f"{first.why}; group {group}: {len(plans)} lines printed as one"
    return Plan(text, "", as_one(amount), amount, tax, first.coding, why)


def write_lines(plans: Sequence[Plan], *, sends_tax: bool) -> tuple[list[XeroLine], list[SentLine]]:
    """The lines as they are sent, and what of them decides their amounts; one entry in each for every line.

    A text that is longer than Xero takes continues in lines that are only a description.
    """
    written: list[XeroLine] = []
    sent: list[SentLine] = []
    for plan in plans:
        first, *rest = pieces(plan.text + plan.note)
        quantity, unit_amount = plan.price
        tax_amount = plan.tax if sends_tax else None
        written.append(
            {
                "description": first,
                "quantity": quantity,
                "unit_amount": unit_amount,
                "account_code": plan.coding.account.value,
                "tax_type": plan.coding.tax.value,
                "tax_amount": tax_amount,
                "tracking": [],
            }
        )
        sent.append(SentLine(quantity, unit_amount, tax_amount, plan.coding.tax_type.rate))
        for piece in rest:
            written.append(_continuation(piece))
            sent.append(SentLine(None, None, None, ZERO))
    return written, sent


def _continuation(text: str) -> XeroLine:
    return {
        "description": text,
        "quantity": None,
        "unit_amount": None,
        "account_code": None,
        "tax_type": None,
        "tax_amount": None,
        "tracking": [],
    }
