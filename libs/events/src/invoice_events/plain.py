"""Events as plain JSON: for examples, APIs and people.

Decimals become strings (no digit is lost), times ISO 8601 with Z, dates ISO dates. The way back is guided by the schema.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from invoice_events.codec import Event
from invoice_events.schemas import schema_of


def to_plain(value: Any) -> Any:  # noqa: ANN401  # any value that an event can hold
    """JSON-ready form of an event or a part of one."""
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def from_plain(topic: str, plain: dict[str, Any]) -> Event:
    """The event that `to_plain` made this of.

    Raises:
        KeyError: a field without default is missing.
        ValueError: a text is no decimal, date or time with zone where one is wanted, or a field is not known.
    """
    parsed = schema_of(topic).parsed
    return cast("Event", _revive(parsed, plain, {}))


def _revive(schema: Any, value: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911  # one return per Avro shape
    if isinstance(schema, str):
        return _revive(named[schema], value, named) if schema in named else value
    if isinstance(schema, list):
        if value is None:
            return None
        return _revive(next(part for part in schema if part != "null"), value, named)
    if "logicalType" in schema:
        return _LOGICAL[schema["logicalType"]](value)
    kind = schema["type"]
    if kind == "record":
        named[schema["name"]] = schema
        return _record(schema, value, named)
    if kind == "enum":
        named[schema["name"]] = schema
        return value
    if kind == "array":
        return [_revive(schema["items"], item, named) for item in value]
    return value


def _record(schema: dict[str, Any], value: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    unknown = set(value) - {field["name"] for field in schema["fields"]}
    if unknown:
        message = f"{min(unknown)} is no field of {schema['name']}"
        raise ValueError(message)
    return {field["name"]: _field(field, value, named) for field in schema["fields"]}


def _decimal(value: str) -> Decimal:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError):
        message = f"{value!r} is no decimal"
        raise ValueError(message) from None


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        message = f"{value!r} is a time without zone"
        raise ValueError(message)
    return time.astimezone(UTC)


def _field(field: dict[str, Any], value: dict[str, Any], named: dict[str, Any]) -> Any:  # noqa: ANN401  # any value
    if field["name"] not in value and "default" in field:
        return field["default"]
    return _revive(field["type"], value[field["name"]], named)


_LOGICAL: dict[str, Callable[[str], Any]] = {
    "decimal": _decimal,
    "timestamp-micros": _time,
    "date": date.fromisoformat,
}
