"""Is what stands in Xero what we wanted? Amounts to the cent against the prediction, content against the request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from invoice_events.types import InvoiceMapped, Prediction, XeroDocument, XeroLine
from xero_writer.core.values import Json, amount, text, xero_date

_HARMLESS_WARNINGS = ("senttocontact updated", "currency rate", "currencyrate")
_GONE = frozenset({"VOIDED", "DELETED"})


def amount_differences(prediction: Prediction, document: Json) -> list[str]:
    """Every amount in Xero that is not as predicted, in words; empty if all agree to the cent (tolerance 0)."""
    found = [
        f"{name}: predicted {predicted:f}, Xero has {amount(document.get(field)):f}"
        for name, field, predicted in (
            ("net total", "SubTotal", prediction["sub_total"]),
            ("tax", "TotalTax", prediction["total_tax"]),
            ("total", "Total", prediction["total"]),
        )
        if amount(document.get(field)) != predicted
    ]
    lines = document.get("LineItems") or []
    if len(lines) != len(prediction["lines"]):
        return [*found, f"lines: predicted {len(prediction['lines'])}, Xero has {len(lines)}"]
    for number, (predicted_line, line) in enumerate(zip(prediction["lines"], lines, strict=True), start=1):
        for name, field, predicted in (
            ("amount", "LineAmount", predicted_line["line_amount"]),
            ("tax", "TaxAmount", predicted_line["tax_amount"]),
        ):
            if amount(line.get(field)) != predicted:
                found.append(
                    f"line {number} {name}: predicted {predicted:f}, Xero has {amount(line.get(field)):f}"
                )
    return found


def lost_on_the_way(wanted: XeroDocument, document: Json) -> list[str]:
    """What Xero dropped without an error: the warning that tells of it stands only in the first answer, which may be lost.

    An account code or tax type that is missing altogether, and another currency; a code that Xero writes differently is
    no loss.
    """
    found = []
    currency = text(document.get("CurrencyCode"))
    if currency and currency != wanted["currency"]:
        found.append(f"currency: wanted {wanted['currency']}, Xero has {currency}")
    for number, (ours, line) in enumerate(
        zip(wanted["lines"], document.get("LineItems") or [], strict=False), 1
    ):
        found += [
            f"line {number} {field}: wanted {code}, Xero has none"
            for field, code in (("AccountCode", ours["account_code"]), ("TaxType", ours["tax_type"]))
            if code is not None and not text(line.get(field))
        ]
    return found


def serious_warnings(document: Json) -> list[str]:
    """Xero's warnings that change what was written. The sent flag and odd currency rates do not."""
    return [
        message
        for message in messages(document.get("Warnings"))
        if not any(
            word in message.lower().replace("currency rate", "currencyrate") for word in _HARMLESS_WARNINGS
        )
    ]


def messages(entries: object) -> list[str]:
    """The texts of `ValidationErrors` or `Warnings`."""
    if not isinstance(entries, list):
        return []
    return [
        text(entry.get("Message")) for entry in entries if isinstance(entry, dict) and entry.get("Message")
    ]


def is_gone(document: Json) -> bool:
    """Whether a person (or a take-back) deleted or voided it."""
    return text(document.get("Status")) in _GONE


def is_locked(document: Json) -> bool:
    """Whether money is applied to it: Xero then ignores or refuses changes of amounts."""
    return (
        (text(document.get("Status")) == "PAID" and amount(document.get("Total")) != 0)
        or amount(document.get("AmountPaid")) != 0
        or amount(document.get("AmountCredited")) != 0
        or bool(document.get("Allocations"))
        or bool(document.get("Payments"))
    )


def content_differences(
    mapped: InvoiceMapped, wanted: XeroDocument, contact_id: str, due_date: date | None, document: Json
) -> list[str]:
    """What an update would change, by field name; empty if the document is as wanted. Number and status are kept and not compared."""
    compared: list[tuple[str, object, object]] = [
        ("Contact", contact_id.lower(), text((document.get("Contact") or {}).get("ContactID")).lower()),
        ("Date", wanted["date"], xero_date(document, "Date")),
        ("CurrencyCode", wanted["currency"], text(document.get("CurrencyCode"))),
        ("LineAmountTypes", "Exclusive", text(document.get("LineAmountTypes"))),
        ("Reference", _shown(wanted["reference"]), _shown(text(document.get("Reference")))),
    ]
    if mapped["xero_kind"] == "invoice":
        compared.append(("Url", wanted["url"] or "", text(document.get("Url"))))
        if due_date is not None:
            compared.append(("DueDate", due_date, xero_date(document, "DueDate")))
    found = [name for name, ours, theirs in compared if ours != theirs]
    lines = document.get("LineItems") or []
    if len(lines) != len(wanted["lines"]):
        return [*found, "LineItems"]
    for number, (ours_line, line) in enumerate(zip(wanted["lines"], lines, strict=True), start=1):
        found += [f"LineItems[{number}].{name}" for name in _line_differences(ours_line, line)]
    return found


def _line_differences(wanted: XeroLine, line: Json) -> Iterator[str]:
    if _shown(wanted["description"]) != _shown(text(line.get("Description"))):
        yield "Description"
    for name, ours in (
        ("Quantity", wanted["quantity"]),
        ("UnitAmount", wanted["unit_amount"]),
        ("TaxAmount", wanted["tax_amount"]),
    ):
        if ours is not None and amount(line.get(name)) != ours:
            yield name
    for name, code in (("AccountCode", wanted["account_code"]), ("TaxType", wanted["tax_type"])):
        if code is not None and text(line.get(name)) != code:
            yield name
    theirs = [(text(pair.get("Name")), text(pair.get("Option"))) for pair in line.get("Tracking") or []]
    if [(pair["name"], pair["option"]) for pair in wanted["tracking"]] != theirs:
        yield "Tracking"


def _shown(words: str) -> str:
    """A text as a reader sees it: another line end, or blanks around it, is no change worth a write."""
    return words.replace("\r\n", "\n").strip()


def totals(document: Json) -> tuple[Decimal, Decimal, Decimal]:
    """Net total, tax and total as Xero returned them."""
    return amount(document.get("SubTotal")), amount(document.get("TotalTax")), amount(document.get("Total"))
