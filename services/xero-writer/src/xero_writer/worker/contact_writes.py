"""Making contacts that are missing, once each, in batches, and telling the documents whose contact can not be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from invoice_events.types import ContactCriteria
from xero_writer.adapters import journal
from xero_writer.adapters.answers import PostponedError
from xero_writer.adapters.work import Waiting
from xero_writer.core.answers import Refused, Written
from xero_writer.core.contact_answers import AskedContact, is_taken, refusal_code
from xero_writer.core.contact_body import BadContactError, new_contact
from xero_writer.core.contact_match import NoContact, contact_number, find_contact, folded_number
from xero_writer.core.events import Fault
from xero_writer.core.name_likeness import LikeNames
from xero_writer.core.values import Json, sound_text
from xero_writer.worker.contact_calls import write_contacts
from xero_writer.worker.contacts import INTERACTIVE_CYCLE, no_contact, refresh_contacts, take_in
from xero_writer.worker.creates import fault_waiting
from xero_writer.worker.session import Session, log

_AT_ONCE = timedelta(0)


@dataclass(slots=True)
class _Company:
    """A company without a contact, and the documents that wait for one."""

    criteria: ContactCriteria
    revision: int
    waiting: list[Waiting] = field(default_factory=list)


def make_contacts(session: Session, waiting: Sequence[Waiting]) -> None:
    """Make the contacts that these documents lack, unless they are there by now.

    One thread at a time: a contact is made once. Documents whose contact can not be made, or not because of what is near,
    are at fault; the others find theirs when they are looked at next. A company whose name is like that of one before it is left for later: by then it
    has a near match, which a person has to judge.

    Raises:
        XeroError: Xero can not be used now, or did not say what became of a contact.
        LeaseLostError: somebody else works for this tenant.
    """
    with session.contact_writes_lock:
        refresh_contacts(session, INTERACTIVE_CYCLE)
        companies = _companies(session, waiting)
        asked = _asked(session, companies)
        taken: list[tuple[_Company, str]] = []
        doubtful: list[int] = []
        for told in write_contacts(session, "PUT", list(asked.values())):
            of_number = {one.key[1]: verdict for one, verdict in told}
            _note_written(session, [one.document for one in of_number.values() if isinstance(one, Written)])
            for company_id in asked:
                verdict = of_number.get(contact_number(company_id))
                if isinstance(verdict, Refused):
                    _refused(session, companies[company_id], verdict, taken)
                elif verdict is not None and not isinstance(verdict, Written):
                    doubtful.append(company_id)
        _look_for_taken(session, taken)
        _judge_doubtful(session, companies, doubtful)


def _companies(session: Session, waiting: Sequence[Waiting]) -> dict[int, _Company]:
    """Companies whose contact is still to be made, each as its newest document describes it.

    What is near a name is looked for here, in a job, and not in the worker's loop: that takes a while for many names.
    """
    found: dict[int, _Company] = {}
    for one in waiting:
        criteria = session.mapped_of(one.item)["contact"]
        missing = find_contact(criteria, session.contacts)
        if not isinstance(missing, NoContact):
            continue
        if not missing.may_be_made:
            fault_waiting(session, one, no_contact(criteria, missing))
            continue
        company = found.setdefault(criteria["company_id"], _Company(criteria, one.item.revision))
        company.waiting.append(one)
        if one.item.revision > company.revision:
            company.criteria, company.revision = criteria, one.item.revision
    return found


def _asked(session: Session, companies: dict[int, _Company]) -> dict[int, AskedContact]:
    """The contacts to ask for, by company; none like another. A company that can not be one faults its documents."""
    asked: dict[int, AskedContact] = {}
    names, numbers = LikeNames(), set[str]()
    for company_id, company in companies.items():
        try:
            body = new_contact(company.criteria)
        except BadContactError as error:
            words = f"Can't create a Xero Contact for {company.criteria['name']}: {error}"
            _fault(session, company, Fault("CONTACT_INVALID", words))
            continue
        number = folded_number(body.get("AccountNumber", ""))
        if number not in numbers and not names.like(body["Name"]):
            asked[company_id] = AskedContact(body)
            names.add(body["Name"])
            numbers.update([number] if number else [])
    return asked


def _note_written(session: Session, elements: list[Json]) -> None:
    if not elements:
        return
    made = take_in(session, elements, whole=False)
    with session.transaction() as tx:
        for one in made:
            fields = {
                "contact": one.contact.name,
                "xero_id": one.contact.id,
                "number": one.contact.contact_number,
            }
            session.log_line(tx.connection, "info", "contact created in Xero", fields=fields)
    log.info("%d contacts created in Xero", len(made), extra=session.context())


def _refused(
    session: Session, company: _Company, refused: Refused, taken: list[tuple[_Company, str]]
) -> None:
    """A name or number that is taken says that the contact is there; anything else is about the company's details."""
    words = journal.storable(sound_text("; ".join(refused.texts)))
    if is_taken(refused.texts):
        taken.append((company, words))
    else:
        _fault(session, company, Fault(refusal_code(refused.texts), words))


def _look_for_taken(session: Session, taken: list[tuple[_Company, str]]) -> None:
    """Somebody has the name or number: an earlier try of ours whose answer was lost, or a person. Whom it is, Xero knows."""
    if not taken:
        return
    refresh_contacts(session, _AT_ONCE)
    for company, words in taken:
        if not _is_missing(session, company):
            continue
        number = contact_number(company.criteria["company_id"])
        query = {"where": f'ContactNumber=="{number}"', "includeArchived": "true"}
        take_in(session, session.client.pages("Contacts", query), whole=True)
        if _is_missing(session, company):
            _fault(session, company, Fault("CONTACT_INVALID", words))


def _is_missing(session: Session, company: _Company) -> bool:
    found = find_contact(company.criteria, session.contacts)
    return isinstance(found, NoContact) and found.may_be_made


def _judge_doubtful(session: Session, companies: dict[int, _Company], doubtful: list[int]) -> None:
    """Xero did not say what became of a contact that was sent alone: once is chance, twice in a row is the contact's trouble."""
    for company_id in doubtful:
        if company_id in session.doubtful_contacts:
            words = "Xero failed on the new contact while it answered others"
            _fault(session, companies[company_id], Fault("PROVIDER_ERROR", words))
    again = set(doubtful) - session.doubtful_contacts
    session.doubtful_contacts.difference_update(companies)
    session.doubtful_contacts.update(again)
    if again:
        raise PostponedError(f"Xero did not say what became of {len(again)} new contacts")


def _fault(session: Session, company: _Company, fault: Fault) -> None:
    for one in company.waiting:
        fault_waiting(session, one, fault)
