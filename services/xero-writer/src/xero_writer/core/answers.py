"""What Xero said about each document of a request. Answers are matched by number or mark, never by position alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from invoice_events.names import Document
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import messages
from xero_writer.core.kinds import Kind
from xero_writer.core.marks import marked_document
from xero_writer.core.values import ZERO_ID, Json, text


@dataclass(frozen=True, slots=True)
class Written:
    """The document is in Xero; `document` is how Xero returned it."""

    document: Json


@dataclass(frozen=True, slots=True)
class Refused:
    """Xero refused this document, in these words, and did not write it.

    `code`: of the catalogue, where more than the words shows it: status, number and type of a refused call.
    """

    texts: list[str]
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The answer says nothing that can be tied to this document: its outcome is unknown."""


Verdict = Written | Refused | Unmatched


@dataclass(frozen=True, slots=True)
class Asked:
    """One document of the request: who it is, and its number if it is ours."""

    document: Document
    number: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """What an answer says: a verdict per document asked for, in the order asked.

    Attributes:
        strays: ids of documents that Xero wrote and that could be tied to none of them.
    """

    verdicts: list[Verdict]
    strays: list[str]


def match(kind: Kind, asked: Sequence[Asked], answer: Json) -> Matched:
    """Tie what Xero answered to what was asked for: by mark, else by number, else because nothing else was asked for.

    Xero answers 200 even if elements failed when summarizeErrors=false: an element counts as written only with an id
    that is not zero, no error flag, and no status ERROR.
    """
    elements = [element for element in answer.get(ENDPOINTS[kind].path) or [] if isinstance(element, dict)]
    chosen = [_element_of(kind, one, elements, alone=len(asked) == 1) for one in asked]
    claimed = {id(element) for element in chosen if element is not None}
    return Matched(
        [Unmatched() if element is None else verdict_of(kind, element) for element in chosen],
        [
            text(element.get(ENDPOINTS[kind].id_field))
            for element in elements
            if id(element) not in claimed and isinstance(verdict_of(kind, element), Written)
        ],
    )


def _element_of(kind: Kind, asked: Asked, elements: list[Json], *, alone: bool) -> Json | None:
    """The one element that is about this document, None if there is none or more than one."""
    marked = [element for element in elements if marked_document(kind, element) == asked.document]
    if marked:
        return marked[0] if len(marked) == 1 else None
    unmarked = [element for element in elements if marked_document(kind, element) is None]
    numbered = [
        element
        for element in unmarked
        if asked.number is not None and text(element.get(ENDPOINTS[kind].number_field)) == asked.number
    ]
    if numbered:
        return numbered[0] if len(numbered) == 1 else None
    return unmarked[0] if alone and len(elements) == len(unmarked) == 1 else None


def verdict_of(kind: Kind, element: Json) -> Verdict:
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
