"""Which of a company's contacts is the accounts contact."""

from __future__ import annotations

from collections.abc import Iterable

from invoice_events.settings import ContactField
from poller.core.values import Record, flag, record_id, user_defined


def accounts_contact(contacts: Iterable[Record], named_by: ContactField) -> Record | None:
    """The active contact that invoices go to, or None if the company has no active one.

    The contact whose user-defined field says so first (of several the one with the smallest id), then the billing contact,
    then the primary contact, then the lowest id: the same one at every read, in whatever order Autotask lists them.

    Args:
        contacts: of one company, with their user-defined fields.
        named_by: the field and the value that mark the accounts contact. The field's name is compared exactly, the value
            without regard to case and to blanks around it.
    """
    active = [contact for contact in contacts if flag(contact, "isActive")]
    named = [contact for contact in active if _is_named(contact, named_by)]
    return min(named, key=record_id) if named else min(active, key=_rank, default=None)


def _is_named(contact: Record, named_by: ContactField) -> bool:
    value = user_defined(contact, named_by["name"])
    return value.strip().casefold() == named_by["value"].strip().casefold()


def _rank(contact: Record) -> tuple[bool, bool, int]:
    return (not flag(contact, "billingContact"), not flag(contact, "primaryContact"), record_id(contact))
