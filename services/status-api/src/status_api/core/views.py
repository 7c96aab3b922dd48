"""How rows are told: JSON members of connections, commands, log lines. Money as text with all its digits, times with Z."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invoice_events.plain import to_plain
from status_api.core.commands import ANSWERED_AT_ONCE, kind_and_options

Fields = Mapping[str, Any]
Json = dict[str, Any]

_NEXT_STEPS = {
    "connected": "Nothing to do.",
    "down": "The provider does not answer. Invoices wait and go on by themselves once it does.",
    "throttled": "The provider asked us to slow down. Invoices wait and go on by themselves.",
    "refused": "The provider refuses our credentials, or something we need: the detail has its words. Set the credentials up again in the tenants file, or unlock them or give them the permission there, and test the connection.",
    "unknown": "No service has reported yet. Check that poller and xero-writer are running and that the tenant is in their tenants file.",
}


PAUSED = "the tenant is paused: the command waits"
_EXPIRED = "No service answered within 24 hours (a diagnosis: within an hour), or the answers are older than 90 days and no longer kept. Give the command again if it is still wanted."


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
    state = row["state"]
    kind, options = kind_and_options(row["kind"])
    waits = (
        kind not in ANSWERED_AT_ONCE and state in {"waiting", "accepted"} and row["tenant_state"] == "paused"
    )
    return told(
        {
            "command_id": row["command_id"],
            "kind": kind,
            "options": {name: value == "true" or value for name, value in options.items()},
            "document": f"{row['document_kind']}/{row['document_id']}" if row["document_kind"] else None,
            "bulk_id": row["bulk_id"],
            "actor": row["actor"],
            "issued_at": row["issued_at"],
            "state": state,
            "reason": _EXPIRED if state == "expired" else row["reason"] or (PAUSED if waits else None),
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
