"""Schemas on the compacted topic `sync.schemas`: published before the first event, looked up when a fingerprint is unknown."""

from __future__ import annotations

import threading
import time
import uuid
from typing import cast

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from fastavro.schema import SchemaParseException

from invoice_events import names
from invoice_events.identity import Headers
from invoice_events.schemas import EventSchema, all_schemas, read_schema
from service_runtime.outbox import produce_all

_TIMEOUT_SECONDS = 15.0


def publish_schemas(producer: Producer) -> None:
    """Publish every schema of this release (key = fingerprint). Repeats are compacted away.

    Raises:
        KafkaException: Kafka did not acknowledge.
    """
    no_headers: Headers = []
    records = [
        (names.SCHEMAS, schema.fingerprint_hex.encode(), no_headers, schema.text.encode())
        for schema in all_schemas().values()
    ]
    produce_all(producer, records)


class SchemaTopic:
    """Looks schemas of other writers up. Each lookup of something unknown reads the topic to its present end."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options
        self._known: dict[bytes, EventSchema] = {}
        self._lock = threading.Lock()

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:
        """The schema with this fingerprint, or None if nobody published it.

        Raises:
            KafkaException: the topic can not be read; that is no answer, the caller tries again.
        """
        with self._lock:
            if fingerprint not in self._known:
                self._read_to_end()
            return self._known.get(fingerprint)

    def by_registry_id(self, registry_id: int) -> EventSchema | None:  # noqa: ARG002  # by protocol
        """Without a registry, nothing has a registry id."""
        return None

    def _read_to_end(self) -> None:
        consumer = Consumer(
            self._options
            | {
                "group.id": f"schemas-{uuid.uuid4()}",  # never committed to
                "client.id": "schema-lookup",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,
            }
        )
        try:
            topic = consumer.list_topics(names.SCHEMAS, timeout=_TIMEOUT_SECONDS).topics[names.SCHEMAS]
            if topic.error is not None:
                raise KafkaException(topic.error)
            consumer.assign(
                [TopicPartition(names.SCHEMAS, partition, OFFSET_BEGINNING) for partition in topic.partitions]
            )
            self._read_all(consumer, set(topic.partitions))
        finally:
            consumer.close()

    def _read_all(self, consumer: Consumer, unread: set[int]) -> None:
        """Read every partition to its end. Only the end itself is an end: any other trouble is no answer."""
        until = time.monotonic() + _TIMEOUT_SECONDS
        trouble = KafkaError(KafkaError._TIMED_OUT, f"{names.SCHEMAS} was not read to its end in time")  # noqa: SLF001  # librdkafka's local codes begin with an underscore
        while unread:
            if time.monotonic() > until:
                raise KafkaException(trouble)
            for message in consumer.consume(100, 0.1):
                error = message.error()
                if error is None:
                    self._take(message)
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # as above
                    unread.discard(cast("int", message.partition()))
                else:
                    trouble = error

    def _take(self, message: Message) -> None:
        """Keep one published schema. What is no schema is passed over: it can not be the one somebody wrote events with."""
        try:
            schema = read_schema((message.value() or b"").decode("utf-8"))
        except (ValueError, TypeError, KeyError, AttributeError, SchemaParseException):
            return
        self._known[schema.fingerprint] = schema
