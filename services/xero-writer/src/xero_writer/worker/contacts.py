"""The contact cache of a tenant, and resolving a document's contact and due date from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from invoice_events.types import InvoiceMapped
from xero_writer.adapters import journal, tenant_row
from xero_writer.core.contact_match import NoContact, XeroContact, find_contact
from xero_writer.core.due_date import due_date
from xero_writer.core.events import Fault
from xero_writer.core.values import Json, text
from xero_writer.worker.session import Session, wanted_of

CYCLE = timedelta(minutes=5)
"""The cache is read again at most this often, whatever is missed …"""

INTERACTIVE_CYCLE = timedelta(seconds=5)
"""… but a person who just made the contact and resyncs is not told that it is missing."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document's contact and due date."""

    contact: XeroContact
    due_date: date | None


def resolve(session: Session, mapped: InvoiceMapped) -> Resolved | Fault:
    """Contact and due date of a document, or the fault that says why there is none."""
    criteria = mapped["contact"]
    found = find_contact(criteria, session.contacts)
    if isinstance(found, NoContact):
        if found.archived:
            words = "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."
            return Fault("CONTACT_ARCHIVED", words, found.near)
        by = (
            f" (by account number {criteria['account_number'] or 'empty'})"
            if criteria["match_by"] == "account_number"
            else ""
        )
        near = [f"near match: {match}" for match in found.near]
        return Fault(
            "CONTACT_NOT_FOUND", f"Can't find Xero Contact with Account Name: {criteria['name']}{by}", near
        )
    invoice_date = wanted_of(mapped)["date"]
    return Resolved(found, due_date(mapped["due_rule"], mapped["due_date"], invoice_date, found))


def refresh_contacts(session: Session, not_younger_than: timedelta) -> None:
    """Read changed contacts if the cache is older than allowed; one thread at a time, the others find it fresh.

    Raises:
        XeroError: contacts can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    with session.contacts_lock:
        with session.transaction() as tx:
            row = tenant_row.read_tenant(tx.connection, session.tenant_id)
            began = journal.database_now(tx.connection)
            if not session.contacts:
                session.contacts.put(tenant_row.load_contacts(tx.connection, session.tenant_id))
        since = row.contacts_at if row else None
        if since is not None and began - since < not_younger_than:
            return
        query = {
            "includeArchived": "true",
            "order": "ContactID",
        }  # by id: a change moves none past a page break
        changed = [_contact(element) for element in session.client.pages("Contacts", query, since)]
        with session.transaction() as tx:
            tenant_row.store_contacts(tx.connection, session.tenant_id, changed, began)
        session.contacts.put(changed)


def _contact(element: Json) -> XeroContact:
    terms = (element.get("PaymentTerms") or {}).get("Sales") or {}
    day = terms.get("Day")
    return XeroContact(
        id=text(element.get("ContactID")),
        name=text(element.get("Name")),
        account_number=text(element.get("AccountNumber")),
        status=text(element.get("ContactStatus")) or "ACTIVE",
        terms_day=int(day) if day is not None else None,
        terms_type=text(terms.get("Type")) or None,
    )
