"""What happened: timelines and logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import DISCOVERED, Document, topic_of
from status_api.queries.rows import Fields, fetch_all, fetch_one


def timeline(
    connection: Connection, tenant_id: str, document: Document, after: Sequence[str] | None, limit: int
) -> list[Fields]:
    """Events of a document, oldest first."""
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "kind": document.kind,
        "id": document.id,
        "limit": limit,
    }
    beyond = ""
    if after is not None:
        beyond = "AND (occurred_at, event_id) > (CAST(:after_at AS timestamptz), :after_id)"
        values |= {"after_at": after[0], "after_id": after[1]}
    return fetch_all(
        connection.execute(
            text(
                "SELECT event_id, topic, revision, occurred_at, command_id, trace_id, payload FROM timeline"  # noqa: S608  # texts of this module
                f" WHERE tenant_id = :tenant AND kind = :kind AND id = :id {beyond} ORDER BY occurred_at, event_id LIMIT :limit"
            ),
            values,
        )
    )


def original(connection: Connection, tenant_id: str, document: Document) -> Fields | None:
    """The event with what Autotask said last of a document, None if it was not read yet."""
    return fetch_one(
        connection.execute(
            text(
                "SELECT revision, occurred_at, payload FROM timeline WHERE tenant_id = :tenant AND kind = :kind AND id = :id"
                " AND topic = :topic ORDER BY revision DESC LIMIT 1"
            ),
            {
                "tenant": tenant_id,
                "kind": document.kind,
                "id": document.id,
                "topic": topic_of(DISCOVERED, str(document)),
            },
        )
    )


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a list of log lines is narrowed by.

    Attributes:
        document: lines of one document.
        first: lines at or after this time.
        before: lines before this time.
        level: info, warning or error.
        words: part of the message; case does not matter.
    """

    document: Document | None = None
    first: datetime | None = None
    before: datetime | None = None
    level: str | None = None
    words: str | None = None


def logs(
    connection: Connection, tenant_id: str, wanted: LogFilter, after: Sequence[str] | None, limit: int
) -> list[Fields]:
    """Log lines of a tenant, newest first."""
    conditions = ["tenant_id = :tenant"]
    values: dict[str, Any] = {"tenant": tenant_id, "limit": limit}
    if wanted.document is not None:
        conditions.append("kind = :kind AND id = :id")
        values |= {"kind": wanted.document.kind, "id": wanted.document.id}
    if wanted.first is not None:
        conditions.append("occurred_at >= :first")
        values["first"] = wanted.first
    if wanted.before is not None:
        conditions.append("occurred_at < :before")
        values["before"] = wanted.before
    if wanted.level is not None:
        conditions.append("level = :level")
        values["level"] = wanted.level
    if wanted.words is not None:
        conditions.append("strpos(lower(message), lower(:words)) > 0")
        values["words"] = wanted.words
    if after is not None:
        conditions.append("(occurred_at, event_id) < (CAST(:after_at AS timestamptz), :after_id)")
        values |= {"after_at": after[0], "after_id": after[1]}
    return fetch_all(
        connection.execute(
            text(
                "SELECT event_id, kind, id, revision, service, level, occurred_at, message, fields, trace_id FROM log"  # noqa: S608  # texts of this module
                f" WHERE {' AND '.join(conditions)} ORDER BY occurred_at DESC, event_id DESC LIMIT :limit"
            ),
            values,
        )
    )
