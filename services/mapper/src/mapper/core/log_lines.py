"""Lines of the Sync Logs tab: what happened to a document, for people who search the logs by its id."""

from __future__ import annotations

from invoice_events import names
from invoice_events.identity import event_id
from invoice_events.types import LogLevel, SyncLog
from mapper.core.outcome import SERVICE, Faulted, Outcome, Skipped


def log_lines(outcome: Outcome, trace_id: str | None) -> list[SyncLog]:
    """One line for a fault or a skip, one for each warning of a document that goes over, none for one without.

    None of a dry run either: the answer to whoever asked for it has everything.
    """
    if isinstance(outcome, Faulted):
        event = outcome.event
        details = {f"detail {place}": text for place, text in enumerate(event["details"], start=1)}
        return [_line(outcome, trace_id, "error", event["text"], {"code": event["code"], **details})]
    if isinstance(outcome, Skipped):
        return [_line(outcome, trace_id, "info", outcome.event["text"], {"reason": outcome.event["reason"]})]
    if outcome.event["purpose"] == "diagnose":
        return []
    return [
        _line(outcome, trace_id, "warning", text, {}, f" warning {place}")
        for place, text in enumerate(outcome.event["warnings"], start=1)
    ]


def _line(
    outcome: Outcome,
    trace_id: str | None,
    level: LogLevel,
    message: str,
    fields: dict[str, str],
    detail: str = "",
) -> SyncLog:
    event = outcome.event
    tenant_id, document, revision = event["tenant_id"], event["document"], event["revision"]
    return {
        "event_id": event_id(tenant_id, document, revision, names.LOGS, outcome.topic + detail),
        "tenant_id": tenant_id,
        "document": document,
        "revision": revision,
        "service": SERVICE,
        "level": level,
        "occurred_at": event["occurred_at"],
        "message": message,
        "fields": fields,
        "trace_id": trace_id,
    }
