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
from sqlalchemy.exc import OperationalError

from service_runtime import metrics
from service_runtime.leases import failure_name
from service_runtime.records import Record

log = logging.getLogger(__name__)

_POLL_SECONDS = (
    0.05  # consume() waits for a full batch or this long; short, so that a single record is not kept waiting
)
_IDLE_POLL_SECONDS = 0.5
_RETRY_SECONDS = 1.0
_RETRY_POLL_SECONDS = 0.1
_LOST = frozenset(
    {KafkaError._AUTO_OFFSET_RESET, KafkaError._LOG_TRUNCATION, KafkaError.OFFSET_OUT_OF_RANGE}  # noqa: SLF001  # librdkafka's local codes begin with an underscore
)
_AWAY = frozenset(
    {KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._WAIT_COORD}  # noqa: SLF001  # as above
)

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
            committed = self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets were not committed, records may be repeated: %s", error.args[0].name())
            return
        for place in committed or []:
            if place.error is not None:
                log.warning(
                    "the offset of %s[%d] was not committed, records may be repeated: %s",
                    place.topic,
                    place.partition,
                    place.error.name(),
                )


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
        self._assignment = 0  # counts rebalances: what was polled before one is not handled after it
        self._carried: list[Message] = []  # polled while a batch waited for its next try
        self._stopping = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Consume until stopped.

        Raises:
            PositionLostError: a committed offset fell out of its topic.
            Exception: whatever the handler raised, except TransientError.
        """
        self._stopping = stopping
        self._consumer.subscribe(
            self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )
        try:
            while not stopping.is_set():
                self._turn()
        finally:
            self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin at the kept position; explicit, because a lost position must be an error and a new group must not."""
        self._assignment += 1
        starts = self._starting_points(partitions)
        consumer.assign(starts)
        consumer.resume(starts)  # a partition that was paused when it was taken away comes back paused
        self.assigned.set()
        log.info("assigned %d partitions", len(partitions))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Whatever was handled is committed already; whatever was not belongs to the next owner."""
        self._assignment += 1
        consumer.unassign()
        log.info("gave %d partitions up", len(partitions))

    def _starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Where to begin. While the broker or database that knows is away, nothing can begin."""
        while True:
            try:
                return self._offsets.starting_points(partitions)
            except (TransientError, OperationalError) as error:
                reason = str(error) if isinstance(error, TransientError) else failure_name(error)
                log.warning("the kept positions can not be read, trying again: %s", reason)
            except KafkaException as error:
                if not error.args[0].retriable() and error.args[0].code() not in _AWAY:
                    raise
                log.warning("the kept positions can not be read, trying again: %s", error.args[0].name())
            self._alive()
            if self._stopping.wait(_RETRY_SECONDS):
                return []  # nothing is consumed any more

    def _turn(self) -> None:
        self._alive()
        began = time.monotonic()
        messages = self._poll()
        metrics.loop_seconds.labels("poll").inc(time.monotonic() - began)
        batch = [record for message in messages if (record := self._record(message)) is not None]
        if not batch:
            return
        began = time.monotonic()
        if not self._handle_until_done(batch):
            return
        metrics.loop_seconds.labels("handle").inc(time.monotonic() - began)
        committing = time.monotonic()
        self._offsets.handled({(record.topic, record.partition): record.offset + 1 for record in batch})
        metrics.loop_seconds.labels("commit").inc(time.monotonic() - committing)
        metrics.batch_seconds.observe(time.monotonic() - began)

    def _poll(self) -> list[Message]:
        """A batch, all of it from the partitions that are ours now."""
        carried, self._carried = self._carried, []
        assignment = self._assignment
        first = self._consumer.consume(1, 0.0 if carried else _IDLE_POLL_SECONDS)
        if self._assignment != assignment:
            carried = []
        assignment = self._assignment
        messages = carried + first
        if messages and len(messages) < self._batch_size:
            more = self._consumer.consume(self._batch_size - len(messages), _POLL_SECONDS)
            if self._assignment != assignment:
                return more  # the others were not handled, so they are read again by whoever has them now
            messages += more
        return messages

    def _handle_until_done(self, batch: list[Record]) -> bool:
        """Hand the batch over until it is handled. False if it is ours no longer, or the service stops before that."""
        assignment = self._assignment
        paused: list[TopicPartition] = []
        while True:
            try:
                self._handle(batch)
            except TransientError as error:
                log.warning("the batch waits: %s", error)
                if not paused:
                    paused = self._consumer.assignment()
                    self._consumer.pause(paused)
                self._poll_nothing(assignment)
                if self._stopping.is_set():
                    return False
                if self._assignment != assignment:
                    log.info("the batch that waited is read again by whoever has its partitions now")
                    return False
            else:
                self._consumer.resume(paused)
                return True

    def _poll_nothing(self, assignment: int) -> None:
        """Wait before the next try. The paused consumer is polled on: else its group would take it for dead."""
        until = time.monotonic() + _RETRY_SECONDS
        while time.monotonic() < until and not self._stopping.is_set():
            self._alive()
            polled = self._consumer.consume(1, _RETRY_POLL_SECONDS)
            if self._assignment != assignment:
                self._carried = polled  # what was carried before the rebalance is read again
                return
            self._carried += polled

    def _record(self, message: Message) -> Record | None:
        error = message.error()
        if error is None:
            record = Record.of(message)
            metrics.records_consumed.labels(record.topic).inc()
            return record
        if error.code() in _LOST:
            raise PositionLostError(
                f"the kept offset of {message.topic()}[{message.partition()}] is no longer in the topic: records may have been deleted unread ({error.str()})"
            )
        if error.fatal():
            raise KafkaException(error)
        log.warning("Kafka: %s", error.str())
        return None
