"""Values as Xero writes them: dates, amounts, texts that may be missing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

_MS_DATE = re.compile(r"\\?/Date\((-?\d+)(?:[+-]\d{4})?\)\\?/")
ZERO_ID = "00000000-0000-0000-0000-000000000000"


def xero_time(value: object) -> datetime | None:
    """`/Date(ms+0000)/` (the offset is to be ignored: the number is UTC already) or ISO 8601; None if absent.

    Raises:
        ValueError: a text that is neither.
    """
    if not isinstance(value, str) or not value:
        return None
    found = _MS_DATE.fullmatch(value)
    if found:
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    parsed = datetime.fromisoformat(value)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def xero_date(document: Json, name: str) -> date | None:
    """A calendar date: midnight UTC of that day, or its `…String` twin."""
    moment = xero_time(document.get(f"{name}String")) or xero_time(document.get(name))
    return moment.date() if moment else None


def amount(value: object) -> Decimal:
    """Money or a quantity; Xero leaves out what is null, documentation samples show numbers as strings.

    Raises:
        ValueError: not a number.
    """
    if value is None or value == "":
        return Decimal(0)
    try:
        return Decimal(str(value))
    except ArithmeticError as error:
        raise ValueError(f"{value!r} is no amount") from error


def text(value: object) -> str:
    """A text that may be missing."""
    return value if isinstance(value, str) else ""


def truth(value: object) -> bool:
    """A boolean that may come as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def sound_text(value: object) -> str:
    """A text without what no column, event or log line can hold: NUL and halves of surrogate pairs, which JSON lets pass."""
    return text(value).replace("\x00", "").encode("utf-8", "replace").decode()


def sound(value: object) -> object:
    """The same for every text in a value of JSON, names of members included."""
    if isinstance(value, dict):
        return {sound_text(name): sound(part) for name, part in value.items()}
    if isinstance(value, list):
        return [sound(part) for part in value]
    return sound_text(value) if isinstance(value, str) else value
