"""An answer to the question why a document is not in Xero, or what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Why = Literal[
    "unknown_id",
    "not_visible",
    "not_read",
    "not_set_up",
    "paused",
    "circuit_open",
    "stamped",
    "stamp_cleared",
    "stamp_waiting",
    "out_of_window",
    "unpaid",
    "voided",
    "skipped",
    "on_hold",
    "incomplete",
    "quiet_hours",
    "waiting_for_retry",
    "at_fault",
    "in_flight",
    "in_xero",
    "voided_in_xero",
    "changed_since",
    "orders_not_enabled",
    "order_not_due",
    "next_cycle",
]
"""Every cause that can be named."""

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause, in words for the tenant's own people, and what they can do about it (empty: nothing is needed)."""

    cause: Why
    words: str
    what_to_do: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document is where it is.

    Attributes:
        reason: the cause that has to go first.
        facts: what the answer was made from, by name; times are ISO texts.
        also: what stands in its way besides.
    """

    reason: Reason
    facts: Mapping[str, Fact] = field(default_factory=dict)
    also: tuple[Reason, ...] = ()

    def as_json(self) -> str:
        """As `sync.command-results` carries it: `cause`, `words`, `what_to_do`, `facts`, `also`."""
        answer = asdict(self.reason) | {
            "facts": dict(self.facts),
            "also": [asdict(each) for each in self.also],
        }
        return json.dumps(answer, ensure_ascii=False)
