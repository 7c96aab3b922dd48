"""What the consumer loop calls with each batch of records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import psycopg2
from confluent_kafka import KafkaException
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invoice_events import names
from invoice_events.codec import Codec, UnreadableEventError
from invoice_events.identity import trace_id_of, utc_now
from service_runtime import metrics
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record, parts
from service_runtime.replay import Graveyard
from status_api.core.fold import Batch, UnfoldableEventError, require_foldable
from status_api.materializer.positions import Place
from status_api.materializer.store import store_batch

log = logging.getLogger(__name__)

# COPY and the merges go through the driver itself, so its own errors come beside SQLAlchemy's. A table that is not there, or may
# not be written, is a ProgrammingError: no record's fault, whatever the record.
_AWAY = (
    OperationalError,
    InterfaceError,
    InternalError,
    ProgrammingError,
    PoolTimeoutError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
    psycopg2.ProgrammingError,
)
_REFUSED = (DBAPIError, psycopg2.Error)
_COMPACTED = frozenset({names.SETTINGS, names.REFERENCE, names.HEALTH})


@dataclass(slots=True)
class Folded:
    """What a batch of records comes to.

    Attributes:
        batch: rows.
        poisons: records that can not be folded.
        handovers: topic and time of the events, for the metric.
    """

    batch: Batch = field(default_factory=Batch)
    poisons: list[Poison] = field(default_factory=list)
    handovers: list[tuple[str, datetime]] = field(default_factory=list)


class Moving(Protocol):
    """Positions that move with the rows, in their transaction."""

    def lock(self, connection: Connection, places: Sequence[Place]) -> None:
        """Lock those that a batch moves."""

    def advance(self, connection: Connection, next_offsets: dict[Place, int]) -> None:
        """Move them forward."""

    def committed(self, next_offsets: dict[Place, int]) -> None:
        """The transaction has committed."""


class Materializer:
    """Folds batches into the read model."""

    def __init__(
        self,
        engine: Engine,
        codec: Codec,
        positions: Moving,
        dead_letters: Graveyard,
        store: Callable[[Connection, Batch], None] | None = None,
    ) -> None:
        """`store` stores a batch inside the transaction that moves the positions; `store_batch` unless told otherwise."""
        self._engine = engine
        self._store = store or store_batch
        self._codec = codec
        self._positions = positions
        self._dead_letters = dead_letters
        self._buried: set[tuple[str, int, int]] = set()

    def handle(self, records: Sequence[Record]) -> None:
        """Fold a batch: what can not be decoded or stored goes to the dead letters, everything else into the read model.

        Raises:
            TransientError: the database or the broker failed; the same batch is to be tried again.
            TooManyDeadLettersError, PositionWentBackError: the service has to stop.
        """
        try:
            for part in parts(records):
                self._handle(part)
        except KafkaException as error:
            raise TransientError(f"Kafka failed: {error}") from error
        except _AWAY as error:
            raise TransientError(f"the database failed: {_kind(error)}") from error
        self._buried.clear()

    def _handle(self, records: Sequence[Record]) -> None:
        """Store everything at once; where PostgreSQL refuses a value, find the record that carries it."""
        folded = self._fold(records)
        try:
            self._finish(records, folded)
        except _AWAY:
            raise
        except _REFUSED as error:
            if len(records) > 1:
                log.warning("a record of %d is refused by the database, trying them one by one", len(records))
                for record in records:
                    self._handle([record])
                return
            reason = f"the read model refuses it: {_kind(error)}"  # the error's text could repeat an invoice's data
            self._finish(records, Folded(poisons=[Poison(records[0], reason)]))

    def _fold(self, records: Sequence[Record]) -> Folded:
        """Decode and fold, one record after the other: only rows are kept, a decoded event is many times its bytes."""
        folded = Folded()
        for record in records:
            if record.value is None and record.topic in _COMPACTED:
                continue  # a tombstone: compaction may forget the key, the read model keeps what it knew
            try:
                event = self._codec.decode(record.topic, record.value)
                require_foldable(record.topic, event)
            except (UnreadableEventError, UnfoldableEventError) as error:
                folded.poisons.append(Poison(record, str(error)))
                continue
            folded.batch.add(record.topic, event, trace_id_of(record.header("traceparent")))
            if "occurred_at" in event:
                folded.handovers.append((record.topic, event["occurred_at"]))
        return folded

    def _finish(self, records: Sequence[Record], folded: Folded) -> None:
        """Bury what can not be folded, store the rest with the offsets.

        Poison is acknowledged by Kafka before the offsets move, so that none is lost; a crash in between buries it twice.
        """
        self._bury(folded.poisons)
        next_offsets: dict[Place, int] = {}
        for record in records:
            place = (record.topic, record.partition)
            next_offsets[place] = max(record.offset + 1, next_offsets.get(place, 0))
        with self._engine.begin() as connection:
            self._positions.lock(connection, list(next_offsets))
            self._store(connection, folded.batch)
            self._positions.advance(connection, next_offsets)
        self._positions.committed(next_offsets)
        self._dead_letters.handled(len(records) - len(folded.poisons))
        now = utc_now()
        for topic, occurred_at in folded.handovers:
            metrics.handover_seconds.labels(topic).observe((now - occurred_at).total_seconds())

    def _bury(self, poisons: Sequence[Poison]) -> None:
        """Bury each record once, however often its batch has to be handed over until it can be stored."""
        new = [poison for poison in poisons if _place(poison.record) not in self._buried]
        if new:
            self._dead_letters.bury(new)
            self._buried.update(_place(poison.record) for poison in new)


def _kind(error: Exception) -> str:
    """Class of the driver's error; its text could repeat a value."""
    return type(error.orig if isinstance(error, DBAPIError) else error).__name__


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
