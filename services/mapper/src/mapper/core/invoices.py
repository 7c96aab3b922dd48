"""What an Autotask invoice becomes in Xero: a document, a fault, or nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import (
    ZERO,
    NoReading,
    NotSpreadable,
    Reading,
    UnsupportedCurrencyError,
    minor_unit,
    read_amounts,
    spread_taxes,
)
from invoice_events.types import AutotaskLine, InvoiceDiscovered, XeroKind
from mapper.core import explain
from mapper.core.cautions import two_decimals
from mapper.core.contact import customer_problems
from mapper.core.currency import currency_problems
from mapper.core.document import Draft, assemble
from mapper.core.lines import check_lines, code_lines, in_order, plan_lines, rounding_plan
from mapper.core.naming import name_invoice
from mapper.core.outcome import Faulted, Mapped, Skipped, faulted, skipped
from mapper.core.problems import Problem, problem
from mapper.core.rules import RoundingCode, Rules
from mapper.core.voids import void_invoice
from mapper.core.work import require_known_work
from mapper.core.writing import Coding, Plan


class Amounts(NamedTuple):
    """Amounts of the invoice as Autotask has them, to the minor unit.

    Attributes:
        reading: the reading under which the lines add up.
        taxes: tax of each line, adding up to the invoice's.
        unit: the currency's minor unit.
    """

    reading: Reading
    taxes: list[Decimal]
    unit: Decimal


def map_invoice(event: InvoiceDiscovered, rules: Rules, occurred_at: datetime) -> Mapped | Faulted | Skipped:
    """Decide what an invoice becomes in Xero.

    Args:
        event: the snapshot.
        rules: the tenant's settings and reference data.
        occurred_at: the time that the resulting event carries.

    Raises:
        UnsupportedWorkError: action or purpose is beyond this release, or the snapshot is another document's.
    """
    require_known_work(event, "invoice", event["invoice"]["id"])
    if event["action"] == "void":
        kind = _kind(event, _amounts(event, event["lines"], rules), rules)
        return void_invoice(event, kind, rules, occurred_at)
    if event["invoice"]["is_voided"]:
        return skipped(event, "voided", "The invoice is voided in Autotask", occurred_at)
    if not event["lines"]:
        found = problem("NO_LINES")
        if rules.settings["fault_when_no_lines"]:
            return faulted(event, [found], occurred_at)
        return skipped(event, "no_lines", found.text, occurred_at)
    return _map(event, rules, occurred_at)


def _map(event: InvoiceDiscovered, rules: Rules, occurred_at: datetime) -> Mapped | Faulted:
    lines = in_order(event["lines"])
    problems = currency_problems(event["invoice"]["currency"], rules) + customer_problems(event, rules)
    codings, line_problems = code_lines(event, lines, rules)
    problems += line_problems
    amounts = _amounts(event, lines, rules)
    if isinstance(amounts, Problem):
        problems.append(amounts)
    elif not line_problems:
        problems += check_lines(lines, codings, amounts.reading.line_amounts, amounts.unit)
    kind = _kind(event, amounts, rules)
    naming = name_invoice(event, kind, rules)
    rounding = _rounding(amounts, rules)
    found = [part for part in (naming, rules.branding_theme, rounding) if isinstance(part, Problem)]
    if (
        problems
        or found
        or isinstance(amounts, Problem)
        or isinstance(naming, Problem)
        or isinstance(rules.branding_theme, Problem)
        or isinstance(rounding, Problem)
    ):
        return faulted(event, problems + found, occurred_at)
    reading = amounts.reading
    plans = _plans(lines, codings, amounts, kind, rules)
    if rounding is not None:
        plans.append(rounding_plan(_turned(reading.difference, kind), rounding, rules))
    warnings = []
    if rules.settings["four_decimal_rounding"]:
        warnings = two_decimals(lines, reading.line_amounts, amounts.unit)
    draft = Draft(
        event,
        rules,
        kind,
        naming,
        rules.branding_theme,
        reading,
        plans,
        is_rounded=rounding is not None,
        warnings=warnings,
    )
    return assemble(draft, occurred_at)


def _plans(
    lines: list[AutotaskLine], codings: list[Coding], amounts: Amounts, kind: XeroKind, rules: Rules
) -> list[Plan]:
    return plan_lines(
        lines,
        codings,
        amounts.reading.line_amounts,
        amounts.taxes,
        rules,
        unit=amounts.unit,
        turned=kind == "credit_note",
    )


def _turned(amount: Decimal, kind: XeroKind) -> Decimal:
    return -amount if kind == "credit_note" else amount


def _rounding(amounts: Amounts | Problem, rules: Rules) -> RoundingCode | Problem | None:
    """What the rounding line is booked on; None if none is wanted or there is nothing to make up for."""
    wanted = rules.settings["rounding_line"] and isinstance(amounts, Amounts) and amounts.reading.difference
    return rules.rounding if wanted else None


def _amounts(event: InvoiceDiscovered, lines: list[AutotaskLine], rules: Rules) -> Amounts | Problem:
    """Amounts of the lines under the reading that fits, and their taxes; or the fault that says by how much they do not."""
    invoice = event["invoice"]
    try:
        unit = minor_unit(invoice["currency"])
    except UnsupportedCurrencyError as error:
        return problem("AMOUNT_PRECISION", str(error))
    reading = read_amounts(
        lines,
        invoice["total"],
        invoice["tax_total"],
        unit,
        basis=rules.settings["amount_basis"],
        tolerance=rules.tolerance,
    )
    if isinstance(reading, NoReading):
        return problem("AMOUNTS_DO_NOT_MATCH", *explain.no_reading(reading, lines))
    taxes = [line["tax"] for line in lines]
    if rules.settings["tax_amounts"] == "xero":
        return Amounts(reading, taxes, unit)
    spread = spread_taxes(taxes, invoice["tax_total"], unit, reading.line_amounts)
    if isinstance(spread, NotSpreadable):
        return problem("AMOUNTS_DO_NOT_MATCH", *explain.not_spreadable(spread, lines))
    return Amounts(reading, spread.taxes, unit)


def _kind(event: InvoiceDiscovered, amounts: Amounts | Problem, rules: Rules) -> XeroKind:
    """A negative invoice is a credit note; a total of zero stays an invoice.

    What counts is the total that Xero will show: with a rounding line Autotask's, else the lines' sum.
    """
    if isinstance(amounts, Problem):
        return "credit_note" if event["invoice"]["total"] < 0 else "invoice"
    reading = amounts.reading
    made_up = reading.difference if rules.settings["rounding_line"] else ZERO
    return "credit_note" if reading.sub_total - made_up + reading.tax_total < 0 else "invoice"
