"""The OpenAPI 3.1 document, made from the route table that serves."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from status_api.server.operations import Operation, Parameter, ref
from status_api.server.problems import PROBLEM_TYPE
from status_api.server.schemas import components

VERSION = "1.0.0"
_ALWAYS = (400, 500, 503)


def openapi(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Autotask to Xero invoice sync",
            "version": VERSION,
            "description": "Status, settings and commands of the invoice sync. Errors are RFC 9457 problem details; lists have cursors.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": components(),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    problems = {*operation.problems, *_ALWAYS, *_of_access(operation)}
    described: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"schema": schema}},
            }
            for status, schema in operation.answers.items()
        }
        | {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
            }
            for status in sorted(problems - set(operation.answers))
        },
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": operation.body}},
        }
    if operation.open:
        described["security"] = []
    return described


def _of_access(operation: Operation) -> tuple[int, ...]:
    """Problems of who asks."""
    if operation.open:
        return ()
    return (401,) if operation.own else (401, 403)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    }
