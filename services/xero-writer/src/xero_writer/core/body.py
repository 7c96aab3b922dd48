"""The exact bytes of a request to Xero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import simplejson

from invoice_events.types import XeroLine, XeroOrder
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.kinds import Kind, Mapped, wanted_of
from xero_writer.core.values import Json


@dataclass(frozen=True, slots=True)
class Call:
    """One write: verb, path below `/api.xro/2.0` with its query, and the exact bytes."""

    method: str
    path: str
    body: bytes


def create_call(kind: Kind, unit_decimals: int, elements: list[Json]) -> Call:
    """The request that creates documents: PUT, which never updates; summarizeErrors=false, so that each is judged alone.

    A POST would change whoever has the number.
    """
    return Call("PUT", _path(kind, unit_decimals), wrap(ENDPOINTS[kind].path, elements))


def change_call(kind: Kind, changed: Json, unit_decimals: int = 4) -> Call:
    """The request that changes one document, which names it by its id."""
    return Call("POST", _path(kind, unit_decimals), wrap(ENDPOINTS[kind].path, [changed]))


def _path(kind: Kind, unit_decimals: int) -> str:
    endpoint = ENDPOINTS[kind]
    return f"/{endpoint.path}?{urlencode({'summarizeErrors': 'false'} | endpoint.query(unit_decimals))}"


def element(mapped: Mapped, contact_id: str, due_date: date | None) -> Json:
    """One document of a create request.

    Only the contact's id is sent: any other contact field would change the contact. Totals are never sent: Xero
    computes them and is compared with the prediction. What is empty is not sent.
    """
    endpoint, document = ENDPOINTS[mapped["xero_kind"]], wanted_of(mapped)
    body: Json = {"Type": endpoint.type} if endpoint.sends_type else {}
    body |= {
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
    if document["sent_to_contact"]:
        body["SentToContact"] = True
    if document["branding_theme_id"] is not None:
        body["BrandingThemeID"] = document["branding_theme_id"]
    if mapped["xero_kind"] == "purchase_order":
        return body | _delivery(wanted_of(mapped))
    if due_date is not None and mapped["xero_kind"] == "invoice":
        body["DueDate"] = due_date.isoformat()
    url = wanted_of(mapped)["url"]
    if url is not None:
        body["Url"] = url
    return body


def _delivery(order: XeroOrder) -> Json:
    """When and where the goods are to arrive."""
    said = {
        "DeliveryDate": order["delivery_date"].isoformat() if order["delivery_date"] is not None else "",
        "DeliveryAddress": order["delivery_address"],
        "AttentionTo": order["attention_to"],
        "Telephone": order["telephone"],
    }
    return {name: value for name, value in said.items() if value}


def update(mapped: Mapped, xero_id: str, contact_id: str, due_date: date | None) -> Json:
    """One document of an update request: by id, keeping number, status and sent flag, replacing every line.

    Lines without LineItemID are deleted and made again, which is what is wanted: the document as it is in Autotask now.
    A number is never sent: for Xero it could mean another document.
    """
    body = element(mapped, contact_id, due_date)
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
