"""The optimised forms of Xero's `where` filter; anything else is refused, as a malformed one is."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from simulators.xero import problems
from simulators.xero.texts import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Entry = TypeVar("Entry")

_TERM = re.compile(
    r"""\s*(?P<field>[A-Za-z.]+)\s*(?P<operator>==|=|>=|<=|>|<)\s*
    (?: "(?P<text>(?:[^"\\]|"")*)" | (?:guid|Guid)\(\s*"(?P<guid>[^"]*)"\s*\)
      | DateTime\(\s*(?P<year>\d+)\s*,\s*(?P<month>\d+)\s*,\s*(?P<day>\d+)\s*\) )\s*""",
    re.VERBOSE,
)
_AND = re.compile(r"AND\b|&&", re.IGNORECASE)
_EQUALS = ("=", "==")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison."""

    field: str
    operator: str
    value: str | date

    def holds(self, actual: str | date | None) -> bool:
        """Texts compare without case and accents; dates may be compared by order."""
        if actual is None:
            return False
        if isinstance(self.value, str):
            return folded(str(actual)) == folded(self.value)
        if not isinstance(actual, date):
            return False
        return {
            "=": actual == self.value,
            "==": actual == self.value,
            ">=": actual >= self.value,
            "<=": actual <= self.value,
            ">": actual > self.value,
            "<": actual < self.value,
        }[self.operator]


def _value(match: re.Match[str]) -> str | date:
    if match["year"] is not None:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["guid"] is not None:
        return str(uuid.UUID(match["guid"]))
    return match["text"].replace('""', '"')


def parse(text: str) -> list[Term]:
    """The terms of a filter, joined by AND or &&; a quote inside a text is written twice.

    Raises:
        XeroError: 400 QueryParseException.
    """
    terms: list[Term] = []
    position = 0
    while True:
        match = _TERM.match(text, position)
        if match is None:
            raise problems.bad_query(f"Syntax error in where clause at position {position}")
        try:
            value = _value(match)
        except ValueError as error:
            raise problems.bad_query(f"Invalid value in where clause: {error}") from error
        if isinstance(value, str) and match["operator"] not in _EQUALS:
            raise problems.bad_query(f"Operator '{match['operator']}' cannot be used with {match['field']}")
        terms.append(Term(match["field"], match["operator"], value))
        position = match.end()
        if position == len(text):
            return terms
        joint = _AND.match(text, position)
        if joint is None:
            raise problems.bad_query(f"Syntax error in where clause at position {position}")
        position = joint.end()


def matcher(
    text: str | None, fields: Mapping[str, Callable[[Entry], str | date | None]]
) -> Callable[[Entry], bool]:
    """A predicate for a filter over these fields.

    Raises:
        XeroError: 400 QueryParseException, also for a field that has no optimised form.
    """
    if not text:
        return lambda _entry: True
    terms = parse(text)
    for term in terms:
        if term.field not in fields:
            raise problems.bad_query(f"No property or field '{term.field}' exists in this stand-in's filters")
    return lambda entry: all(term.holds(fields[term.field](entry)) for term in terms)
