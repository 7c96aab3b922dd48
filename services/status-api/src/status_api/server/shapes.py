"""Shapes that the schemas of answers are put together from."""

from __future__ import annotations

from status_api.server.operations import JsonSchema

TEXT: JsonSchema = {"type": "string"}
TEXT_OR_NULL: JsonSchema = {"type": ["string", "null"]}
NUMBER: JsonSchema = {"type": "integer"}
NUMBER_OR_NULL: JsonSchema = {"type": ["integer", "null"]}
YES_NO: JsonSchema = {"type": "boolean"}
TIME: JsonSchema = {"type": "string", "format": "date-time"}
TIME_OR_NULL: JsonSchema = {"type": ["string", "null"], "format": "date-time"}
DATE_OR_NULL: JsonSchema = {"type": ["string", "null"], "format": "date"}
MONEY: JsonSchema = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
    "description": "decimal, every digit kept",
}
MONEY_OR_NULL: JsonSchema = MONEY | {"type": ["string", "null"]}
DOCUMENT_NAME: JsonSchema = {"type": "string", "pattern": "^(invoice|purchase-order)/[1-9][0-9]{0,18}$"}
TEXTS: JsonSchema = {"type": "array", "items": TEXT}
STATE: JsonSchema = {"enum": ["active", "paused"]}


def record(**properties: JsonSchema) -> JsonSchema:
    """An object with exactly these members."""
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def or_null(schema: JsonSchema) -> JsonSchema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}
