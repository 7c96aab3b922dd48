"""Folding a batch of events before it reaches the database: one partial row per document, one row per event."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.names import Document
from invoice_events.plain import to_plain
from status_api.core.group_values import Row
from status_api.core.groups import BY_TOPIC, Group

MAX_ID = 2**63 - 1
"""Largest id there can be: PostgreSQL's bigint, and Autotask's."""
DocumentKey = tuple[str, str, int]
_K = TypeVar("_K")


class UnfoldableEventError(ValueError):
    """An event that decodes but can not be folded: its document has no such name, or its revision no such size."""


@dataclass(slots=True)
class Batch:
    """What a batch of events comes to. Of two events that fill the same place the newer stays.

    Attributes:
        documents: groups of columns by document: each group's name is its first rank column.
        timeline, logs, results: rows by event id.
        connections: rows by (tenant, side).
        references: rows by tenant.
        settings: rows by (tenant, version).
        shown_commands: ids of commands of which a document event tells.
        finished_commands: ids of commands that are done or refused, with the time; refused ones are among `shown_commands` too.
    """

    documents: dict[DocumentKey, dict[str, Row]] = field(default_factory=dict)
    timeline: dict[str, Row] = field(default_factory=dict)
    logs: dict[str, Row] = field(default_factory=dict)
    results: dict[str, Row] = field(default_factory=dict)
    connections: dict[tuple[str, str], Row] = field(default_factory=dict)
    references: dict[str, Row] = field(default_factory=dict)
    settings: dict[tuple[str, int], Row] = field(default_factory=dict)
    shown_commands: set[str] = field(default_factory=set)
    finished_commands: dict[str, datetime] = field(default_factory=dict)

    def add(self, topic: str, event: Event, trace_id: str | None) -> None:
        """Fold one event in; it must have passed `require_foldable`."""
        _FOLDS[topic](self, topic, event, trace_id)


def require_foldable(topic: str, event: Event) -> None:
    """Refuse an event that the read model has no place for.

    Raises:
        UnfoldableEventError: it names a document that can not be, or one that its topic is not about, or a revision that the
            poller can not have given.
    """
    if event.get("document") is not None:
        document = document_of(event["document"])
        if topic in names.DOCUMENT_TOPICS and not topic.startswith(f"{document.kind}."):
            raise UnfoldableEventError(f"{document} has no place in {topic}")
    revision = event.get("revision")
    if revision is not None and revision <= 0:
        raise UnfoldableEventError(f"revision {revision} is none that the poller gives")


def document_of(text: str) -> Document:
    """The document an event names.

    Raises:
        UnfoldableEventError: the text names none.
    """
    try:
        document = Document.parse(text)
    except ValueError as error:
        raise UnfoldableEventError(str(error)) from error
    if document.id > MAX_ID:
        raise UnfoldableEventError(f"{text} has an id that Autotask can not give")
    return document


def _fold_document_event(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:
    document = document_of(event["document"])
    _to_timeline(batch, topic, event, document, trace_id)
    if event.get("purpose") == "diagnose":
        return  # a dry run: it is told in the timeline and changes neither status nor strikes
    groups = batch.documents.setdefault((event["tenant_id"], document.kind, document.id), {})
    for group in BY_TOPIC[topic]:
        row = group.values(event)
        if row is not None:
            _keep(groups, group, row)
    if event["command_id"] is not None:
        batch.shown_commands.add(event["command_id"])


def _keep(groups: dict[str, Row], group: Group, row: Row) -> None:
    name = group.rank[0]
    if name not in groups or group.outranks(row, groups[name]):
        groups[name] = row


def _to_timeline(batch: Batch, topic: str, event: Event, document: Document, trace_id: str | None) -> None:
    event_id = event["command_id"] if topic == names.COMMANDS else event["event_id"]
    row = {
        "event_id": event_id,
        "tenant_id": event["tenant_id"],
        "kind": document.kind,
        "id": document.id,
        "topic": topic,
        "revision": event.get("revision"),
        "occurred_at": event["issued_at"] if topic == names.COMMANDS else event["occurred_at"],
        "command_id": event["command_id"],
        "trace_id": trace_id,
        "payload": plain_json(event),
    }
    known = batch.timeline.get(event_id)
    if known is None or _place(row) < _place(known):  # said again later: the first counts
        batch.timeline[event_id] = row


def _place(row: Row) -> tuple[Any, str, str]:
    """Which of several tellings of one event comes first, in one order for everybody who reads them in any order."""
    return row["occurred_at"], row["trace_id"] or "", row["payload"]


def _fold_command(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:
    if event["document"] is not None:
        _to_timeline(batch, topic, event, document_of(event["document"]), trace_id)


def _fold_result(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:
    if event["document"] is not None:
        _to_timeline(batch, topic, event, document_of(event["document"]), trace_id)
    names_of_row = (
        "event_id",
        "command_id",
        "tenant_id",
        "service",
        "occurred_at",
        "state",
        "reason",
        "answer",
    )
    _newest(batch.results, event["event_id"], {name: event[name] for name in names_of_row}, "occurred_at")
    if event["state"] in {"done", "refused"}:
        batch.finished_commands[event["command_id"]] = event["occurred_at"]
    if event["state"] == "refused":
        batch.shown_commands.add(event["command_id"])


def _fold_log(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:  # noqa: ARG001  # one signature for every topic
    document = None if event["document"] is None else document_of(event["document"])
    row = {
        "event_id": event["event_id"],
        "tenant_id": event["tenant_id"],
        "kind": document.kind if document else None,
        "id": document.id if document else None,
        "revision": event["revision"],
        "service": event["service"],
        "level": event["level"],
        "occurred_at": event["occurred_at"],
        "message": event["message"],
        "fields": plain_json(event["fields"]),
        "trace_id": event["trace_id"] or trace_id,
    }
    _newest(batch.logs, event["event_id"], row, "occurred_at")


def _fold_health(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:  # noqa: ARG001  # as above
    names_of_row = ("tenant_id", "side", "service", "state", "detail", "changed_at", "checked_at")
    row = {name: event[name] for name in names_of_row} | {"budgets": plain_json(event["budgets"])}
    _newest(batch.connections, (event["tenant_id"], event["side"]), row, "checked_at", "changed_at")


def _fold_reference(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:  # noqa: ARG001  # as above
    row = {
        "tenant_id": event["tenant_id"],
        "version": event["version"],
        "fetched_at": event["fetched_at"],
        "payload": plain_json(event),
    }
    _newest(batch.references, event["tenant_id"], row, "version", "fetched_at")


def _fold_settings(batch: Batch, topic: str, event: Event, trace_id: str | None) -> None:  # noqa: ARG001  # as above
    names_of_row = ("tenant_id", "version", "state", "updated_at", "updated_by", "settings")
    row = {name: event[name] for name in names_of_row}
    _newest(batch.settings, (event["tenant_id"], event["version"]), row, "updated_at")


def _newest(rows: dict[_K, Row], key: _K, row: Row, *rank: str) -> None:
    known = rows.get(key)
    if known is None or tuple(row[name] for name in rank) > tuple(known[name] for name in rank):
        rows[key] = row


_Fold = Callable[[Batch, str, Event, str | None], None]
_FOLDS: dict[str, _Fold] = {
    **dict.fromkeys(names.DOCUMENT_TOPICS, _fold_document_event),
    names.COMMANDS: _fold_command,
    names.COMMAND_RESULTS: _fold_result,
    names.LOGS: _fold_log,
    names.HEALTH: _fold_health,
    names.REFERENCE: _fold_reference,
    names.SETTINGS: _fold_settings,
}


def plain_json(value: Any) -> str:  # noqa: ANN401  # any value that an event can hold
    """The same JSON as `to_plain` gives, written in one go by the C encoder."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, Decimal | datetime | date):
        plain: str = to_plain(value)
        return plain
    raise TypeError(f"no event holds a {type(value).__name__}")
