"""Is what stands in Xero what we wanted? Amounts to the cent against the prediction, content against the request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from invoice_events.types import (
    InvoiceMapped,
    Prediction,
    PurchaseOrderMapped,
    XeroDocument,
    XeroLine,
    XeroOrder,
)
from xero_writer.core.kinds import Kind, Mapped, wanted_of
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


def lost_on_the_way(wanted: XeroDocument | XeroOrder, document: Json) -> list[str]:
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


def is_locked(kind: Kind, document: Json) -> bool:
    """Whether it can not be changed any more.

    Money is applied to an invoice or credit note: Xero then ignores or refuses changes of amounts. A purchase order was
    billed: its bill is what counts from then on.
    """
    status = text(document.get("Status"))
    if kind == "purchase_order":
        return status == "BILLED"
    return (
        (status == "PAID" and amount(document.get("Total")) != 0)
        or amount(document.get("AmountPaid")) != 0
        or amount(document.get("AmountCredited")) != 0
        or bool(document.get("Allocations"))
        or bool(document.get("Payments"))
    )


def locked_words(kind: Kind) -> str:
    """What keeps a locked document from being changed: Xero's words for money, ours for a billed order."""
    if kind == "purchase_order":
        return "This purchase order is billed in Xero (status BILLED) and cannot be edited: from now on its bill is what counts, whether it is paid or not."
    return "This document cannot be edited as it has a payment or credit note allocated to it."


def content_differences(mapped: Mapped, contact_id: str, due_date: date | None, document: Json) -> list[str]:
    """What an update would change, by field name; empty if the document is as wanted.

    Number, status and sent flag are kept and not compared. Nor is what Autotask and the settings leave open (no due date,
    no branding theme, no delivery address): it stays as it is in Xero.
    """
    wanted = wanted_of(mapped)
    compared: list[tuple[str, object, object]] = [
        ("Contact", contact_id.lower(), text((document.get("Contact") or {}).get("ContactID")).lower()),
        ("Date", wanted["date"], xero_date(document, "Date")),
        ("CurrencyCode", wanted["currency"], text(document.get("CurrencyCode"))),
        ("LineAmountTypes", "Exclusive", text(document.get("LineAmountTypes"))),
        ("Reference", _shown(wanted["reference"]), _shown(text(document.get("Reference")))),
    ]
    if wanted["branding_theme_id"] is not None:
        theirs = text(document.get("BrandingThemeID")).lower()
        compared.append(("BrandingThemeID", wanted["branding_theme_id"].lower(), theirs))
    if mapped["xero_kind"] == "purchase_order":
        compared += _delivery(mapped, document)
    elif mapped["xero_kind"] == "invoice":
        compared += _invoice_only(mapped, due_date, document)
    found = [name for name, ours, theirs in compared if ours != theirs]
    lines = document.get("LineItems") or []
    if len(lines) != len(wanted["lines"]):
        return [*found, "LineItems"]
    for number, (ours_line, line) in enumerate(zip(wanted["lines"], lines, strict=True), start=1):
        found += [f"LineItems[{number}].{name}" for name in _line_differences(ours_line, line)]
    return found


def _invoice_only(
    mapped: InvoiceMapped, due_date: date | None, document: Json
) -> Iterator[tuple[str, object, object]]:
    yield "Url", wanted_of(mapped)["url"] or "", text(document.get("Url"))
    if due_date is not None:
        yield "DueDate", due_date, xero_date(document, "DueDate")


def _delivery(mapped: PurchaseOrderMapped, document: Json) -> Iterator[tuple[str, object, object]]:
    order = wanted_of(mapped)
    if order["delivery_date"] is not None:
        yield "DeliveryDate", order["delivery_date"], xero_date(document, "DeliveryDate")
    for name, ours in (
        ("DeliveryAddress", order["delivery_address"]),
        ("AttentionTo", order["attention_to"]),
        ("Telephone", order["telephone"]),
    ):
        if _shown(ours):
            yield name, _shown(ours), _shown(text(document.get(name)))


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
