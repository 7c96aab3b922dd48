"""What only purchase orders have: where and when to deliver, and contacts that must exist already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulators.xero import contacts
from simulators.xero.dates import date_string, ms_date
from simulators.xero.state import Delivery

if TYPE_CHECKING:
    from datetime import date

    from simulators.xero.elements import Element
    from simulators.xero.state import Contact, Organisation

DELETED = "Deleted PurchaseOrders cannot be updated"
_MAX_INSTRUCTIONS = 500
MEMBERS = (
    "DeliveryDate",
    "ExpectedArrivalDate",
    "DeliveryAddress",
    "AttentionTo",
    "Telephone",
    "DeliveryInstructions",
)


def merged_delivery(element: Element, old: Delivery, errors: list[str]) -> Delivery:
    """The delivery after an element; what was not sent is kept. The address is one text with line breaks."""
    instructions = element.text("DeliveryInstructions")
    if instructions is not None and len(instructions) > _MAX_INSTRUCTIONS:
        # Own wording: Xero's is not known.
        errors.append(
            f"The DeliveryInstructions field must not be longer than {_MAX_INSTRUCTIONS} characters."
        )
    texts = {
        "address": element.text("DeliveryAddress"),
        "attention_to": element.text("AttentionTo"),
        "telephone": element.text("Telephone"),
        "instructions": instructions,
    }
    return replace(
        old,
        day=element.date("DeliveryDate") or old.day,
        expected_arrival=element.date("ExpectedArrivalDate") or old.expected_arrival,
        **{name: value for name, value in texts.items() if value is not None},
    )


def supplier(organisation: Organisation, element: Element | None) -> Contact | None:
    """The contact that an order names by ContactID or ContactNumber; a name alone finds nobody."""
    if element is None:
        return None
    contact_id = contacts.contact_guid(element)
    if contact_id is not None:
        return organisation.ledger.contacts.get(contact_id)
    number = element.text("ContactNumber")
    return contacts.by_key(organisation.ledger, "ContactNumber", number) if number else None


def _day(name: str, value: date | None) -> dict[str, Any]:
    return {} if value is None else {f"{name}String": date_string(value), name: ms_date(value)}


def shown_delivery(delivery: Delivery) -> dict[str, Any]:
    """The members of the delivery as an answer shows them; empty ones are left out."""
    texts = {
        "DeliveryAddress": delivery.address,
        "AttentionTo": delivery.attention_to,
        "Telephone": delivery.telephone,
        "DeliveryInstructions": delivery.instructions,
    }
    return {
        **_day("DeliveryDate", delivery.day),
        **_day("ExpectedArrivalDate", delivery.expected_arrival),
        **{name: text for name, text in texts.items() if text},
    }
