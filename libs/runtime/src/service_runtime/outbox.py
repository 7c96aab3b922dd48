"""The outbox: events are stored in the transaction that caused them and published afterwards, in order, at least once."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from invoice_events.codec import Codec, Event
from invoice_events.identity import event_headers, event_key
from service_runtime import metrics
from service_runtime.kafka import is_beyond_recovery
from service_runtime.leases import failure_name

log = logging.getLogger(__name__)

MAX_EVENT_BYTES = 7 * 1024 * 1024
"""Largest payload that enters an outbox: below the topics' 8 MiB, with room for key, headers and framing."""

_BATCH = 500
_BATCH_BYTES = 16 * 1024 * 1024  # the rows of a batch are held in memory; one event may have 7 MiB
_COUNTED = 10_000
_IDLE_SECONDS = 2.0
_FLUSH_SECONDS = 5.0
_ACKNOWLEDGED_SECONDS = 60.0
_DRAIN_SECONDS = 20.0  # a stop is not waited for much longer; what is left stays in the table
_LOCK_KEY = 7_201_911  # one publisher at a time per schema: order per document must survive several replicas
_LOCK = text(
    "SELECT pg_advisory_xact_lock(:key, hashtext(current_schema()))"
)  # services may share a database
_OLDEST = text(
    "SELECT id, topic, key, headers, payload, age FROM ("
    "  SELECT *, extract(epoch FROM clock_timestamp() - created_at) AS age,"
    "         sum(octet_length(payload)) OVER (ORDER BY id) - octet_length(payload) AS before"
    "  FROM (SELECT * FROM outbox ORDER BY id LIMIT :n) AS oldest"
    ") AS sized WHERE before < :bytes ORDER BY id"
)
_WAITING = text("SELECT count(*) FROM (SELECT FROM outbox LIMIT :n) AS counted")


class EventTooLargeError(ValueError):
    """An event that no topic would take."""


