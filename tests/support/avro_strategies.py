"""Hypothesis strategies made from Avro schemas: every event that a schema can represent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from hypothesis import strategies as st

_EXACT = Context(prec=60)
_LIMITS = {"int": 2**31, "long": 2**63}
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # lone surrogates are no text
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001  # Hypothesis adds the zone


def events(schema: Any) -> st.SearchStrategy[dict[str, Any]]:  # noqa: ANN401  # Avro JSON is any of six shapes
    """Every event of a record schema."""
    return _values(schema, {})


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    """Every decimal of a precision and scale; the extremes often."""
    largest = 10**precision - 1
    unscaled = st.one_of(st.integers(-largest, largest), st.sampled_from([largest, -largest, 1, -1, 0]))
    return unscaled.map(lambda number: Decimal(number).scaleb(-scale, _EXACT))


def _values(schema: Any, named: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:  # noqa: ANN401  # as above
    if isinstance(schema, list):
        return st.one_of(*(_values(branch, named) for branch in schema))
    if isinstance(schema, str):
        return named[schema] if schema in named else _primitive(schema)
    if "logicalType" in schema:
        return _logical(schema)
    return _shape(schema, named)


def _logical(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema["logicalType"] == "decimal":
        return decimals(schema["precision"], schema["scale"])
    if schema["logicalType"] == "date":
        return st.dates()
    assert schema["logicalType"] == "timestamp-micros"
    return st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))


def _shape(schema: dict[str, Any], named: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    kind = schema["type"]
    if kind == "array":
        return st.lists(_values(schema["items"], named), max_size=3)
    if kind == "map":
        return st.dictionaries(_TEXTS, _values(schema["values"], named), max_size=3)
    if kind == "enum":
        named[schema["name"]] = st.sampled_from(schema["symbols"])
    elif kind == "record":
        fields = {field["name"]: _values(field["type"], named) for field in schema["fields"]}
        named[schema["name"]] = st.fixed_dictionaries(fields)
    else:
        return _primitive(kind)
    return named[schema["name"]]


def _primitive(kind: str) -> st.SearchStrategy[Any]:
    if kind in _LIMITS:
        limit = _LIMITS[kind]
        return st.one_of(st.integers(-limit, limit - 1), st.sampled_from([-limit, limit - 1]))
    return {"string": _TEXTS, "boolean": st.booleans(), "null": st.none()}[kind]
