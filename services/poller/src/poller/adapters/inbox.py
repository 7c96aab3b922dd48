"""The inboxes: commands and outcomes as they came from Kafka, until the tenant's worker has handled them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from invoice_events.types import Hold
from poller.core.explaining_entry import HeldBy
from poller.core.messages import Command
from poller.core.transitions import Outcome

WORK_CHANNEL = "poller_work"
"""NOTIFY channel; the payload is the tenant's id."""

_KEEP_COMMANDS_DAYS = 120
"""Longer than the topic keeps them (90 days, and until a whole segment is that old): a replay from offset zero finds every
handled command."""


@dataclass(frozen=True, slots=True)
class ReceivedCommand:
    """A command with what only the inbox keeps."""

    tenant_id: str
    command: Command
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedOutcome:
    """An outcome with its identity."""

    tenant_id: str
    event_id: str
    outcome: Outcome


def store_commands(connection: Connection, received: Sequence[ReceivedCommand]) -> None:
    """Add commands; one that was seen before, handled or not, changes nothing."""
    if received:
        connection.execute(
            text(
                "INSERT INTO command_inbox (command_id, tenant_id, kind, document, actor, issued_at, traceparent, options)"
                " VALUES (:id, :tenant, :kind, :document, :actor, :issued_at, :traceparent, CAST(:options AS jsonb))"
                " ON CONFLICT DO NOTHING"
            ),
            [
                {
                    "id": each.command.id,
                    "tenant": each.tenant_id,
                    "kind": each.command.kind,
                    "document": each.command.document,
                    "actor": each.command.actor,
                    "issued_at": each.issued_at,
                    "traceparent": each.command.traceparent,
                    "options": json.dumps(dict(each.command.options)),
                }
                for each in received
            ],
        )


def store_outcomes(connection: Connection, received: Sequence[ReceivedOutcome]) -> None:
    """Add outcomes; a repeat of one that waits changes nothing, a repeat of one that was handled is judged by its revision."""
    if received:
        connection.execute(
            text(
                "INSERT INTO outcome_inbox (event_id, tenant_id, document, revision, kind, details, traceparent, xero_number, xero_url, result)"
                " VALUES (:event_id, :tenant, :document, :revision, :kind, CAST(:details AS jsonb), :traceparent, :xero_number, :xero_url, :result)"
                " ON CONFLICT DO NOTHING"
            ),
            [
                {
                    "event_id": each.event_id,
                    "tenant": each.tenant_id,
                    "document": each.outcome.document,
                    "revision": each.outcome.revision,
                    "kind": each.outcome.kind,
                    "details": json.dumps(_details(each.outcome)),
                    "traceparent": each.outcome.traceparent,
                    "xero_number": each.outcome.xero_number,
                    "xero_url": each.outcome.xero_url,
                    "result": each.outcome.result,
                }
                for each in received
            ],
        )


def _details(outcome: Outcome) -> dict[str, object]:
    """What older releases know; what came later has columns of its own, so that a replica of theirs can read on."""
    return {
        "xero_document_id": outcome.xero_document_id,
        "code": outcome.code,
        "text": outcome.text,
        "strike": outcome.strike,
        "final": outcome.final,
        "reason": outcome.reason,
    }


class Inbox:
    """One tenant's part of the inboxes."""

    def __init__(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id

    def open_commands(
        self,
        connection: Connection,
        states: Sequence[str],
        kinds: Sequence[str] | None = None,
        limit: int = 200,
        *,
        in_bulk: bool | None = None,
    ) -> list[Command]:
        """Open commands in some states, of some kinds (None = any), in the order in which they came.

        `in_bulk`: only those that were asked for in bulk, or only the others; None for both.
        """
        rows = connection.execute(
            text(
                "SELECT command_id, kind, document, actor, traceparent, state, options FROM command_inbox"
                " WHERE tenant_id = :tenant AND state = ANY(:states) AND state IN ('new', 'accepted', 'started')"
                " AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))"
                " AND (CAST(:in_bulk AS boolean) IS NULL OR jsonb_exists(options, 'bulk') = :in_bulk) ORDER BY arrival LIMIT :limit"
            ),
            {
                "tenant": self._tenant_id,
                "states": list(states),
                "kinds": None if kinds is None else list(kinds),
                "in_bulk": in_bulk,
                "limit": limit,
            },
        )
        return [
            Command(
                row.command_id, row.kind, row.document, row.actor, row.traceparent, row.state, row.options
            )
            for row in rows
        ]

    def set_state(self, connection: Connection, commands: Sequence[Command], state: str) -> None:
        """How far commands have got."""
        connection.execute(
            text("UPDATE command_inbox SET state = :state WHERE command_id = ANY(:ids)"),
            {"state": state, "ids": [command.id for command in commands]},
        )

    def outcomes(self, connection: Connection, limit: int) -> list[tuple[str, Outcome]]:
        """Outcomes with their event ids, in the order in which they came."""
        rows = connection.execute(
            text(
                "SELECT event_id, document, revision, kind, details, traceparent, xero_number, xero_url, result FROM outcome_inbox"
                " WHERE tenant_id = :tenant ORDER BY arrival LIMIT :limit"
            ),
            {"tenant": self._tenant_id, "limit": limit},
        )
        return [
            (
                row.event_id,
                Outcome(
                    row.document,
                    row.revision,
                    row.kind,
                    row.traceparent,
                    xero_number=row.xero_number,
                    xero_url=row.xero_url,
                    result=row.result,
                    **row.details,
                ),
            )
            for row in rows
        ]

    def held_by(self, connection: Connection, document: str, hold: Hold) -> HeldBy | None:
        """Who laid the hold that lies over a document, None if that is forgotten."""
        row = connection.execute(
            text(
                "SELECT actor, issued_at FROM command_inbox WHERE tenant_id = :tenant AND document = :document"
                " AND kind = :hold AND state IN ('started', 'done') ORDER BY arrival DESC LIMIT 1"
            ),
            {"tenant": self._tenant_id, "document": document, "hold": hold},
        ).one_or_none()
        return None if row is None else HeldBy(row.actor, row.issued_at)

    def forget_outcomes(self, connection: Connection, event_ids: Sequence[str]) -> None:
        """These outcomes are in the ledger."""
        connection.execute(
            text("DELETE FROM outcome_inbox WHERE event_id = ANY(:ids)"), {"ids": list(event_ids)}
        )

    def forget_old_commands(self, connection: Connection) -> int:
        """Delete handled commands that no replay can bring back. Returns how many."""
        return connection.execute(
            text(
                "DELETE FROM command_inbox WHERE tenant_id = :tenant AND state IN ('done', 'refused')"
                " AND received_at < clock_timestamp() - make_interval(days => :days)"
            ),
            {"tenant": self._tenant_id, "days": _KEEP_COMMANDS_DAYS},
        ).rowcount
