"""The contact cache of a tenant, and resolving a document's contact and due date from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from invoice_events.types import ContactCriteria
from xero_writer.adapters import contact_cache, journal
from xero_writer.adapters.contact_cache import Reading
from xero_writer.core.contact_body import Seen, seen
from xero_writer.core.contact_match import NoContact, XeroContact, find_contact, look_up
from xero_writer.core.due_date import due_date
from xero_writer.core.events import Fault
from xero_writer.core.kinds import Mapped, wanted_of
from xero_writer.core.values import Json, text
from xero_writer.worker.clocks import in_xeros_time
from xero_writer.worker.session import Session

CYCLE = timedelta(minutes=5)
"""The cache is read again at most this often, whatever is missed …"""

SOON = timedelta(seconds=30)
"""… sooner while a person waits, who may just have changed the contact's terms …"""

INTERACTIVE_CYCLE = timedelta(seconds=5)
"""… and a person who just made the contact and resyncs is not told that it is missing."""

_ARCHIVED = "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document's contact and due date."""

    contact: XeroContact
    due_date: date | None


def resolve(session: Session, mapped: Mapped) -> Resolved | Fault:
    """Contact and due date of a document, or the fault that says why there is none.

    What is near is not looked for where the contact may be made: `make_contacts` does that, apart from the worker's loop.
    """
    criteria = mapped["contact"]
    found = look_up(criteria, session.contacts)
    if isinstance(found, NoContact) and not (criteria["create_missing"] and found.may_be_made):
        found = find_contact(criteria, session.contacts)
    if isinstance(found, NoContact):
        return no_contact(criteria, found)
    if mapped["xero_kind"] == "purchase_order":
        return Resolved(found, None)  # Xero gives purchase orders no due date
    invoice_date = wanted_of(mapped)["date"]
    return Resolved(found, due_date(mapped["due_rule"], mapped["due_date"], invoice_date, found))


def is_to_be_made(session: Session, mapped: Mapped) -> bool:
    """Whether a document whose contact was missing is one for `make_contacts`, which looks whether anything is near.

    So is one whose contact has come in the meantime: it is not missing any more.
    """
    criteria = mapped["contact"]
    if not criteria["create_missing"]:
        return False
    found = look_up(criteria, session.contacts)
    return isinstance(found, XeroContact) or found.may_be_made


def no_contact(criteria: ContactCriteria, found: NoContact) -> Fault:
    """The fault of a document without a contact, in the words that users know; what leads on is in the details."""
    details = []
    if found.pin is not None:
        what = "is archived" if found.archived else "does not exist in this Xero organisation"
        details.append(
            f"the contact pinned in contact_links for company {criteria['company_id']} {what}: {found.pin}"
        )
    elif criteria["match_by"] == "account_number":
        details.append(
            f"looked for by account number: {criteria['account_number'] or 'the company has none'}"
        )
    details += [f"near match: {match}" for match in found.near]
    if found.archived:
        return Fault("CONTACT_ARCHIVED", _ARCHIVED, details)
    words = f"Can't find Xero Contact with Account Name: {criteria['name']}"
    return Fault("CONTACT_NOT_FOUND", words, details)


def refresh_contacts(session: Session, not_younger_than: timedelta) -> None:
    """Read changed contacts if the cache is older than allowed; one thread at a time, the others find it fresh.

    Raises:
        XeroError: contacts can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    with session.contacts_lock:
        with session.transaction() as tx:
            last = contact_cache.last_reading(tx.connection, session.tenant_id)
            began = Reading(journal.database_now(tx.connection), session.client.clock.now())
            if not session.contacts and last is not None:
                session.contacts.put(contact_cache.load(tx.connection, session.tenant_id))
        if last is not None and timedelta(0) <= began.at - last.at < not_younger_than:
            return
        query = {
            "includeArchived": "true",
            "order": "ContactID",  # by id: a change moves none past a page break
        }
        changed_since = None  # in the future: the clock was set back since, and everything is read
        if last is not None and last.at <= began.at:
            changed_since = in_xeros_time(session, last.at, last.xero_time)
        changed = list(session.client.pages_as("Contacts", query, seen, changed_since))
        with session.transaction() as tx:
            contact_cache.store(tx.connection, session.tenant_id, changed)
            contact_cache.note_reading(tx.connection, session.tenant_id, began)
        session.contacts.put(one.contact for one in changed)


def take_in(session: Session, elements: Iterable[Json], *, whole: bool) -> list[Seen]:
    """Note contacts that Xero showed elsewhere than in the list of changes.

    `whole`: as a paged list shows them, where a member that is not there is empty. What the answer to a write leaves out
    stays as it was known.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    shown = list(elements)
    with session.contacts_lock:
        with session.transaction() as tx:
            known = {} if whole else _known(session, tx.connection, shown)
            noted = [seen(one, known.get(text(one.get("ContactID")).lower())) for one in shown]
            contact_cache.store(tx.connection, session.tenant_id, noted)
        session.contacts.put(one.contact for one in noted)
    return noted


def _known(session: Session, connection: Connection, elements: Iterable[Json]) -> dict[str, Seen]:
    """What is known of these contacts, by id in small letters."""
    found = (session.contacts.by_id(text(one.get("ContactID"))) for one in elements)
    contacts = [contact for contact in found if contact is not None]
    details = contact_cache.details(connection, session.tenant_id, [one.id for one in contacts])
    return {one.id.lower(): Seen(one, details.get(one.id, {})) for one in contacts}
