"""Records in and out of a broker under test."""

import time

from confluent_kafka import Consumer, Producer, TopicPartition

TOPIC = "invoice.mapped"
_SECONDS = 60.0


def produce(bootstrap: str, *values: bytes) -> None:
    """Every value is acknowledged by all copies in sync."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "log_level": 0}
    )
    for value in values:
        producer.produce(TOPIC, value, key=b"acme/invoice/1")
    assert producer.flush(_SECONDS) == 0


def read(bootstrap: str, count: int) -> list[bytes]:
    """So many values from the beginning; fewer if they do not come."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    partitions = consumer.list_topics(TOPIC, timeout=_SECONDS).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in partitions])
    values: list[bytes] = []
    deadline = time.monotonic() + _SECONDS
    while len(values) < count and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            values.append(message.value() or b"")
    consumer.close()
    return values
