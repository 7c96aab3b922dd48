"""The outbox: events are stored in the transaction that caused them and published afterwards, in order, at least once."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from invoice_events.codec import Codec, Event
from invoice_events.identity import event_headers, event_key
from service_runtime import metrics

log = logging.getLogger(__name__)

MAX_EVENT_BYTES = 7 * 1024 * 1024
"""Largest payload that enters an outbox: below the topics' 8 MiB, with room for key, headers and framing."""

_BATCH = 500
_IDLE_SECONDS = 2.0
_LOCK_KEY = 7_201_911  # one publisher at a time per schema: order per document must survive several replicas


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
        """Publish until stopped, then once more what is there."""
        while not stopping.is_set():
            self._alive()
            self._something.clear()
            if not self._turn():
                self._something.wait(_IDLE_SECONDS)
        self._turn()

    def _turn(self) -> bool:
        """Publish one batch. Returns whether more may be waiting."""
        try:
            return self.publish_batch() == _BATCH
        except DBAPIError as error:
            log.warning("outbox: the database failed, trying again: %s", type(error.orig).__name__)
        except KafkaException as error:
            log.warning("outbox: Kafka failed, trying again: %s", error)
        return False

    def publish_batch(self) -> int:
        """Publish the oldest events and delete them. Returns how many.

        Raises:
            KafkaException: Kafka did not acknowledge an event; nothing is deleted then.
            DBAPIError: the database failed; what was published is published again later.
        """
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            rows = connection.execute(
                text(
                    "SELECT id, topic, key, headers, payload, extract(epoch FROM clock_timestamp() - created_at) AS age FROM outbox ORDER BY id LIMIT :n"
                ),
                {"n": _BATCH},
            ).all()
            metrics.outbox_age_seconds.set(float(rows[0].age) if rows else 0)
            metrics.outbox_rows.set(len(rows))
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
            produce_all(self._producer, records)
            connection.execute(
                text("DELETE FROM outbox WHERE id = ANY(:ids)"), {"ids": [row.id for row in rows]}
            )
        return len(rows)


def produce_all(
    producer: Producer,
    records: list[tuple[str, bytes, list[tuple[str, bytes]], bytes]],
    timeout: float = 60.0,
) -> None:
    """Produce records (topic, key, headers, value) in order and wait until Kafka has acknowledged every one.

    Raises:
        KafkaException: one was not acknowledged; which ones were is unknown.
    """
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failures.append(error)
        else:
            metrics.events_produced.labels(message.topic()).inc()

    for topic, key, headers, value in records:
        while True:
            try:
                producer.produce(topic, value=value, key=key, headers=headers, on_delivery=delivered)  # type: ignore[arg-type]  # the stub's header type is invariant
                break
            except BufferError:
                producer.poll(0.1)
    left = producer.flush(timeout)
    if failures:
        raise KafkaException(failures[0])
    if left:
        raise KafkaException(
            KafkaError(KafkaError.REQUEST_TIMED_OUT, f"{left} events were not acknowledged in {timeout:g} s")
        )
