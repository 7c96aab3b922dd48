"""Notices records that poller and status-api could not handle. The other services tell of theirs by a fault of the document."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from confluent_kafka import Consumer, KafkaException, TopicPartition
from sqlalchemy import Engine

from invoice_events.identity import header_text
from service_runtime.kafka import is_beyond_recovery
from service_runtime.leases import Lease, guard
from service_runtime.records import Record
from status_api.core.alerts import INSTALLATION, News, dead_letters_cause
from status_api.notify.noticing import Audience
from status_api.stores import alerts as store

log = logging.getLogger(__name__)

WATCHED = ("poller.dlq", "status-api.dlq")
_SUFFIX = ".dlq"
_BATCH = 100
_POLL_SECONDS = 0.5
_TIMEOUT_SECONDS = 15.0
_RETRY_SECONDS = 10.0


class DeadLetterWatch:
    """Reads the topics of dead letters from where the tables say, and keeps the place with what it noticed."""

    def __init__(
        self,
        engine: Engine,
        lease: Lease | None,
        audience: Audience,
        make_consumer: Callable[[], Consumer],
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._audience = audience
        self._make_consumer = make_consumer
        self._now = now
        self._woken = threading.Event()

    def wake(self) -> None:
        """End a pause."""
        self._woken.set()

    def run(self, stopping: threading.Event) -> None:
        """Follow the topics until stopped. An outage of Kafka is waited out: other alerts go on.

        Raises:
            SQLAlchemyError: the database failed; the place is where it was.
            LeaseLostError: somebody else does this now.
        """
        while not stopping.is_set():
            consumer = self._make_consumer()
            try:
                self.follow(consumer, stopping.is_set)
            except KafkaException as error:
                log.warning("dead letters can not be watched, trying again: %s", error.args[0].str())
            finally:
                consumer.close()
            self._woken.wait(_RETRY_SECONDS)
            self._woken.clear()

    def follow(self, consumer: Consumer, enough: Callable[[], bool]) -> None:
        """Read from the kept places until it is enough.

        Raises:
            KafkaException: Kafka failed.
            SQLAlchemyError: the database failed.
            LeaseLostError: somebody else does this now.
        """
        consumer.assign(self._places(consumer))
        while not enough():
            messages = consumer.consume(_BATCH, _POLL_SECONDS)
            records = []
            for message in messages:
                error = message.error()
                if error is None:
                    records.append(Record.of(message))
                elif is_beyond_recovery(error) or not error.retriable():
                    raise KafkaException(error)
            if records:
                self._notice(records)

    def _places(self, consumer: Consumer) -> list[TopicPartition]:
        """Where to go on: the kept place, as far as the topic still has it; the beginning where there is none."""
        with self._engine.connect() as connection:
            kept = store.positions(connection)
        known = consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics
        places = []
        for topic in WATCHED:
            for partition in known[topic].partitions if topic in known else ():
                place = TopicPartition(topic, partition)
                low, high = consumer.get_watermark_offsets(place, timeout=_TIMEOUT_SECONDS)
                next_offset = kept.get((topic, partition), low)
                places.append(
                    TopicPartition(topic, partition, next_offset if low <= next_offset <= high else low)
                )
        return places

    def _notice(self, records: Sequence[Record]) -> None:
        now = self._now()
        ends: dict[tuple[str, int], int] = {}
        for record in records:
            place = (record.topic, record.partition)
            ends[place] = max(record.offset + 1, ends.get(place, 0))
        with self._engine.begin() as connection:
            if self._lease is not None:
                guard(connection, self._lease)
            tenants = store.tenants(connection)
            counts = Counter((_tenant(record, tenants), record.topic) for record in records)
            news = [
                News(tenant, dead_letters_cause(topic.removesuffix(_SUFFIX)), count)
                for (tenant, topic), count in counts.items()
            ]
            self._audience.hear(connection, news, now)
            for (topic, partition), next_offset in ends.items():
                store.keep_position(connection, topic, partition, next_offset)


def _tenant(record: Record, tenants: Collection[str]) -> str:
    """Whose record it is, by its header or key; the installation's if neither names a tenant that there is."""
    key = (record.key or b"").decode("utf-8", "replace").partition("/")[0]
    named = header_text(record.headers, "tenant")
    return next((name for name in (named, key) if name is not None and name in tenants), INSTALLATION)
