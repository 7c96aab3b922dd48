"""Writing elements: create, update, batches, and what comes back for each element."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulators.xero import contacts, orders, problems, render
from simulators.xero.kinds import ZERO_GUID, Kind
from simulators.xero.merge import Merge, merge, new_document
from simulators.xero.rules import all_errors
from simulators.xero.texts import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from simulators.xero.elements import Element
    from simulators.xero.state import Contact, Document, Ledger, Organisation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one element comes back as. `shown` has no StatusAttributeString yet."""

    shown: dict[str, Any]
    failed: bool
    warned: bool = False


def find_by_number(ledger: Ledger, kind: Kind, number: str) -> Document | None:
    """The document with this number: the sales document that holds it, else any other."""
    wanted = folded(number)
    documents = ledger.documents[kind.collection]
    held = ledger.numbers[kind.collection].get(wanted)
    if held is not None:
        return documents[held]
    return next((document for document in documents.values() if folded(document.number) == wanted), None)


def _next_number(organisation: Organisation, kind: Kind) -> str:
    ledger = organisation.ledger
    number = ledger.next_number.get(kind.collection, organisation.switches.first_number)
    while folded(f"{kind.prefix}{number}") in ledger.numbers[kind.collection]:
        number += 1
    ledger.next_number[kind.collection] = number + 1
    return f"{kind.prefix}{number}"


def put_document(ledger: Ledger, document: Document) -> None:
    """Stores a document and its number; a number that it gave up is free again."""
    collection = document.kind.collection
    old = ledger.documents[collection].get(document.id)
    numbers = ledger.numbers[collection]
    if old is not None and numbers.get(folded(old.number)) == document.id:
        del numbers[folded(old.number)]
    if document.number and document.owns_number:
        numbers.setdefault(folded(document.number), document.id)
    ledger.documents[collection][document.id] = document
    contact = ledger.contacts[document.contact_id]
    if document.kind.is_order:
        return
    if document.is_sale and not contact.is_customer:
        ledger.contacts[contact.id] = replace(contact, is_customer=True)
    elif not document.is_sale and not contact.is_supplier:
        ledger.contacts[contact.id] = replace(contact, is_supplier=True)


@dataclass(slots=True)
class DocumentWriter:
    """Writes elements of one kind of document. `create_only` is PUT; `fixed` is the document named in the path."""

    organisation: Organisation
    kind: Kind
    client_id: str | None
    now: Callable[[], datetime]
    four_places: bool
    create_only: bool
    fixed: Document | None = None

    def _target(self, element: Element) -> tuple[Document | None, list[str]]:
        """The document that the element means, or errors.

        PUT never updates: an id of a document is refused, a used number is found out by the number rule. POST goes
        by id, else by number, whatever the status of the document that holds it; a deleted order is not even named.
        """
        if self.fixed is not None:
            return self.fixed, []
        ledger = self.organisation.ledger
        document_id = element.guid(self.kind.id_member)
        if document_id is not None:
            document = None if self.create_only else ledger.documents[self.kind.collection].get(document_id)
            return document, [] if document is not None else [self.kind.unknown_id]
        number = element.text(self.kind.number_member)
        held = ledger.numbers[self.kind.collection].get(folded(number)) if number else None
        if self.create_only or held is None:
            return None, []
        document = ledger.documents[self.kind.collection][held]
        if self.kind.is_order and document.status == "DELETED":
            return None, [self.kind.not_for_modification, orders.DELETED]
        return document, []

    def write(self, element: Element) -> Outcome:
        """Writes one element completely, or not at all."""
        old, errors = self._target(element)
        if errors:
            return self._refused(element, None, errors)
        now = self.now()
        work = Merge(self.organisation, self.kind, element, old, now, self.four_places)
        start = old or new_document(self.organisation, self.kind, now, self.client_id)
        document = merge(work, start)
        if old is None or not work.errors:
            work.errors.extend(all_errors(work, document))
        if work.errors:
            return self._refused(element, old, work.errors)
        return self._stored(work, document)

    def _stored(self, work: Merge, document: Document) -> Outcome:
        ledger = self.organisation.ledger
        if work.contact is not None:
            contacts.store(ledger, work.contact.contact, is_new=work.contact.is_new)
        if not document.number and document.owns_number:
            document = replace(document, number=_next_number(self.organisation, self.kind))
        if document.status == "AUTHORISED" and document.due <= 0 and not self.kind.is_order:
            document = replace(document, status="PAID")  # nothing is owed: Xero marks it as paid at once
        document = replace(document, updated=work.now)
        put_document(ledger, document)
        ledger.count(f"{self.kind.collection.lower()}_{'created' if work.old is None else 'updated'}")
        shown = render.document(self.organisation, document, four_places=self.four_places)
        if work.warnings:
            shown["Warnings"] = _messages(work.warnings)
        return Outcome(shown, failed=False, warned=bool(work.warnings))

    def _refused(self, element: Element, old: Document | None, errors: list[str]) -> Outcome:
        """The requested element echoed; a failed create has the zero guid, a failed update the requested values."""
        requested_id = element.members.get(self.kind.id_member) if not self.create_only else None
        shown = {
            **element.members,
            self.kind.id_member: old.id if old is not None else requested_id or ZERO_GUID,
            "HasErrors": True,
            "ValidationErrors": _messages(errors),
        }
        return Outcome(shown, failed=True)


