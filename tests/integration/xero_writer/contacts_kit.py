"""What the tests about contacts say often: documents with contact wishes, contacts in Xero and what people do to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from invoice_events import names
from simulators.xero.people import merge_contact, put_contact

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

DETAILS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ap@contoso.example",
    "phone": "09 123 4567",
    "tax_number": "12-345",
    "attention": "Accounts",
    "address_1": "1 Main St",
    "address_2": "",
    "city": "Auckland",
    "region": "",
    "postal_code": "1010",
    "country": "New Zealand",
}


def wanting(rig: Rig, number: int, contact: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field
    """A mapped event with changed contact criteria."""
    event = rig.mapped(number, **changes)
    event["contact"] = event["contact"] | {"details": DETAILS} | contact
    return event


def new_company(rig: Rig, number: int, name: str, **contact: Any) -> dict[str, Any]:  # noqa: ANN401  # any criterion
    """The first document of a company whose contact is to be made; company and document share a number."""
    return wanting(rig, number, {"company_id": number, "name": name, "create_missing": True} | contact)


def refreshing(rig: Rig, number: int, name: str | None = None, **details: str) -> dict[str, Any]:
    """A new document whose contact is to be brought up to date."""
    contact: dict[str, Any] = {"refresh": True, "details": DETAILS | details}
    return wanting(rig, number, contact | ({"name": name} if name else {}))


def contacts(rig: Rig, name: str | None = None) -> list[dict[str, Any]]:
    """Contacts in Xero as they are stored there (of a name)."""
    books = rig.simulator.books("acme")
    assert isinstance(books, dict)
    return [one for one in books["contacts"] if name in (None, one["Name"])]


def put(rig: Rig, *, days_ago: int = 0, **members: object) -> str:
    """What a person does (or did, days ago) to a contact in Xero's own pages."""
    organisation = rig.simulator._loaded("acme")
    with organisation.lock:
        return put_contact(organisation, members, rig.simulator.clock.now() - timedelta(days=days_ago))


def merge(rig: Rig, key: str, into: str) -> None:
    """A person merges a contact into another."""
    organisation = rig.simulator._loaded("acme")
    with organisation.lock:
        merge_contact(organisation, key, {"into": into}, rig.simulator.clock.now())


def contact_writes(rig: Rig) -> list[dict[str, Any]]:
    """Calls that could change contacts."""
    return [call for call in rig.calls("PUT", "POST") if call["path"].endswith("/Contacts")]


def log_lines(rig: Rig, level: str) -> list[str]:
    """Messages of the Sync Logs of a level."""
    return [line["message"] for line in rig.events(names.LOGS) if line["level"] == level]
