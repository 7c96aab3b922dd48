"""Lanes: in which order a tenant's work goes. A lane is only looked at when nothing runs or could run in those before it."""

from __future__ import annotations

from enum import IntEnum

from xero_writer.core.kinds import Mapped


class Lane(IntEnum):
    """What has to be done, the first first."""

    WRITE = 0
    """Invoices and credit notes to create or update."""
    VOID = 1
    """Invoices and credit notes to void: after creates, since what replaces a voided invoice is wanted first."""
    WRITE_ORDER = 2
    """Purchase orders to create or update: nobody waits for them to be paid."""
    VOID_ORDER = 3
    """Purchase orders to delete."""

    @property
    def voids(self) -> bool:
        """Whether documents are voided here."""
        return self in {Lane.VOID, Lane.VOID_ORDER}

    @property
    def is_of_orders(self) -> bool:
        """Whether purchase orders are handled here."""
        return self in {Lane.WRITE_ORDER, Lane.VOID_ORDER}


def lane_of(mapped: Mapped) -> Lane:
    """The lane of a mapped event."""
    if mapped["xero_kind"] == "purchase_order":
        return Lane.VOID_ORDER if mapped["action"] == "void" else Lane.WRITE_ORDER
    return Lane.VOID if mapped["action"] == "void" else Lane.WRITE
