"""Where a document of an unknown request is looked for in Xero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from invoice_events.names import Document
from xero_writer.adapters.answers import NotFoundError
from xero_writer.adapters.intents import Element, Intent
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import Kind
from xero_writer.core.marks import is_of_kind, marked_document
from xero_writer.core.values import Json, text

_NUMBERS_A_CALL = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup found: our documents by mark, and documents without one of our marks by number."""

    ours: dict[Document, list[Json]]
    foreign: dict[str, Json]

    def copies_of(self, element: Element, *, recreate: bool) -> list[Json]:
        """Documents with the element's mark, the likeliest first: live ones, then those with its number.

        `recreate`: a person asked for a new document in place of one that is gone, which therefore does not count.
        """
        copies = best_first(self.ours.get(Document.parse(element.item.document), []), element.number)
        return [copy for copy in copies if not (recreate and is_gone(copy))]

    def take_in(self, kind: Kind, document: Json) -> None:
        """Note a document that Xero told of. What a supplier has sent (bills, say) may have any number, and takes none from us."""
        marked = marked_document(kind, document)
        if marked is not None:
            self.ours.setdefault(marked, []).append(document)
        elif is_of_kind(kind, document):
            self.foreign[text(document.get(ENDPOINTS[kind].number_field))] = document


def best_first(copies: list[Json], number: str | None) -> list[Json]:
    """Documents with one mark, the likeliest first: a person's copy must not hide the one that we wrote."""

    def rank(copy: Json) -> tuple[bool, bool]:
        numbers = {text(copy.get(endpoint.number_field)) for endpoint in ENDPOINTS.values()}
        return is_gone(copy), number is not None and number not in numbers

    return sorted(copies, key=rank)


def goes_by_number(intent: Intent) -> bool:
    """Whether every open document has a number of ours that Xero finds it by, and refuses a second one with.

    Invoices and purchase orders; of credit notes nobody knows whether numbers are unique. The filter of invoices takes a
    list with commas, so a number that holds one can not be asked for.
    """
    return (
        intent.purpose == "create"
        and intent.xero_kind != "credit_note"
        and all(element.number is not None and "," not in element.number for element in intent.elements)
    )


def find_documents(
    client: XeroClient, intent: Intent, since: Callable[[], datetime], *, by_this_app: bool
) -> Found:
    """Look for the documents of a create: by number where that is ours, else by mark among those changed since.

    What is missing is asked for by the id that Xero told in its answer to a later sending.

    Args:
        client: the organisation's.
        intent: with its open documents.
        since: when it was committed by Xero's clock; only asked where that matters.
        by_this_app: the app that we sign in with sent it.

    Raises:
        XeroError: Xero can not be read now.
    """
    found = Found({}, {})
    kind = intent.xero_kind
    if not goes_by_number(intent):
        documents = changed_since(client, kind, since(), by_this_app=by_this_app)
    elif kind == "invoice":
        documents = by_invoice_numbers(client, [element.number or "" for element in intent.elements])
    else:
        documents = _orders(client, intent, since)
    for document in documents:
        found.take_in(kind, document)
    for element in intent.elements:
        _take_in_told(client, kind, element, found)
    return found


def _take_in_told(client: XeroClient, kind: Kind, element: Element, found: Found) -> None:
    """The document that Xero said it had written, unless it was found. It is ours, whatever became of its mark since."""
    if element.told_id is None:
        return
    copies = found.ours.setdefault(Document.parse(element.item.document), [])
    if any(text(copy.get(ENDPOINTS[kind].id_field)) == element.told_id for copy in copies):
        return
    client.rest_for_limits()
    try:
        copies.append(read_document(client, kind, element.told_id))
    except NotFoundError:
        return


def _orders(client: XeroClient, intent: Intent, since: Callable[[], datetime]) -> list[Json]:
    """Purchase orders can be asked for by number only one at a time: of several, those that changed since are read first."""
    several = len(intent.elements) > 1
    documents = changed_since(client, intent.xero_kind, since(), by_this_app=False) if several else []
    marked = {marked_document(intent.xero_kind, document) for document in documents if not is_gone(document)}
    for element in intent.elements:
        if Document.parse(element.item.document) not in marked:
            client.rest_for_limits()
            documents += by_number(client, intent.xero_kind, element.number or "")
    return documents


def by_invoice_numbers(client: XeroClient, numbers: list[str]) -> list[Json]:
    """Invoices with one of these numbers, with their lines.

    Raises:
        XeroError: Xero can not be read now.
    """
    found: list[Json] = []
    for start in range(0, len(numbers), _NUMBERS_A_CALL):
        some = ",".join(numbers[start : start + _NUMBERS_A_CALL])
        found += client.pages("Invoices", {"InvoiceNumbers": some, "unitdp": "4"})
    return found


def by_number(client: XeroClient, kind: Kind, number: str) -> list[Json]:
    """Documents with this number; the kinds that have no such filter by the number in their path.

    Raises:
        XeroError: Xero can not be read now.
    """
    if kind == "invoice" and "," not in number:
        return by_invoice_numbers(client, [number])
    try:
        return [read_document(client, kind, number)]
    except NotFoundError:
        return []


def read_document(client: XeroClient, kind: Kind, key: str) -> Json:
    """One document by its id (or number) with its lines, every decimal of unit amounts included.

    Raises:
        NotFoundError: there is none.
        XeroError: it can not be read.
    """
    endpoint = ENDPOINTS[kind]
    return client.document(endpoint.path, key, endpoint.query(4))


def changed_since(client: XeroClient, kind: Kind, since: datetime, *, by_this_app: bool) -> list[Json]:
    """Documents that changed since then by Xero's clock (with an overlap). By id, so that a change in between moves none past the page break.

    `by_this_app`: of invoices, only those that the app made with which we sign in; else what another app of ours made too.

    Raises:
        XeroError: Xero can not be read now.
    """
    endpoint = ENDPOINTS[kind]
    query = endpoint.query(4) | {"order": endpoint.id_field}
    if kind == "invoice" and by_this_app:
        query["createdByMyApp"] = "true"
    return list(client.pages(endpoint.path, query, since))
