"""Shapes of bulk acts."""

from __future__ import annotations

from invoice_events.names import KINDS as DOCUMENT_KINDS
from status_api.core.bulk import BULK_KINDS, FATES, MOST_DOCUMENTS, MOST_OF_A_CAUSE
from status_api.core.commands import STATES
from status_api.core.statuses import STATUSES
from status_api.server.operations import JsonSchema, ref
from status_api.server.shapes import DOCUMENT_NAME, NUMBER, TEXT, TEXT_OR_NULL, TIME, or_null, record

_OF_A_CAUSE = ("document_kind", "status", "limit")

BULK_BODY: JsonSchema = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "oneOf": [{"required": ["documents"]}, {"required": ["cause"]}],
    "dependentRequired": {name: ["cause"] for name in _OF_A_CAUSE},
    "properties": {
        "kind": {"enum": list(BULK_KINDS)},
        "documents": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_DOCUMENTS,
            "uniqueItems": True,
            "items": DOCUMENT_NAME,
            "description": "which documents, such as invoice/48213; or else a cause",
        },
        "cause": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "pattern": "^[A-Za-z_]+$",
            "description": "a fault's code or a skip's reason: all documents that have it",
        },
        "document_kind": {"enum": list(DOCUMENT_KINDS), "description": "of a cause: both if left out"},
        "status": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": list(STATUSES)},
            "description": "of a cause: documents that show one of these; left out: Fault, for unskip Skipped",
        },
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_OF_A_CAUSE,
            "default": MOST_OF_A_CAUSE,
            "description": "of a cause: how many at most, those that changed last",
        },
    },
}

BULK_SCHEMAS: dict[str, JsonSchema] = {
    "BulkGiven": record(
        bulk_id=TEXT,
        kind={"enum": list(BULK_KINDS)},
        issued_at=TIME,
        accepted=NUMBER | {"description": "how many commands were stored"},
        already_open=NUMBER | {"description": "the same command was open: that one goes on"},
        unknown=NUMBER,
        refused=NUMBER,
        remaining=NUMBER | {"description": "of a cause: how many more there are beyond the limit"},
        reason=TEXT_OR_NULL | {"description": "why the commands wait, if they do"},
        items={
            "type": "array",
            "items": record(
                document=TEXT,
                fate={"enum": list(FATES)},
                command_id=TEXT_OR_NULL,
                problem=or_null(ref("Problem")),
            ),
        },
    ),
    "BulkAct": record(
        bulk_id=TEXT,
        kind={"enum": list(BULK_KINDS)},
        about=TEXT,
        actor=TEXT,
        issued_at=TIME,
        commands=record(**dict.fromkeys(STATES, NUMBER)) | {"description": "how many are in each state"},
        open=NUMBER | {"description": "how many are not finished"},
        reason=TEXT_OR_NULL | {"description": "why they wait, if they do"},
    ),
}
