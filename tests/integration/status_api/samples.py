"""Events of invoices and purchase orders, made from the examples beside the schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from invoice_events.identity import event_id
from invoice_events.plain import from_plain

Event = dict[str, Any]
EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@cache
def _text(topic: str, name: str) -> str:
    return (EXAMPLES / topic / f"{name}.json").read_text("utf-8")


def example(topic: str, name: str = "typical") -> Event:
    """An example payload as an event."""
    return from_plain(topic, json.loads(_text(topic, name)))


def event(
    topic: str,
    document: str = "invoice/1",
    revision: int = 1,
    *,
    minute: float = 0,
    detail: str = "",
    tenant: str = "acme",
    **more: Any,  # noqa: ANN401  # fields of any event
) -> Event:
    """A document event that differs from the example where it is told to."""
    base = example(topic) | {
        "event_id": event_id(tenant, document, revision, topic, detail),
        "tenant_id": tenant,
        "document": document,
        "revision": revision,
        "occurred_at": START + timedelta(minutes=minute),
        "attempt": 1,
        "command_id": None,
    }
    for subject in {"invoice", "order"} & set(base):
        base[subject] = base[subject] | {"id": int(document.partition("/")[2])}
    if "purpose" in base:
        base["purpose"] = "sync"
    return base | more


def of(document: str, stage: str, revision: int = 1, **more: Any) -> tuple[str, Event]:  # noqa: ANN401  # fields of any event
    """An event of a stage in the topic of its document's kind."""
    topic = f"{document.partition('/')[0]}.{stage}"
    return topic, event(topic, document, revision, **more)
