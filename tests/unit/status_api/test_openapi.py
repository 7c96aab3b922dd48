from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from status_api.server.examples import examples
from status_api.server.openapi import openapi
from status_api.server.openapi_links import LINKS, Link
from status_api.server.openapi_words import described_names, tag_of
from status_api.server.operations import Operation
from status_api.server.problem_kinds import KINDS
from status_api.server.routes import OPERATIONS

DOCUMENT = openapi(OPERATIONS)

# What OpenAPI 3.1 wants of the parts that this document has; schemas are JSON Schema 2020-12 by themselves.
_SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
_CONTENT = {
    "type": "object", "minProperties": 1,
    "additionalProperties": {"type": "object", "required": ["schema"], "additionalProperties": False, "properties": {"schema": _SCHEMA, "example": {}}},
}  # fmt: skip
_HEADERS = {
    "type": "object",
    "additionalProperties": {
        "type": "object", "required": ["schema"], "additionalProperties": False,
        "properties": {"description": {"type": "string"}, "required": {"type": "boolean"}, "schema": _SCHEMA},
    },
}  # fmt: skip
_LINKS = {
    "type": "object",
    "propertyNames": {"pattern": r"^[a-zA-Z0-9._-]+$"},
    "additionalProperties": {
        "type": "object", "required": ["operationId"], "additionalProperties": False,
        "properties": {"operationId": {"type": "string"}, "description": {"type": "string"}, "parameters": {"type": "object"}},
    },
}  # fmt: skip
_PARAMETER = {
    "type": "object", "required": ["name", "in", "schema"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string"}, "in": {"enum": ["query", "header", "path", "cookie"]},
        "description": {"type": "string"}, "required": {"type": "boolean"}, "schema": _SCHEMA,
    },
    "if": {"properties": {"in": {"const": "path"}}}, "then": {"required": ["required"], "properties": {"required": {"const": True}}},
}  # fmt: skip
_OPERATION = {
    "type": "object", "required": ["operationId", "summary", "description", "tags", "responses"], "additionalProperties": False,
    "properties": {
        "operationId": {"type": "string"}, "summary": {"type": "string", "minLength": 1}, "description": {"type": "string", "minLength": 1},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1}, "security": {"type": "array"},
        "parameters": {"type": "array", "items": _PARAMETER},
        "requestBody": {
            "type": "object", "required": ["content"], "additionalProperties": False,
            "properties": {"description": {"type": "string"}, "content": _CONTENT, "required": {"type": "boolean"}},
        },
        "responses": {
            "type": "object", "minProperties": 1,
            "patternProperties": {
                "^[1-5][0-9]{2}$": {
                    "type": "object", "required": ["description"], "additionalProperties": False,
                    "properties": {"description": {"type": "string", "minLength": 1}, "headers": _HEADERS, "content": _CONTENT, "links": _LINKS},
                }
            },
            "additionalProperties": False,
        },
    },
}  # fmt: skip
_OPENAPI = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": False,
    "properties": {
        "openapi": {"pattern": r"^3\.1\.\d+$"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"type": "array", "items": {"type": "object", "required": ["url"]}},
        "security": {"type": "array", "items": {"type": "object"}},
        "tags": {"type": "array", "items": {"type": "object", "required": ["name", "description"]}},
        "paths": {
            "type": "object",
            "patternProperties": {"^/": {"type": "object", "propertyNames": {"enum": ["get", "put", "post", "delete", "patch"]}, "additionalProperties": _OPERATION}},
            "additionalProperties": False,
        },
        "components": {
            "type": "object", "additionalProperties": False,
            "properties": {
                "schemas": {"type": "object", "additionalProperties": _SCHEMA},
                "securitySchemes": {"type": "object"},
            },
        },
    },
}  # fmt: skip


def test_the_document_is_openapi() -> None:
    Draft202012Validator(_OPENAPI).validate(DOCUMENT)


