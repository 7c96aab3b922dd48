"""JSON Schemas of what the API tells and takes: components of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from invoice_events.names import KINDS as DOCUMENT_KINDS
from invoice_events.settings import settings_schema
from status_api.core.cautions import CONFIRMED_BY_NAME
from status_api.core.commands import ABOUT_A_DOCUMENT, BOTH, KINDS, SIDES, STATES
from status_api.core.statuses import STATUSES
from status_api.server.bulk_schemas import BULK_SCHEMAS
from status_api.server.document_schemas import DOCUMENT_SCHEMAS
from status_api.server.figure_schemas import CATALOGUE_ENTRY, FIGURE_SCHEMAS, FIGURES
from status_api.server.operations import JsonSchema, ref
from status_api.server.people_schemas import PEOPLE_SCHEMAS
from status_api.server.shapes import (
    DOCUMENT_NAME,
    NUMBER,
    NUMBER_OR_NULL,
    STATE,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    TIME,
    TIME_OR_NULL,
    YES_NO,
    record,
)

_VERSIONED = {
    "version": NUMBER | {"description": "grows with each change of settings or state"},
    "updated_at": TIME,
    "updated_by": TEXT,
}

_CONNECTION = record(
    side={"enum": ["autotask", "xero"]},
    state={"enum": ["connected", "down", "throttled", "refused", "unknown"]},
    detail=TEXT,
    changed_at=TIME_OR_NULL,
    checked_at=TIME_OR_NULL,
    budgets={"type": "array", "items": record(name=TEXT, used=NUMBER, limit=NUMBER)},
    next_step=TEXT,
)

_COMMAND: dict[str, JsonSchema] = {
    "command_id": TEXT,
    "kind": {"enum": list(KINDS)},
    "options": {"type": "object", "additionalProperties": {"type": ["boolean", "string"]}},
    "document": TEXT_OR_NULL,
    "bulk_id": TEXT_OR_NULL | {"description": "the bulk act that it belongs to"},
    "actor": TEXT,
    "issued_at": TIME,
    "state": {"enum": list(STATES)},
    "reason": TEXT_OR_NULL,
    "answer": TEXT_OR_NULL | {"description": "JSON, where the command has an answer"},
    "service": TEXT_OR_NULL,
    "answered_at": TIME_OR_NULL,
}

COMMAND_BODY: JsonSchema = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": list(KINDS)},
        "document": DOCUMENT_NAME
        | {
            "description": "invoice/{Autotask id} or purchase-order/{Autotask id};"
            f" needed for {', '.join(sorted(ABOUT_A_DOCUMENT))}, left out otherwise",
        },
        "options": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "recreate": YES_NO
                | {
                    "description": "of a resync: make a new document, should the one in Xero be deleted or voided"
                },
                "side": {
                    "enum": [*SIDES, BOTH],
                    "description": f"of test-connection: which connection; {BOTH} if left out",
                },
            },
        },
    },
}

SETTINGS_BODY: JsonSchema = {
    "type": "object",
    "required": ["settings"],
    "properties": {
        "settings": {
            "type": "object",
            "description": "a Settings document; what is left out takes its default",
        },
        "confirm": {
            "type": "array",
            "uniqueItems": True,
            "items": {"enum": list(CONFIRMED_BY_NAME)},
            "description": "settings whose change is meant although the answer 409 warned of it",
        },
    },
}
"""Further members, as GET gives them, may stay in: they are read-only."""

STATE_BODY: JsonSchema = {"type": "object", "required": ["state"], "properties": {"state": STATE}}


def components() -> dict[str, Any]:
    """Every schema by its name."""
    settings = {name: part for name, part in settings_schema().items() if name not in {"$schema", "$id"}}
    return {
        "AsOf": TIME_OR_NULL
        | {
            "description": "everything that had happened by then is in this answer; null: nothing was read yet"
        },
        "Status": {"enum": list(STATUSES)},
        "Settings": settings,
        "Tenant": record(tenant_id=TEXT, name=TEXT, state=STATE, **_VERSIONED),
        "SettingsVersion": record(
            tenant_id=TEXT, settings=ref("Settings"), effective=ref("Settings"), **_VERSIONED
        ),
        "State": record(tenant_id=TEXT, state=STATE, **_VERSIONED),
        "HistoryEntry": record(
            name=TEXT,
            state=STATE,
            settings=ref("Settings"),
            changed={"type": "array", "items": {"enum": ["settings", "state", "name"]}},
            published=YES_NO | {"description": "whether the change came back from Kafka"},
            **_VERSIONED,
        ),
        "Connection": _CONNECTION,
        "Connections": record(items={"type": "array", "items": ref("Connection")}, as_of=ref("AsOf")),
        "Overview": record(
            tenant=ref("Tenant"),
            **FIGURES,
            purchase_orders=record(
                **FIGURES,
                changed_since=NUMBER
                | {"description": "how many were changed in Autotask since they went over"},
            )
            | {"description": "the same figures of purchase orders; those beside it are of invoices alone"},
            connections={"type": "array", "items": ref("Connection")},
            search=TEXT | {"enum": ["indexed", "plain"]},
            as_of=ref("AsOf"),
        ),
        **DOCUMENT_SCHEMAS,
        **FIGURE_SCHEMAS,
        **PEOPLE_SCHEMAS,
        **BULK_SCHEMAS,
        "TimelineEntry": record(
            event_id=TEXT,
            topic=TEXT,
            revision=NUMBER_OR_NULL,
            occurred_at=TIME,
            summary=TEXT,
            command_id=TEXT_OR_NULL,
            trace_id=TEXT_OR_NULL,
            event={"type": "object", "description": "the event itself"},
        ),
        "LogLine": record(
            event_id=TEXT,
            document=TEXT_OR_NULL,
            revision=NUMBER_OR_NULL,
            service=TEXT,
            level={"enum": ["info", "warning", "error"]},
            occurred_at=TIME,
            message=TEXT,
            fields={"type": "object", "additionalProperties": TEXT},
            trace_id=TEXT_OR_NULL,
        ),
        "CatalogueEntry": CATALOGUE_ENTRY,
        "Catalogue": record(items={"type": "array", "items": ref("CatalogueEntry")}),
        "Faults": record(
            items={
                "type": "array",
                "items": record(
                    kind={"enum": list(DOCUMENT_KINDS)},
                    cause=ref("CatalogueEntry"),
                    documents=NUMBER,
                    at_fault=NUMBER,
                    retrying=NUMBER,
                    first_at=TIME_OR_NULL,
                    last_at=TIME_OR_NULL,
                    newest_ids={"type": "array", "items": NUMBER},
                    newest_text=TEXT_OR_NULL,
                ),
            },
            as_of=ref("AsOf"),
        ),
        "Command": record(**_COMMAND),
        "CommandWithResults": record(
            **_COMMAND,
            results={
                "type": "array",
                "items": record(
                    state=TEXT,
                    reason=TEXT_OR_NULL,
                    answer=TEXT_OR_NULL,
                    service=TEXT,
                    occurred_at=TIME,
                ),
            },
        ),
        "Alive": record(alive=YES_NO, stalled=TEXTS),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail", "instance", "request_id"],
            "properties": {
                "type": TEXT | {"format": "uri"},
                "title": TEXT,
                "status": NUMBER,
                "detail": TEXT,
                "instance": TEXT,
                "request_id": TEXT,
                "problems": {"type": "array", "items": record(place=TEXT, detail=TEXT)},
                "current_version": NUMBER,
                "parameter": TEXT,
                "cautions": {
                    "type": "array",
                    "items": record(setting=TEXT, before={}, after={}, caution=TEXT),
                },
            },
        },
    }
