"""The OpenAPI 3.1 document, made from the route table that serves."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from status_api.server.examples import answer_example, request_example
from status_api.server.finishing import AS_OF
from status_api.server.openapi_links import links_of
from status_api.server.openapi_words import ABOUT, TAGS, tag_of, words_of
from status_api.server.operations import JSON_TYPE, JsonSchema, Operation, Parameter, ref
from status_api.server.problem_kinds import kinds_of
from status_api.server.problems import PROBLEM_TYPE
from status_api.server.schemas import components

VERSION = "1.0.0"
_ALWAYS = (400, 414, 500, 503)
_WITH_RETRY_AFTER = (429, 503)
_IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "header",
    {"type": "string"},
    "ETag of an answer that is known already: 304 without a body if it is still the same",
)
_TEXT: JsonSchema = {"type": "string"}
_REQUEST_ID = {
    "X-Request-Id": {
        "description": "of this request, as it stands in the log; what was sent, or a new one",
        "required": True,
        "schema": _TEXT,
    }
}
_ETAG = {"description": "validator for If-None-Match", "required": True, "schema": _TEXT}
_HEADERS: dict[str, dict[str, Any]] = {
    AS_OF: {"description": "as_of of the answer", "schema": _TEXT},
    "Location": {"description": "where it can be read back", "required": True, "schema": _TEXT},
    "Retry-After": {"description": "seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {"description": "which scheme is wanted", "required": True, "schema": _TEXT},
}
_WITH_LOCATION = frozenset({"giveCommand", "giveBulkCommand"})


def openapi(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, operations)
    used = {tag_of(operation) for operation in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Autotask to Xero invoice sync", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "a session, a token of a person or machine, or the token of the environment",
                }
            },
            "schemas": components(),
        },
    }


def statuses_of(operation: Operation) -> list[int]:
    """Statuses of problems that an operation can answer."""
    return sorted(
        {*operation.problems, *_ALWAYS, *_of_access(operation), *_of_body(operation)} - set(operation.answers)
    )


def _operation(operation: Operation, operations: Sequence[Operation]) -> dict[str, Any]:
    parameters = operation.parameters
    if _is_conditional(operation):
        parameters = (*parameters, _IF_NONE_MATCH)
    answers = {
        str(status): _answer(operation, status, schema, operations)
        for status, schema in operation.answers.items()
    }
    if _is_conditional(operation):
        answers["304"] = {
            "description": "Nothing has changed",
            "headers": _REQUEST_ID | {"ETag": _ETAG, AS_OF: _HEADERS[AS_OF]},
        }
    described: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "description": words_of(operation),
        "tags": [tag_of(operation)],
        "parameters": [_parameter(parameter) for parameter in parameters],
        "responses": answers
        | {str(status): _problem(operation, status) for status in statuses_of(operation)},
    }
    if operation.body is not None:
        content: dict[str, Any] = {"schema": operation.body}
        example = request_example(operation.operation_id)
        if example is not None:
            content["example"] = example
        described["requestBody"] = {
            "required": True,
            "description": f"at most {operation.most_bytes:,} bytes",
            "content": {JSON_TYPE: content},
        }
    if operation.open:
        described["security"] = []
    return described


def _answer(
    operation: Operation, status: int, schema: JsonSchema, operations: Sequence[Operation]
) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    example = answer_example(operation.operation_id, status)
    if example is not None:
        content["example"] = example
    headers = dict(_REQUEST_ID)
    if _is_conditional(operation) and status == HTTPStatus.OK:
        headers |= {"ETag": _ETAG, AS_OF: _HEADERS[AS_OF]}
    elif operation.operation_id in _WITH_LOCATION:
        headers["Location"] = _HEADERS["Location"]
    answer: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "headers": headers,
        "content": {operation.media: content},
    }
    links = links_of(operation, status, operations)
    return answer | ({"links": links} if links else {})


def _problem(operation: Operation, status: int) -> dict[str, Any]:
    headers = dict(_REQUEST_ID)
    if status in _WITH_RETRY_AFTER:
        headers["Retry-After"] = _HEADERS["Retry-After"]
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _HEADERS["WWW-Authenticate"]
    kinds = ", ".join(f"`{kind.slug}`" for kind in kinds_of(status, operation))
    return {
        "description": f"{HTTPStatus(status).phrase}: {kinds}",
        "headers": headers,
        "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
    }


def _is_conditional(operation: Operation) -> bool:
    """Whether its answers have a validator."""
    return operation.method == "GET" and operation.media == JSON_TYPE


def _of_access(operation: Operation) -> tuple[int, ...]:
    """Problems of who asks."""
    if operation.open:
        return () if operation.method == "GET" else (429,)
    return (401, 429) if operation.own else (401, 403, 429)


def _of_body(operation: Operation) -> tuple[int, ...]:
    """Problems of what is sent."""
    return () if operation.body is None else (413, 415)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    }
