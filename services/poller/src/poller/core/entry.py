"""A document as the ledger knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from invoice_events.types import Hold, Priority

State = Literal["in_flight", "waiting_retry", "fault", "done", "skipped"]
"""On its way; failed and tried again in the next cycle; failed until a person acts; in Xero; not synced, with a reason."""

MAX_STRIKES = 3
"""Faults in a row after which only a person's resync tries again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger.

    Attributes:
        document: `invoice/48213` or `purchase-order/771`.
        autotask_id: 48213.
        state: what became of the newest try.
        hold: laid over the state by a person; a held document is left alone.
        hold_below: the hold that comes back when the document is released from Diagnostic Mode; none while it is not in it.
        hold_version: grows with each change of the hold, and of `changed_since`.
        revision: the newest try.
        attempt: 1 to 3; how many tries in a row this one makes with the strikes before it.
        strikes: faults in a row that count.
        priority: of the newest try.
        generation: 1; one more for each time a person had the document made anew.
        recreate: whether the newest try is to make the document anew, should the one in Xero be gone.
        synced_revision: newest try that ended in Xero.
        stamped_revision: newest synced try whose stamp Autotask has confirmed; of a purchase order, which has no stamp, the newest
            synced one.
        stamped_at: when it was confirmed, by the database's clock; None after the stamp was seen cleared.
        voided_at: when a person voided the invoice in Autotask, or cancelled the order, once that was seen.
        void_revision: the try that asks Xero, or has asked it, to void or delete the document; None after a later one has written it.
        xero_document_id: the document in Xero, once known: by a success, or by a fault that names it.
        xero_number: the number it has there, as the newest success told it; none if a void found nothing there.
        xero_url: link to it there.
        invoice_date: date of the document as Autotask has it.
        fingerprint: of a purchase order, what the newest try carries.
        synced_fingerprint: of a purchase order, what went over, None if that is not known.
        changed_since: when a purchase order was first seen to differ in Autotask from what went over.
        fault_code: of the last fault, until a success.
        fault_text: the same, in words.
        skip_reason: why it is skipped.
        command_id: the command that caused the newest try, if one did.
        traceparent: trace of the newest try.
        state_since: when state or revision last changed, by the database's clock.
    """

    document: str
    autotask_id: int
    state: State
    revision: int
    traceparent: str
    hold: Hold = "none"
    hold_below: Hold = "none"
    hold_version: int = 0
    attempt: int = 1
    strikes: int = 0
    priority: Priority = "normal"
    generation: int = 1
    recreate: bool = False
    synced_revision: int | None = None
    stamped_revision: int | None = None
    stamped_at: datetime | None = None
    voided_at: datetime | None = None
    void_revision: int | None = None
    xero_document_id: str | None = None
    xero_number: str | None = None
    xero_url: str | None = None
    invoice_date: date | None = None
    fingerprint: str | None = None
    synced_fingerprint: str | None = None
    changed_since: datetime | None = None
    fault_code: str | None = None
    fault_text: str | None = None
    skip_reason: str | None = None
    command_id: str | None = None
    state_since: datetime | None = None

    @property
    def stamp_wanted(self) -> bool:
        """Whether a success has not been stamped in Autotask yet."""
        return self.synced_revision is not None and self.synced_revision > (self.stamped_revision or 0)

    @property
    def may_be_in_xero(self) -> bool:
        """Whether something of it may be in Xero: it went over once, or a fault has told of a document that is there."""
        return self.synced_revision is not None or self.xero_document_id is not None

    @property
    def is_order(self) -> bool:
        """Whether it is a purchase order."""
        return self.document.startswith("purchase-order/")
