"""Reading a request by its declaration; what does not fit is refused with the place and what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from status_api.server.bodies import wrong_with_text
from status_api.server.operations import JsonSchema, Operation, Parameter
from status_api.server.problems import bad_body, bad_parameter
from status_api.server.schemas import components

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_MOST_PARAMETERS = 200
_MOST_PROBLEMS = 50
_MOST_WORDS = 300


def read_query(operation: Operation, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Query parameters by name, defaults filled in.

    Raises:
        Problem: one is unknown, sent twice without being a list, or does not fit its schema.
    """
    if sum(len(values) for values in sent.values()) > _MOST_PARAMETERS:
        raise bad_parameter("query", f"more than {_MOST_PARAMETERS} parameters")
    declared = {parameter.name: parameter for parameter in operation.parameters if parameter.where == "query"}
    unknown = sorted(set(sent) - set(declared))
    if unknown:
        known = ", ".join(sorted(declared)) or "none"
        raise bad_parameter(unknown[0][:100], f"this operation has no such parameter, it knows: {known}")
    read = {
        name: parameter.schema["default"]
        for name, parameter in declared.items()
        if "default" in parameter.schema
    }
    for name, values in sent.items():
        read[name] = _value(declared[name], list(values))
    return read


def _value(parameter: Parameter, values: list[str]) -> Any:  # noqa: ANN401  # any JSON value
    if parameter.schema.get("type") == "array":
        value: Any = values
    elif len(values) > 1:
        raise bad_parameter(parameter.name, "is there more than once")
    elif parameter.schema.get("type") == "integer" and _INTEGER.fullmatch(values[0]):
        value = int(values[0])
    else:
        value = values[0]
    _require(parameter, value, values)
    return value


def _require(parameter: Parameter, value: object, texts: Sequence[str]) -> None:
    """Check the value of a parameter.

    Raises:
        Problem: it does not fit its schema, or is none that could be looked for.
    """
    for text in texts:
        wrong = wrong_with_text(text)
        if wrong is not None:
            raise bad_parameter(parameter.name, wrong)
    for error in _errors(parameter.schema, value):
        raise bad_parameter(parameter.name, _words(error))


def _words(error: ValidationError) -> str:
    """What is wrong, without all of what was sent."""
    return error.message if len(error.message) <= _MOST_WORDS else error.message[:_MOST_WORDS] + "…"


def read_body(operation: Operation, body: object) -> object:
    """The body, checked against its schema.

    Raises:
        Problem: it does not fit; every error is listed with its place.
    """
    schema = {**(operation.body or {}), "components": {"schemas": _components()}}
    problems = [
        {"place": ".".join(str(part)[:50] for part in error.absolute_path) or "body", "detail": _words(error)}
        for error in _errors(schema, body)[:_MOST_PROBLEMS]
    ]
    if problems:
        raise bad_body(problems)
    return body


def _errors(schema: JsonSchema, value: object) -> list[ValidationError]:
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])


def require_path(operation: Operation, path: Mapping[str, str]) -> None:
    """Check the path parts.

    Raises:
        Problem: one does not fit its schema.
    """
    for parameter in operation.parameters:
        if parameter.where == "path":
            value = path[parameter.name]
            _require(parameter, value, [value])


@cache
def _components() -> dict[str, Any]:
    """What the schema of a body may refer to."""
    return components()
