"""Values of fields: what is accepted for which type, and how two are compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simulators.autotask.errors import CONVERSION_FAILED, RefusalError

if TYPE_CHECKING:
    from simulators.autotask.entities import Field

_TYPE_NAMES = {
    "int": "int",
    "long": "bigint",
    "decimal": "decimal",
    "datetime": "datetime",
    "string": "varchar",
    "boolean": "bit",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?)?")
MONEY_PLACES = 4
# Not money: rates between currencies and tax rates keep the digits that they were given.
UNLIMITED_PLACES = frozenset({"exchangeRate", "taxRate", "hourlyFactor"})


@lru_cache(maxsize=200_000)
def instant(text: str) -> datetime:
    """The moment a text names; a missing zone means UTC, a missing time midnight. ValueError if it is none."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    # More than six fraction digits are cut: Python's clock has microseconds only.
    moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def comparable(field: Field, value: object) -> Any:  # noqa: ANN401 - the type depends on the field's
    """The value of a filter in a form that compares with :func:`key` of the same field.

    Raises:
        RefusalError: The value is of the wrong type ("Conversion failed …"), or null.
    """
    if value is None:
        if field.type == "boolean":
            raise RefusalError(f"The boolean field {field.name} can only be compared with true or false.")
        raise RefusalError(f"A value is required for {field.name}; use exist or notExist to test for null.")
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise RefusalError(f"The boolean field {field.name} can only be compared with true or false.")
        return value
    return _converted(field, value)


def _converted(field: Field, value: object) -> Any:  # noqa: ANN401 - the type depends on the field's
    try:
        match field.type:
            case "int" | "long":
                return _whole(value)
            case "decimal":
                return _decimal(value)
            case "datetime":
                return instant(_text(value))
            case _:
                return str(value).casefold()
    except (ValueError, TypeError, InvalidOperation):
        raise RefusalError(CONVERSION_FAILED.format(value=value, type=_TYPE_NAMES[field.type])) from None


def _whole(value: object) -> int:
    number = _decimal(value)
    if number != int(number):
        raise TypeError(value)
    return int(number)


def _decimal(value: object) -> Decimal:
    if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite():
            return number
    raise TypeError(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(value)


def key(field: Field, value: Any) -> Any:  # noqa: ANN401 - the type depends on the field's
    """A stored value in the form that comparisons use: moments for dates, texts without case."""
    if value is None:
        return None
    if field.type == "datetime":
        return instant(value)
    if field.type == "string":
        return value.casefold()
    return value


def check(field: Field, value: object) -> None:
    """Whether a value may be stored in a field.

    Raises:
        RefusalError: It may not; the text names the field. Floats are refused: money never passes through them.
    """
    if value is None:
        return
    if field.type == "string":
        _check_text(field, value)
        return
    if not _fits(field, value):
        raise RefusalError(
            f"The value {value!r} is not valid for {field.name}, which is of type {field.type}."
        )


def _fits(field: Field, value: object) -> bool:
    match field.type:
        case "boolean":
            return isinstance(value, bool)
        case "decimal":
            return _is_money(field, value)
        case "datetime":
            return _is_date(value)
        case _:
            return isinstance(value, int) and not isinstance(value, bool)


def _check_text(field: Field, value: object) -> None:
    if not isinstance(value, str):
        raise RefusalError(f"The value {value!r} is not valid for {field.name}, which is of type string.")
    if field.length and len(value) > field.length:
        raise RefusalError(f"The length of {field.name} exceeds the maximum of {field.length} characters.")


def _is_money(field: Field, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return False
    number = Decimal(value)
    if not number.is_finite():
        return False
    return field.name in UNLIMITED_PLACES or number == round(number, MONEY_PLACES)


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        instant(value)
    except ValueError:
        return False
    return True
