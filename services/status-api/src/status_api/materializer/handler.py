"""What the consumer loop calls with each batch of records."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg2
from confluent_kafka import KafkaException
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invoice_events import names
from invoice_events.codec import Codec, Event, UnreadableEventError
from invoice_events.identity import trace_id_of, utc_now
from service_runtime import metrics
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record
from status_api.core.fold import Batch, UnfoldableEventError, require_foldable
from status_api.materializer.positions import Place, Positions
from status_api.materializer.store import store_batch

log = logging.getLogger(__name__)

# COPY and the merges go through the driver itself, so its own errors come beside SQLAlchemy's.
_AWAY = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeoutError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
)
_REFUSED = (DBAPIError, psycopg2.Error)
_COMPACTED = frozenset({names.SETTINGS, names.REFERENCE, names.HEALTH})


@dataclass(frozen=True, slots=True)
class Decoded:
    """A record and the event in it."""

    record: Record
    event: Event


class Materializer:
    """Folds batches into the read model."""

    def __init__(self, engine: Engine, codec: Codec, positions: Positions, dead_letters: DeadLetters) -> None:
        self._engine = engine
        self._codec = codec
        self._positions = positions
        self._dead_letters = dead_letters

    def handle(self, records: Sequence[Record]) -> None:
        """Fold a batch: what can not be decoded or stored goes to the dead letters, everything else into the read model.

        Raises:
            TransientError: the database or the broker failed; the same batch is to be tried again.
            TooManyDeadLettersError, PositionWentBackError: the service has to stop.
        """
        try:
            decoded, poisons = self._decode(records)
            if poisons:
                self._dead_letters.bury(poisons)
            self._store(records, decoded)
        except KafkaException as error:
            raise TransientError(f"Kafka failed: {error}") from error
        except _AWAY as error:
            raise TransientError(f"the database failed: {_kind(error)}") from error
        self._dead_letters.handled(len(decoded))
        _observe_handover(decoded)

    def _decode(self, records: Sequence[Record]) -> tuple[list[Decoded], list[Poison]]:
        decoded: list[Decoded] = []
        poisons: list[Poison] = []
        for record in records:
            if record.value is None and record.topic in _COMPACTED:
                continue  # a tombstone: compaction may forget the key, the read model keeps what it knew
            try:
                event = self._codec.decode(record.topic, record.value)
                require_foldable(event)
            except (UnreadableEventError, UnfoldableEventError) as error:
                poisons.append(Poison(record, str(error)))
            else:
                decoded.append(Decoded(record, event))
        return decoded, poisons

    def _store(self, records: Sequence[Record], decoded: Sequence[Decoded]) -> None:
        """Store everything at once; where PostgreSQL refuses a value, find the record that carries it."""
        try:
            self._store_together(records, decoded)
        except _AWAY:
            raise
        except _REFUSED as error:
            if len(records) == 1:
                self._bury_refused(records, error)
                return
            log.warning("a record of %d is refused by the database, trying them one by one", len(records))
            for record in records:
                self._store([record], [one for one in decoded if one.record is record])

    def _bury_refused(self, records: Sequence[Record], error: Exception) -> None:
        reason = f"the read model refuses it: {_kind(error)}"  # its text could repeat an invoice's data
        self._dead_letters.bury([Poison(record, reason) for record in records])
        self._store_together(records, [])

    def _store_together(self, records: Sequence[Record], decoded: Sequence[Decoded]) -> None:
        next_offsets: dict[Place, int] = {}
        for record in records:
            place = (record.topic, record.partition)
            next_offsets[place] = max(record.offset + 1, next_offsets.get(place, 0))
        with self._engine.begin() as connection:
            stored = self._positions.lock(connection, records)
            batch = Batch()
            for one in decoded:
                record = one.record
                if record.offset >= stored[record.topic, record.partition]:
                    batch.add(record.topic, one.event, trace_id_of(record.header("traceparent")))
            store_batch(connection, batch)
            self._positions.advance(connection, next_offsets)
        self._positions.committed(next_offsets)


def _kind(error: Exception) -> str:
    """Class of the driver's error; its text could repeat a value."""
    return type(error.orig if isinstance(error, DBAPIError) else error).__name__


def _observe_handover(decoded: Sequence[Decoded]) -> None:
    now = utc_now()
    for one in decoded:
        occurred_at = one.event.get("occurred_at")
        if occurred_at is not None:
            metrics.handover_seconds.labels(one.record.topic).observe((now - occurred_at).total_seconds())
