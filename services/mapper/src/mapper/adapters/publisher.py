"""Produces while the next event is being mapped, and waits once for a whole batch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, cast

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from invoice_events.identity import Headers
from service_runtime import metrics

_FULL_QUEUE_POLL_SECONDS = 0.1
_FLUSH_SECONDS = 5.0  # between two signs of life


class Outgoing(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes
    headers: Headers
    value: bytes


class Publisher:
    """Hands records to Kafka's client at once, whose own thread sends them meanwhile. Used by one thread."""

    def __init__(self, producer: Producer, timeout: float, alive: Callable[[], None]) -> None:
        """
        Args:
            producer: Kafka's client.
            timeout: seconds to wait for the acknowledgements of a batch; longer than the client's own delivery timeout, so
                that nothing of a batch is left in its queue to be sent beside the batch's repetition.
            alive: called while waiting.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._producer = producer
        self._timeout = timeout
        self._alive = alive
        self._failures: list[KafkaError] = []
        self._sent: Counter[str] = Counter()

    def send(self, record: Outgoing) -> None:
        """Begin to produce a record; order is kept.

        Raises:
            KafkaException: the client refuses the record.
        """
        headers = cast(
            "list[tuple[str, str | bytes | None]]", record.headers
        )  # the client's list type is invariant
        while True:
            try:
                self._producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    headers=headers,
                    on_delivery=self._delivered,
                )
                break
            except BufferError:
                self._alive()
                self._producer.poll(_FULL_QUEUE_POLL_SECONDS)
        self._sent[record.topic] += 1

    def wait(self) -> None:
        """Return when Kafka has acknowledged everything since the last wait.

        Raises:
            KafkaException: something was not acknowledged; what exactly is unknown.
        """
        left = self._flushed()
        failures, sent = self._failures, self._sent
        self._failures, self._sent = [], Counter()
        if failures:
            raise KafkaException(failures[0])
        if left:
            reason = f"{left} events were not acknowledged in {self._timeout:g} s"
            raise KafkaException(KafkaError(KafkaError.REQUEST_TIMED_OUT, reason))
        for topic, count in sent.items():
            metrics.events_produced.labels(topic).inc(count)

    def _flushed(self) -> int:
        """Wait for acknowledgements. Returns how many are still open when the time is up."""
        until = time.monotonic() + self._timeout
        while True:
            self._alive()
            left = self._producer.flush(max(0.0, min(_FLUSH_SECONDS, until - time.monotonic())))
            if not left or time.monotonic() >= until:
                return left

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failures.append(error)
