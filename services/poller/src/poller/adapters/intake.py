"""From Kafka into the inboxes. No outside call happens here, so no tenant can hold a partition."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from confluent_kafka import KafkaException
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from invoice_events import names
from invoice_events.codec import Codec, Event, UnreadableEventError
from invoice_events.identity import new_traceparent
from invoice_events.names import BadDocumentNameError, Document
from poller.adapters.inbox import (
    WORK_CHANNEL,
    ReceivedCommand,
    ReceivedOutcome,
    store_commands,
    store_outcomes,
)
from poller.core.messages import Command
from poller.core.transitions import Outcome, OutcomeKind
from service_runtime import metrics
from service_runtime.database import notify
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record

log = logging.getLogger(__name__)

TOPICS = (names.SYNCED, names.FAULTED, names.SKIPPED, names.COMMANDS)
"""What the poller takes in. Its own faults and skips come back here and change nothing."""

_KINDS: dict[str, OutcomeKind] = {names.SYNCED: "synced", names.FAULTED: "faulted", names.SKIPPED: "skipped"}


@dataclass(slots=True)
class _Batch:
    commands: list[ReceivedCommand] = field(default_factory=list)
    outcomes: list[ReceivedOutcome] = field(default_factory=list)
    poisons: list[Poison] = field(default_factory=list)
    handed_over: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def tenants(self) -> set[str]:
        return {each.tenant_id for each in self.commands} | {each.tenant_id for each in self.outcomes}


class InboxFiller:
    """Handler of the consumer loop."""

    def __init__(
        self, engine: Engine, codec: Codec, dead_letters: DeadLetters, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._codec = codec
        self._dead_letters = dead_letters
        self._now = now

    def handle(self, records: Sequence[Record]) -> None:
        """Store a batch and wake the workers it concerns.

        Raises:
            TransientError: the database or the broker is away.
            TooManyDeadLettersError: too large a share could not be read.
        """
        try:
            batch = self._read(records)
            if batch.poisons:
                self._dead_letters.bury(batch.poisons)
            self._dead_letters.handled(len(records) - len(batch.poisons))
        except KafkaException as error:
            raise TransientError(f"Kafka failed: {error}") from error
        try:
            self._store(batch)
        except DBAPIError as error:
            raise TransientError(f"the database failed: {type(error.orig).__name__}") from error
        now = self._now()
        for topic, occurred_at in batch.handed_over:
            metrics.handover_seconds.labels(topic).observe(max(0.0, (now - occurred_at).total_seconds()))

    def _store(self, batch: _Batch) -> None:
        if not batch.tenants:
            return
        with self._engine.begin() as connection:
            store_commands(connection, batch.commands)
            store_outcomes(connection, batch.outcomes)
            for tenant_id in sorted(batch.tenants):
                notify(connection, WORK_CHANNEL, tenant_id)

    def _read(self, records: Sequence[Record]) -> _Batch:
        batch = _Batch()
        for record in records:
            try:
                self._take(batch, record, self._codec.decode(record.topic, record.value))
            except (UnreadableEventError, BadDocumentNameError) as error:
                batch.poisons.append(Poison(record, str(error)))
        return batch

    def _take(self, batch: _Batch, record: Record, event: Event) -> None:
        traceparent = record.header("traceparent") or new_traceparent()
        if record.topic == names.COMMANDS:
            batch.commands.append(_command(event, traceparent))
            batch.handed_over.append((record.topic, event["issued_at"]))
            return
        Document.parse(event["document"])
        batch.outcomes.append(_outcome(_KINDS[record.topic], event, traceparent))
        batch.handed_over.append((record.topic, event["occurred_at"]))


def _command(event: Event, traceparent: str) -> ReceivedCommand:
    command = Command(
        event["command_id"], event["kind"], event["document"], event["actor"], traceparent, "new"
    )
    return ReceivedCommand(event["tenant_id"], command, event["issued_at"])


def _outcome(kind: OutcomeKind, event: Event, traceparent: str) -> ReceivedOutcome:
    outcome = Outcome(
        document=event["document"],
        revision=event["revision"],
        kind=kind,
        traceparent=traceparent,
        xero_document_id=event["xero_document_id"],
        code=event.get("code", ""),
        text=event.get("text", ""),
        strike=event.get("strike", False),
        final=event.get("final", False),
        reason=event.get("reason", ""),
    )
    return ReceivedOutcome(event["tenant_id"], event["event_id"], outcome)
