"""GET of lists and single objects."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from simulators.kit.call import Answer
from simulators.xero import problems, render, render_reference
from simulators.xero.contacts import by_key
from simulators.xero.dates import parse_moment
from simulators.xero.kinds import INVOICE
from simulators.xero.texts import folded
from simulators.xero.where import matcher
from simulators.xero.writing import find_by_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from simulators.kit.call import Call
    from simulators.xero.kinds import Kind
    from simulators.xero.state import Account, Contact, Document, Organisation

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
Entry = TypeVar("Entry")
Ordered = TypeVar("Ordered", "Document", "Contact")


def flag(call: Call, name: str) -> bool:
    """Whether a parameter of the query is true."""
    return call.query.get(name, "").lower() == "true"


def _listed(call: Call, name: str) -> set[str] | None:
    """A comma-separated list, folded; None if it was not sent."""
    text = call.query.get(name)
    return None if not text else {folded(part.strip()) for part in text.split(",") if part.strip()}


def four_places(call: Call) -> bool:
    """Whether the request carries unitdp=4."""
    return call.query.get("unitdp") == "4"


def modified_since(call: Call) -> datetime | None:
    """The `If-Modified-Since` header, to the second.

    Raises:
        XeroError: it is no timestamp.
    """
    text = call.headers.get("If-Modified-Since")
    if not text:
        return None
    try:
        return parse_moment(text).replace(microsecond=0)
    except ValueError:
        raise problems.XeroError(
            Answer.text(400, f"The If-Modified-Since header '{text}' is not a timestamp.")
        ) from None


def changed(moment: datetime, since: datetime | None) -> bool:
    """Whether an entry counts as modified since; the boundary second is included (Xero's rule is not known)."""
    return since is None or moment.astimezone(UTC).replace(microsecond=0) >= since


def _whole(call: Call, name: str, default: int, low: int, high: int | None) -> int:
    """A whole number from the query; values out of range are clamped, other texts count as not sent."""
    text = call.query.get(name, "")
    value = int(text) if text.lstrip("-").isdecimal() else default
    value = max(low, value)
    return value if high is None else min(high, value)


def page_of(call: Call, entries: Sequence[Entry]) -> tuple[Sequence[Entry], dict[str, int]]:
    """The page asked for, and what the answer says about pages."""
    page = _whole(call, "page", 1, 1, None)
    size = _whole(call, "pageSize", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE)
    pages = -(-len(entries) // size)
    cut = entries[(page - 1) * size : page * size]
    return cut, {"page": page, "pageSize": size, "pageCount": pages, "itemCount": len(entries)}


def _contact_name(organisation: Organisation, document: Document) -> str:
    return organisation.ledger.contacts[document.contact_id].name


def _document_fields(
    organisation: Organisation, kind: Kind
) -> dict[str, Callable[[Document], str | date | None]]:
    return {
        "Type": lambda entry: entry.type,
        "Status": lambda entry: entry.status,
        "Reference": lambda entry: entry.reference,
        "Date": lambda entry: entry.date,
        "DueDate": lambda entry: entry.due_date,
        "Contact.ContactID": lambda entry: entry.contact_id,
        "Contact.Name": lambda entry: _contact_name(organisation, entry),
        kind.number_member: lambda entry: entry.number,
        kind.id_member: lambda entry: entry.id,
    }


_CONTACT_FIELDS: dict[str, Callable[[Contact], str | None]] = {
    "Name": lambda entry: entry.name,
    "ContactID": lambda entry: entry.id,
    "ContactStatus": lambda entry: entry.status,
    "EmailAddress": lambda entry: entry.members.get("EmailAddress"),
    "AccountNumber": lambda entry: entry.members.get("AccountNumber"),
    "ContactNumber": lambda entry: entry.members.get("ContactNumber"),
}
_CONTACT_ORDER: dict[str, Callable[[Contact], Any]] = {
    "UpdatedDateUTC": lambda entry: entry.updated,
    "Name": lambda entry: folded(entry.name),
    "ContactID": lambda entry: entry.id,
}
_ACCOUNT_FIELDS: dict[str, Callable[[Account], str | None]] = {
    "Code": lambda entry: entry.code,
    "Type": lambda entry: entry.type,
    "Class": lambda entry: entry.account_class,
    "Status": lambda entry: entry.status,
    "TaxType": lambda entry: entry.tax_type,
    "SystemAccount": lambda entry: entry.system,
}


def ordered(
    call: Call, entries: list[Ordered], fields: Mapping[str, Callable[[Ordered], Any]]
) -> list[Ordered]:
    """By UpdatedDateUTC, then id, unless `order` names another of the `fields`, with ASC or DESC.

    Raises:
        XeroError: 400 for another field.
    """
    entries.sort(key=lambda entry: entry.id)
    field, _, direction = call.query.get("order", "UpdatedDateUTC").strip().partition(" ")
    if field not in fields or direction.strip().upper() not in ("", "ASC", "DESC"):
        raise problems.bad_query(f"No property or field '{field}' can be ordered by in this stand-in")
    entries.sort(key=fields[field], reverse=direction.strip().upper() == "DESC")
    return entries


def _document_order(kind: Kind) -> dict[str, Callable[[Document], Any]]:
    return {
        "UpdatedDateUTC": lambda entry: entry.updated,
        "Date": lambda entry: entry.date,
        kind.id_member: lambda entry: entry.id,
    }


def _selected(organisation: Organisation, kind: Kind, call: Call, client_id: str) -> list[Document]:
    holds = matcher(call.query.get("where"), _document_fields(organisation, kind))
    since = modified_since(call)
    statuses, ids, numbers, contacts = (
        _listed(call, name) for name in ("Statuses", "IDs", "InvoiceNumbers", "ContactIDs")
    )
    search = folded(call.query.get("searchTerm", ""))
    mine = flag(call, "createdByMyApp")
    if kind is not INVOICE:
        # These parameters exist on invoices only; on credit notes they are ignored like any unknown parameter.
        statuses = ids = numbers = contacts = None
        search, mine = "", False

    def keeps(entry: Document) -> bool:
        return (
            changed(entry.updated, since)
            and (statuses is None or folded(entry.status) in statuses)
            and (ids is None or entry.id in ids)
            and (numbers is None or folded(entry.number) in numbers)
            and (contacts is None or entry.contact_id in contacts)
            and (not mine or entry.created_by == client_id)
            and (not search or search in folded(f"{entry.number}\n{entry.reference}"))
            and holds(entry)
        )

    return [entry for entry in organisation.ledger.documents[kind.collection].values() if keeps(entry)]


def list_documents(organisation: Organisation, kind: Kind, call: Call, client_id: str) -> dict[str, Any]:
    """A list of invoices or credit notes.

    Unfiltered lists hold VOIDED and DELETED ones too. Without `page` (and without Statuses or summaryOnly, which
    force paging) there are no line items, only a short contact, and no `pagination`.

    Raises:
        XeroError: 400 for a filter, order or header that can not be read.
    """
    found = _selected(organisation, kind, call, client_id)
    entries: Sequence[Document] = ordered(call, found, _document_order(kind))
    summary = kind is INVOICE and flag(call, "summaryOnly")
    answer: dict[str, Any] = {}
    detail = "short"
    if summary or "page" in call.query or (kind is INVOICE and call.query.get("Statuses")):
        entries, answer["pagination"] = page_of(call, entries)
        detail = "summary" if summary else "list"
    answer[kind.collection] = [
        render.document(organisation, entry, four_places=four_places(call), detail=detail)
        for entry in entries
    ]
    return answer


def find_document(organisation: Organisation, kind: Kind, key: str) -> Document:
    """The document with this id or number.

    Raises:
        XeroError: 404 as HTML.
    """
    documents = organisation.ledger.documents[kind.collection]
    try:
        document = documents.get(str(uuid.UUID(key)))
    except ValueError:
        document = None
    document = document or find_by_number(organisation.ledger, kind, key)
    if document is None:
        raise problems.not_found()
    return document


def list_contacts(organisation: Organisation, call: Call) -> dict[str, Any]:
    """A list of contacts; archived ones only with includeArchived=true, payment terms only in pages.

    Raises:
        XeroError: 400 for a filter or header that can not be read.
    """
    holds = matcher(call.query.get("where"), _CONTACT_FIELDS)
    since = modified_since(call)
    ids = _listed(call, "IDs")
    search = folded(call.query.get("searchTerm", ""))
    archived = flag(call, "includeArchived")
    searched = ("FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")

    def keeps(entry: Contact) -> bool:
        texts = [entry.name, *(str(entry.members.get(name, "")) for name in searched)]
        return (
            (archived or entry.status == "ACTIVE")
            and changed(entry.updated, since)
            and (ids is None or entry.id in ids)
            and (not search or any(search in folded(text) for text in texts))
            and holds(entry)
        )

    found = [entry for entry in organisation.ledger.contacts.values() if keeps(entry)]
    entries: Sequence[Contact] = ordered(call, found, _CONTACT_ORDER)
    summary = flag(call, "summaryOnly")
    answer: dict[str, Any] = {}
    paged = "page" in call.query
    if paged:
        entries, answer["pagination"] = page_of(call, entries)
    answer["Contacts"] = [render.contact(entry, detailed=paged, summary=summary) for entry in entries]
    return answer


def find_contact(organisation: Organisation, key: str) -> Contact:
    """The contact with this id or ContactNumber, archived ones too.

    Raises:
        XeroError: 404 as HTML.
    """
    try:
        contact = organisation.ledger.contacts.get(str(uuid.UUID(key)))
    except ValueError:
        contact = None
    contact = contact or by_key(organisation.ledger, "ContactNumber", key)
    if contact is None:
        raise problems.not_found()
    return contact


def list_accounts(organisation: Organisation, call: Call) -> dict[str, Any]:
    """The chart of accounts, archived ones included.

    Raises:
        XeroError: 400 for a filter or header that can not be read.
    """
    holds = matcher(call.query.get("where"), _ACCOUNT_FIELDS)
    since = modified_since(call)
    entries = [
        entry for entry in organisation.accounts.values() if changed(entry.updated, since) and holds(entry)
    ]
    return {"Accounts": [render_reference.account(entry) for entry in entries]}
