"""Produces while the next event is being mapped, and waits once for a whole batch."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, cast

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from invoice_events.identity import Headers
from service_runtime import metrics

_FULL_QUEUE_POLL_SECONDS = 0.1


class Outgoing(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes
    headers: Headers
    value: bytes


class Publisher:
    """Hands records to Kafka's client at once, whose own thread sends them meanwhile. Used by one thread."""

    def __init__(self, producer: Producer, timeout: float) -> None:
        """`timeout`: seconds to wait for the acknowledgements of a batch."""
        self._producer = producer
        self._timeout = timeout
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
                self._producer.poll(_FULL_QUEUE_POLL_SECONDS)
        self._sent[record.topic] += 1

    def wait(self) -> None:
        """Return when Kafka has acknowledged everything since the last wait.

        Raises:
            KafkaException: something was not acknowledged; what exactly is unknown.
        """
        left = self._producer.flush(self._timeout)
        failures, sent = self._failures, self._sent
        self._failures, self._sent = [], Counter()
        if failures:
            raise KafkaException(failures[0])
        if left:
            reason = f"{left} events were not acknowledged in {self._timeout:g} s"
            raise KafkaException(KafkaError(KafkaError.REQUEST_TIMED_OUT, reason))
        for topic, count in sent.items():
            metrics.events_produced.labels(topic).inc(count)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failures.append(error)
