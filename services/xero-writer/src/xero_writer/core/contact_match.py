"""Which Xero contact an Autotask company is. Xero's own filter ignores case and accents, so names are compared here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from invoice_events.types import ContactCriteria

_NEAR = 0.8
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class XeroContact:
    """A contact as the cache holds it. `terms_day` and `terms_type` are the sales payment terms, if it has any."""

    id: str
    name: str
    account_number: str
    status: str
    terms_day: int | None
    terms_type: str | None

    @property
    def is_active(self) -> bool:
        """Whether documents may be written for it."""
        return self.status == "ACTIVE"


@dataclass(frozen=True, slots=True)
class NoContact:
    """No contact fits, or several do; `near` names what comes close, with a score from 0 to 1."""

    near: list[str]
    archived: bool = False


@dataclass(frozen=True, slots=True)
class _Index:
    """One state of the book; never changed once it is there."""

    by_id: dict[str, XeroContact]
    by_name: dict[str, list[XeroContact]]
    by_folded_name: dict[str, list[XeroContact]]
    by_account_number: dict[str, list[XeroContact]]


class ContactBook:
    """A tenant's contacts, found by id, name, folded name and account number.

    Safe for several threads: who reads sees one state or the next, never a half-filled one.
    """

    def __init__(self, contacts: Iterable[XeroContact] = ()) -> None:
        self._index = _Index({}, {}, {}, {})
        self.put(contacts)

    def __len__(self) -> int:
        return len(self._index.by_id)

    def put(self, contacts: Iterable[XeroContact]) -> None:
        """Take new and changed contacts in. One thread at a time may put."""
        index = _Index(self._index.by_id | {contact.id.lower(): contact for contact in contacts}, {}, {}, {})
        for contact in index.by_id.values():
            index.by_name.setdefault(contact.name, []).append(contact)
            index.by_folded_name.setdefault(contact.name.casefold(), []).append(contact)
            if contact.account_number:
                index.by_account_number.setdefault(contact.account_number, []).append(contact)
        self._index = index

    def fitting(self, criteria: ContactCriteria) -> list[XeroContact]:
        """Contacts that the criteria mean, archived ones included. A pinned id wins; an exact name wins over another case."""
        index = self._index
        if criteria["pinned_contact_id"] is not None:
            pinned = index.by_id.get(criteria["pinned_contact_id"].lower())
            return [pinned] if pinned else []
        if criteria["match_by"] == "account_number":
            return index.by_account_number.get(criteria["account_number"], [])
        exact = index.by_name.get(criteria["name"], [])
        if criteria["ignore_case"] and not any(contact.is_active for contact in exact):
            return index.by_folded_name.get(criteria["name"].casefold(), [])
        return exact

    def all(self) -> list[XeroContact]:
        """Every contact."""
        return list(self._index.by_id.values())


def find_contact(criteria: ContactCriteria, book: ContactBook) -> XeroContact | NoContact:
    """The one active contact that the criteria mean.

    Several that fit equally are no match: guessing would bill the wrong customer.
    """
    fitting = book.fitting(criteria)
    active = [contact for contact in fitting if contact.is_active]
    if len(active) == 1:
        return active[0]
    if active:
        return NoContact(
            [
                f"{contact.name} (fits as well as others: link one in the settings)"
                for contact in active[:_SHOWN]
            ]
        )
    return NoContact(near_matches(criteria["name"], book.all()), archived=bool(fitting))


def near_matches(name: str, contacts: Iterable[XeroContact]) -> list[str]:
    """Up to three active contacts with a similar name, best first, with their score and id."""
    wanted = name.casefold()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored: list[tuple[float, str, str]] = []
    for contact in contacts:
        if not contact.is_active:
            continue
        matcher.set_seq1(contact.name.casefold())
        if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
            continue
        score = matcher.ratio()
        if score >= _NEAR:
            scored.append((score, contact.name, contact.id))
    scored.sort(key=lambda item: (-item[0], item[1]))
    return [f"{found} (score {score:.2f}, id {contact_id})" for score, found, contact_id in scored[:_SHOWN]]
