"""Events as plain JSON: for examples, APIs and people.

Decimals become strings (no digit is lost), times ISO 8601 with Z, dates ISO dates. The way back is guided by the schema.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
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
        ValueError: a text is no decimal, date or time where one is wanted.
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
    logical = schema.get("logicalType")
    if logical == "decimal":
        return Decimal(value)
    if logical == "timestamp-micros":
        return datetime.fromisoformat(value).astimezone(UTC)
    if logical == "date":
        return date.fromisoformat(value)
    kind = schema["type"]
    if kind == "record":
        named[schema["name"]] = schema
        return {field["name"]: _field(field, value, named) for field in schema["fields"]}
    if kind == "enum":
        named[schema["name"]] = schema
        return value
    if kind == "array":
        return [_revive(schema["items"], item, named) for item in value]
    return value


def _field(field: dict[str, Any], value: dict[str, Any], named: dict[str, Any]) -> Any:  # noqa: ANN401  # any value
    if field["name"] not in value and "default" in field:
        return field["default"]
    return _revive(field["type"], value[field["name"]], named)
