"""How the document is called and recognised in Xero: number, reference, link and mark."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from invoice_events.marks import reference_suffix, url_fragment
from invoice_events.names import Document
from invoice_events.types import InvoiceDiscovered, PurchaseOrderDiscovered, XeroKind
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules
from mapper.core.texts import REFERENCE_LIMIT, cut, one_line, units

_NUMBER_LIMIT = 255
_FALLBACK_URL = "https://www.autotask.net/"
"""Stands in for a link that Xero would refuse: the document must carry its mark whatever the link is worth."""

_FORBIDDEN = re.compile("xero", re.IGNORECASE)
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9!$&'()*+,./:;=?@_~-]*", re.ASCII)
"""What Autotask's links look like: nothing in them needs to be escaped or left out."""

_URL_SAFE = "!$%&'()*+,-./:;=?@_~[]"


class Naming(NamedTuple):
    """Number (None: Xero gives the next one), reference, link (on invoices only), mark, and why the number is what it is."""

    number: str | None
    reference: str
    url: str | None
    mark: str
    why: str


def name_invoice(event: InvoiceDiscovered, kind: XeroKind, rules: Rules) -> Naming | Problem:
    """Number by the tenant's mode, the same for invoices and credit notes; mark in the link, else at the end of the reference.

    A document that was made anew after it was deleted or voided in Xero gets its generation as a suffix of the number,
    since Xero never frees a number. Its mark stays.
    """
    number = _number(event, rules.settings["invoice_numbers"])
    if isinstance(number, Problem):
        return number
    text, why = number
    mark = invoice_mark(event["invoice"]["id"], kind)
    if kind == "invoice":
        return Naming(text, _reference(event, text, ""), marked_url(event["autotask_url"], mark), mark, why)
    return Naming(text, _reference(event, text, mark), None, mark, why)


def name_order(event: PurchaseOrderDiscovered) -> Naming:
    """Our own number in every mode; Autotask's number, the vendor's and the vendor's invoice in the reference, before the mark."""
    order = event["order"]
    number = _generation(f"PO:{order['id']}", event["generation"])
    parts = (order["number"], order["external_number"], order["vendor_invoice_number"])
    mark = order_mark(order["id"])
    reference = _with_mark(", ".join(text for part in parts if (text := one_line(part))), mark)
    return Naming(number, reference, None, mark, f"number {number} by the Autotask id")


def invoice_mark(autotask_id: int, kind: XeroKind) -> str:
    """How an invoice or credit note is recognised in Xero."""
    document = Document("invoice", autotask_id)
    return url_fragment(document) if kind == "invoice" else reference_suffix(document)


def order_mark(autotask_id: int) -> str:
    """How a purchase order is recognised in Xero."""
    return reference_suffix(Document("purchase-order", autotask_id))


def _generation(number: str, generation: int) -> str:
    return f"{number}-{generation}" if generation > 1 else number


def _number(event: InvoiceDiscovered, mode: str) -> tuple[str | None, str] | Problem:
    invoice, generation = event["invoice"], event["generation"]
    if mode == "xero":
        return None, "number: the next of Xero's sequence"
    if mode == "autotask_id":
        number = _generation(f"INV:{invoice['id']}", generation)
        return number, f"number {number} by the Autotask id"
    if not invoice["number"].strip():
        return problem("NUMBER_EMPTY")
    number = _generation(invoice["number"], generation)
    refusal = _number_refusal(number)
    if refusal is not None:
        return problem("NUMBER_INVALID", f"{number[:100]!r}: {refusal}")
    return number, f"number {number} by Autotask's billing run"


def _number_refusal(number: str) -> str | None:
    """Why Xero would not take a number, or would not give it back as it was."""
    if not (number.isascii() and number.isprintable()):
        return "wanted printable ASCII only"
    if len(number) > _NUMBER_LIMIT:
        return f"{len(number)} characters, wanted at most {_NUMBER_LIMIT}"
    if number != number.strip():
        return "wanted no blank at its beginning or end"
    return None


def _reference(event: InvoiceDiscovered, number: str | None, mark: str) -> str:
    """Autotask's order number and number, so that people find the document by either; then the mark, which is never cut."""
    invoice = event["invoice"]
    order = one_line(invoice["order_number"])
    own = one_line(invoice["number"]) or (str(invoice["id"]) if number is None else "")
    free = ", ".join(part for part in (order, own) if part and part != number)
    return _with_mark(free, mark) if mark else cut(free, REFERENCE_LIMIT)


def _with_mark(free: str, mark: str) -> str:
    """The text, cut if need be, and the mark, which never is."""
    return f"{cut(free, REFERENCE_LIMIT - units(mark) - 1)} {mark}" if free else mark


def marked_url(autotask_url: str, mark: str) -> str:
    """The link into Autotask with the mark as its fragment.

    Xero refuses links that are no valid URL or contain the word "xero". In path and query the word is written with one letter
    escaped, which leads to the same page; a host with it, or no link at all, is replaced by Autotask's front page.
    """
    if _PLAIN_URL.fullmatch(autotask_url) and not _FORBIDDEN.search(autotask_url):
        return f"{autotask_url}#{mark}"
    try:
        parts = urlsplit(autotask_url.strip())
        host = parts.hostname
    except ValueError:  # brackets or a port that make no sense
        return f"{_FALLBACK_URL}#{mark}"
    usable = parts.scheme in {"http", "https"} and host and parts.netloc.isascii()
    if not usable or _FORBIDDEN.search(parts.netloc):
        return f"{_FALLBACK_URL}#{mark}"
    path, query = (_escaped(part) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc, path, query, mark))


def _escaped(part: str) -> str:
    """Only characters that a URL may hold, and not the forbidden word."""
    return _FORBIDDEN.sub(
        lambda found: f"{found[0][0]}%{ord(found[0][1]):02X}{found[0][2:]}", quote(part, _URL_SAFE)
    )
