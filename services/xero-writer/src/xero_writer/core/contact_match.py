"""Which Xero contact an Autotask company is. Xero's own filter ignores case and accents, so names are compared here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from invoice_events.types import ContactCriteria
from xero_writer.core.contact_near import NearContacts

_SHOWN = 3
_MADE_FOR = re.compile(r"autotask/([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class XeroContact:
    """A contact as the cache holds it.

    Attributes:
        terms_day, terms_type: the sales payment terms, if it has any.
        contact_number: Xero's external key, unique among all contacts, archived ones included.
        merged_to: id of the contact that a person merged it into; empty if nobody did.
    """

    id: str
    name: str
    account_number: str
    status: str
    terms_day: int | None
    terms_type: str | None
    contact_number: str = ""
    merged_to: str = ""

    @property
    def is_active(self) -> bool:
        """Whether documents may be written for it."""
        return self.status == "ACTIVE"

    @property
    def company(self) -> int | None:
        """The Autotask company that it was made for; None if a person made it, or another program."""
        found = _MADE_FOR.fullmatch(self.contact_number)
        return int(found[1]) if found else None

    def told(self, what: str, advice: str = "") -> str:
        """The contact in words for a person who may want to link it."""
        archived = "" if self.is_active else "archived, "
        return f"{self.name} ({archived}{what}, id {self.id}{advice})"


@dataclass(frozen=True, slots=True)
class NoContact:
    """No contact fits, or several do.

    Attributes:
        near: what comes close, in words, with the id to link: names with a score from 0 to 1.
        archived: what fits is archived.
        pin: the pinned id that leads nowhere.
    """

    near: list[str]
    archived: bool = False
    pin: str | None = None

    @property
    def may_be_made(self) -> bool:
        """Whether nothing stands against a new contact: none is like it, none archived, and a person pinned none."""
        return not self.near and not self.archived and self.pin is None


def contact_number(company_id: int) -> str:
    """The ContactNumber of a contact that is made for a company: Xero refuses a second contact with it, so none is made twice."""
    return f"autotask/{company_id}"


def folded_number(account_number: str) -> str:
    """An account number without what is easily overlooked: case, and blanks around it."""
    return account_number.strip().casefold()


class _Index:
    """One state of the book; what was put in never changes."""

    def __init__(self, by_id: dict[str, XeroContact], near: NearContacts) -> None:
        self.by_id = by_id
        self.near = near
        self.names = {key: contact.name for key, contact in by_id.items()}
        self.by_name: dict[str, list[XeroContact]] = {}
        self.by_folded_name: dict[str, list[XeroContact]] = {}
        self.by_account_number: dict[str, list[XeroContact]] = {}
        self.by_folded_number: dict[str, list[XeroContact]] = {}
        self.by_contact_number: dict[str, XeroContact] = {}
        for contact in by_id.values():
            self.by_name.setdefault(contact.name, []).append(contact)
            self.by_folded_name.setdefault(contact.name.casefold(), []).append(contact)
            folded = folded_number(contact.account_number)
            if folded:
                self.by_account_number.setdefault(contact.account_number, []).append(contact)
                self.by_folded_number.setdefault(folded, []).append(contact)
            if contact.contact_number:
                self.by_contact_number[contact.contact_number.casefold()] = contact

    def with_changed(self, changed: dict[str, XeroContact]) -> _Index:
        """The next state. What is like a name is kept for all contacts whose name is as it was."""
        after = _Index(self.by_id | changed, self.near)
        renamed = {
            key: contact.name for key, contact in changed.items() if self.names.get(key) != contact.name
        }
        after.near = self.near.with_changed(renamed, after.names)
        return after

    def survivor(self, contact: XeroContact) -> XeroContact:
        """The contact that stands for this one: itself, or the one that it was merged into, over however many steps."""
        seen: set[str] = set()
        while not contact.is_active and contact.merged_to and contact.id not in seen:
            seen.add(contact.id)
            contact = self.by_id.get(contact.merged_to.lower(), contact)
        return contact


class ContactBook:
    """A tenant's contacts, found by id, name, folded name, account number and contact number.

    Safe for several threads: who reads sees one state or the next, never a half-filled one.
    """

    def __init__(self, contacts: Iterable[XeroContact] = ()) -> None:
        self._index = _Index({}, NearContacts())
        self.put(contacts)

    def __len__(self) -> int:
        return len(self._index.by_id)

    def put(self, contacts: Iterable[XeroContact]) -> None:
        """Take new and changed contacts in. One thread at a time may put."""
        changed = {contact.id.lower(): contact for contact in contacts}
        if changed:
            self._index = self._index.with_changed(changed)

    def by_id(self, contact_id: str) -> XeroContact | None:
        """The contact with this id as it is, merged away or not."""
        return self._index.by_id.get(contact_id.lower())

    def pinned(self, contact_id: str) -> XeroContact | None:
        """The contact that a link leads to; one that was merged away leads on to where it went."""
        contact = self.by_id(contact_id)
        return self._index.survivor(contact) if contact is not None else None

    def meant(self, criteria: ContactCriteria) -> list[XeroContact]:
        """Contacts of the name or account number, archived and merged ones included. An exact name wins over another case."""
        index = self._index
        if criteria["match_by"] == "account_number":
            return index.by_account_number.get(criteria["account_number"], [])
        exact = index.by_name.get(criteria["name"], [])
        if criteria["ignore_case"] and not any(index.survivor(contact).is_active for contact in exact):
            return index.by_folded_name.get(criteria["name"].casefold(), [])
        return exact

    def survivors(self, contacts: Iterable[XeroContact]) -> list[XeroContact]:
        """What stands for these contacts after all merges, each once."""
        found = (self._index.survivor(contact) for contact in contacts)
        return list({contact.id: contact for contact in found}.values())

    def made_for(self, company_id: int) -> XeroContact | None:
        """The contact that was made for a company, whatever it is called by now."""
        made = self._index.by_contact_number.get(contact_number(company_id))
        return self._index.survivor(made) if made is not None else None

    def near(self, name: str) -> list[str]:
        """Up to three contacts of a similar name, best first, with their score and id. Archived ones are marked as such."""
        index = self._index
        like = [(score, index.by_id[key]) for key, score in index.near.like(name, index.names).items()]
        like.sort(key=lambda one: (-one[0], not one[1].is_active, one[1].name, one[1].id))
        return [contact.told(f"score {score:.2f}") for score, contact in like[:_SHOWN]]

    def near_number(self, account_number: str) -> list[str]:
        """Up to three contacts whose account number differs in nothing but case and blanks around it."""
        like = self._index.by_folded_number.get(folded_number(account_number), [])
        like = sorted(like, key=lambda one: (not one.is_active, one.name, one.id))
        return [one.told(f"account number {one.account_number.strip()}") for one in like[:_SHOWN]]


def look_up(criteria: ContactCriteria, book: ContactBook) -> XeroContact | NoContact:
    """The one active contact that the criteria mean. What is like them is not looked for, which takes its time.

    A pinned id wins over everything. Several that fit equally are no match: guessing would bill the wrong customer. If
    missing contacts are to be made, one that was made for this company before is taken, whatever it is called by now, and
    one that was made for another company does not fit by its name: two companies may share one.
    """
    pin = criteria["pinned_contact_id"]
    if pin is not None:
        pinned = book.pinned(pin)
        if pinned is not None and pinned.is_active:
            return pinned
        return NoContact([], archived=pinned is not None, pin=pin)
    meant = book.meant(criteria)
    anothers = [contact for contact in meant if _is_anothers(contact, criteria)]
    fitting = book.survivors(contact for contact in meant if contact not in anothers)
    active = [contact for contact in fitting if contact.is_active]
    if len(active) > 1:
        advice = ": link one in the settings"
        return NoContact([one.told("fits as well as others", advice) for one in active[:_SHOWN]])
    made = book.made_for(criteria["company_id"]) if criteria["create_missing"] else None
    if made is not None and made.is_active:
        active.append(made)
    if active:
        return active[0]
    advice = ": link it in the settings if it is the same customer"
    words = [one.told(f"made for Autotask company {one.company}", advice) for one in anothers[:_SHOWN]]
    return NoContact(words, archived=made is not None or bool(fitting and not anothers))


def find_contact(criteria: ContactCriteria, book: ContactBook) -> XeroContact | NoContact:
    """The same, and if there is none, what comes near: names, and account numbers if these are matched by."""
    found = look_up(criteria, book)
    if isinstance(found, XeroContact) or found.near:
        return found
    by_number = criteria["match_by"] == "account_number"
    numbers = book.near_number(criteria["account_number"]) if by_number else []
    return replace(found, near=numbers + book.near(criteria["name"]))


def _is_anothers(contact: XeroContact, criteria: ContactCriteria) -> bool:
    """Whether a contact of the right name was made for another company; an account number says more than that."""
    by_name = criteria["create_missing"] and criteria["match_by"] == "name"
    return by_name and contact.company not in {None, criteria["company_id"]}
