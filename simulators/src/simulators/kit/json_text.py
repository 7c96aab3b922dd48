"""JSON in which money never becomes a float: numbers with a point are read as Decimal and written digit by digit."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any


def _refuse_constant(name: str) -> Any:  # noqa: ANN401 - the type json.loads asks its hook for
    raise ValueError(f"{name} is no JSON number")


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Reads JSON text; numbers with a fraction or exponent come back as Decimal, others as int.

    Raises:
        ValueError: the text is not JSON (NaN and Infinity are not JSON either) or not UTF-8.
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def dumps(value: object) -> str:
    """Writes JSON text; a Decimal becomes the number with exactly its digits (600.60 stays 600.60).

    Raises:
        TypeError: the value holds something that JSON has no form for, a float included.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _write(value: object, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring_ascii(value))
    elif isinstance(value, dict):
        separator = "{"
        for key, member in value.items():
            parts.append(separator)
            parts.append(encode_basestring_ascii(key))
            parts.append(":")
            _write(member, parts)
            separator = ","
        parts.append("}" if separator == "," else "{}")
    elif isinstance(value, list | tuple):
        separator = "["
        for member in value:
            parts.append(separator)
            _write(member, parts)
            separator = ","
        parts.append("]" if separator == "," else "[]")
    else:
        parts.append(_scalar(value))
