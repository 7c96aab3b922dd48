"""Producing and reading events on a real broker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from invoice_events.codec import Codec, Event, SingleObjectFraming
from invoice_events.identity import event_headers, event_key, new_traceparent
from service_runtime.kafka import make_producer
from service_runtime.outbox import produce_all
from service_runtime.schema_topic import SchemaTopic


class Topics:
    """Events in and out of one broker."""

    def __init__(self, bootstrap: str) -> None:
        self._options = {"bootstrap.servers": bootstrap}
        self._producer: Producer = make_producer(self._options, "tests")
        self.codec = Codec(SingleObjectFraming(), SchemaTopic(self._options))

    def send(self, topic: str, *events: Event) -> None:
        """Produce events and wait for the acknowledgement."""
        records = [
            (
                topic,
                event_key(topic, event).encode(),
                event_headers(topic, event, new_traceparent()),
                self.codec.encode(topic, event),
            )
            for event in events
        ]
        produce_all(self._producer, records)

    def send_raw(self, topic: str, key: bytes, headers: list[tuple[str, bytes]], value: bytes) -> None:
        """Produce bytes as they are."""
        produce_all(self._producer, [(topic, key, headers, value)])

    def raw(self, topic: str) -> list[Any]:
        """Every record of a topic, as it stands now."""
        consumer = Consumer(
            self._options
            | {"group.id": f"tests-{uuid.uuid4()}", "enable.auto.commit": False, "enable.partition.eof": True}
        )
        try:
            partitions = consumer.list_topics(topic, timeout=15).topics[topic].partitions
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
            open_ends, found = set(partitions), []
            while open_ends:
                for message in consumer.consume(500, 0.05):
                    if message.error() is None:
                        found.append(message)
                    else:
                        open_ends.discard(message.partition())
            return found
        finally:
            consumer.close()

    def events(self, topic: str) -> list[Event]:
        """Every event of a topic, as it stands now; per document in order."""
        return [self.codec.decode(topic, message.value()) for message in self.raw(topic)]

    def ends(self, topics: Iterable[str]) -> dict[tuple[str, int], int]:
        """Next offset to be written, per topic and partition."""
        consumer = Consumer(self._options | {"group.id": f"tests-{uuid.uuid4()}"})
        try:
            return {
                (topic, partition): consumer.get_watermark_offsets(
                    TopicPartition(topic, partition), timeout=15
                )[1]
                for topic in topics
                for partition in consumer.list_topics(topic, timeout=15).topics[topic].partitions
            }
        finally:
            consumer.close()

    def committed(self, group: str) -> dict[tuple[str, int], int]:
        """Next offset to be read by a group, per topic and partition that it ever committed."""
        admin = AdminClient(dict(self._options))
        found = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result()
        return {(place.topic, place.partition): place.offset for place in found.topic_partitions or []}
