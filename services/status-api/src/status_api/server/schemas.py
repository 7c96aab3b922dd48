"""JSON Schemas of what the API tells and takes: components of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from invoice_events.settings import settings_schema
from status_api.core.commands import ABOUT_A_DOCUMENT, KINDS, STATES
from status_api.core.statuses import STAGES, STATUSES
from status_api.server.operations import JsonSchema, ref

_TEXT: JsonSchema = {"type": "string"}
_TEXT_OR_NULL: JsonSchema = {"type": ["string", "null"]}
_NUMBER: JsonSchema = {"type": "integer"}
_NUMBER_OR_NULL: JsonSchema = {"type": ["integer", "null"]}
_YES_NO: JsonSchema = {"type": "boolean"}
_TIME: JsonSchema = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: JsonSchema = {"type": ["string", "null"], "format": "date-time"}
_DATE_OR_NULL: JsonSchema = {"type": ["string", "null"], "format": "date"}
_MONEY: JsonSchema = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
    "description": "decimal, every digit kept",
}
_MONEY_OR_NULL: JsonSchema = _MONEY | {"type": ["string", "null"]}
_TEXTS: JsonSchema = {"type": "array", "items": _TEXT}
_STATE: JsonSchema = {"enum": ["active", "paused"]}


def record(**properties: JsonSchema) -> JsonSchema:
    """An object with exactly these members."""
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _or_null(schema: JsonSchema) -> JsonSchema:
    return {"anyOf": [schema, {"type": "null"}]}


_VERSIONED = {
    "version": _NUMBER | {"description": "grows with each change of settings or state"},
    "updated_at": _TIME,
    "updated_by": _TEXT,
}

_XERO = record(
    id=_TEXT_OR_NULL,
    kind={"enum": ["invoice", "credit_note"]},
    number=_TEXT,
    url=_TEXT,
    status=_TEXT,
    currency=_TEXT,
    total=_MONEY | {"description": "as Xero returned it; positive on credit notes"},
    synced_at=_TIME,
)

_CAUSE = record(code=_TEXT, text=_TEXT_OR_NULL)

_ITEM: dict[str, JsonSchema] = {
    "id": _NUMBER | {"description": "Autotask id"},
    "document": _TEXT,
    "status": ref("Status"),
    "phase": {"enum": ["writing", "verifying", None]},
    "cause": _or_null(_CAUSE),
    "strikes": _NUMBER | {"description": "faults in a row; the third makes the status Fault"},
    "hold": {"enum": ["none", "skip", "diagnose"]},
    "revision": _NUMBER_OR_NULL,
    "changed_at": _TIME,
    "number": _TEXT_OR_NULL,
    "date": _DATE_OR_NULL,
    "due_date": _DATE_OR_NULL,
    "company": _or_null(record(id=_NUMBER, name=_TEXT)),
    "total": _MONEY_OR_NULL,
    "tax_total": _MONEY_OR_NULL,
    "currency": _TEXT_OR_NULL,
    "action": {"enum": ["create", "update", "void", None]},
    "priority": {"enum": ["interactive", "normal", "backfill", None]},
    "autotask_url": _TEXT_OR_NULL,
    "xero": _or_null(_XERO),
}

_TRY = {"revision": _NUMBER, "at": _TIME, "attempt": _NUMBER}

_DETAIL: dict[str, JsonSchema] = {
    "stage": {"enum": [*STAGES.values(), None]},
    "open_command": _or_null(record(command_id=_TEXT, issued_at=_TIME)),
    "first_synced_at": _TIME_OR_NULL,
    "source": _or_null(
        record(
            **_TRY,
            command_id=_TEXT_OR_NULL,
            settings_version=_NUMBER,
            line_count=_NUMBER,
            is_voided=_YES_NO,
            stamped_at=_TIME_OR_NULL,
        )
    ),
    "mapping": _or_null(
        record(
            **_TRY,
            xero_kind=_TEXT,
            number=_TEXT_OR_NULL,
            due_date=_DATE_OR_NULL,
            total=_MONEY_OR_NULL,
            settings_version=_NUMBER,
            reference_version=_NUMBER,
        )
    ),
    "processing": _or_null(record(**_TRY, request_id=_TEXT, verifying=_YES_NO)),
    "synced": _or_null(
        record(
            **_TRY,
            outcome=_TEXT,
            sub_total=_MONEY,
            total_tax=_MONEY,
            contact_id=_TEXT,
            contact_name=_TEXT,
            due_date=_DATE_OR_NULL,
            warnings=_TEXTS,
        )
    ),
    "fault": _or_null(
        record(
            **_TRY,
            code=_TEXT,
            text=_TEXT,
            side=_TEXT,
            service=_TEXT,
            strike=_YES_NO,
            final=_YES_NO,
            details=_TEXTS,
            xero_id=_TEXT_OR_NULL,
        )
    ),
    "skip": _or_null(record(**_TRY, reason=_TEXT, text=_TEXT)),
    "held": _or_null(record(at=_TIME, hold=_TEXT, actor=_TEXT_OR_NULL)),
}

_CONNECTION = record(
    side={"enum": ["autotask", "xero"]},
    state={"enum": ["connected", "down", "throttled", "refused", "unknown"]},
    detail=_TEXT,
    changed_at=_TIME_OR_NULL,
    checked_at=_TIME_OR_NULL,
    budgets={"type": "array", "items": record(name=_TEXT, used=_NUMBER, limit=_NUMBER)},
    next_step=_TEXT,
)

_CATALOGUE_ENTRY = record(
    code=_TEXT,
    side={"enum": ["autotask", "xero", "us"]},
    text=_TEXT,
    remedy=_TEXT,
    retry_can_help=_YES_NO,
)

_COMMAND: dict[str, JsonSchema] = {
    "command_id": _TEXT,
    "kind": {"enum": list(KINDS)},
    "document": _TEXT_OR_NULL,
    "actor": _TEXT,
    "issued_at": _TIME,
    "state": {"enum": list(STATES)},
    "reason": _TEXT_OR_NULL,
    "answer": _TEXT_OR_NULL | {"description": "JSON, where the command has an answer"},
    "service": _TEXT_OR_NULL,
    "answered_at": _TIME_OR_NULL,
}

COMMAND_BODY: JsonSchema = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": list(KINDS)},
        "document": {
            "type": "string",
            "pattern": "^invoice/[1-9][0-9]{0,18}$",
            "description": f"invoice/{{Autotask id}}; needed for {', '.join(sorted(ABOUT_A_DOCUMENT))}, left out otherwise",
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
        }
    },
}
"""Further members, as GET gives them, may stay in: they are read-only."""

STATE_BODY: JsonSchema = {"type": "object", "required": ["state"], "properties": {"state": _STATE}}


def components() -> dict[str, Any]:
    """Every schema by its name."""
    settings = {name: part for name, part in settings_schema().items() if name not in {"$schema", "$id"}}
    return {
        "AsOf": _TIME_OR_NULL
        | {
            "description": "everything that had happened by then is in this answer; null: nothing was read yet"
        },
        "Status": {"enum": list(STATUSES)},
        "Settings": settings,
        "Tenant": record(tenant_id=_TEXT, name=_TEXT, state=_STATE, **_VERSIONED),
        "SettingsVersion": record(
            tenant_id=_TEXT, settings=ref("Settings"), effective=ref("Settings"), **_VERSIONED
        ),
        "State": record(tenant_id=_TEXT, state=_STATE, **_VERSIONED),
        "HistoryEntry": record(
            name=_TEXT,
            state=_STATE,
            settings=ref("Settings"),
            changed={"type": "array", "items": {"enum": ["settings", "state", "name"]}},
            published=_YES_NO | {"description": "whether the change came back from Kafka"},
            **_VERSIONED,
        ),
        "Connection": _CONNECTION,
        "Connections": record(items={"type": "array", "items": ref("Connection")}, as_of=ref("AsOf")),
        "Overview": record(
            tenant=ref("Tenant"),
            counts=record(**dict.fromkeys(STATUSES, _NUMBER)),
            month=record(
                name=_TEXT | {"description": "year and month in the tenant's time zone"},
                first_synced=_NUMBER
                | {"description": "invoices that got into Xero for the first time in this month"},
            ),
            totals={
                "type": "array",
                "items": record(currency=_TEXT, documents=_NUMBER, total=_MONEY, total_tax=_MONEY),
                "description": "what is in Xero, as Xero returned it; credit notes count negative",
            },
            connections={"type": "array", "items": ref("Connection")},
            oldest_pending=_or_null(record(id=_NUMBER, status=ref("Status"), changed_at=_TIME)),
            search=_TEXT | {"enum": ["indexed", "plain"]},
            as_of=ref("AsOf"),
        ),
        "InvoiceItem": record(**_ITEM),
        "Invoice": record(**_ITEM, **_DETAIL, as_of=ref("AsOf")),
        "TimelineEntry": record(
            event_id=_TEXT,
            topic=_TEXT,
            revision=_NUMBER_OR_NULL,
            occurred_at=_TIME,
            summary=_TEXT,
            command_id=_TEXT_OR_NULL,
            trace_id=_TEXT_OR_NULL,
            event={"type": "object", "description": "the event itself"},
        ),
        "LogLine": record(
            event_id=_TEXT,
            document=_TEXT_OR_NULL,
            revision=_NUMBER_OR_NULL,
            service=_TEXT,
            level={"enum": ["info", "warning", "error"]},
            occurred_at=_TIME,
            message=_TEXT,
            fields={"type": "object", "additionalProperties": _TEXT},
            trace_id=_TEXT_OR_NULL,
        ),
        "CatalogueEntry": _CATALOGUE_ENTRY,
        "Catalogue": record(items={"type": "array", "items": ref("CatalogueEntry")}),
        "Faults": record(
            items={
                "type": "array",
                "items": record(
                    cause=ref("CatalogueEntry"),
                    documents=_NUMBER,
                    at_fault=_NUMBER,
                    retrying=_NUMBER,
                    first_at=_TIME_OR_NULL,
                    last_at=_TIME_OR_NULL,
                    newest_ids={"type": "array", "items": _NUMBER},
                    newest_text=_TEXT_OR_NULL,
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
                    state=_TEXT,
                    reason=_TEXT_OR_NULL,
                    answer=_TEXT_OR_NULL,
                    service=_TEXT,
                    occurred_at=_TIME,
                ),
            },
        ),
        "Alive": record(alive=_YES_NO, stalled=_TEXTS),
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail", "instance", "request_id"],
            "properties": {
                "type": _TEXT | {"format": "uri"},
                "title": _TEXT,
                "status": _NUMBER,
                "detail": _TEXT,
                "instance": _TEXT,
                "request_id": _TEXT,
                "problems": {"type": "array", "items": record(place=_TEXT, detail=_TEXT)},
                "current_version": _NUMBER,
                "parameter": _TEXT,
            },
        },
    }
