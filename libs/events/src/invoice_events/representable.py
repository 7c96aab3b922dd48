"""Whether a schema can carry an event exactly. Nothing may be rounded, cut or guessed on the way.

The Avro library alone is not strict enough for money: it writes amounts beyond the schema's precision (and rounds them
when they are read), takes a time without zone for local time, drops the time of day where a date is wanted, cuts 1.5 to 1
where a whole number is wanted, and leaves out fields that the schema does not know. Each of these is refused here.

A schema is compiled once into nested functions; checking an event then costs a fraction of encoding it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

Check = Callable[[Any], None]

_INT = 2**31
_LONG = 2**63
_EXACT_TYPES: dict[str, type] = {"string": str, "boolean": bool}


class UnfitError(ValueError):
    """A value that the schema can not carry exactly. The message never repeats the value: it may be a customer's name.

    Attributes:
        path: where it stands in the event, innermost part first while it travels up.
        reason: what is wrong and what is wanted.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.path: list[str] = []
        self.reason = reason

    def __str__(self) -> str:
        return f"{''.join(reversed(self.path)).lstrip('.') or 'the event'}: {self.reason}"


def compile_check(schema: Any) -> Check:  # noqa: ANN401  # Avro JSON is any of six shapes
    """A function that raises UnfitError for whatever the schema can not carry exactly.

    Decimals are checked for being finite and for the digits before the point; surplus digits after it are found by
    the encoder itself, see `trimmed`.
    """
    return _compile(schema, {})


def trimmed(schema: Any, value: Any) -> Any:  # noqa: ANN401  # any shape, any value that an event can hold
    """The same event with surplus zeros of its decimals removed: 1.50000 is carried by a scale of 4 as 1.5000.

    Raises:
        UnfitError: a decimal has digits other than zero beyond the scale.
    """
    return _trim(schema, value, {})


def _compile(schema: Any, named: dict[str, Check]) -> Check:  # noqa: ANN401, PLR0911  # one return per Avro shape
    if isinstance(schema, list):
        return _union(schema, named)
    if isinstance(schema, str):
        return named[schema] if schema in named else _primitive(schema)
    logical = schema.get("logicalType")
    if logical == "decimal":
        return _decimal(schema["precision"], schema["scale"])
    if logical == "timestamp-micros":
        return _timestamp
    if logical == "date":
        return _date
    kind = schema["type"]
    if kind == "record":
        return _record(schema, named)
    if kind == "enum":
        named[schema["name"]] = check = _enum(frozenset(schema["symbols"]))
        return check
    if kind == "array":
        return _array(_compile(schema["items"], named))
    if kind == "map":
        return _map(_compile(schema["values"], named))
    return _primitive(kind)


def _record(schema: dict[str, Any], named: dict[str, Check]) -> Check:
    fields: list[tuple[str, bool, type | None, Check]] = []
    names: set[str] = set()

    def check(value: Any) -> None:  # noqa: ANN401  # whatever stands where a record is wanted
        if not isinstance(value, dict):
            raise UnfitError(f"{type(value).__name__}, wanted a record")
        for name, has_default, exact, inner in fields:
            try:
                item = value[name]
                if type(item) is exact:
                    continue
                inner(item)
            except KeyError:
                if not has_default:
                    raise _at(UnfitError("missing"), f".{name}") from None
            except UnfitError as error:
                raise _at(error, f".{name}") from None
        if len(value) > len(fields) or not value.keys() <= names:
            unknown = min(str(name) for name in value.keys() - names)
            raise _at(UnfitError("not known to the schema"), f".{unknown}")

    named[schema["name"]] = check  # before the fields: a record may contain itself
    for field in schema["fields"]:
        names.add(field["name"])
        exact = _EXACT_TYPES.get(field["type"]) if isinstance(field["type"], str) else None
        fields.append((field["name"], "default" in field, exact, _compile(field["type"], named)))
    return check


