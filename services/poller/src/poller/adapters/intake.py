"""From Kafka into the inboxes. No outside call happens here, so no tenant can hold a partition."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from confluent_kafka import KafkaException
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

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
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record
from service_runtime.replay import Graveyard

log = logging.getLogger(__name__)

_KINDS: dict[str, OutcomeKind] = {
    names.SYNCED: "synced",
    names.FAULTED: "faulted",
    names.SKIPPED: "skipped",
    names.ORDER_SYNCED: "synced",
    names.ORDER_FAULTED: "faulted",
    names.ORDER_SKIPPED: "skipped",
}

TOPICS = (*_KINDS, names.COMMANDS)
"""What the poller takes in. Its own faults and skips come back here and change nothing."""

_AWAY = (OperationalError, InterfaceError, InternalError, ProgrammingError, PoolTimeoutError)
"""The database is away, read-only or overloaded, or our tables are not there: no record's fault, the batch can be stored later."""

_REFUSED = (DBAPIError, ValueError)
"""PostgreSQL refuses a value, or its driver does (NUL in a text, half a surrogate pair): no repetition helps."""


@dataclass(frozen=True, slots=True)
class _Received:
    """A record with what it comes to, and when its event happened."""

    record: Record
    content: ReceivedCommand | ReceivedOutcome
    occurred_at: datetime


class InboxFiller:
    """Handler of the consumer loop."""

    def __init__(
        self, engine: Engine, codec: Codec, dead_letters: Graveyard, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._codec = codec
        self._dead_letters = dead_letters
        self._now = now

    def handle(self, records: Sequence[Record]) -> None:
        """Store a batch and wake the workers it concerns; what can not be read or stored is buried.

        Burying comes last: a batch that has to wait for the database, however often, buries each record once.

        Raises:
            TransientError: the database or the broker is away.
            DeadLettersUnwritableError, TooManyDeadLettersError: the service has to stop.
        """
        try:
            received, poisons = self._read(records)
        except KafkaException as error:
            raise TransientError(f"Kafka failed: {error}") from error
        try:
            refused = self._store_all_that_goes(received)
        except _AWAY as error:
            raise TransientError(f"the database failed: {_kind(error)}") from error
        poisons += refused
        self._dead_letters.handled(len(records) - len(poisons))
        if poisons:
            self._dead_letters.bury(poisons)
        now = self._now()
        for each in received:
            waited = (now - each.occurred_at).total_seconds()
            metrics.handover_seconds.labels(each.record.topic).observe(max(0.0, waited))

    def _store_all_that_goes(self, received: Sequence[_Received]) -> list[Poison]:
        """Store everything at once; where a value is refused, one by one. Returns what carries such a value."""
        try:
            self._store(received)
        except _AWAY:
            raise
        except _REFUSED as error:
            if len(received) > 1:
                log.warning(
                    "a record of %d is refused by the database, storing them one by one", len(received)
                )
                return [poison for each in received for poison in self._store_all_that_goes([each])]
            reason = (
                f"the inbox refuses it: {_kind(error)}"  # the error's text could repeat a customer's data
            )
            return [Poison(received[0].record, reason)]
        return []

    def _store(self, received: Sequence[_Received]) -> None:
        if not received:
            return
        contents = [each.content for each in received]
        with self._engine.begin() as connection:
            store_commands(connection, [each for each in contents if isinstance(each, ReceivedCommand)])
            store_outcomes(connection, [each for each in contents if isinstance(each, ReceivedOutcome)])
            for tenant_id in sorted({each.tenant_id for each in contents}):
                notify(connection, WORK_CHANNEL, tenant_id)

    def _read(self, records: Sequence[Record]) -> tuple[list[_Received], list[Poison]]:
        received: list[_Received] = []
        poisons: list[Poison] = []
        for record in records:
            try:
                received.append(_received(record, self._codec.decode(record.topic, record.value)))
            except (UnreadableEventError, BadDocumentNameError) as error:
                poisons.append(Poison(record, str(error)))
        return received, poisons


def _received(record: Record, event: Event) -> _Received:
    traceparent = record.header("traceparent") or new_traceparent()
    if record.topic == names.COMMANDS:
        return _Received(record, _command(event, traceparent), event["issued_at"])
    Document.parse(event["document"])
    outcome = _outcome(_KINDS[record.topic], event, traceparent)
    return _Received(record, outcome, event["occurred_at"])


def _kind(error: Exception) -> str:
    """Class of the driver's error; its text could repeat a value."""
    return type(error.orig if isinstance(error, DBAPIError) else error).__name__


def _command(event: Event, traceparent: str) -> ReceivedCommand:
    command = Command(
        event["command_id"],
        event["kind"],
        event["document"],
        event["actor"],
        traceparent,
        "new",
        event["options"],
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
        xero_number=event.get("xero_number") or None,
        xero_url=event.get("xero_url") or None,
        result=event.get("outcome"),
    )
    return ReceivedOutcome(event["tenant_id"], event["event_id"], outcome)
