"""What people do in an organisation beside the API: loading what is there before us, and changes by hand."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members
from simulators.xero import contacts, problems
from simulators.xero.elements import Element
from simulators.xero.kinds import CREDIT_NOTE, INVOICE
from simulators.xero.loading import lock_day, read_account, read_switches
from simulators.xero.merge import STATUSES
from simulators.xero.payments import pay
from simulators.xero.writing import DocumentWriter, put_document

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from simulators.xero.kinds import Kind
    from simulators.xero.state import Document, Organisation


_CONTACT_MEMBERS = (
    *contacts.TEXT_LIMITS, "ContactID", "ContactStatus", "ContactPersons", "Addresses", "Phones", "PaymentTerms",
)  # fmt: skip
_DOCUMENT_MEMBERS = (
    "Type", "Contact", "LineItems", "Date", "DueDate", "ExpectedPaymentDate", "LineAmountTypes", "Reference",
    "BrandingThemeID", "Url", "CurrencyCode", "CurrencyRate", "Status", "SentToContact",
    "SubTotal", "TotalTax", "Total",
)  # fmt: skip
_LINE_MEMBERS = (
    "Description", "Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount", "AccountCode",
    "AccountID", "TaxType", "TaxAmount", "Tracking",
)  # fmt: skip


def _readable(where: str, error: problems.XeroError) -> BadDocumentError:
    return BadDocumentError(f"{where}: {error.answer.body.decode()}")


def put_contact(organisation: Organisation, value: object, now: datetime, where: str = "contact") -> str:
    """Adds or changes one contact (found by ContactID, else by Name; archived ones may be changed here).

    Raises:
        BadDocumentError: Xero would refuse it; carries Xero's text.
    """
    members = as_object(value, where)
    check_members(members, where, optional=_CONTACT_MEMBERS)
    element = Element(members, where)
    ledger = organisation.ledger
    try:
        wanted_id = contacts.contact_guid(element)
        existing = ledger.contacts.get(wanted_id) if wanted_id else None
        name = element.text("Name")
        if existing is None and wanted_id is None and name:
            existing = contacts.by_name(ledger, name)
        editable = None if existing is None else replace(existing, status="ACTIVE")
        prepared = contacts.prepare(organisation, element, editable, now)
    except problems.XeroError as error:
        raise _readable(where, error) from error
    if prepared.errors:
        raise BadDocumentError(f"{where}: {' '.join(prepared.errors)}")
    contact = prepared.contact
    if existing is None and wanted_id is not None:
        contact = replace(contact, id=wanted_id)
    if existing is not None and "ContactStatus" not in members:
        contact = replace(contact, status=existing.status)
    contacts.store(ledger, contact, is_new=existing is None)
    return contact.id


def _with_status(document: Document, status: str, now: datetime) -> Document:
    if status == "PAID" and document.due > 0:
        return pay(document, document.due, now.date(), "", "paid by hand", now)[0]
    return replace(document, status=status, updated=now)


def add_document(organisation: Organisation, kind: Kind, value: object, now: datetime, where: str) -> str:
    """Adds a document that was there before us; any status, no lock dates, not created by an app.

    Raises:
        BadDocumentError: Xero would not hold such a document; carries Xero's text.
    """
    members = dict(as_object(value, where))
    check_members(members, where, optional=(kind.id_member, kind.number_member, *_DOCUMENT_MEMBERS))
    for index, line in enumerate(as_list(members.get("LineItems", []), f"{where}.LineItems")):
        place = f"{where}.LineItems[{index}]"
        check_members(as_object(line, place), place, optional=_LINE_MEMBERS)
    status = members.pop("Status", "DRAFT")
    if status not in STATUSES:
        raise BadDocumentError(f"{where}.Status: one of {', '.join(STATUSES)} is wanted")
    document_id = members.pop(kind.id_member, None)
    members["Status"] = "DRAFT" if status in ("DRAFT", "SUBMITTED", "DELETED") else "AUTHORISED"
    locks = organisation.period_lock, organisation.year_lock
    organisation.period_lock = organisation.year_lock = None
    writer = DocumentWriter(organisation, kind, None, lambda: now, four_places=True, create_only=True)
    try:
        outcome = writer.write(Element(members, where))
    except problems.XeroError as error:
        raise _readable(where, error) from error
    finally:
        organisation.period_lock, organisation.year_lock = locks
    if outcome.failed:
        texts = " ".join(message["Message"] for message in outcome.shown["ValidationErrors"])
        raise BadDocumentError(f"{where}: {texts}")
    made = organisation.ledger.documents[kind.collection].pop(outcome.shown[kind.id_member])
    organisation.ledger.numbers[kind.collection].pop(made.number.lower(), None)
    if document_id is not None:
        try:
            made = replace(made, id=str(uuid.UUID(str(document_id))))
        except ValueError as error:
            raise BadDocumentError(f"{where}.{kind.id_member}: a guid is wanted") from error
    if made.status != status:
        made = _with_status(made, status, now)
    put_document(organisation.ledger, made)
    return made.id


def load_books(organisation: Organisation, members: dict[str, Any], now: datetime) -> None:
    """Fills a new organisation with the contacts and documents of its tenant JSON.

    Raises:
        BadDocumentError: names the entry and carries Xero's text.
    """
    for index, value in enumerate(as_list(members.get("contacts", []), "contacts")):
        put_contact(organisation, value, now, f"contacts[{index}]")
    for kind, name in ((INVOICE, "invoices"), (CREDIT_NOTE, "credit_notes")):
        for index, value in enumerate(as_list(members.get(name, []), name)):
            add_document(organisation, kind, value, now, f"{name}[{index}]")
    organisation.ledger.counters.clear()


def put_account(organisation: Organisation, value: object, now: datetime) -> str:
    """Adds or changes one account (by Code), for example to archive it.

    Raises:
        BadDocumentError: names the member.
    """
    members = as_object(value, "account")
    old = organisation.accounts.get(str(members.get("Code")))
    account = read_account(members, organisation.tenant, now, "account", old)
    organisation.accounts = {**organisation.accounts, account.code: account}
    return account.id


def put_currency(organisation: Organisation, value: object) -> list[str]:
    """Subscribes to a currency, or drops it with `{"Code": "AUD", "remove": true}`.

    Raises:
        BadDocumentError: no code, or the base currency is to be dropped.
    """
    members = as_object(value, "currency")
    check_members(members, "currency", required=("Code",), optional=("remove",))
    code = members["Code"]
    if not isinstance(code, str) or (members.get("remove") and code == organisation.base_currency):
        raise BadDocumentError(
            "currency.Code: a currency code is wanted, not the base currency's to remove it"
        )
    kept = [known for known in organisation.currencies if known != code]
    organisation.currencies = kept if members.get("remove") else [*kept, code]
    return organisation.currencies


def change_document(organisation: Organisation, key: str, value: object, now: datetime) -> dict[str, str]:
    """What a person does to a document: another status (whatever it was), a payment, another number, text or link.

    `{"Status": "VOIDED"}`, `{"Status": "PAID"}`, `{"Payment": "50.00"}`, `{"InvoiceNumber": "…", "Reference": "…",
    "Url": "…"}`.

    Raises:
        BadDocumentError: an unknown document or member.
    """
    members = as_object(value, "document")
    check_members(
        members,
        "document",
        optional=("Status", "Payment", "InvoiceNumber", "CreditNoteNumber", "Reference", "Url"),
    )
    document = next(
        (
            candidate
            for documents in organisation.ledger.documents.values()
            for candidate in documents.values()
            if key in (candidate.id, candidate.number)
        ),
        None,
    )
    if document is None:
        raise BadDocumentError(f"document: there is none with the id or number {key}")
    element = Element(members, "document")
    status = members.get("Status", document.status)
    if status not in STATUSES:
        raise BadDocumentError(f"document.Status: one of {', '.join(STATUSES)} is wanted")
    try:
        document = replace(
            document,
            number=element.text(document.kind.number_member) or document.number,
            reference=element.text("Reference") or document.reference,
            url=element.text("Url") or document.url,
            updated=now,
        )
        amount: Decimal | None = element.decimal("Payment")
    except problems.XeroError as error:
        raise _readable("document", error) from error
    if amount is not None:
        document = pay(document, amount, now.date(), "", "paid by hand", now)[0]
    if "Status" in members and status != document.status:
        document = _with_status(document, status, now)
    put_document(organisation.ledger, document)
    return {"id": document.id, "number": document.number, "status": document.status}


def change_organisation(organisation: Organisation, value: object) -> dict[str, Any]:
    """Sets lock dates and switches: `{"PeriodLockDate": "2026-03-31" | null, "EndOfYearLockDate": …, "switches": {…}}`.

    Raises:
        BadDocumentError: an unknown member or value.
    """
    members = as_object(value, "organisation")
    check_members(members, "organisation", optional=("PeriodLockDate", "EndOfYearLockDate", "switches"))
    if "PeriodLockDate" in members:
        organisation.period_lock = lock_day(members["PeriodLockDate"], "PeriodLockDate")
    if "EndOfYearLockDate" in members:
        organisation.year_lock = lock_day(members["EndOfYearLockDate"], "EndOfYearLockDate")
    organisation.switches = read_switches(members.get("switches", {}), organisation.switches)
    return {}
