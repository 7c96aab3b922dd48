"""Autotask's JSON values as Python values: times in UTC, dates as they stand, money as Decimal.

Autotask's date-times are UTC with or without `Z` and with up to seven fraction digits. Date-only fields arrive as a midnight
time: their date part is taken as it stands, never converted to another zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Record = Mapping[str, Any]
"""One Autotask record: JSON parsed with `parse_float=Decimal`."""

_TOO_FINE = re.compile(r"(\.\d{6})\d+")  # Python's clock ends at microseconds


class MalformedRecordError(ValueError):
    """A record lacks what every such record has, or has it in another type. The message names the field."""


def moment(record: Record, field: str) -> datetime | None:
    """A time as aware UTC, None where there is none.

    Raises:
        MalformedRecordError: the value is no time.
    """
    value = record.get(field)
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(_TOO_FINE.sub(r"\1", value))
    except (TypeError, ValueError) as error:
        raise MalformedRecordError(f"{field} is {value!r}, wanted a time") from error
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def business_date(record: Record, field: str) -> date | None:
    """The date part of a date-only field, None where there is none.

    Raises:
        MalformedRecordError: the value is no date.
    """
    value = record.get(field)
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError) as error:
        raise MalformedRecordError(f"{field} is {value!r}, wanted a date") from error


def amount(record: Record, field: str) -> Decimal:
    """A number; a missing one is zero, and an invoice whose lines then do not add up is never written.

    Raises:
        MalformedRecordError: the value is no number.
    """
    value = record.get(field)
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise MalformedRecordError(f"{field} is {value!r}, wanted a number")
    return Decimal(value)


def whole(record: Record, field: str) -> int | None:
    """A whole number such as an id, None where there is none.

    Raises:
        MalformedRecordError: the value is no whole number.
    """
    value = record.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise MalformedRecordError(f"{field} is {value!r}, wanted a whole number")
    return int(value)


def reference(record: Record, field: str) -> int | None:
    """The id of another record; Autotask writes 0 or null where there is none.

    Raises:
        MalformedRecordError: the value is no whole number.
    """
    return whole(record, field) or None


def text(record: Record, field: str) -> str:
    """A text, empty where there is none."""
    value = record.get(field)
    return "" if value is None else str(value)


def flag(record: Record, field: str) -> bool:
    """Yes or no; Autotask has booleans and 0/1 integers."""
    return bool(record.get(field))


def user_defined(record: Record, name: str) -> str:
    """The value of a user-defined field, empty where there is none.

    Autotask leaves the member out, sends null or an empty list where no record has a value; values are texts or null.
    """
    for udf in record.get("userDefinedFields") or ():
        if isinstance(udf, Mapping) and udf.get("name") == name:
            return text(udf, "value")
    return ""


def record_id(record: Record) -> int:
    """The record's own id.

    Raises:
        MalformedRecordError: it has none.
    """
    number = whole(record, "id")
    if number is None:
        raise MalformedRecordError("id is missing")
    return number
