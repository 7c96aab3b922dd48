from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from status_api.server.openapi import openapi
from status_api.server.operations import Operation
from status_api.server.routes import OPERATIONS

DOCUMENT = openapi(OPERATIONS)

# What OpenAPI 3.1 wants of the parts that this document has; schemas are JSON Schema 2020-12 by themselves.
_SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
_CONTENT = {
    "type": "object", "minProperties": 1,
    "additionalProperties": {"type": "object", "required": ["schema"], "additionalProperties": False, "properties": {"schema": _SCHEMA}},
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
    "type": "object", "required": ["operationId", "responses"], "additionalProperties": False,
    "properties": {
        "operationId": {"type": "string"}, "summary": {"type": "string"}, "security": {"type": "array"},
        "parameters": {"type": "array", "items": _PARAMETER},
        "requestBody": {
            "type": "object", "required": ["content"], "additionalProperties": False,
            "properties": {"content": _CONTENT, "required": {"type": "boolean"}},
        },
        "responses": {
            "type": "object", "minProperties": 1,
            "patternProperties": {
                "^[1-5][0-9]{2}$": {
                    "type": "object", "required": ["description"], "additionalProperties": False,
                    "properties": {"description": {"type": "string"}, "content": _CONTENT},
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
        "paths": {
            "type": "object",
            "patternProperties": {"^/": {"type": "object", "propertyNames": {"enum": ["get", "put", "post", "delete"]}, "additionalProperties": _OPERATION}},
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
def test_only_the_probe_is_open(operation: Operation) -> None:
    assert operation.open == (operation.path == "/healthz")
