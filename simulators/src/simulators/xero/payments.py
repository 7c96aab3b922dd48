"""Payments: applying them, taking them back, and reading them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from simulators.xero import problems, render
from simulators.xero.dates import ms_date
from simulators.xero.kinds import CREDIT_NOTE, INVOICE, ZERO_GUID
from simulators.xero.reading import changed, modified_since, page_of
from simulators.xero.state import Payment
from simulators.xero.where import matcher
from simulators.xero.writing import Outcome, find_by_number, put_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from decimal import Decimal

    from simulators.kit.call import Call
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
    payment = Payment(str(uuid.uuid4()), day, amount, account_code, now, reference)
    paid = replace(document, payments=(*document.payments, payment), updated=now)
    return (replace(paid, status="PAID") if paid.due <= 0 else paid), payment


def unpay(document: Document, payment_id: str, now: datetime) -> Document:
    """The document after a payment was deleted; a PAID one is AUTHORISED again."""
    payments = tuple(
        replace(item, deleted=True, updated=now) if item.id == payment_id else item
        for item in document.payments
    )
    return replace(document, payments=payments, status="AUTHORISED", updated=now)


def _type(document: Document) -> str:
    return f"{document.type}PAYMENT"


def _status(payment: Payment) -> str:
    return "DELETED" if payment.deleted else "AUTHORISED"


def _shown(document: Document, payment: Payment) -> dict[str, Any]:
    kind = document.kind
    return {
        **render.payment(payment),
        "PaymentType": _type(document),
        "Status": _status(payment),
        "Account": {"Code": payment.account_code},
        "BankAmount": payment.amount,
        "CurrencyRate": document.currency_rate,
        "IsReconciled": False,
        "UpdatedDateUTC": ms_date(payment.updated),
        kind.label.replace(" ", ""): {kind.id_member: document.id, kind.number_member: document.number},
    }


Paid = tuple["Document", Payment]
_FIELDS: dict[str, Callable[[Paid], str | date | None]] = {
    "PaymentType": lambda entry: _type(entry[0]),
    "Status": lambda entry: _status(entry[1]),
    "Date": lambda entry: entry[1].date,
    "Invoice.InvoiceID": lambda entry: entry[0].id if entry[0].kind is INVOICE else None,
    "Reference": lambda entry: entry[1].reference,
}


def _all(organisation: Organisation) -> Iterator[Paid]:
    for documents in organisation.ledger.documents.values():
        for document in documents.values():
            yield from ((document, payment) for payment in document.payments)


def list_payments(organisation: Organisation, call: Call) -> dict[str, Any]:
    """Payments, deleted ones too, in the order of their change; pages if `page` is sent.

    Raises:
        XeroError: 400 for a filter or header that can not be read.
    """
    holds = matcher(call.query.get("where"), _FIELDS)
    since = modified_since(call)
    found = [entry for entry in _all(organisation) if changed(entry[1].updated, since) and holds(entry)]
    found.sort(key=lambda entry: (entry[1].updated, entry[1].id))
    answer: dict[str, Any] = {}
    entries: Sequence[Paid] = found
    if "page" in call.query:
        entries, answer["pagination"] = page_of(call, found)
    return answer | {"Payments": [_shown(*entry) for entry in entries]}


def find_payment(organisation: Organisation, payment_id: str) -> dict[str, Any]:
    """One payment as it is shown.

    Raises:
        XeroError: 404 as HTML.
    """
    for document, payment in _all(organisation):
        if payment.id == payment_id:
            return _shown(document, payment)
    raise problems.not_found()


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
    for document, payment in _all(organisation):
        if payment.id == payment_id and not payment.deleted:
            changed_document = unpay(document, payment_id, now)
            put_document(organisation.ledger, changed_document)
            return find_payment(organisation, payment_id)
    raise problems.not_found()
