"""What a set of events of one document has to come to, told a second time and independently of the SQL that does it."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

_STAGES = (
    "discovered",
    "mapped",
    "processing",
    "skipped",
    "faulted",
    "synced",
)
_STRIKES_OUT = 3


def staged(events: list[tuple[str, Event]]) -> list[tuple[str, Event]]:
    """Events with their stage instead of their topic."""
    return [(topic.partition(".")[2], event) for topic, event in events]


def newest(events: list[tuple[str, Event]], wanted: str) -> Event | None:
    """The newest try of a stage; of its events the first, but the last word of `processing`, which goes on."""
    own = [
        event for stage, event in staged(events) if stage == wanted and event.get("purpose", "sync") == "sync"
    ]
    newest_try = max((event["revision"] for event in own), default=None)
    of_it = [event for event in own if event["revision"] == newest_try]
    pick = max if wanted == "processing" else min
    return pick(of_it, key=lambda event: (event["occurred_at"], event["event_id"]), default=None)


def shown(events: list[tuple[str, Event]]) -> dict[str, Any] | None:
    """The row of a document, None if nothing but dry runs is known of it."""
    by_stage = {stage: newest(events, stage) for stage in _STAGES}
    holds = [event for stage, event in staged(events) if stage == "held"]
    hold = max(
        holds,
        key=lambda event: (event["hold_version"], event["occurred_at"], event["event_id"]),
        default=None,
    )
    known = {stage: event for stage, event in by_stage.items() if event is not None}
    if not known and hold is None:
        return None
    top = max(known, key=lambda stage: (known[stage]["revision"], _STAGES.index(stage)), default=None)
    top_event = known.get(top) if top else None
    row = {
        "revision": top_event["revision"] if top_event else None,
        "stage": _STAGES.index(top) + 1 if top else None,
        "status": _status(top, top_event, hold),
        "strikes": _strikes(top, top_event),
        "cause": _cause(top, top_event, hold, by_stage),
        "changed_at": max(event["occurred_at"] for event in [*known.values(), *([hold] if hold else [])]),
        "hold": hold["hold"] if hold else "none",
        "hold_changed_since": hold.get("changed_since") if hold else None,
    }
    for stage, prefix in zip(
        _STAGES, ("source", "mapping", "processing", "skip", "fault", "synced"), strict=True
    ):
        event = by_stage[stage]
        row[f"{prefix}_revision"] = event["revision"] if event else 0
        row[f"{prefix}_event_id"] = event["event_id"] if event else None
    synced = [event for stage, event in staged(events) if stage == "synced" and event["outcome"] != "voided"]
    first = min(synced, key=lambda event: (event["revision"], event["occurred_at"]), default=None)
    row["first_synced_at"] = first["occurred_at"] if first else None
    last = by_stage["synced"]
    row["synced_number"] = last["xero_number"] if last else None
    mapped = by_stage["mapped"]
    row["mapping_warnings"] = mapped["warnings"] if mapped else None
    row["mapping_tax_total"] = mapped["prediction"]["total_tax"] if mapped and mapped["prediction"] else None
    read = by_stage["discovered"]
    row["source_company_id"] = (read.get("company") or read["vendor"])["id"] if read else None
    row["source_order_status"] = read["order"]["status"] if read and "order" in read else None
    return row


def _status(top: str | None, event: Event | None, hold: Event | None) -> str:
    if hold and hold["hold"] == "skip":
        return "Skipped"
    if hold and hold["hold"] == "diagnose":
        return "Diagnostic Mode"
    if top == "faulted" and event:
        out = event["final"] or (event["strike"] and event["attempt"] >= _STRIKES_OUT)
        return "Fault" if out else "Pending Sync"
    plain = {
        "synced": "Complete",
        "skipped": "Skipped",
        "processing": "Processing Now",
    }
    return plain.get(top or "", "Pending Sync")


def _strikes(top: str | None, event: Event | None) -> int:
    if event is None or top in {"synced", "skipped"}:
        return 0
    attempt: int = event["attempt"]
    return attempt if top == "faulted" and event["strike"] else attempt - 1


def _cause(
    top: str | None, event: Event | None, hold: Event | None, by_stage: dict[str, Event | None]
) -> str | None:
    if hold and hold["hold"] != "none":
        return "by_hand" if hold["hold"] == "skip" else None
    if top == "synced" and event:
        since = "changed_since" if hold and hold.get("changed_since") else None
        voided = "nothing_in_xero" if event["xero_document_id"] is None else "voided_in_xero"
        return voided if event["outcome"] == "voided" else since
    if top == "skipped" and event:
        reason: str = event["reason"]
        return reason
    fault, synced = by_stage["faulted"], by_stage["synced"]
    if fault is None:
        return None
    code: str = fault["code"]
    if top == "faulted":
        return code
    still = fault["revision"] > (synced["revision"] if synced else 0)
    return code if _strikes(top, event) > 0 and still else None
