"""Lines of an invoice: put in order, coded, checked and priced."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from invoice_amounts import (
    LARGEST_LINE_AMOUNT,
    ZERO,
    as_one,
    exact_tax,
    expressible,
    fits_rate,
    round_half_up,
)
from invoice_events.types import AutotaskLine, InvoiceDiscovered
from mapper.core.choices import Choice, choose_account, choose_tax, region_keys
from mapper.core.groups import Groups
from mapper.core.line_texts import covered_note, is_covered, line_text, original_note
from mapper.core.numbers import number_text
from mapper.core.problems import Problem, problem
from mapper.core.rules import RoundingCode, Rules
from mapper.core.tracking import UNTRACKED, Category, Source, Tracked, choose_tracking
from mapper.core.writing import Coding, Plan, put

INEXACT = "since Autotask's quantity and rate might not give the amount to the cent"
_NOTHING_TO_PAY = "since nothing is to be paid for it"


def in_order(lines: Sequence[AutotaskLine]) -> list[AutotaskLine]:
    """By Autotask's sort order, lines without one last, then by id: the same on every read."""
    return sorted(lines, key=_position)


def _position(line: AutotaskLine) -> tuple[bool, int, int]:
    order = line["sort_order"]
    return order is None, order or 0, line["id"]


def code_lines(
    event: InvoiceDiscovered, lines: Sequence[AutotaskLine], rules: Rules
) -> tuple[list[Coding], list[Problem]]:
    """Account, tax type and tracking of every line, or everything that is wrong with them."""
    if isinstance(rules.tracking, Problem):
        categories: tuple[Category, ...] = ()
        problems = [rules.tracking]
    else:
        categories = rules.tracking
        problems = []
    regions = region_keys(event)
    territory = event["company"]["territory"]
    codings: list[Coding] = []
    # Most lines of an invoice are coded alike.
    known: dict[tuple[int | None, int, int | None, bool, str | None], Coding] = {}
    for line in lines:
        alike = (
            line["billing_code_id"],
            line["type"],
            line["tax_category_id"],
            not line["tax"],
            line["line_of_business"],
        )
        coding = known.get(alike)
        if coding is None:
            account = choose_account(line, rules)
            tax = choose_tax(line, regions, rules)
            tracked = _track(line, account, territory, categories) if categories else UNTRACKED
            if isinstance(account, Problem) or isinstance(tax, Problem) or isinstance(tracked, list):
                problems += [found for found in (account, tax) if isinstance(found, Problem)]
                problems += tracked if isinstance(tracked, list) else []
                continue
            coding = known[alike] = Coding(account, *tax, tracked)
        codings.append(coding)
    return codings, problems


def _track(
    line: AutotaskLine, account: Choice | Problem, territory: str | None, categories: Sequence[Category]
) -> Tracked | list[Problem]:
    code = account.value if isinstance(account, Choice) else None
    values: dict[Source, str | None] = {
        "territory": territory,
        "line_of_business": line["line_of_business"],
        "account": code,
    }
    return choose_tracking(line["id"], categories, values)


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
            problems.append(too_large_for_xero(f"line {line['id']}", amount))
    return problems


def too_large_for_xero(place: str, amount: Decimal) -> Problem:
    """The fault of an amount that Xero does not take."""
    return problem("AMOUNT_PRECISION", f"{place}: {amount} is more than Xero's {LARGEST_LINE_AMOUNT}")


def plan_lines(
    lines: Sequence[AutotaskLine],
    codings: Sequence[Coding],
    amounts: Sequence[Decimal],
    taxes: Sequence[Decimal],
    rules: Rules,
    *,
    unit: Decimal,
    turned: bool,
) -> list[Plan]:
    """How each line is put, then groups joined. `turned`: every sign is turned, for a credit note."""
    sends_tax, style, decimals = rules.settings["tax_amounts"] == "autotask", rules.style, rules.unit_decimals
    groups = Groups(lines)
    plans = []
    for line, coding, plain_amount, plain_tax in zip(lines, codings, amounts, taxes, strict=True):
        amount, tax, rate = (
            (-plain_amount, -plain_tax, -line["rate"]) if turned else (plain_amount, plain_tax, line["rate"])
        )
        price = expressible(line["quantity"], rate, amount, decimals, tax if sends_tax else None)
        note = why_one = ""
        if price is None:
            price = as_one(amount)
            if is_covered(line, amount, unit):
                note, why_one = covered_note(line), _NOTHING_TO_PAY
            elif note := original_note(line["quantity"], rate):
                why_one = INEXACT
        text = line_text(line, style, groups.own_text(line))
        plans.append(
            Plan(text, note, price, amount, tax, coding, _why(line["id"], coding, put(price, why_one)))
        )
    return groups.joined(plans, sends_tax=sends_tax)


def _why(line_id: int, coding: Coding, how: str) -> str:
    return f"line {line_id}: {coding.account.why}; {coding.tax.why}; {how}{coding.tracked.why}"


def rounding_plan(difference: Decimal, code: RoundingCode, rules: Rules) -> Plan:
    """A line that makes up for a difference, without tax and without tracking.

    Args:
        difference: what the lines are more than Autotask's total, in the document's signs.
        code: where it is booked.
        rules: the tenant's rules.
    """
    coding = Coding(
        Choice(code.account, f"account {code.account} is Xero's rounding account"),
        Choice(code.tax, f"tax type {code.tax} makes no tax"),
        rules.tax_types[code.tax],
    )
    price = as_one(-difference)
    why = f"rounding line: {coding.account.why}; {coding.tax.why}; {put(price)}"
    return Plan("Rounding", "", price, -difference, ZERO, coding, why)
