"""From a snapshot, settings and reference data to one event: mapped, faulted or skipped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import (
    NoReading,
    NotSpreadable,
    Reading,
    UnsupportedCurrencyError,
    minor_unit,
    read_amounts,
    spread_taxes,
)
from invoice_events.settings import Settings
from invoice_events.types import AutotaskLine, InvoiceDiscovered, XeroKind, XeroReference
from mapper.core import explain
from mapper.core.document import Draft, assemble
from mapper.core.lines import check_lines, code_lines, in_order, plan_lines
from mapper.core.naming import name_document
from mapper.core.outcome import Outcome, faulted, skipped
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules, prepare


class UnsupportedWorkError(ValueError):
    """The event asks for something this release can not do; doing something else instead would be worse than refusing."""


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


def map_snapshot(
    event: InvoiceDiscovered,
    settings: Settings,
    settings_version: int,
    reference: XeroReference,
    occurred_at: datetime,
) -> Outcome:
    """`map_invoice` with rules made for this one invoice: the whole decision as one function of its inputs."""
    return map_invoice(event, prepare(settings, settings_version, reference), occurred_at)


def map_invoice(event: InvoiceDiscovered, rules: Rules, occurred_at: datetime) -> Outcome:
    """Decide what an invoice becomes in Xero.

    Args:
        event: the snapshot.
        rules: the tenant's settings and reference data.
        occurred_at: the time that the resulting event carries.

    Raises:
        UnsupportedWorkError: action or purpose is beyond this release, or the snapshot is another document's.
    """
    if event["action"] not in {"create", "update"} or event["purpose"] != "sync":
        raise UnsupportedWorkError(
            f"action {event['action']} with purpose {event['purpose']} can not be mapped, wanted create or update with purpose sync"
        )
    if event["document"] != f"invoice/{event['invoice']['id']}":
        raise UnsupportedWorkError(f"{event['document']} carries invoice {event['invoice']['id']}")
    if event["invoice"]["is_voided"]:
        return skipped(event, "voided", "The invoice is voided in Autotask", occurred_at)
    if not event["lines"]:
        found = problem("NO_LINES")
        if rules.settings["fault_when_no_lines"]:
            return faulted(event, [found], occurred_at)
        return skipped(event, "no_lines", found.text, occurred_at)
    return _map(event, rules, occurred_at)


def _map(event: InvoiceDiscovered, rules: Rules, occurred_at: datetime) -> Outcome:
    lines = in_order(event["lines"])
    problems = _document_problems(event, rules)
    codings, line_problems = code_lines(event, lines, rules)
    problems += line_problems
    amounts = _amounts(event, lines, rules)
    if isinstance(amounts, Problem):
        problems.append(amounts)
    elif not line_problems:
        problems += check_lines(lines, codings, amounts.reading.line_amounts, amounts.unit)
    kind = _kind(event, amounts)
    naming = name_document(event, kind, rules)
    if isinstance(naming, Problem):
        problems.append(naming)
    if problems or isinstance(amounts, Problem) or isinstance(naming, Problem):
        return faulted(event, problems, occurred_at)
    plans = plan_lines(
        lines, codings, amounts.reading.line_amounts, amounts.taxes, rules, turned=kind == "credit_note"
    )
    document = Draft(event, rules, kind, naming, amounts.reading, plans)
    return assemble(document, occurred_at)


def _document_problems(event: InvoiceDiscovered, rules: Rules) -> list[Problem]:
    problems = []
    currency = event["invoice"]["currency"]
    if currency not in rules.currencies:
        subscribed = ", ".join(sorted(rules.currencies))
        text = f"Organisation is not subscribed to currency {currency}"
        problems.append(Problem("CURRENCY_NOT_SUBSCRIBED", text, (f"subscribed: {subscribed}",)))
    if event["contact"] is None:
        company = event["company"]
        problems.append(problem("NO_ACTIVE_CONTACT", f"Autotask company {company['id']}"))
    return problems


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


def _kind(event: InvoiceDiscovered, amounts: Amounts | Problem) -> XeroKind:
    """A negative invoice is a credit note; a total of zero stays an invoice."""
    if isinstance(amounts, Problem):
        return "credit_note" if event["invoice"]["total"] < 0 else "invoice"
    return "credit_note" if amounts.reading.sub_total + amounts.reading.tax_total < 0 else "invoice"
