"""A compacted topic held in memory: read completely first, followed afterwards. Own assignment, no group."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from enum import Enum
from typing import Generic, TypeVar, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from service_runtime.intake import TransientError
from service_runtime.records import Record

log = logging.getLogger(__name__)

T = TypeVar("T")

_TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 1.0
_NO_LEADER = frozenset({KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE})


class _Stopped(Enum):
    """What stands for a value if the service stopped before a record could be read."""

    STOPPED = "stopped"


class CompactedTable(Generic[T]):
    """Newest value per key of a compacted topic."""

    def __init__(
        self,
        options: dict[str, str],
        topic: str,
        read: Callable[[Record], T],
        alive: Callable[[], None],
        changed: Callable[[str, T], None] | None = None,
    ) -> None:
        """`read` decodes a record. One that it refuses with a ValueError (UnreadableEventError is one), KeyError or TypeError is logged and left out, the older value stays.

        A KafkaException or TransientError of it (the schema can not be looked up now) says nothing about the record, which is
        read again until it can be told.
        """
        self._topic = topic
        self._read = read
        self._alive = alive
        self._changed = changed
        self._rows: dict[str, T] = {}
        self._condition = threading.Condition()
        self._complete = threading.Event()
        self._consumer = Consumer(
            options
            | {
                "group.id": f"table-{uuid.uuid4()}",  # never committed to
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 100,
                "queued.max.messages.kbytes": 1024,  # of tables that change seldom, each in memory of its own
                "client.id": f"table-{topic}",
            }
        )

    def run(self, stopping: threading.Event) -> None:
        """Read the topic to its end, then follow it until stopped.

        Raises:
            KafkaException: the topic's partitions can not be listed.
        """
        try:
            self._follow(stopping)
        finally:
            self._consumer.close()

    def get(self, key: str) -> T | None:
        """Newest value of a key."""
        with self._condition:
            return self._rows.get(key)

    def all(self) -> dict[str, T]:
        """Newest value of every key."""
        with self._condition:
            return dict(self._rows)

    def is_complete(self) -> bool:
        """Whether the topic has been read to the end it had at the start."""
        return self._complete.is_set()

    def wait_complete(self, stopping: threading.Event) -> bool:
        """Wait until the topic has been read to the end it had at the start. False if the service stops before."""
        while not self._complete.wait(0.1):
            if stopping.is_set():
                return False
        return True

    def wait_for(self, key: str, good: Callable[[T], bool], timeout: float) -> T | None:
        """Wait for a value of a key that is good. None if none came in time."""
        with self._condition:
            self._condition.wait_for(lambda: key in self._rows and good(self._rows[key]), timeout)
            value = self._rows.get(key)
            return value if value is not None and good(value) else None

    def _follow(self, stopping: threading.Event) -> None:
        ends = self._ends_once_led(stopping)
        self._consumer.assign(
            [TopicPartition(self._topic, partition, OFFSET_BEGINNING) for partition in ends]
        )
        missing = {partition: high for partition, (low, high) in ends.items() if high > low}
        while not stopping.is_set():
            self._alive()
            if not missing and not self._complete.is_set():
                self._complete.set()
                log.info("%s is read, %d keys", self._topic, len(self._rows))
            for message in self._consumer.consume(200, 0.1):
                self._message(message, missing, stopping)
                if stopping.is_set():
                    return  # the last record may not have been taken

    def _message(self, message: Message, missing: dict[int, int], stopping: threading.Event) -> None:
        """Take a record; mark its partition as read when its end is reached.

        The last offsets of a partition may hold no record (compaction, markers of transactions): then only the end of
        the partition tells that they were passed.
        """
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # librdkafka's local codes begin with an underscore
                missing.pop(cast("int", message.partition()), None)
            else:
                log.warning("%s: %s", self._topic, error.str())
            return
        record = Record.of(message)
        self._take(record, stopping)
        if record.offset + 1 >= missing.get(record.partition, 0):
            missing.pop(record.partition, None)

    def _ends_once_led(self, stopping: threading.Event) -> dict[int, tuple[int, int]]:
        """The partitions' ends; empty if stopped before. A partition has no leader for a moment when brokers change or it is new."""
        while True:
            self._alive()
            try:
                return self._ends()
            except KafkaException as error:
                if error.args[0].code() not in _NO_LEADER:
                    raise
                log.warning("%s has no leader now, trying again: %s", self._topic, error.args[0].str())
            if stopping.wait(_RETRY_SECONDS):
                return {}

    def _ends(self) -> dict[int, tuple[int, int]]:
        metadata = self._consumer.list_topics(self._topic, timeout=_TIMEOUT_SECONDS).topics[self._topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        places = {partition: TopicPartition(self._topic, partition) for partition in metadata.partitions}
        return {
            partition: self._consumer.get_watermark_offsets(place, timeout=_TIMEOUT_SECONDS)
            for partition, place in places.items()
        }

    def _take(self, record: Record, stopping: threading.Event) -> None:
        if record.key is None:
            log.warning("%s[%d]@%d has no key and is ignored", record.topic, record.partition, record.offset)
            return
        key = record.key.decode("utf-8", "replace")
        if record.value is None:
            with self._condition:
                self._rows.pop(key, None)
            return
        try:
            value = self._read_until_told(record, stopping)
        except (ValueError, KeyError, TypeError) as error:
            log.warning(
                "%s[%d]@%d can not be read, the older value stays: %s",
                record.topic,
                record.partition,
                record.offset,
                error if isinstance(error, ValueError) else type(error).__name__,
            )  # the trace would say nothing more
            return
        if isinstance(value, _Stopped):
            return
        with self._condition:
            self._rows[key] = value
            self._condition.notify_all()
        if self._changed is not None:
            self._changed(key, value)

    def _read_until_told(self, record: Record, stopping: threading.Event) -> T | _Stopped:
        """Read a record, again and again while what it takes is away. The service may stop before that.

        The consumer is not polled meanwhile: it is in no group that could take it for dead, and reads ahead only so much.
        """
        while True:
            self._alive()
            try:
                return self._read(record)
            except (KafkaException, TransientError) as error:
                log.warning(
                    "%s[%d]@%d can not be read now, trying again: %s",
                    record.topic,
                    record.partition,
                    record.offset,
                    error.args[0].str() if isinstance(error, KafkaException) else error,
                )
            if stopping.wait(_RETRY_SECONDS):
                return _Stopped.STOPPED