class Outbox:
    """Adds events to the outbox table of the current schema."""

    def __init__(self, codec: Codec, woken: Callable[[], None], max_bytes: int = MAX_EVENT_BYTES) -> None:
        """
        Args:
            codec: encodes the events.
            woken: called after a commit that added events, so that the publisher need not wait (see `wake`).
            max_bytes: largest payload.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._codec = codec
        self._woken = woken
        self._max_bytes = max_bytes

    def add(self, connection: Connection, topic: str, event: Event, traceparent: str) -> None:
        """Store one event; it is published once the transaction has committed.

        Raises:
            EventTooLargeError: the payload is larger than topics take.
            UnrepresentableEventError: the schema can not carry the event.
        """
        self.add_all(connection, [(topic, event)], traceparent)

    def add_all(self, connection: Connection, events: list[tuple[str, Event]], traceparent: str) -> None:
        """Store several events in this order. Raises as `add`."""
        rows = []
        for topic, event in events:
            payload = self._codec.encode(topic, event)
            if len(payload) > self._max_bytes:
                raise EventTooLargeError(
                    f"{topic} event of {event.get('document', event['tenant_id'])} has {len(payload)} bytes, at most {self._max_bytes} are carried"
                )
            headers = [[name, value.decode()] for name, value in event_headers(topic, event, traceparent)]
            rows.append(
                {
                    "topic": topic,
                    "key": event_key(topic, event),
                    "headers": json.dumps(headers),
                    "payload": payload,
                }
            )
        if rows:
            connection.execute(
                text(
                    "INSERT INTO outbox (topic, key, headers, payload) VALUES (:topic, :key, CAST(:headers AS jsonb), :payload)"
                ),
                rows,
            )

    def wake(self) -> None:
        """Tell the publisher that there is something, after the commit."""
        self._woken()


class OutboxPublisher:
    """Publishes what is in the outbox, then deletes it, one publisher at a time.

    Rows are read without a remembered position: ids are given at insert and seen at commit, so `id > last` would lose
    rows. A row is deleted only after Kafka has acknowledged it; a crash in between repeats it.
    """

    def __init__(self, engine: Engine, producer: Producer, alive: Callable[[], None]) -> None:
        self._engine = engine
        self._producer = producer
        self._alive = alive
        self._something = threading.Event()

    def wake(self) -> None:
        """There may be something to publish."""
        self._something.set()

    def run(self, stopping: threading.Event) -> None:
        """Publish until stopped, then once more what is there, as far as 20 seconds allow.

        Raises:
            KafkaException: the producer is beyond recovery; the service has to start again.
        """
        while not stopping.is_set():
            self._alive()
            self._something.clear()
            if not self._turn():
                self._something.wait(_IDLE_SECONDS)
        self._drain()

    def _drain(self) -> None:
        """Publish what is there until the time is up, and tell what stays for the next start or for another replica."""
        until = time.monotonic() + _DRAIN_SECONDS
        while (left := until - time.monotonic()) > 0 and self._turn(left):
            self._alive()
        try:
            with self._engine.connect() as connection:
                waiting = connection.execute(_WAITING, {"n": _COUNTED}).scalar_one()
        except SQLAlchemyError as error:
            log.warning("outbox: stopped, and what is left can not be counted: %s", failure_name(error))
            return
        if waiting:
            log.warning("outbox: stopped with %d events left (counted up to %d)", waiting, _COUNTED)

    def _turn(self, timeout: float = _ACKNOWLEDGED_SECONDS) -> bool:
        """Publish one batch. Returns whether more may be waiting."""
        try:
            return self.publish_batch(timeout) > 0
        except SQLAlchemyError as error:
            log.warning("outbox: the database failed, trying again: %s", failure_name(error))
        except KafkaException as error:
            if is_beyond_recovery(error.args[0]):
                raise
            log.warning("outbox: Kafka failed, trying again: %s", error.args[0].str())
        return False

    def publish_batch(self, timeout: float = _ACKNOWLEDGED_SECONDS) -> int:
        """Publish the oldest events and delete them. Returns how many; 0 also if another replica is publishing.

        `timeout`: seconds to wait for Kafka's acknowledgements, see `produce_all`.

        Raises:
            KafkaException: Kafka did not acknowledge an event; nothing is deleted then.
            SQLAlchemyError: the database failed; what was published is published again later.
        """
        with self._engine.begin() as connection:
            if not _locked(connection):
                return 0
            rows = connection.execute(_OLDEST, {"n": _BATCH, "bytes": _BATCH_BYTES}).all()
            metrics.outbox_age_seconds.set(float(rows[0].age) if rows else 0)
            metrics.outbox_rows.set(connection.execute(_WAITING, {"n": _COUNTED}).scalar_one() if rows else 0)
            if not rows:
                return 0
            records = [
                (
                    row.topic,
                    row.key.encode(),
                    [(name, value.encode()) for name, value in row.headers],
                    bytes(row.payload),
                )
                for row in rows
            ]
            produce_all(self._producer, records, timeout, self._alive)
            connection.execute(
                text("DELETE FROM outbox WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]}
            )
        return len(rows)


def _locked(connection: Connection) -> bool:
    """Become the only publisher until the transaction ends. False if another one does not end soon.

    Waiting a while keeps the delay of a new event small while another replica publishes something short; not waiting
    for ever keeps this loop turning while the other one waits for Kafka.
    """
    connection.execute(text("SET LOCAL lock_timeout = '3s'"))
    try:
        with connection.begin_nested():
            connection.execute(_LOCK, {"key": _LOCK_KEY})
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True


def produce_all(
    producer: Producer,
    records: Sequence[tuple[str, bytes | None, list[tuple[str, bytes]], bytes | None]],
    timeout: float = _ACKNOWLEDGED_SECONDS,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """Produce records (topic, key, headers, value) in order and wait until Kafka has acknowledged every one.

    Args:
        producer: may be shared; the wait then includes what others produced.
        records: in the order in which they are to stand.
        timeout: seconds to wait for the acknowledgements. `make_producer` gives an event up earlier than the default; what
            is left after a shorter time is taken out of the queue, so that none is sent after a newer one.
        alive: called while waiting.

    Raises:
        KafkaException: one was not acknowledged; which ones were is unknown. The error is the fatal one if there is one.
    """
    failures: list[KafkaError] = []
    acknowledged = 0

    def delivered(error: KafkaError | None, message: Message) -> None:
        nonlocal acknowledged
        if error is not None:
            failures.append(error)
        else:
            acknowledged += 1
            metrics.events_produced.labels(message.topic()).inc()

    for topic, key, headers, value in records:
        while True:
            try:
                producer.produce(topic, value=value, key=key, headers=headers, on_delivery=delivered)  # type: ignore[arg-type]  # the stub's header type is invariant
                break
            except BufferError:
                alive()
                producer.poll(0.1)
    left = _flushed(producer, timeout, alive)
    if acknowledged + len(failures) < len(records):  # a shared producer may also hold what others produced
        producer.purge()
    if failures:
        raise KafkaException(next(filter(is_beyond_recovery, failures), failures[0]))
    if left:
        raise KafkaException(
            KafkaError(KafkaError.REQUEST_TIMED_OUT, f"{left} events were not acknowledged in {timeout:g} s")
        )


def _flushed(producer: Producer, timeout: float, alive: Callable[[], None]) -> int:
    """Wait for acknowledgements. Returns how many are still open when the time is up."""
    until = time.monotonic() + timeout
    while True:
        alive()
        left = producer.flush(max(0.0, min(_FLUSH_SECONDS, until - time.monotonic())))
        if not left or time.monotonic() >= until:
            return left
