"""The exact bytes of a request to Xero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import simplejson

from invoice_events.types import InvoiceMapped, XeroDocument, XeroKind, XeroLine
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.values import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One write: verb, path below `/api.xro/2.0` with its query, and the exact bytes."""

    method: str
    path: str
    body: bytes


def create_call(kind: XeroKind, unit_decimals: int, elements: list[Json]) -> Call:
    """The request that creates documents: PUT, which never updates; summarizeErrors=false, so that each is judged alone."""
    path = ENDPOINTS[kind].path
    return Call("PUT", f"/{path}?summarizeErrors=false&unitdp={unit_decimals}", wrap(path, elements))


def change_call(kind: XeroKind, changed: Json, unit_decimals: int = 4) -> Call:
    """The request that changes one document, which names it by its id."""
    path = ENDPOINTS[kind].path
    return Call("POST", f"/{path}?summarizeErrors=false&unitdp={unit_decimals}", wrap(path, [changed]))


def element(mapped: InvoiceMapped, document: XeroDocument, contact_id: str, due_date: date | None) -> Json:
    """One document of a create request.

    Only the contact's id is sent: any other contact field would change the contact. Totals are never sent: Xero
    computes them and is compared with the prediction.
    """
    endpoint = ENDPOINTS[mapped["xero_kind"]]
    body: Json = {
        "Type": endpoint.type,
        "Contact": {"ContactID": contact_id},
        "Date": document["date"].isoformat(),
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": document["currency"],
        "Reference": document["reference"],
        "Status": document["status"],
        "LineItems": [_line(line) for line in document["lines"]],
    }
    if document["number"] is not None:
        body[endpoint.number_field] = document["number"]
    if due_date is not None and mapped["xero_kind"] == "invoice":
        body["DueDate"] = due_date.isoformat()
    if document["url"] is not None:
        body["Url"] = document["url"]
    if document["sent_to_contact"]:
        body["SentToContact"] = True
    if document["branding_theme_id"] is not None:
        body["BrandingThemeID"] = document["branding_theme_id"]
    return body


def update(
    mapped: InvoiceMapped, document: XeroDocument, xero_id: str, contact_id: str, due_date: date | None
) -> Json:
    """One document of an update request: by id, keeping number and status, replacing every line.

    Lines without LineItemID are deleted and made again, which is what is wanted: the document as it is in Autotask now.
    """
    body = element(mapped, document, contact_id, due_date)
    endpoint = ENDPOINTS[mapped["xero_kind"]]
    for kept in (endpoint.number_field, "Status", "SentToContact"):
        body.pop(kept, None)
    body[endpoint.id_field] = xero_id
    return body


def wrap(path: str, elements: list[Json]) -> bytes:
    """The bytes that are sent, numbers digit by digit as they are in Decimal."""
    return simplejson.dumps(
        {path: elements}, use_decimal=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def _line(line: XeroLine) -> Json:
    body: Json = {"Description": line["description"]}
    if line["quantity"] is not None:
        body["Quantity"] = _plain(line["quantity"])
    if line["unit_amount"] is not None:
        body["UnitAmount"] = _plain(line["unit_amount"])
    if line["account_code"] is not None:
        body["AccountCode"] = line["account_code"]
    if line["tax_type"] is not None:
        body["TaxType"] = line["tax_type"]
    if line["tax_amount"] is not None:
        body["TaxAmount"] = _plain(line["tax_amount"])
    if line["tracking"]:
        body["Tracking"] = [{"Name": pair["name"], "Option": pair["option"]} for pair in line["tracking"]]
    return body


def _plain(value: Decimal) -> simplejson.RawJSON:
    """The same number without trailing zeros, exponent or minus zero: 12.00000000 is sent as 12, 1E-8 as 0.00000001."""
    digits = f"{value or Decimal(0):f}"
    return simplejson.RawJSON(digits.rstrip("0").rstrip(".") if "." in digits else digits)
