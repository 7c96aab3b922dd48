"""What a set of events of one document has to come to, told a second time and independently of the SQL that does it."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

_STAGES = (
    "invoice.discovered",
    "invoice.mapped",
    "invoice.processing",
    "invoice.skipped",
    "invoice.faulted",
    "invoice.synced",
)
_STRIKES_OUT = 3


def newest(events: list[tuple[str, Event]], topic: str) -> Event | None:
    """The newest try of a topic; of its events the first, but the last word of `processing`, which goes on."""
    own = [event for name, event in events if name == topic and event.get("purpose", "sync") == "sync"]
    newest_try = max((event["revision"] for event in own), default=None)
    of_it = [event for event in own if event["revision"] == newest_try]
    pick = max if topic == "invoice.processing" else min
    return pick(of_it, key=lambda event: (event["occurred_at"], event["event_id"]), default=None)


def shown(events: list[tuple[str, Event]]) -> dict[str, Any] | None:
    """The row of a document, None if nothing but dry runs is known of it."""
    by_topic = {topic: newest(events, topic) for topic in _STAGES}
    holds = [event for name, event in events if name == "invoice.held"]
    hold = max(
        holds,
        key=lambda event: (event["hold_version"], event["occurred_at"], event["event_id"]),
        default=None,
    )
    known = {topic: event for topic, event in by_topic.items() if event is not None}
    if not known and hold is None:
        return None
    top = max(known, key=lambda topic: (known[topic]["revision"], _STAGES.index(topic)), default=None)
    top_event = known.get(top) if top else None
    row = {
        "revision": top_event["revision"] if top_event else None,
        "stage": _STAGES.index(top) + 1 if top else None,
        "status": _status(top, top_event, hold),
        "strikes": _strikes(top, top_event),
        "cause": _cause(top, top_event, hold, by_topic),
        "changed_at": max(event["occurred_at"] for event in [*known.values(), *([hold] if hold else [])]),
        "hold": hold["hold"] if hold else "none",
    }
    for topic, prefix in zip(
        _STAGES, ("source", "mapping", "processing", "skip", "fault", "synced"), strict=True
    ):
        event = by_topic[topic]
        row[f"{prefix}_revision"] = event["revision"] if event else 0
        row[f"{prefix}_event_id"] = event["event_id"] if event else None
    synced = [event for name, event in events if name == "invoice.synced"]
    first = min(synced, key=lambda event: (event["revision"], event["occurred_at"]), default=None)
    row["first_synced_at"] = first["occurred_at"] if first else None
    last = by_topic["invoice.synced"]
    row["synced_number"] = last["xero_number"] if last else None
    return row


def _status(top: str | None, event: Event | None, hold: Event | None) -> str:
    if hold and hold["hold"] == "skip":
        return "Skipped"
    if hold and hold["hold"] == "diagnose":
        return "Diagnostic Mode"
    if top == "invoice.faulted" and event:
        out = event["final"] or (event["strike"] and event["attempt"] >= _STRIKES_OUT)
        return "Fault" if out else "Pending Sync"
    plain = {
        "invoice.synced": "Complete",
        "invoice.skipped": "Skipped",
        "invoice.processing": "Processing Now",
    }
    return plain.get(top or "", "Pending Sync")


def _strikes(top: str | None, event: Event | None) -> int:
    if event is None or top in {"invoice.synced", "invoice.skipped"}:
        return 0
    attempt: int = event["attempt"]
    return attempt if top == "invoice.faulted" and event["strike"] else attempt - 1


def _cause(
    top: str | None, event: Event | None, hold: Event | None, by_topic: dict[str, Event | None]
) -> str | None:
    if hold and hold["hold"] != "none":
        return "by_hand" if hold["hold"] == "skip" else None
    if top == "invoice.skipped" and event:
        reason: str = event["reason"]
        return reason
    fault, synced = by_topic["invoice.faulted"], by_topic["invoice.synced"]
    if fault is None:
        return None
    code: str = fault["code"]
    if top == "invoice.faulted":
        return code
    still = fault["revision"] > (synced["revision"] if synced else 0)
    return code if _strikes(top, event) > 0 and still else None
