"""The answer to a dry run: what a resync would send to Xero, or why it would send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import simplejson

from xero_writer.core.body import Call
from xero_writer.core.events import Fault
from xero_writer.core.kinds import Mapped
from xero_writer.core.values import Json

Would = Literal["create", "update", "void", "nothing", "skip", "fault", "unknown"]
"""What a resync would do. Unknown: that could not be found out now."""

NEW_CONTACT = "the id that Xero gives the new contact"
"""Stands where the id of a contact will be that is made first."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Where a dry run has ended. Those that end before the mapper are answered by the poller, with the same members.

    Attributes:
        would: what a resync would do.
        words: the same for people.
        code: of the fault or skip.
        details: more of them.
        calls: what would be sent, in this order.
        contact: id and name of the contact, None if none was found or looked for.
        due_date: as it would be sent.
        differences: what an update would change.
    """

    would: Would
    words: str
    code: str | None = None
    details: Sequence[str] = field(default_factory=tuple)
    calls: Sequence[Call] = field(default_factory=tuple)
    contact: tuple[str, str] | None = None
    due_date: date | None = None
    differences: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of_fault(cls, fault: Fault) -> Diagnosis:
        """The fault that a try would end with."""
        return cls("fault", fault.words, fault.code, tuple(fault.details))

    def as_json(self, mapped: Mapped) -> str:
        """The answer of the command; numbers digit by digit, as they would be sent."""
        told = {
            "would": self.would,
            "words": self.words,
            "code": self.code,
            "details": list(self.details),
            "requests": [_request(call) for call in self.calls],
            "contact": None if self.contact is None else dict(zip(("id", "name"), self.contact, strict=True)),
            "due_date": None if self.due_date is None else self.due_date.isoformat(),
            "differences": list(self.differences),
            "prediction": _prediction(mapped),
            "warnings": list(mapped["warnings"]),
            "decisions": list(mapped["decisions"]),
            "settings_version": mapped["settings_version"],
            "reference_version": mapped["reference_version"] or None,
        }
        return simplejson.dumps(told, use_decimal=True, ensure_ascii=False)


def obstructed(mapped: Mapped) -> Diagnosis | None:
    """What stood in the way of a document to be, None if there is one (or one to void)."""
    obstacle = mapped["obstacle"]
    if obstacle is None:
        return None
    would: Would = "skip" if obstacle["outcome"] == "skipped" else "fault"
    return Diagnosis(would, obstacle["text"], obstacle["code"], tuple(obstacle["details"]))


def _request(call: Call) -> Json:
    """The request with its exact bytes as JSON. Credentials are in headers, of which nothing is told."""
    return {
        "method": call.method,
        "path": f"/api.xro/2.0{call.path}",
        "body": simplejson.loads(call.body, use_decimal=True),
    }


def _prediction(mapped: Mapped) -> Json | None:
    prediction = mapped["prediction"]
    if prediction is None:
        return None
    return {name: str(prediction[name]) for name in ("sub_total", "total_tax", "total")}