def test_the_check_of_the_document_can_fail() -> None:
    broken = openapi(OPERATIONS)
    del broken["paths"]["/healthz"]["get"]["responses"]
    assert not Draft202012Validator(_OPENAPI).is_valid(broken)


def _refs(value: Any) -> list[str]:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for part in value.values() for ref in _refs(part)]
    if isinstance(value, list):
        return [ref for part in value for ref in _refs(part)]
    return []


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    names = {ref.removeprefix("#/components/schemas/") for ref in _refs(DOCUMENT)}
    assert names == set(DOCUMENT["components"]["schemas"])


def test_operation_ids_are_unique() -> None:
    ids = [operation.operation_id for operation in OPERATIONS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_every_operation_declares_its_path_and_is_described(operation: Operation) -> None:
    in_path = set(re.findall(r"\{(\w+)\}", operation.path))
    assert {parameter.name for parameter in operation.parameters if parameter.where == "path"} == in_path
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    assert described["operationId"] == operation.operation_id
    assert ("requestBody" in described) == (operation.body is not None)
    assert operation.open or "401" in described["responses"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_only_the_probe_and_the_ways_in_are_open(operation: Operation) -> None:
    assert operation.open == (
        operation.path in {"/healthz", "/api/v1/sessions", "/api/v1/invitations/accepted"}
    )


def test_every_tag_is_explained_and_used() -> None:
    used = {
        tag
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for tag in operation["tags"]
    }
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


def test_no_resource_is_without_a_tag_of_its_own() -> None:
    assert [operation.path for operation in OPERATIONS if tag_of(operation) == "service"] == ["/healthz"]


def test_nothing_is_described_that_is_not_there() -> None:
    there = {operation.operation_id for operation in OPERATIONS} | {"streamChanges"}
    assert described_names() <= there
    assert {name for link in LINKS for name in (link.source, link.target)} <= there
    named = {start for kind in KINDS for start in kind.of}
    assert {start for start in named if not any(name.startswith(start) for name in there)} == set()


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.source} {link.status} {link.target}")
def test_every_link_fills_path_parts_of_its_target_from_an_answer_that_has_them(link: Link) -> None:
    by_id = {operation.operation_id: operation for operation in OPERATIONS}
    target, source = by_id[link.target], by_id[link.source]
    places = {parameter.name: parameter.where for parameter in target.parameters}
    wanted = {parameter.name for parameter in target.parameters if parameter.where == "path"}
    assert wanted <= set(link.parameters) <= set(places)
    assert link.status in source.answers
    for expression in link.parameters.values():
        if expression.startswith("$response.body#"):
            schema = source.answers[link.status]
            for part in expression.removeprefix("$response.body#/").split("/"):
                schema = _resolved(schema)
                schema = schema["items"] if part == "0" else schema["properties"][part]


def _resolved(schema: Any) -> Any:  # noqa: ANN401  # JSON
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _contents() -> list[tuple[str, Any]]:
    return [
        (f"{operation['operationId']} {status}", content)
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for status, answer in [*operation["responses"].items(), ("request", operation.get("requestBody", {}))]
        for content in answer.get("content", {}).values()
    ]


def test_no_example_contradicts_its_schema() -> None:
    checked = 0
    for name, content in _contents():
        if "example" in content:
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
            errors = [error.message for error in validator.iter_errors(content["example"])]
            assert errors == [], name
            checked += 1
    assert checked > len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_no_operation_is_without_examples(operation: Operation) -> None:
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    if operation.body is not None:
        assert "example" in described["requestBody"]["content"]["application/json"]
    if operation.media == "application/json":
        told = [
            status
            for status in operation.answers
            if "example" in described["responses"][str(status)]["content"]["application/json"]
        ]
        assert told, "an example of a success"


def test_every_example_belongs_to_an_answer_there_is() -> None:
    by_id = {operation.operation_id: operation for operation in OPERATIONS}
    for name, told in examples().items():
        assert {int(status) for status in told["answers"]} <= set(by_id[name].answers), name
        assert ("request" in told) == (by_id[name].body is not None), name
