"""One document of Autotask against what stands for it in Xero: sentences about everything that is not as it had to be."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

GONE = {"DELETED", "VOIDED"}
_BLANK = re.compile(r"\s+")


def judge(fate: Json, documents: Sequence[Json], *, stamped: bool | None, later_done: bool) -> Iterator[str]:
    """What is wrong with a document.

    Args:
        fate: what had to become of it.
        documents: those in Xero that carry its mark, deleted and voided ones included.
        stamped: whether it was stamped; None: it is of a kind that has no stamp.
        later_done: whether people have done in Autotask what its fate says they do later.
    """
    living = [document for document in documents if document["Status"] not in GONE]
    if fate["outcome"] != "synced":
        end = f"had to end as {fate['outcome']} ({fate['cause']})"
        if living:
            yield f"is in Xero though it {end}"
        if stamped:
            yield f"is stamped though it {end}"
        return
    if stamped is False:
        yield "went over but was not stamped"
    if fate["gone"] and later_done:
        yield from _gone(fate["document"], living, documents)
    elif len(living) != 1:
        yield f"has {len(living)} documents in Xero, wanted one"
    else:
        yield from _differences(fate["document"], living[0], fate["document"]["status"])


def _gone(expected: Json, living: Sequence[Json], documents: Sequence[Json]) -> Iterator[str]:
    if living:
        yield f"still has {len(living)} documents in Xero, wanted none"
    elif len(documents) != 1:
        yield f"has {len(documents)} deleted or voided documents in Xero, wanted one"
    else:
        posted = expected["status"] == "AUTHORISED" and expected["kind"] != "PURCHASEORDER"
        yield from _differences(expected, documents[0], "VOIDED" if posted else "DELETED")


def _differences(expected: Json, document: Json, status: str) -> Iterator[str]:
    number = number_of(document)
    pairs = [
        ("type", expected["kind"], document["Type"]),
        ("number", expected["number"] or number, number),
        ("contact", expected["contact"], document["Contact"]["Name"]),
        ("currency", expected["currency"], document["CurrencyCode"]),
        ("date", expected["date"], document["Date"]),
        ("status", status, document["Status"]),
        ("net total", Decimal(expected["sub_total"]), Decimal(document["SubTotal"])),
        ("tax", Decimal(expected["total_tax"]), Decimal(document["TotalTax"])),
        ("total", Decimal(expected["total"]), Decimal(document["Total"])),
        ("amounts by account, tax type and tracking", _wanted_sums(expected), _found_sums(document)),
    ]
    if expected["kind"] == "ACCREC":
        pairs.append(("due date", expected["due_date"], document["DueDate"]))
    for name, wanted, found in pairs:
        if wanted != found:
            yield f"has {name} {found} in Xero, wanted {wanted}"
    yield from _missing_texts(expected["texts"], document)


Sums = dict[tuple[str, str, tuple[str, ...]], Decimal]


def _wanted_sums(expected: Json) -> Sums:
    sums: Sums = {}
    for line in expected["lines"]:
        key = (line["account"], line["tax_type"], tuple(line["tracking"]))
        sums[key] = sums.get(key, Decimal(0)) + Decimal(line["amount"])
    return sums


def _found_sums(document: Json) -> Sums:
    """Lines that are joined or split are the same to the ledger, so sums are compared; lines without account are texts."""
    sums: Sums = {}
    for line in document["LineItems"]:
        if line["AccountCode"] is not None:
            tracking = tuple(sorted(f"{each['Name']}: {each['Option']}" for each in line["Tracking"]))
            key = (line["AccountCode"], line["TaxType"], tracking)
            sums[key] = sums.get(key, Decimal(0)) + Decimal(line["LineAmount"] or 0)
    return sums


def _missing_texts(texts: Sequence[str], document: Json) -> Iterator[str]:
    """Where a long text is continued in another line is a matter of room: white space is not compared."""
    shown = "".join(_squeezed(line["Description"] or "") for line in document["LineItems"])
    for text, wanted in Counter(texts).items():
        found = shown.count(_squeezed(text))
        if found < wanted:
            yield f"has the text {text.strip()!r} {found} times in Xero, wanted {wanted}"


def _squeezed(text: str) -> str:
    return _BLANK.sub("", text)


def number_of(document: Json) -> str | None:
    """A document's number in Xero, whatever its kind."""
    return (
        document.get("InvoiceNumber")
        or document.get("CreditNoteNumber")
        or document.get("PurchaseOrderNumber")
    )
