"""The six words a document's state is told in: their order, their look, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown.

    Attributes:
        colour: of the component library's palette.
        name: for the style sheet, `status-{name}`.
        symbol: icon beside the word.
        meaning: one sentence for people.
    """

    colour: str
    name: str
    symbol: str
    meaning: str


LOOKS: Mapping[str, Look] = {
    "Pending Sync": Look("blue", "pending", "clock", "Downloaded from Autotask and queued for Xero."),
    "Processing Now": Look("indigo", "processing", "play", "Being written to Xero at this moment."),
    "Complete": Look("teal", "complete", "check", "In Xero."),
    "Fault": Look(
        "red", "fault", "warning", "An error occurred, and nothing more is tried until somebody resyncs it."
    ),
    "Skipped": Look("gray", "skipped", "skip", "Left alone by the sync."),
    "Diagnostic Mode": Look(
        "grape", "diagnostic", "lens", "Held for a diagnosis; the sync does not touch it."
    ),
}
"""By status, in the order in which they are listed."""

STATUSES: tuple[str, ...] = tuple(LOOKS)

UNKNOWN_LOOK = Look("gray", "other", "help", "A status that this page does not know yet.")
"""Of a status that a newer status-api may have."""

PHASES: Mapping[str, str] = {
    "writing": "writing to Xero",
    "verifying": "verifying: the answer of Xero was lost, and what became of it is being looked up",
}
"""What Processing Now is doing."""

SHORT_PHASES: Mapping[str, str] = {"writing": "writing", "verifying": "verifying"}
"""The same, as a list has room for it."""

REASONS: Mapping[str, str] = {
    "by_hand": "Skipped by hand",
    "stamped_elsewhere": "Stamped by another integration",
    "unpaid": "Not paid in full in Autotask",
    "voided": "Voided in Autotask",
    "no_lines": "No line items",
    "not_triggered": "Not due yet in Autotask",
    "voided_in_xero": "Voided in Xero as in Autotask",
    "nothing_in_xero": "Voided in Autotask; nothing of it was in Xero",
    "changed_since": "Changed in Autotask since it went over",
}
"""Causes that are no faults, in few words."""

STRIKES = 3
"""So many faults in a row make the status Fault."""


def look_of(status: str) -> Look:
    """How a status is shown."""
    return LOOKS.get(status, UNKNOWN_LOOK)


def status_words(status: str, phase: str | None = None) -> str:
    """A status as a list shows it: `Processing Now, verifying`."""
    return f"{status}, {SHORT_PHASES.get(phase, phase)}" if phase is not None else status


def cause_words(cause: Mapping[str, Any] | None) -> str:
    """Why a document is as it is, in one line; empty where there is no reason. A fault is told in the words users know."""
    if cause is None:
        return ""
    short = REASONS.get(cause["code"])
    return short or cause["text"] or str(cause["code"])


def strikes_words(strikes: int) -> str:
    """How many faults there were in a row, as `2 of 3 faults`; empty without any."""
    return f"{strikes} of {STRIKES} faults" if strikes else ""
