"""What happened: timelines and logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from invoice_events.names import COMMANDS, DISCOVERED, Document, topic_of
from invoice_events.plain import to_plain
from status_api.core.commands import kind_and_options
from status_api.queries.rows import Fields, fetch_all, fetch_one, part_of

# A command shows from the moment it is stored, and after its topic has forgotten it: what is not folded comes from its own row.
_COMMANDS = (
    "SELECT c.command_id AS event_id, 'sync.commands' AS topic, NULL::bigint AS revision, c.issued_at AS occurred_at, c.command_id,"
    " NULL AS trace_id, json_build_object('name', c.kind, 'actor', c.actor, 'bulk_id', c.bulk_id) AS payload FROM command c"
    " WHERE c.tenant_id = :tenant AND c.document_kind = :kind AND c.document_id = :id"
    " AND NOT EXISTS (SELECT 1 FROM timeline t WHERE t.event_id = c.command_id)"
)
_LINES = (
    "SELECT event_id, 'sync.logs' AS topic, revision, occurred_at, NULL AS command_id, trace_id,"
    " json_build_object('service', service, 'level', level, 'message', message, 'fields', fields) AS payload FROM log"
    " WHERE tenant_id = :tenant AND kind = :kind AND id = :id"
)
_EVENTS = (
    "SELECT event_id, topic, revision, occurred_at, command_id, trace_id, payload FROM timeline"
    " WHERE tenant_id = :tenant AND kind = :kind AND id = :id"
)


def timeline(
    connection: Connection,
    tenant_id: str,
    document: Document,
    after: Sequence[str] | None,
    limit: int,
    *,
    with_logs: bool = False,
) -> list[Fields]:
    """Events of a document and commands about it, oldest first; its log lines between them if they are wanted."""
    values: dict[str, Any] = {"tenant": tenant_id, "kind": document.kind, "id": document.id, "limit": limit}
    parts = [(_EVENTS, "occurred_at", "event_id"), (_COMMANDS, "c.issued_at", "c.command_id")]
    if with_logs:
        parts.append((_LINES, "occurred_at", "event_id"))
    if after is not None:
        values |= {"after_at": after[0], "after_id": after[1]}
    told = []
    for part, at, name in parts:
        beyond = "" if after is None else f" AND ({at}, {name}) > (CAST(:after_at AS timestamptz), :after_id)"
        told.append(f"({part}{beyond} ORDER BY {at}, {name} LIMIT :limit)")
    statement = f"SELECT * FROM ({' UNION ALL '.join(told)}) told ORDER BY occurred_at, event_id LIMIT :limit"  # noqa: S608  # texts of this module
    rows = fetch_all(connection.execute(text(statement), values))
    return [_whole(tenant_id, document, row) for row in rows]


def _whole(tenant_id: str, document: Document, row: Fields) -> Fields:
    """A command's own row as its event; any other row as it is."""
    payload = row["payload"]
    if row["topic"] != COMMANDS or "name" not in payload:
        return row
    kind, options = kind_and_options(payload["name"])
    event = {
        "command_id": row["command_id"],
        "tenant_id": tenant_id,
        "kind": kind,
        "document": str(document),
        "actor": payload["actor"],
        "issued_at": to_plain(row["occurred_at"]),
        "options": dict(options) if payload["bulk_id"] is None else {"bulk": payload["bulk_id"]},
    }
    return {**row, "payload": event}


def original(connection: Connection, tenant_id: str, document: Document) -> Fields | None:
    """The event with what Autotask said last of a document, None if it was not read yet."""
    return fetch_one(
        connection.execute(
            text(
                "SELECT revision, occurred_at, payload FROM timeline WHERE tenant_id = :tenant AND kind = :kind AND id = :id"
                " AND topic = :topic ORDER BY revision DESC, occurred_at DESC LIMIT 1"
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
    statement, values = logs_statement(tenant_id, wanted, after, limit)
    return fetch_all(connection.execute(text(statement), values))


def logs_statement(
    tenant_id: str, wanted: LogFilter, after: Sequence[str] | None, limit: int
) -> tuple[str, dict[str, Any]]:
    """SQL of such a list and its values."""
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
        conditions.append("lower(message) LIKE lower(:words)")
        values["words"] = part_of(wanted.words)
    if after is not None:
        conditions.append("(occurred_at, event_id) < (CAST(:after_at AS timestamptz), :after_id)")
        values |= {"after_at": after[0], "after_id": after[1]}
    statement = (
        "SELECT event_id, kind, id, revision, service, level, occurred_at, message, fields, trace_id FROM log"  # noqa: S608  # texts of this module
        f" WHERE {' AND '.join(conditions)} ORDER BY occurred_at DESC, event_id DESC LIMIT :limit"
    )
    return statement, values
