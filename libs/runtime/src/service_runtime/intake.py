"""The consumer loop: poll, hand a batch over, commit the next offsets. One thread owns the consumer.

No outside call happens between poll and commit: services store (or map and publish) and return. Only offsets of records
that were handed over and handled are ever committed; a rebalance in between repeats records, it never loses any.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from service_runtime import metrics
from service_runtime.records import Record

log = logging.getLogger(__name__)

_POLL_SECONDS = (
    0.05  # consume() waits for a full batch or this long; short, so that a single record is not kept waiting
)
_IDLE_POLL_SECONDS = 0.5
_RETRY_SECONDS = 1.0

Handle = Callable[[Sequence[Record]], None]
"""Handles a batch completely before it returns. TransientError = try the same batch again; anything else ends the service."""


class TransientError(Exception):
    """The batch can not be handled now, but nothing is wrong with it: the database or the broker is away."""


class PositionLostError(Exception):
    """A committed offset is no longer in the topic: going on would silently skip records."""


class Offsets(Protocol):
    """Where the position of this consumer is kept."""

    def starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """The partitions with the offsets to begin at; OFFSET_BEGINNING where nothing was kept yet."""

    def handled(self, next_offsets: dict[tuple[str, int], int]) -> None:
        """A batch was handled; the next offset to read per topic and partition."""


class GroupOffsets:
    """Offsets kept in Kafka, in the consumer's group."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """What the group committed."""
        committed = self._consumer.committed(partitions, timeout=30)
        for place in committed:
            if place.error is not None:
                raise KafkaException(place.error)
            if place.offset < 0:
                place.offset = OFFSET_BEGINNING
        return committed

    def handled(self, next_offsets: dict[tuple[str, int], int]) -> None:
        """Commit synchronously. A rebalance that took the partitions away only means that others repeat the batch."""
        places = [
            TopicPartition(topic, partition, offset) for (topic, partition), offset in next_offsets.items()
        ]
        try:
            self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets were not committed, the batch will be repeated: %s", error.args[0].name())


class Intake:
    """Feeds a handler with batches of records."""

    def __init__(
        self,
        consumer: Consumer,
        topics: Sequence[str],
        handle: Handle,
        alive: Callable[[], None],
        *,
        offsets: Offsets | None = None,
        batch_size: int = 500,
    ) -> None:
        self._consumer = consumer
        self._topics = list(topics)
        self._handle = handle
        self._alive = alive
        self._offsets = offsets or GroupOffsets(consumer)
        self._batch_size = batch_size
        self.assigned = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Consume until stopped.

        Raises:
            PositionLostError: a committed offset fell out of its topic.
            Exception: whatever the handler raised, except TransientError.
        """
        self._consumer.subscribe(self._topics, on_assign=self._on_assign)
        try:
            while not stopping.is_set():
                self._turn(stopping)
        finally:
            self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin at the kept position; explicit, because a lost position must be an error and a new group must not."""
        consumer.assign(self._offsets.starting_points(partitions))
        self.assigned.set()
        log.info("assigned %d partitions", len(partitions))

    def _turn(self, stopping: threading.Event) -> None:
        self._alive()
        began = time.monotonic()
        messages = self._consumer.consume(1, _IDLE_POLL_SECONDS)
        if messages and self._batch_size > 1:
            messages += self._consumer.consume(self._batch_size - 1, _POLL_SECONDS)
        metrics.loop_seconds.labels("poll").inc(time.monotonic() - began)
        batch = [record for message in messages if (record := self._record(message)) is not None]
        if not batch:
            return
        began = time.monotonic()
        if not self._handle_until_done(batch, stopping):
            return
        metrics.loop_seconds.labels("handle").inc(time.monotonic() - began)
        committing = time.monotonic()
        self._offsets.handled({(record.topic, record.partition): record.offset + 1 for record in batch})
        metrics.loop_seconds.labels("commit").inc(time.monotonic() - committing)
        metrics.batch_seconds.observe(time.monotonic() - began)

    def _handle_until_done(self, batch: list[Record], stopping: threading.Event) -> bool:
        """Hand the batch over until it is handled. False if the service stopped before that."""
        while True:
            try:
                self._handle(batch)
            except TransientError as error:
                log.warning("the batch waits: %s", error)
                self._alive()
                if stopping.wait(_RETRY_SECONDS):
                    return False
            else:
                return True

    def _record(self, message: Message) -> Record | None:
        error = message.error()
        if error is None:
            record = Record.of(message)
            metrics.records_consumed.labels(record.topic).inc()
            return record
        if error.code() == KafkaError._AUTO_OFFSET_RESET or error.code() == KafkaError.OFFSET_OUT_OF_RANGE:  # noqa: SLF001  # librdkafka's local codes begin with an underscore
            raise PositionLostError(
                f"the kept offset of {message.topic()}[{message.partition()}] is no longer in the topic: records may have been deleted unread ({error.str()})"
            )
        if error.fatal():
            raise KafkaException(error)
        log.warning("Kafka: %s", error.str())
        return None
