"""Where a document of an unknown request is looked for in Xero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from invoice_events.names import Document
from invoice_events.types import XeroKind
from xero_writer.adapters.answers import NotFoundError
from xero_writer.adapters.intents import Element, Intent
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.marks import marked_document
from xero_writer.core.values import Json, text

_NUMBERS_A_CALL = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup found: our documents by mark, and who else has one of the numbers (number to id)."""

    ours: dict[Document, list[Json]]
    foreign: dict[str, str]

    def copies_of(self, element: Element) -> list[Json]:
        """Documents with the element's mark, the likeliest first: live ones, then those with its number."""
        return best_first(self.ours.get(Document.parse(element.item.document), []), element.number)


def best_first(copies: list[Json], number: str | None) -> list[Json]:
    """Documents with one mark, the likeliest first: a person's copy must not hide the one that we wrote."""

    def rank(copy: Json) -> tuple[bool, bool]:
        numbers = {text(copy.get(endpoint.number_field)) for endpoint in ENDPOINTS.values()}
        return is_gone(copy), number is not None and number not in numbers

    return sorted(copies, key=rank)


def goes_by_number(intent: Intent) -> bool:
    """Whether every open document is an invoice with a number of ours: Xero finds those by number, and refuses a second one.

    The filter takes a list with commas, so a number that holds one can not be asked for.
    """
    return (
        intent.purpose == "create"
        and intent.xero_kind == "invoice"
        and all(element.number is not None and "," not in element.number for element in intent.elements)
    )


def find_documents(client: XeroClient, intent: Intent) -> Found:
    """Look for the documents of a create: by number where that is ours, else by mark among those changed since.

    Raises:
        XeroError: Xero can not be read now.
    """
    if goes_by_number(intent):
        numbers = [element.number or "" for element in intent.elements]
        elements = by_invoice_numbers(client, numbers)
    else:
        elements = changed_since(client, intent.xero_kind, intent.created_at)
    endpoint = ENDPOINTS[intent.xero_kind]
    found = Found({}, {})
    for element in elements:
        marked = marked_document(intent.xero_kind, element)
        if marked is not None:
            found.ours.setdefault(marked, []).append(element)
        else:
            found.foreign[text(element.get(endpoint.number_field))] = text(element.get(endpoint.id_field))
    return found


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


def by_number(client: XeroClient, kind: XeroKind, number: str) -> list[Json]:
    """Documents with this number; credit notes, which have no such filter, by the number in their path.

    Raises:
        XeroError: Xero can not be read now.
    """
    if kind == "invoice" and "," not in number:
        return by_invoice_numbers(client, [number])
    try:
        return [client.document(ENDPOINTS[kind].path, number)]
    except NotFoundError:
        return []


def changed_since(client: XeroClient, kind: XeroKind, since: datetime) -> list[Json]:
    """Documents that changed since then (with an overlap). By id, so that a change in between moves none past the page break.

    Raises:
        XeroError: Xero can not be read now.
    """
    endpoint = ENDPOINTS[kind]
    query = {"unitdp": "4", "order": endpoint.id_field}
    if kind == "invoice":
        query["createdByMyApp"] = "true"
    return list(client.pages(endpoint.path, query, since))
