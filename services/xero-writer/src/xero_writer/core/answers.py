"""What Xero said about each document of a request. Answers are matched by number or mark, never by position alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invoice_events.names import Document
from invoice_events.types import XeroKind
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import messages
from xero_writer.core.marks import marked_document
from xero_writer.core.values import ZERO_ID, Json, text


@dataclass(frozen=True, slots=True)
class Written:
    """The document is in Xero; `document` is how Xero returned it."""

    document: Json


@dataclass(frozen=True, slots=True)
class Refused:
    """Xero refused this document, in these words, and did not write it."""

    texts: list[str]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The answer says nothing that can be tied to this document: its outcome is unknown."""


Verdict = Written | Refused | Unmatched


@dataclass(frozen=True, slots=True)
class Asked:
    """One document of the request: who it is, and its number if it is ours."""

    document: Document
    number: str | None


def verdicts(kind: XeroKind, asked: Sequence[Asked], answer: Json) -> list[Verdict]:
    """Verdict per document asked for, in the order asked.

    Xero answers 200 even if elements failed when summarizeErrors=false: an element counts as written only with an id
    that is not zero, no error flag, and no status ERROR.
    """
    elements = [element for element in answer.get(ENDPOINTS[kind].path) or [] if isinstance(element, dict)]
    by_mark: dict[Document, list[Json]] = {}
    by_number: dict[str, list[Json]] = {}
    for element in elements:
        marked = marked_document(kind, element)
        if marked is not None:
            by_mark.setdefault(marked, []).append(element)
        number = text(element.get(ENDPOINTS[kind].number_field))
        if number:
            by_number.setdefault(number, []).append(element)
    return [_verdict(kind, one, by_mark, by_number) for one in asked]


def _verdict(
    kind: XeroKind, asked: Asked, by_mark: dict[Document, list[Json]], by_number: dict[str, list[Json]]
) -> Verdict:
    candidates = by_mark.get(asked.document) or (by_number.get(asked.number, []) if asked.number else [])
    if len(candidates) != 1:
        return Unmatched()
    found = candidates[0]
    if asked.number is not None and text(found.get(ENDPOINTS[kind].number_field)) not in {"", asked.number}:
        return Unmatched()
    return verdict_of(kind, found)


def verdict_of(kind: XeroKind, element: Json) -> Verdict:
    """Whether one returned element was written or refused."""
    errors = error_texts(element)
    flagged = (
        element.get("HasErrors") is True
        or element.get("HasValidationErrors") is True
        or element.get("StatusAttributeString") == "ERROR"
    )
    if errors or flagged:
        return Refused(errors or ["Xero refused the document without giving a reason"])
    xero_id = text(element.get(ENDPOINTS[kind].id_field))
    return Written(element) if xero_id and xero_id != ZERO_ID else Unmatched()


def error_texts(element: Json) -> list[str]:
    """Every validation text of an element, nested ones included (contact, lines)."""
    found = messages(element.get("ValidationErrors"))
    contact = element.get("Contact")
    if isinstance(contact, dict):
        found += messages(contact.get("ValidationErrors"))
    for line in element.get("LineItems") or []:
        if isinstance(line, dict):
            found += messages(line.get("ValidationErrors"))
    return list(dict.fromkeys(found))


def refusal_texts(body: Json | None, fallback: str) -> list[str]:
    """Texts of an answer that refused the whole call."""
    if body is None:
        return [fallback]
    found = [
        message
        for element in body.get("Elements") or []
        if isinstance(element, dict)
        for message in error_texts(element)
    ]
    top = text(body.get("Message")) or text(body.get("Detail"))
    return found or [top or fallback]
