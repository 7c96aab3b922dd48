"""What Xero demands of the document as it would be after the write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.xero.dates import long_date
from simulators.xero.kinds import CREDIT_NOTE, INVOICE
from simulators.xero.texts import folded

if TYPE_CHECKING:
    from datetime import date

    from simulators.xero.merge import Merge
    from simulators.xero.state import Document, Organisation

NO_LINES = "One or more line items must be specified"
NO_DUE_DATE = "The document DueDate field must be specified."
NO_ACCOUNT = "Account code must be specified"
NO_TAX_TYPE = "The TaxType field is mandatory"
NO_DESCRIPTION = (
    "The Description field must be specified for each line item."  # own wording: Xero's is not known
)
TOTAL_MISMATCH = "The document total does not equal the sum of the lines"
NEGATIVE_TOTAL = "The document total cannot be negative."  # own wording: Xero's is not known
APPROVE_LIMIT = "You have reached the limit of invoices you can approve"


def lock_date(organisation: Organisation, day: date) -> tuple[str, date] | None:
    """The lock that covers this day, if any: its name and the last locked day."""
    for name, last in (("end of year", organisation.year_lock), ("period", organisation.period_lock)):
        if last is not None and day <= last:
            return name, last
    return None


def locked(work: Merge, document: Document) -> str | None:
    """The refusal of a create or edit in a locked period; nothing of the ledger can be edited there."""
    if work.kind.is_order:
        return None
    if work.old is not None:
        lock = lock_date(work.organisation, work.old.date)
        if lock is not None:
            return f"This document cannot be edited as it is currently dated before the {lock[0]} lock date"
    lock = lock_date(work.organisation, document.date)
    if lock is None:
        return None
    return (
        f"The document date cannot be before the {lock[0]} lock date, currently set at {long_date(lock[1])}"
    )


def number_errors(work: Merge, document: Document) -> list[str]:
    """A number of ours may be used once, by voided and deleted documents too; bills share numbers freely."""
    unique = work.kind is not CREDIT_NOTE or work.organisation.switches.credit_note_numbers_unique
    if not document.number or not document.owns_number or not unique:
        return []
    holder = work.organisation.ledger.numbers[work.kind.collection].get(folded(document.number))
    return [work.kind.number_taken] if holder not in (None, document.id) else []


def total_errors(work: Merge, document: Document) -> list[str]:
    """Supplied totals have to agree (live calls with other totals were refused); a document is never negative."""
    element = work.element
    if work.has_money:
        return []  # amounts sent for such a document are ignored
    errors = []
    for member, value in (
        ("SubTotal", document.sub_total),
        ("TotalTax", document.total_tax),
        ("Total", document.total),
    ):
        supplied = element.decimal(member)
        if supplied is not None and supplied != value:
            errors.append(TOTAL_MISMATCH)
            break
    if document.total < Decimal(0):
        errors.append(NEGATIVE_TOTAL)
    return errors


def completeness_errors(work: Merge, document: Document) -> list[str]:
    """What a draft may lack and a document that is or becomes approved may not."""
    errors = []
    needs_lines = work.kind.is_order or document.status in ("SUBMITTED", "AUTHORISED", "PAID")
    if needs_lines and not document.lines:
        errors.append(NO_LINES)
    if document.status not in work.kind.statuses.complete:
        return errors
    if work.kind.needs_due_date and document.due_date is None:
        errors.append(NO_DUE_DATE)
    if any(not line.description for line in document.lines):
        errors.append(NO_DESCRIPTION)
    if any(line.has_amount and line.account_code is None for line in document.lines):
        errors.append(NO_ACCOUNT)
    if any(line.has_amount and line.tax_type is None for line in document.lines):
        errors.append(NO_TAX_TYPE)
    return errors


def approve_limit_errors(work: Merge, document: Document) -> list[str]:
    """The cap of small plans on approved sales invoices."""
    limit = work.organisation.switches.approve_limit
    newly = document.status == "AUTHORISED" and (work.old is None or work.old.status != "AUTHORISED")
    if limit is None or not newly or not document.is_sale or work.kind is not INVOICE:
        return []
    invoices = work.organisation.ledger.documents["Invoices"].values()
    approved = sum(invoice.is_sale and invoice.status in ("AUTHORISED", "PAID") for invoice in invoices)
    return [APPROVE_LIMIT] if approved >= limit else []


def all_errors(work: Merge, document: Document) -> list[str]:
    """Every refusal that the finished document meets."""
    lock = locked(work, document)
    return [
        *([] if lock is None else [lock]),
        *number_errors(work, document),
        *total_errors(work, document),
        *completeness_errors(work, document),
        *approve_limit_errors(work, document),
    ]