def _union(branches: list[Any], named: dict[str, Check]) -> Check:
    """Unions here are a type or null: anything else could not be told apart when read."""
    (inner,) = (_compile(branch, named) for branch in branches if branch != "null")

    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if value is not None:
            inner(value)

    return check


def _array(inner: Check) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, (list, tuple)):
            raise UnfitError(f"{type(value).__name__}, wanted a list")
        for position, item in enumerate(value):
            try:
                inner(item)
            except UnfitError as error:
                raise _at(error, f"[{position}]") from None

    return check


def _map(inner: Check) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise UnfitError(f"{type(value).__name__}, wanted a map with texts as keys")
        for item in value.values():
            inner(item)

    return check


def _enum(symbols: frozenset[str]) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, str) or value not in symbols:
            raise UnfitError(f"wanted one of {', '.join(sorted(symbols))}")

    return check


def _decimal(precision: int, scale: int) -> Check:
    limit = Decimal(1).scaleb(precision - scale)
    wanted = f"wanted a decimal of at most {precision - scale} digits before the point and {scale} after it"

    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, Decimal):
            raise UnfitError(f"{type(value).__name__}, {wanted}")
        if not value.is_finite() or not -limit < value < limit:
            raise UnfitError(f"out of range, {wanted}")

    return check


def _timestamp(value: Any) -> None:  # noqa: ANN401  # by protocol
    if not isinstance(value, datetime):
        raise UnfitError(f"{type(value).__name__}, wanted a time")
    if value.utcoffset() is None:
        raise UnfitError("a time without zone, wanted an aware one")


def _date(value: Any) -> None:  # noqa: ANN401  # by protocol
    if not isinstance(value, date) or isinstance(value, datetime):
        raise UnfitError(f"{type(value).__name__}, wanted a date without time of day")


def _primitive(kind: str) -> Check:
    if kind in {"int", "long"}:
        return _whole(_INT if kind == "int" else _LONG)
    wanted: type = {"string": str, "boolean": bool, "double": float, "null": type(None)}[kind]

    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, wanted):
            raise UnfitError(f"{type(value).__name__}, wanted {kind}")

    return check


def _whole(limit: int) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401  # by protocol
        if not isinstance(value, int) or isinstance(value, bool):
            raise UnfitError(f"{type(value).__name__}, wanted a whole number")
        if not -limit <= value < limit:
            raise UnfitError(f"out of range, wanted a whole number of {limit.bit_length()} bits")

    return check


def _at(error: UnfitError, part: str) -> UnfitError:
    error.path.append(part)
    return error


def _trim(schema: Any, value: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401  # any shape, any value
    if isinstance(schema, list):
        return (
            None
            if value is None
            else _trim(next(branch for branch in schema if branch != "null"), value, named)
        )
    if isinstance(schema, str):
        return _trim(named[schema], value, named) if schema in named else value
    if schema.get("logicalType") == "decimal":
        return _exactly(value, schema["precision"], schema["scale"])
    if schema["type"] == "record":
        named[schema["name"]] = schema
        return {
            field["name"]: _part(field["type"], value[field["name"]], named, f".{field['name']}")
            for field in schema["fields"]
            if field["name"] in value
        }
    if schema["type"] == "array":
        return [_part(schema["items"], item, named, f"[{position}]") for position, item in enumerate(value)]
    return value


def _part(schema: Any, value: Any, named: dict[str, Any], part: str) -> Any:  # noqa: ANN401  # any shape, any value
    try:
        return _trim(schema, value, named)
    except UnfitError as error:
        raise _at(error, part) from None


def _exactly(value: Decimal, precision: int, scale: int) -> Decimal:
    try:
        return value.quantize(
            Decimal(1).scaleb(-scale), context=Context(prec=precision, traps=[Inexact, InvalidOperation])
        )
    except (Inexact, InvalidOperation):
        raise UnfitError(f"more digits after the point than the {scale} that are carried") from None
