"""Where topics end, and what was added to them since."""

from __future__ import annotations

import time
import uuid

from confluent_kafka import Consumer, Message, TopicPartition

from local_stack.errors import StackError

Ends = dict[int, int]
"""Next offset by partition."""

_QUIET = {"log_level": 0}
_LOOK_SECONDS = 0.5
_TIMEOUT_SECONDS = 30.0


def ends(bootstrap: str, topic: str) -> Ends:
    """The end of every partition."""
    consumer = _consumer(bootstrap)
    try:
        partitions = consumer.list_topics(topic, timeout=_TIMEOUT_SECONDS).topics[topic].partitions
        return {
            number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=_TIMEOUT_SECONDS)[1]
            for number in partitions
        }
    finally:
        consumer.close()


def await_growth(bootstrap: str, topic: str, starts: Ends, count: int, seconds: float) -> None:
    """Wait until a topic has so many more records. Only its ends are asked for: reading along would slow what is measured.

    Raises:
        StackError: they did not come in time.
    """
    deadline = time.monotonic() + seconds
    while (grown := sum(ends(bootstrap, topic).values()) - sum(starts.values())) < count:
        if time.monotonic() > deadline:
            raise StackError(f"{grown} of {count} new records on {topic} within {seconds:g} s")
        time.sleep(_LOOK_SECONDS)


def timestamps(bootstrap: str, topic: str, starts: Ends, count: int) -> list[int]:
    """When so many records from the given offsets on were produced, in milliseconds, in order."""
    consumer = reading(bootstrap, topic, starts)
    try:
        found: list[int] = []
        while len(found) < count:
            found += [message.timestamp()[1] for message in good(consumer.consume(1000, 0.5))]
        return sorted(found)
    finally:
        consumer.close()


def reading(bootstrap: str, topic: str, starts: Ends) -> Consumer:
    """A consumer that reads from these offsets on, in no group."""
    consumer = _consumer(bootstrap)
    consumer.assign([TopicPartition(topic, number, offset) for number, offset in starts.items()])
    return consumer


def good(messages: list[Message]) -> list[Message]:
    """Those that are records, not reports of the client."""
    return [message for message in messages if message.error() is None]


def _consumer(bootstrap: str) -> Consumer:
    return Consumer(
        _QUIET
        | {
            "bootstrap.servers": bootstrap,
            "group.id": f"benchmarks-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 100,
        }
    )
