"""Which of a company's contacts is the accounts contact."""

from __future__ import annotations

from collections.abc import Iterable

from poller.core.values import Record, flag, record_id


def accounts_contact(contacts: Iterable[Record]) -> Record | None:
    """The active contact that invoices go to, or None if the company has no active one.

    The billing contact first, then the primary contact, then the lowest id: the same one at every read, in whatever order
    Autotask lists them.
    """
    active = [contact for contact in contacts if flag(contact, "isActive")]
    return min(active, key=_rank, default=None)


def _rank(contact: Record) -> tuple[bool, bool, int]:
    return (not flag(contact, "billingContact"), not flag(contact, "primaryContact"), record_id(contact))
