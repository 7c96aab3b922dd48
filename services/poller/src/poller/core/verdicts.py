"""What can be decided about a document that Autotask has shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["discovery", "retry", "overdue", "cleared", "paid", "voided", "resync", "unskip"]
"""Why a try begins."""

VOIDED = "voided"
"""Reason of a skip: the document was voided or cancelled in Autotask before it went over, or Xero is to be left as it is."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing is to be done now."""


@dataclass(frozen=True, slots=True)
class Try:
    """A new try begins.

    Attributes:
        cause: why.
        void: whether Xero is asked to void or delete the document, instead of writing it.
    """

    cause: Cause
    void: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """It is not synced: reason and words for people."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """A person's wish can not be fulfilled, and nothing changes: why."""

    text: str


Verdict = Leave | Try | Skip
Answer = Try | Skip | Refuse
