"""Credit notes applied to invoices; both documents are locked by it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulators.xero import render
from simulators.xero.kinds import CREDIT_NOTE, INVOICE, ZERO_GUID
from simulators.xero.state import Credit, Document
from simulators.xero.writing import Outcome, find_by_number, put_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from decimal import Decimal

    from simulators.xero.elements import Element
    from simulators.xero.state import Ledger, Organisation

# Own wordings: Xero's are not known.
NO_INVOICE = "Allocation must specify an existing invoice"
NOT_APPROVED = "Only authorised credit notes can be allocated, and only to authorised invoices"
NOT_THEIRS = "A credit note can only be allocated to invoices of the same contact, currency and side"
TOO_MUCH = "Allocation amount exceeds the remaining credit or the amount outstanding on the invoice"


def allocation_errors(note: Document, invoice: Document, amount: Decimal | None) -> list[str]:
    """Why money of this credit note can not be applied to this invoice."""
    if note.status not in ("AUTHORISED", "PAID") or invoice.status not in ("AUTHORISED", "PAID"):
        return [NOT_APPROVED]
    same = (note.contact_id, note.currency, note.is_sale) == (
        invoice.contact_id,
        invoice.currency,
        invoice.is_sale,
    )
    if not same:
        return [NOT_THEIRS]
    if amount is None or amount <= 0 or amount > min(note.due, invoice.due):
        return [TOO_MUCH]
    return []


def allocate(
    ledger: Ledger, note: Document, invoice: Document, amount: Decimal, day: date, now: datetime
) -> Credit:
    """Applies money of a credit note to an invoice; a document of which nothing is left becomes PAID."""
    credit = Credit(str(uuid.uuid4()), day, amount, note.id, invoice.id)
    for document in (note, invoice):
        changed = replace(document, credits=(*document.credits, credit), updated=now)
        put_document(ledger, replace(changed, status="PAID") if changed.due <= 0 else changed)
    return credit


def release(ledger: Ledger, document: Document, now: datetime) -> None:
    """Takes every payment and allocation off a document (and those off the other side); it is AUTHORISED again."""
    for other_id in {
        side for credit in document.credits for side in (credit.credit_note_id, credit.invoice_id)
    } - {document.id}:
        other = ledger.documents[INVOICE.collection].get(other_id)
        other = other or ledger.documents[CREDIT_NOTE.collection][other_id]
        kept = tuple(credit for credit in other.credits if credit not in document.credits)
        put_document(ledger, replace(other, credits=kept, status="AUTHORISED", updated=now))
    payments = tuple(replace(payment, deleted=True) for payment in document.payments)
    put_document(ledger, replace(document, payments=payments, credits=(), status="AUTHORISED", updated=now))


def named_invoice(ledger: Ledger, element: Element | None) -> Document | None:
    """The invoice that an allocation names by id or number."""
    if element is None:
        return None
    invoice_id = element.guid(INVOICE.id_member)
    if invoice_id is not None:
        return ledger.documents[INVOICE.collection].get(invoice_id)
    number = element.text(INVOICE.number_member)
    return find_by_number(ledger, INVOICE, number) if number else None


@dataclass(slots=True)
class AllocationWriter:
    """Writes allocations of one credit note (PUT /CreditNotes/{id}/Allocations)."""

    organisation: Organisation
    note_id: str
    now: Callable[[], datetime]

    def write(self, element: Element) -> Outcome:
        """Applies one allocation, or says why not."""
        ledger = self.organisation.ledger
        note = ledger.documents[CREDIT_NOTE.collection][self.note_id]
        invoice = named_invoice(ledger, element.object("Invoice"))
        amount = element.decimal("Amount")
        errors = [NO_INVOICE] if invoice is None else allocation_errors(note, invoice, amount)
        if invoice is None or amount is None or errors:
            shown = {
                **element.members,
                "AllocationID": ZERO_GUID,
                "HasErrors": True,
                "ValidationErrors": [{"Message": text} for text in errors],
            }
            return Outcome(shown, failed=True)
        now = self.now()
        day = element.date("Date") or now.astimezone(self.organisation.zone).date()
        credit = allocate(ledger, note, invoice, amount, day, now)
        ledger.count("allocations_created")
        return Outcome(render.allocation(credit, invoice), failed=False)
