"""What an answer of a provider shows, and rules about it. Words alone are the weakest evidence: they change without notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Provider = Literal["autotask", "xero"]

_NO_STATUS = "none"
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one answer.

    Attributes:
        status: of HTTP; None if there was no answer, or if only words about it are left.
        number: Xero's `ErrorNumber`.
        kind: Xero's `Type`, or the `error` of its identity server.
        texts: the provider's words, each by itself.
        readable: whether the body was what it should be (JSON).
    """

    status: int | None = None
    number: int | None = None
    kind: str = ""
    texts: tuple[str, ...] = ()
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that must hold together; None where a rule does not ask.

    Attributes:
        statuses: ranges of HTTP statuses, both ends included.
        without_status: whether `statuses` also admits words that are left without an answer.
        numbers: error numbers.
        kind: pattern of the whole type.
        text: pattern that one of the texts has to contain.
        readable: whether the body could be read.
    """

    statuses: tuple[tuple[int, int], ...] | None = None
    without_status: bool = False
    numbers: frozenset[int] | None = None
    kind: re.Pattern[str] | None = None
    text: re.Pattern[str] | None = None
    readable: bool | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """What is to be asked first: rules by the strongest evidence they use, of these the ones that ask for more."""
        asked = [
            self.statuses is not None,
            self.numbers is not None,
            self.kind is not None,
            self.text is not None,
            self.readable is not None,
        ]
        return asked.index(True), -sum(asked)

    def fits(self, evidence: Evidence) -> bool:
        """Whether every condition holds. Case, line breaks and kinds of quotation marks mean nothing in texts."""
        return (
            self._status_fits(evidence.status)
            and (self.numbers is None or evidence.number in self.numbers)
            and (self.kind is None or self.kind.fullmatch(evidence.kind) is not None)
            and (self.text is None or any(self.text.search(_plain(one)) for one in evidence.texts))
            and (self.readable is None or self.readable == evidence.readable)
        )

    def _status_fits(self, status: int | None) -> bool:
        if self.statuses is None:
            return True
        if status is None:
            return self.without_status
        return any(low <= status <= high for low, high in self.statuses)


def rule_of(written: Mapping[str, Any]) -> Rule:
    """A rule as the catalogue writes it: `status` (numbers, ranges such as "500-599", "none"), `number`, `type`, `text`, `readable`.

    Raises:
        ValueError: it asks for nothing, or for something that does not exist.
    """
    unknown = set(written) - {"status", "number", "type", "text", "readable"}
    if unknown or not written:
        raise ValueError(f"a rule with {sorted(unknown) or 'no condition'}")
    statuses = written.get("status")
    return Rule(
        None if statuses is None else tuple(_range(one) for one in statuses if one != _NO_STATUS),
        statuses is not None and _NO_STATUS in statuses,
        frozenset(written["number"]) if "number" in written else None,
        _pattern(written.get("type")),
        _pattern(written.get("text")),
        written.get("readable"),
    )


def _range(written: int | str) -> tuple[int, int]:
    low, _, high = str(written).partition("-")
    return int(low), int(high or low)


def _pattern(written: str | None) -> re.Pattern[str] | None:
    return None if written is None else re.compile(written, re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).split())