@dataclass(slots=True)
class ContactWriter:
    """Writes contacts. `create_only` is PUT; `fixed` is the contact named in the path."""

    organisation: Organisation
    now: Callable[[], datetime]
    create_only: bool
    fixed: Contact | None = None

    def write(self, element: Element) -> Outcome:
        """Writes one contact completely, or not at all."""
        ledger = self.organisation.ledger
        existing, error = self.fixed, None
        if existing is None and self.create_only:
            error = contacts.NOT_FOUND if contacts.contact_guid(element) else None
        elif existing is None:
            existing, error = contacts.target(ledger, element)
        if error is not None:
            return self._refused(element, None, [error])
        prepared = contacts.prepare(self.organisation, element, existing, self.now())
        if prepared.errors:
            return self._refused(element, existing, prepared.errors)
        contacts.store(ledger, prepared.contact, is_new=prepared.is_new)
        return Outcome(render.contact(prepared.contact), failed=False)

    def _refused(self, element: Element, existing: Contact | None, errors: list[str]) -> Outcome:
        shown = {
            **element.members,
            "ContactID": ZERO_GUID if existing is None else existing.id,
            "HasValidationErrors": True,
            "ValidationErrors": _messages(errors),
        }
        return Outcome(shown, failed=True)


def _messages(texts: list[str]) -> list[dict[str, str]]:
    return [{"Message": text} for text in dict.fromkeys(texts)]


@contextmanager
def undone_on_error(organisation: Organisation) -> Iterator[None]:
    """Restores the ledger if the call ends with an error."""
    before = organisation.ledger.copy()
    try:
        yield
    except problems.XeroError:
        organisation.ledger = before
        raise


def write_batch(
    organisation: Organisation,
    elements: list[Element],
    write: Callable[[Element], Outcome],
    *,
    summarise: bool,
) -> list[dict[str, Any]]:
    """Writes the elements and returns what each comes back as, in order.

    summarizeErrors=false: good elements are saved, bad ones are not, every one carries StatusAttributeString OK,
    WARNING or ERROR. Otherwise one bad element rejects the whole batch with 400 and the bad elements; on success
    StatusAttributeString is absent.

    Raises:
        XeroError: a bad element in a summarised call, or a value that can not be read; nothing is saved then.
    """
    with undone_on_error(organisation):
        outcomes = [write(element) for element in elements]
        failed = [outcome.shown for outcome in outcomes if outcome.failed]
        if summarise and failed:
            raise problems.XeroError(problems.validation(failed))
    if summarise:
        return [outcome.shown for outcome in outcomes]
    return [
        {
            **outcome.shown,
            "StatusAttributeString": "ERROR" if outcome.failed else "WARNING" if outcome.warned else "OK",
        }
        for outcome in outcomes
    ]
