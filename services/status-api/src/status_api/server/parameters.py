"""Reading a request by its declaration; what does not fit is refused with the place and what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from status_api.server.operations import JsonSchema, Operation, Parameter
from status_api.server.problems import bad_body, bad_parameter

_INTEGER = re.compile(r"-?[0-9]{1,18}")


def read_query(operation: Operation, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Query parameters by name, defaults filled in.

    Raises:
        Problem: one is unknown, sent twice without being a list, or does not fit its schema.
    """
    declared = {parameter.name: parameter for parameter in operation.parameters if parameter.where == "query"}
    unknown = sorted(set(sent) - set(declared))
    if unknown:
        known = ", ".join(sorted(declared)) or "none"
        raise bad_parameter(unknown[0], f"this operation has no such parameter, it knows: {known}")
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
    for error in _errors(parameter.schema, value):
        raise bad_parameter(parameter.name, error.message)
    return value


def read_body(operation: Operation, body: object) -> object:
    """The body, checked against its schema.

    Raises:
        Problem: it does not fit; every error is listed with its place.
    """
    schema = operation.body or {}
    problems = [
        {"place": ".".join(str(part) for part in error.absolute_path) or "body", "detail": error.message}
        for error in _errors(schema, body)
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
            for error in _errors(parameter.schema, path[parameter.name]):
                raise bad_parameter(parameter.name, error.message)
