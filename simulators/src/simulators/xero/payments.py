"""Payments, so that a test (or a person) can lock a document."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulators.xero import problems, render
from simulators.xero.kinds import CREDIT_NOTE, INVOICE, ZERO_GUID
from simulators.xero.state import Payment
from simulators.xero.writing import Outcome, find_by_number, put_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from decimal import Decimal

    from simulators.xero.elements import Element
    from simulators.xero.state import Document, Organisation

TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_APPROVED = "Payments can only be made against authorised documents"
NO_DOCUMENT = "Payment must specify an existing invoice or credit note"  # own wording: Xero's is not known
ACCOUNT_INVALID = "Account must be valid."


def pay(
    document: Document, amount: Decimal, day: date, account_code: str, reference: str, now: datetime
) -> tuple[Document, Payment]:
    """The document with one more payment; PAID if nothing is left."""
    payment = Payment(str(uuid.uuid4()), day, amount, account_code, reference)
    paid = replace(document, payments=(*document.payments, payment), updated=now)
    return (replace(paid, status="PAID") if paid.due <= 0 else paid), payment


def unpay(document: Document, payment_id: str, now: datetime) -> Document:
    """The document after a payment was deleted; a PAID one is AUTHORISED again."""
    payments = tuple(
        replace(item, deleted=item.deleted or item.id == payment_id) for item in document.payments
    )
    return replace(document, payments=payments, status="AUTHORISED", updated=now)


def _shown(document: Document, payment: Payment) -> dict[str, Any]:
    kind = document.kind
    return {
        **render.payment(payment),
        "PaymentType": f"{document.type}PAYMENT",
        "Status": "DELETED" if payment.deleted else "AUTHORISED",
        "Account": {"Code": payment.account_code},
        kind.label.replace(" ", ""): {kind.id_member: document.id, kind.number_member: document.number},
    }


class PaymentWriter:
    """Writes payments (PUT)."""

    def __init__(self, organisation: Organisation, now: Callable[[], datetime]) -> None:
        self._organisation = organisation
        self._now = now

    def _document(self, element: Element) -> Document | None:
        ledger = self._organisation.ledger
        for kind in (INVOICE, CREDIT_NOTE):
            named = element.object(kind.label.replace(" ", ""))
            if named is None:
                continue
            document_id = named.guid(kind.id_member)
            if document_id is not None:
                return ledger.documents[kind.collection].get(document_id)
            number = named.text(kind.number_member)
            return None if not number else find_by_number(ledger, kind, number)
        return None

    def write(self, element: Element) -> Outcome:
        """Applies one payment, or says why not."""
        document = self._document(element)
        amount = element.decimal("Amount")
        named = element.object("Account")
        account = None
        if named is not None:
            code, account_id = named.text("Code"), named.guid("AccountID")
            account = (
                self._organisation.account_by_code(code)
                if code
                else self._organisation.account_by_id(account_id or "")
            )
        errors = []
        if document is None:
            errors.append(NO_DOCUMENT)
        elif document.status not in ("AUTHORISED", "PAID"):
            errors.append(NOT_APPROVED)
        elif amount is None or amount <= 0 or amount > document.due:
            errors.append(TOO_MUCH)
        if account is None or not (account.type == "BANK" or account.enable_payments):
            errors.append(ACCOUNT_INVALID)
        if document is None or account is None or amount is None or errors:
            shown = {
                **element.members,
                "PaymentID": ZERO_GUID,
                "HasValidationErrors": True,
                "ValidationErrors": [{"Message": text} for text in errors],
            }
            return Outcome(shown, failed=True)
        now = self._now()
        day = element.date("Date") or now.astimezone(self._organisation.zone).date()
        paid, payment = pay(document, amount, day, account.code, element.text("Reference") or "", now)
        put_document(self._organisation.ledger, paid)
        self._organisation.ledger.count("payments_created")
        return Outcome(_shown(paid, payment), failed=False)


def delete_payment(
    organisation: Organisation, payment_id: str, element: Element, now: datetime
) -> dict[str, Any]:
    """POST Payments/{id} with Status DELETED; payments cannot be edited otherwise.

    Raises:
        XeroError: 404 for an unknown payment, 400 for anything but a deletion.
    """
    if element.text("Status") != "DELETED":
        raise problems.unreadable("Payments can only be deleted.")
    for documents in organisation.ledger.documents.values():
        for document in documents.values():
            if any(item.id == payment_id and not item.deleted for item in document.payments):
                changed = unpay(document, payment_id, now)
                put_document(organisation.ledger, changed)
                payment = next(item for item in changed.payments if item.id == payment_id)
                return _shown(changed, payment)
    raise problems.not_found()
