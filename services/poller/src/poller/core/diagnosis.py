"""The answer to a diagnosis that ends here: why nothing would go over, or why that can not be told now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from poller.core.messages import Fault

Would = Literal["skip", "fault", "nothing", "unknown"]
"""What a resync would do: skip the document, end at fault, not begin. Unknown: that could not be found out."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Where a dry run has ended. Those that get through to the xero-writer are answered there, with the same members.

    Attributes:
        would: what a resync would do.
        words: why.
        code: of the fault or skip.
        details: more of them.
    """

    would: Would
    words: str
    code: str | None = None
    details: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of_fault(cls, fault: Fault) -> Diagnosis:
        """The fault that a try would end with."""
        return cls("fault", fault.words, fault.code, fault.details)

    def as_json(self) -> str:
        """The answer of the command."""
        return json.dumps(
            {
                "would": self.would,
                "words": self.words,
                "code": self.code,
                "details": list(self.details),
                "requests": [],
            },
            ensure_ascii=False,
        )
