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
        document: `invoice/48213`.
        autotask_id: 48213.
        state: what became of the newest try.
        hold: laid over the state by a person; a held document is left alone.
        hold_version: grows with each change of the hold.
        revision: the newest try.
        attempt: 1 to 3; how many tries in a row this one makes with the strikes before it.
        strikes: faults in a row that count.
        priority: of the newest try.
        synced_revision: newest try that ended in Xero.
        stamped_revision: newest synced try whose stamp Autotask has confirmed.
        stamped_at: when it was confirmed, by the database's clock; None after the stamp was seen cleared.
        xero_document_id: the document in Xero, once known.
        invoice_date: as Autotask has it.
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
    hold_version: int = 0
    attempt: int = 1
    strikes: int = 0
    priority: Priority = "normal"
    synced_revision: int | None = None
    stamped_revision: int | None = None
    stamped_at: datetime | None = None
    xero_document_id: str | None = None
    invoice_date: date | None = None
    fault_code: str | None = None
    fault_text: str | None = None
    skip_reason: str | None = None
    command_id: str | None = None
    state_since: datetime | None = None

    @property
    def stamp_wanted(self) -> bool:
        """Whether a success has not been stamped in Autotask yet."""
        return self.synced_revision is not None and self.synced_revision > (self.stamped_revision or 0)
