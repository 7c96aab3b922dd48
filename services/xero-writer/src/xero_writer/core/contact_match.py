"""Which Xero contact an Autotask company is. Xero's own filter ignores case and accents, so names are compared here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from invoice_events.types import ContactCriteria
from xero_writer.core.name_likeness import LikeNames

_SHOWN = 3


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


@dataclass(frozen=True, slots=True)
class NoContact:
    """No contact fits, or several do.

    Attributes:
        near: what comes close, in words, with a score from 0 to 1 and the id to link.
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


class _Index:
    """One state of the book; what was put in never changes. What takes long to compute is computed when it is first needed."""

    def __init__(self, by_id: dict[str, XeroContact]) -> None:
        self.by_id = by_id
        self.by_name: dict[str, list[XeroContact]] = {}
        self.by_folded_name: dict[str, list[XeroContact]] = {}
        self.by_account_number: dict[str, list[XeroContact]] = {}
        self.by_contact_number: dict[str, XeroContact] = {}
        for contact in by_id.values():
            self.by_name.setdefault(contact.name, []).append(contact)
            self.by_folded_name.setdefault(contact.name.casefold(), []).append(contact)
            if contact.account_number:
                self.by_account_number.setdefault(contact.account_number, []).append(contact)
            if contact.contact_number:
                self.by_contact_number[contact.contact_number.casefold()] = contact
        self.near: dict[str, list[str]] = {}

    @cached_property
    def active(self) -> list[XeroContact]:
        return [contact for contact in self.by_id.values() if contact.is_active]

    @cached_property
    def names(self) -> LikeNames:
        return LikeNames([contact.name for contact in self.active])

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
        self._index = _Index({})
        self.put(contacts)

    def __len__(self) -> int:
        return len(self._index.by_id)

    def put(self, contacts: Iterable[XeroContact]) -> None:
        """Take new and changed contacts in. One thread at a time may put."""
        changed = {contact.id.lower(): contact for contact in contacts}
        if changed:
            self._index = _Index(self._index.by_id | changed)

    def by_id(self, contact_id: str) -> XeroContact | None:
        """The contact with this id as it is, merged away or not."""
        return self._index.by_id.get(contact_id.lower())

    def pinned(self, contact_id: str) -> XeroContact | None:
        """The contact that a link leads to; one that was merged away leads on to where it went."""
        contact = self.by_id(contact_id)
        return self._index.survivor(contact) if contact is not None else None

    def fitting(self, criteria: ContactCriteria) -> list[XeroContact]:
        """Contacts that name or account number mean, archived ones included. An exact name wins over another case."""
        index = self._index
        if criteria["match_by"] == "account_number":
            return self._survivors(index.by_account_number.get(criteria["account_number"], []))
        exact = self._survivors(index.by_name.get(criteria["name"], []))
        if criteria["ignore_case"] and not any(contact.is_active for contact in exact):
            return self._survivors(index.by_folded_name.get(criteria["name"].casefold(), []))
        return exact

    def made_for(self, company_id: int) -> XeroContact | None:
        """The contact that was made for a company, whatever it is called by now."""
        made = self._index.by_contact_number.get(contact_number(company_id))
        return self._index.survivor(made) if made is not None else None

    def near(self, name: str) -> list[str]:
        """Up to three active contacts of a similar name, best first, with their score and id."""
        index = self._index
        if name not in index.near:
            like = [
                (-score, index.active[place].name, index.active[place].id)
                for score, place in index.names.like(name)
            ]
            index.near[name] = [
                f"{found} (score {-score:.2f}, id {contact_id})"
                for score, found, contact_id in sorted(like)[:_SHOWN]
            ]
        return index.near[name]

    def _survivors(self, contacts: list[XeroContact]) -> list[XeroContact]:
        found = (self._index.survivor(contact) for contact in contacts)
        return list({contact.id: contact for contact in found}.values())


def find_contact(criteria: ContactCriteria, book: ContactBook) -> XeroContact | NoContact:
    """The one active contact that the criteria mean.

    A pinned id wins over everything. Several that fit equally are no match: guessing would bill the wrong customer. If
    missing contacts are to be made, one that was made for this company before is taken, whatever it is called by now.
    """
    pin = criteria["pinned_contact_id"]
    if pin is not None:
        pinned = book.pinned(pin)
        if pinned is not None and pinned.is_active:
            return pinned
        return NoContact(book.near(criteria["name"]), archived=pinned is not None, pin=pin)
    fitting = book.fitting(criteria)
    active = [contact for contact in fitting if contact.is_active]
    if len(active) == 1:
        return active[0]
    if active:
        return NoContact(
            [
                f"{contact.name} (fits as well as others, id {contact.id}: link one in the settings)"
                for contact in active[:_SHOWN]
            ]
        )
    made = book.made_for(criteria["company_id"]) if criteria["create_missing"] else None
    if made is not None and made.is_active:
        return made
    return NoContact(book.near(criteria["name"]), archived=bool(fitting) or made is not None)
