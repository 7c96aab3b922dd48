"""The Xero invoice put together, with what Xero will make of it and why everything is as it is."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from invoice_amounts import Reading, Totals, predict
from invoice_events.types import InvoiceDiscovered, XeroDocument, XeroKind, XeroLine
from mapper.core import explain
from mapper.core.contact import customer, left_out
from mapper.core.naming import Naming
from mapper.core.outcome import Faulted, Mapped, faulted, heading
from mapper.core.predicted import prediction
from mapper.core.problems import problem
from mapper.core.rules import Rules
from mapper.core.writing import Plan, write_lines

_STATUSES: dict[str, tuple[str, bool]] = {
    "draft": ("DRAFT", False),
    "approved": ("AUTHORISED", False),
    "approved_and_sent": ("AUTHORISED", True),
}
"""Status and sent flag by import status; Xero allows the flag on approved documents only."""

_NO_DUE_DATE = (
    "due date: the invoice's own date, since Autotask has none and Xero approves nothing without one"
)
_BY_TERMS = "due date: by the Xero contact's terms, Autotask's if the contact has none"


class Draft(NamedTuple):
    """Everything that was decided about a document.

    Attributes:
        event: the snapshot.
        rules: the tenant's rules.
        kind: invoice or credit note.
        naming: number, reference, link and mark.
        branding_theme: id of the theme, None: Xero's default.
        reading: Autotask's amounts.
        plans: the lines, in the document's signs.
        is_rounded: whether a rounding line makes up for the reading's difference, which is one of net amounts.
        warnings: what a person should know.
    """

    event: InvoiceDiscovered
    rules: Rules
    kind: XeroKind
    naming: Naming
    branding_theme: str | None
    reading: Reading
    plans: list[Plan]
    is_rounded: bool
    warnings: list[str]


def assemble(draft: Draft, occurred_at: datetime) -> Mapped | Faulted:
    """The event with the document to be; or a fault, if Xero would not make Autotask's amounts of it."""
    event, rules, naming = draft.event, draft.rules, draft.naming
    lines, sent = write_lines(draft.plans, sends_tax=rules.settings["tax_amounts"] == "autotask")
    totals = predict(sent)
    sign = -1 if draft.kind == "credit_note" else 1
    if not _within(totals, draft, sign):
        details = explain.prediction(totals, draft.reading, sign)
        return faulted(event, [problem("AMOUNTS_DO_NOT_MATCH", *details)], occurred_at)
    status, sent_flag = _STATUSES[rules.settings["invoices_import_as"]]
    by_terms = rules.settings["due_date_from_xero_contact"]
    contact = customer(event, rules)
    due_date, is_fallback = _due_date(event, status)
    due_whys = [why for why, holds in ((_BY_TERMS, by_terms), (_NO_DUE_DATE, is_fallback)) if holds]
    return Mapped(
        {
            **heading(event, rules, naming.mark, occurred_at, number_is_ours=naming.number is not None),
            "xero_kind": draft.kind,
            "contact": contact,
            "due_rule": "contact_terms" if by_terms else "autotask",
            "due_date": due_date,
            "xero": _xero_document(draft, lines, status, sent_to_contact=sent_flag),
            "prediction": prediction(totals),
            "decisions": _decisions(draft, sign * totals.total_tax, due_whys),
            "warnings": draft.warnings + left_out(contact, event["company"], event["contact"]),
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
        "branding_theme_id": draft.branding_theme,
        "unit_decimals": draft.rules.unit_decimals,
        "lines": lines,
    }


def _decisions(draft: Draft, total_tax: Decimal, due_whys: list[str]) -> list[str]:
    """Why everything is as it is; `total_tax` as Xero will show it, in Autotask's signs."""
    reading = draft.reading
    decisions = [explain.BASIS[reading.basis], draft.naming.why]
    if reading.difference:
        made_up = "made up for by the rounding line" if draft.is_rounded else "within the tolerance"
        decisions.append(f"a difference of {reading.difference} is {made_up}")
    if total_tax != reading.tax_total:
        decisions.append(explain.tax_difference(total_tax, reading.tax_total))
    if draft.kind == "credit_note":
        decisions.append("credit note with every sign turned, since the total is negative")
    return decisions + due_whys + [plan.why for plan in draft.plans]
