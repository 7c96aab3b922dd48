from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from invoice_events import names
from mapper.adapters.publisher import Outgoing, Publisher
from service_runtime import metrics

Delivered = Callable[[KafkaError | None, Any], None]


@dataclass
class Client:
    """A Kafka producer that acknowledges when it is flushed, as far as it is told to."""

    room: int = 100
    error: KafkaError | None = None
    deaf: bool = False
    waiting: list[tuple[bytes, Delivered]] = field(default_factory=list)
    acknowledged: list[bytes] = field(default_factory=list)

    def produce(
        self, _topic: str, value: bytes, _key: bytes, *, on_delivery: Delivered, **_headers: object
    ) -> None:
        if len(self.waiting) >= self.room:
            raise BufferError
        self.waiting.append((value, on_delivery))

    def poll(self, timeout: float) -> None:
        self.flush(timeout)

    def flush(self, _timeout: float) -> int:
        if not self.deaf:
            for value, on_delivery in self.waiting:
                on_delivery(self.error, None)
                self.acknowledged.append(value)
            self.waiting.clear()
        return len(self.waiting)


def publisher(client: Client, alive: Callable[[], None] = lambda: None) -> Publisher:
    return Publisher(cast("Producer", client), 0.1, alive)


def outgoing(value: bytes) -> Outgoing:
    return Outgoing(names.MAPPED, b"acme/invoice/1", [], value)


def produced() -> float:
    return float(metrics.events_produced.labels(names.MAPPED)._value.get())


def test_a_full_queue_delays_records_and_neither_drops_nor_reorders_them() -> None:
    client = Client(room=2)
    sender = publisher(client)
    before = produced()
    values = [str(number).encode() for number in range(7)]
    for value in values:
        sender.send(outgoing(value))
    sender.wait()
    assert client.acknowledged == values
    assert produced() - before == 7


def test_a_record_that_was_refused_fails_the_wait_once_and_only_once() -> None:
    client = Client(error=KafkaError(KafkaError.NOT_ENOUGH_REPLICAS))
    sender = publisher(client)
    sender.send(outgoing(b"1"))
    before = produced()
    with pytest.raises(KafkaException):
        sender.wait()
    assert produced() == before
    client.error = None
    sender.send(outgoing(b"1"))
    sender.wait()
    assert produced() - before == 1


def test_silence_of_the_broker_is_not_taken_for_an_acknowledgement() -> None:
    sender = publisher(Client(deaf=True))
    sender.send(outgoing(b"1"))
    with pytest.raises(KafkaException, match="1 events were not acknowledged"):
        sender.wait()


def test_waiting_for_the_broker_does_not_look_like_a_hanging_service() -> None:
    beats: list[None] = []
    sender = publisher(Client(room=1), lambda: beats.append(None))
    sender.send(outgoing(b"1"))
    sender.send(outgoing(b"2"))
    assert len(beats) == 1
    sender.wait()
    assert len(beats) > 1
