"""What people do in an organisation beside the API: loading what is there before us, and changes by hand."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulators.kit.documents import BadDocumentError, as_list, as_object, check_members
from simulators.xero import contacts, orders, problems
from simulators.xero.allocations import allocate, allocation_errors, release
from simulators.xero.elements import Element
from simulators.xero.kinds import CREDIT_NOTE, INVOICE, KINDS, PURCHASE_ORDER
from simulators.xero.loading import lock_day, read_switches
from simulators.xero.payments import pay
from simulators.xero.writing import DocumentWriter, put_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from simulators.xero.kinds import Kind
    from simulators.xero.state import Contact, Document, Ledger, Organisation

_CONTACT_MEMBERS = (
    *contacts.TEXT_LIMITS, "ContactID", "ContactStatus", "ContactPersons", "Addresses", "Phones", "PaymentTerms",
)  # fmt: skip
_DOCUMENT_MEMBERS = (
    "Type", "Contact", "LineItems", "Date", "DueDate", "ExpectedPaymentDate", "LineAmountTypes", "Reference",
    "BrandingThemeID", "Url", "CurrencyCode", "CurrencyRate", "Status", "SentToContact",
    "SubTotal", "TotalTax", "Total", *orders.MEMBERS,
)  # fmt: skip
# Under which member of a tenant's JSON, and below which control path, documents of a kind are.
KIND_OF_MEMBER = {"invoices": INVOICE, "credit_notes": CREDIT_NOTE, "purchase_orders": PURCHASE_ORDER}
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


def _check_status(kind: Kind, status: object, where: str) -> None:
    if status not in kind.statuses.every:
        raise BadDocumentError(f"{where}.Status: one of {', '.join(kind.statuses.every)} is wanted")


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
    _check_status(kind, status, where)
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


def put_document_by_hand(
    organisation: Organisation, member: str, value: object, now: datetime
) -> dict[str, str]:
    """Adds a document that a person makes in Xero's pages; `member` is `invoices`, `credit_notes` or `purchase_orders`.

    Raises:
        BadDocumentError: as for documents of the tenant's JSON; also a number that another document has.
    """
    kind = KIND_OF_MEMBER[member]
    counters = dict(organisation.ledger.counters)
    document_id = add_document(organisation, kind, value, now, member)
    organisation.ledger.counters = counters  # they count what apps do
    made = organisation.ledger.documents[kind.collection][document_id]
    return {"id": made.id, "number": made.number, "status": made.status}


def load_books(organisation: Organisation, members: dict[str, Any], now: datetime) -> None:
    """Fills a new organisation with the contacts and documents of its tenant JSON.

    Raises:
        BadDocumentError: names the entry and carries Xero's text.
    """
    for index, value in enumerate(as_list(members.get("contacts", []), "contacts")):
        put_contact(organisation, value, now, f"contacts[{index}]")
    for name, kind in KIND_OF_MEMBER.items():
        for index, value in enumerate(as_list(members.get(name, []), name)):
            add_document(organisation, kind, value, now, f"{name}[{index}]")
    organisation.ledger.counters.clear()


def _documents(organisation: Organisation, key: str) -> Iterator[Document]:
    for documents in organisation.ledger.documents.values():
        yield from (document for document in documents.values() if key in (document.id, document.number))


def _named(organisation: Organisation, key: str) -> Document:
    document = next(_documents(organisation, key), None)
    if document is None:
        raise BadDocumentError(f"document: there is none with the id or number {key}")
    return document


def change_document(organisation: Organisation, key: str, value: object, now: datetime) -> dict[str, str]:
    """What a person does to a document: another status (whatever it was), a payment, another number, text or link.

    `{"Status": "VOIDED"}`, `{"Status": "PAID"}`, `{"Payment": "50.00"}`, `{"InvoiceNumber": "…", "Reference": "…",
    "Url": "…"}`; of a credit note `{"Allocate": {"Invoice": id or number, "Amount": "10.00"}}`; and
    `{"Release": true}`, which takes all payments and allocations off first.

    Raises:
        BadDocumentError: an unknown document or member.
    """
    members = as_object(value, "document")
    names = ("Status", "Payment", "Allocate", "Release", "Reference", "Url")
    check_members(members, "document", optional=(*names, *(kind.number_member for kind in KINDS.values())))
    document = _named(organisation, key)
    status = members.get("Status", document.status)
    _check_status(document.kind, status, "document")
    if document.kind.is_order and {"Payment", "Allocate", "Release"} & set(members):
        raise BadDocumentError("document: nothing is paid or allocated on a purchase order")
    if members.get("Release"):
        release(organisation.ledger, document, now)
        document = _named(organisation, document.id)
        status = members.get("Status", document.status)
    element = Element(members, "document")
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
    if "Allocate" in members:
        _allocate(organisation, document, members["Allocate"], now)
    document = _named(organisation, document.id)
    return {"id": document.id, "number": document.number, "status": document.status}


def _allocate(organisation: Organisation, note: Document, value: object, now: datetime) -> None:
    members = as_object(value, "document.Allocate")
    check_members(members, "document.Allocate", required=("Invoice", "Amount"))
    invoice = _named(organisation, str(members["Invoice"]))
    if note.kind is not CREDIT_NOTE or invoice.kind is not INVOICE:
        raise BadDocumentError("document.Allocate: a credit note is allocated to an invoice")
    amount = Element(members, "document.Allocate").decimal("Amount")
    errors = allocation_errors(note, invoice, amount)
    if errors or amount is None:
        raise BadDocumentError(f"document.Allocate: {' '.join(errors)}")
    allocate(organisation.ledger, note, invoice, amount, now.date(), now)


def merge_contact(organisation: Organisation, key: str, value: object, now: datetime) -> dict[str, str]:
    """Merges a contact (id, ContactNumber or Name) into another, `{"into": …}`, which takes its documents over.

    Raises:
        BadDocumentError: one of them does not exist, or both are one.
    """
    members = as_object(value, "merge")
    check_members(members, "merge", required=("into",))
    ledger = organisation.ledger
    source, target = (_contact(ledger, text) for text in (key, str(members["into"])))
    if source.id == target.id:
        raise BadDocumentError("merge.into: another contact is wanted")
    for documents in ledger.documents.values():
        moved = [document for document in documents.values() if document.contact_id == source.id]
        documents.update({document.id: replace(document, contact_id=target.id) for document in moved})
    merged = replace(source, status="ARCHIVED", merged_to=target.id, updated=now)
    contacts.store(ledger, merged, is_new=False)
    return {"id": source.id, "into": target.id}


def _contact(ledger: Ledger, key: str) -> Contact:
    found = ledger.contacts.get(key.lower())
    found = found or contacts.by_key(ledger, "ContactNumber", key) or contacts.by_name(ledger, key)
    if found is None:
        raise BadDocumentError(f"contact: there is none with the id, number or name {key}")
    return found


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
