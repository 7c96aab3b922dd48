"""The Xero document put together, with what Xero will make of it and why everything is as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from invoice_amounts import Reading, Totals, predict
from invoice_events import names
from invoice_events.types import (
    ContactCriteria,
    InvoiceDiscovered,
    Prediction,
    XeroDocument,
    XeroKind,
    XeroLine,
)
from mapper.core import explain
from mapper.core.lines import Plan, write_lines
from mapper.core.naming import Naming
from mapper.core.outcome import Faulted, Mapped, envelope, faulted
from mapper.core.problems import problem
from mapper.core.rules import Rules

_STATUSES: dict[str, tuple[str, bool]] = {
    "draft": ("DRAFT", False),
    "approved": ("AUTHORISED", False),
    "approved_and_sent": ("AUTHORISED", True),
}
"""Status and sent flag by import status; Xero allows the flag on approved documents only."""

_NO_DUE_DATE = (
    "due date: the invoice's own date, since Autotask has none and Xero approves nothing without one"
)


class Draft(NamedTuple):
    """Everything that was decided about a document."""

    event: InvoiceDiscovered
    rules: Rules
    kind: XeroKind
    naming: Naming
    reading: Reading
    plans: list[Plan]


def assemble(draft: Draft, occurred_at: datetime) -> Mapped | Faulted:
    """The event with the document to be; or a fault, if Xero would not make Autotask's amounts of it."""
    event, rules, kind, naming, reading, plans = draft
    lines, sent = write_lines(plans, sends_tax=rules.settings["tax_amounts"] == "autotask")
    totals = predict(sent)
    sign = -1 if kind == "credit_note" else 1
    if not _within(totals, draft, sign):
        details = explain.prediction(totals, reading, sign)
        return faulted(event, [problem("AMOUNTS_DO_NOT_MATCH", *details)], occurred_at)
    status, sent_flag = _STATUSES[rules.settings["invoices_import_as"]]
    due_date, is_fallback = _due_date(event, status)
    return Mapped(
        {
            **envelope(event, names.MAPPED, occurred_at),
            "action": event["action"],
            "priority": event["priority"],
            "purpose": event["purpose"],
            "settings_version": rules.settings_version,
            "reference_version": rules.reference_version,
            "xero_kind": kind,
            "number_is_ours": naming.number is not None,
            "mark": naming.mark,
            "contact": _contact(event, rules),
            "due_rule": "autotask",
            "due_date": due_date,
            "xero": _xero_document(draft, lines, status, sent_to_contact=sent_flag),
            "prediction": _prediction(totals),
            "decisions": _decisions(draft, _NO_DUE_DATE if is_fallback else None),
        }
    )


def _within(totals: Totals, draft: Draft, sign: int) -> bool:
    """Whether Xero will show Autotask's amounts: net, tax and total, each within the tolerance."""
    tolerance, reading = draft.rules.tolerance, draft.reading
    net = sign * totals.sub_total - (reading.sub_total - reading.difference)
    tax = sign * totals.total_tax - reading.tax_total
    return abs(net) <= tolerance and abs(tax) <= tolerance and abs(net + tax) <= tolerance


def _due_date(event: InvoiceDiscovered, status: str) -> tuple[date | None, bool]:
    """Autotask's due date; an approved document needs one, so it falls back to its own date. The flag says that it did."""
    due = event["invoice"]["due_date"]
    if due is not None or status == "DRAFT":
        return due, False
    return event["invoice"]["date"], True


def _contact(event: InvoiceDiscovered, rules: Rules) -> ContactCriteria:
    company, settings = event["company"], rules.settings
    return {
        "company_id": company["id"],
        "name": company["name"],
        "account_number": company["number"],
        "match_by": settings["contact_match_by"],
        "ignore_case": settings["contact_name_ignore_case"],
        "pinned_contact_id": settings["contact_links"].get(str(company["id"])),
    }


def _xero_document(
    draft: Draft, lines: list[XeroLine], status: str, *, sent_to_contact: bool
) -> XeroDocument:
    invoice, naming = draft.event["invoice"], draft.naming
    return {
        "number": naming.number,
        "reference": naming.reference,
        "date": invoice["date"],
        "currency": invoice["currency"],
        "status": status,
        "sent_to_contact": sent_to_contact,
        "url": naming.url,
        "branding_theme_id": None,
        "unit_decimals": draft.rules.unit_decimals,
        "lines": lines,
    }


def _prediction(totals: Totals) -> Prediction:
    return {
        "sub_total": totals.sub_total,
        "total_tax": totals.total_tax,
        "total": totals.total,
        "lines": [{"line_amount": amount, "tax_amount": tax} for amount, tax in totals.lines],
    }


def _decisions(draft: Draft, due_why: str | None) -> list[str]:
    reading = draft.reading
    decisions = [explain.BASIS[reading.basis], draft.naming.why]
    if reading.difference:
        decisions.append(f"a difference of {reading.difference} is within the tolerance")
    if draft.kind == "credit_note":
        decisions.append("credit note with every sign turned, since the total is negative")
    if due_why is not None:
        decisions.append(due_why)
    return decisions + [plan.why for plan in draft.plans]
