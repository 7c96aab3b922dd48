"""How rows are told: JSON members of invoices, connections, commands. Money as text with all its digits, times with Z."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invoice_events.plain import to_plain
from status_api.core.statuses import STAGES

Fields = Mapping[str, Any]
Json = dict[str, Any]

_NEXT_STEPS = {
    "connected": "Nothing to do.",
    "down": "The provider does not answer. Invoices wait and go on by themselves once it does.",
    "throttled": "The provider asked us to slow down. Invoices wait and go on by themselves.",
    "refused": "The provider refuses our credentials. Set them up again in the tenants file; nothing is tried until then.",
    "unknown": "No service has reported yet. Check that poller and xero-writer are running and that the tenant is in their tenants file.",
}


_EXPIRED = "No service answered within 24 hours, or the answers are older than 90 days and no longer kept. Give the command again if it is still wanted."


def invoice_item(row: Fields) -> Json:
    """An invoice as lists show it."""
    view: Json = {
        "id": row["id"],
        "document": f"{row['kind']}/{row['id']}",
        "status": row["status"],
        "phase": _phase(row),
        "cause": _cause(row),
        "strikes": 0 if row["resync_open"] else row["strikes"],
        "hold": row["hold"],
        "revision": row["revision"],
        "changed_at": row["changed_at"],
        "number": row["source_number"],
        "date": row["source_date"],
        "due_date": row["source_due_date"],
        "company": {"id": row["source_company_id"], "name": row["source_company_name"]}
        if row["source_company_id"] is not None
        else None,
        "total": row["source_total"],
        "tax_total": row["source_tax_total"],
        "currency": row["source_currency"],
        "action": row["source_action"],
        "priority": row["source_priority"],
        "autotask_url": row["source_url"],
        "xero": _xero(row),
    }
    return told(view)


def _phase(row: Fields) -> str | None:
    """What Processing Now is doing."""
    if row["status"] != "Processing Now":
        return None
    return "verifying" if row["processing_verifying"] else "writing"


def _cause(row: Fields) -> Json | None:
    """Why it is not Complete, if there is a reason: a fault's code and words, or a skip's."""
    code = row["cause"]
    if code is None or row["resync_open"]:
        return None  # a resync starts anew
    if code == row["skip_reason"] and row["stage"] == _SKIPPED:
        return {"code": code, "text": row["skip_text"]}
    if code == "by_hand" and row["hold"] == "skip":
        return {"code": code, "text": "Skipped by hand"}
    return {"code": code, "text": row["fault_text"]}


_SKIPPED = next(number for number, name in STAGES.items() if name == "skipped")


def _xero(row: Fields) -> Json | None:
    """The document in Xero, once there was one."""
    if not row["synced_revision"]:
        return None
    return {
        "id": row["synced_xero_id"],
        "kind": row["synced_xero_kind"],
        "number": row["synced_number"],
        "url": row["synced_url"],
        "status": row["synced_xero_status"],
        "currency": row["synced_currency"],
        "total": row["synced_total"],
        "synced_at": row["synced_at"],
    }


def invoice_detail(row: Fields) -> Json:
    """An invoice opened: what lists show, and each group of what is known."""
    more: Json = {
        "stage": STAGES.get(row["stage"]),
        "open_command": {"command_id": row["open_command_id"], "issued_at": row["open_command_at"]}
        if row["open_command_id"] is not None
        else None,
        "first_synced_at": row["first_synced_at"],
        "source": _group(
            row, "source", "revision at attempt command_id settings_version line_count is_voided stamped_at"
        ),
        "mapping": _group(
            row,
            "mapping",
            "revision at attempt xero_kind number due_date total settings_version reference_version",
        ),
        "processing": _group(row, "processing", "revision at attempt request_id verifying"),
        "synced": _group(
            row,
            "synced",
            "revision at attempt outcome sub_total total_tax contact_id contact_name due_date warnings",
        ),
        "fault": _group(
            row, "fault", "revision at attempt code text side service strike final details xero_id"
        ),
        "skip": _group(row, "skip", "revision at attempt reason text"),
        "held": {"at": row["hold_at"], "hold": row["hold"], "actor": row["hold_actor"]}
        if row["hold_version"]
        else None,
    }
    return invoice_item(row) | told(more)


def _group(row: Fields, prefix: str, columns: str) -> Json | None:
    if not row[f"{prefix}_revision"]:
        return None
    return {name: row[f"{prefix}_{name}"] for name in columns.split()}


def connection_view(side: str, row: Fields | None) -> Json:
    """One of the two connections, with the next step for whoever looks."""
    if row is None:
        state: Json = {
            "state": "unknown",
            "detail": "",
            "changed_at": None,
            "checked_at": None,
            "budgets": [],
        }
    else:
        state = {name: row[name] for name in ("state", "detail", "changed_at", "checked_at", "budgets")}
    return told({"side": side, **state, "next_step": _NEXT_STEPS[state["state"]]})


def command_view(row: Fields) -> Json:
    """A command with its fate."""
    state = row["state"] or ("waiting" if row["finished_at"] is None else "expired")
    waits = state in {"waiting", "accepted"} and row["tenant_state"] == "paused"
    return told(
        {
            "command_id": row["command_id"],
            "kind": row["kind"],
            "document": f"{row['document_kind']}/{row['document_id']}" if row["document_kind"] else None,
            "actor": row["actor"],
            "issued_at": row["issued_at"],
            "state": state,
            "reason": _EXPIRED
            if state == "expired"
            else row["reason"] or ("the tenant is paused: the command waits" if waits else None),
            "answer": row["answer"],
            "service": row["service"],
            "answered_at": row["answered_at"],
        }
    )


def log_view(row: Fields) -> Json:
    """One log line."""
    view = {
        name: row[name]
        for name in (
            "event_id",
            "revision",
            "service",
            "level",
            "occurred_at",
            "message",
            "fields",
            "trace_id",
        )
    }
    return told(view | {"document": f"{row['kind']}/{row['id']}" if row["kind"] else None})


def told(view: Json) -> Json:
    """Ready for JSON."""
    plain: Json = to_plain(view)
    return plain
