"""Reading a JSON body: what no store could keep, or what would keep the process busy, is refused before anything looks at it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

MOST_BYTES = 256 * 1024
LARGE_BYTES = 1024 * 1024
_MOST_DEEP = 32
_MOST_ITEMS = 1_000
_MOST_VALUES = 50_000
_MOST_DIGITS = 40

Place = tuple[str, ...]


class BadJsonError(ValueError):
    """A body that is no JSON, or JSON that nobody here could mean.

    Attributes:
        place: where in the body, parts joined by dots.
    """

    def __init__(self, detail: str, place: Place = ()) -> None:
        super().__init__(detail)
        self.place = ".".join(place) or "body"


def read_json(raw: bytes) -> object:
    """The value that a body holds.

    Refused beside what is no JSON: a member that is there twice (one of the two would be lost), numbers that are not finite or longer
    than any amount, texts with NUL or half a character (PostgreSQL and UTF-8 know neither), lists and nesting beyond what any
    operation takes (comparing and walking them would cost far more than sending them).

    Raises:
        BadJsonError: with the place and what is wrong there.
    """
    try:
        value: object = json.loads(
            raw.decode(),
            object_pairs_hook=_members,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_short,
        )
    except BadJsonError:
        raise
    except RecursionError as error:
        raise BadJsonError(f"is nested more than {_MOST_DEEP} deep") from error
    except UnicodeDecodeError as error:
        raise BadJsonError("this is no JSON: it is not encoded in UTF-8") from error
    except ValueError as error:
        raise BadJsonError(f"this is no JSON: {error}") from error
    _require_handy(value)
    return value


def wrong_with_text(text: str) -> str | None:
    """Why a text can not be stored or looked for, None if it can."""
    if "\0" in text:
        return "holds the character NUL, which no text here has"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half of a character, wanted text"
    return None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BadJsonError(f"the member {_twice(pairs)[:50]!r} is there more than once")
    return members


def _twice(pairs: list[tuple[str, object]]) -> str:
    """The first name that comes again. In one pass: whoever sends a body chooses how long it is."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    return name


def _no_number(name: str) -> float:
    raise BadJsonError(f"this is no JSON: {name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if len(digits) > _MOST_DIGITS or not math.isfinite(number):
        raise BadJsonError("a number is larger or longer than any there is here")
    return number


def _short(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJsonError("a number is larger or longer than any there is here")
    return int(digits)


def _require_handy(value: object) -> None:
    """Walk the value without recursion.

    Raises:
        BadJsonError: it is nested too deep, too long, or has a text that can not be stored.
    """
    waiting: list[tuple[Place, object]] = [((), value)]
    seen = 0
    while waiting:
        place, part = waiting.pop()
        seen += 1
        if len(place) > _MOST_DEEP:
            raise BadJsonError(f"is nested more than {_MOST_DEEP} deep")
        if seen > _MOST_VALUES:
            raise BadJsonError(f"has more than {_MOST_VALUES:,} values")
        if isinstance(part, str):
            _require_text(part, place)
        else:
            waiting.extend(_parts(part, place))


def _parts(value: object, place: Place) -> Iterator[tuple[Place, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            _require_text(name, place)
            yield (*place, name[:50]), part
    elif isinstance(value, list):
        if len(value) > _MOST_ITEMS:
            raise BadJsonError(
                f"has {len(value):,} items, at most {_MOST_ITEMS:,} can be sent at once", place
            )
        for number, part in enumerate(value):
            yield (*place, str(number)), part


def _require_text(text: str, place: Place) -> None:
    wrong = wrong_with_text(text)
    if wrong is not None:
        raise BadJsonError(wrong, place)
