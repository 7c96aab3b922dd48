"""Dead letters: what can not be handled is kept with its story, in the topic `{service}.dlq`, and stops nobody.

If the topic can not be written, or too large a share of the records ends in it, the service stops instead of dropping.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from confluent_kafka import KafkaException, Producer

from invoice_events.identity import Headers, new_traceparent, utc_now
from service_runtime import metrics
from service_runtime.config import ConfigurationError, Environment
from service_runtime.outbox import produce_all
from service_runtime.records import Poison

log = logging.getLogger(__name__)

_WINDOW = 1000
_MIN_SEEN = 100


class TooManyDeadLettersError(Exception):
    """More than the settable share of recent records could not be handled: the cause is here, not in the records."""


class DeadLettersUnwritableError(Exception):
    """The dead-letter topic does not take records: the service stops instead of dropping them or going round for ever."""


def max_dead_share(env: Environment) -> float:
    """Largest share of recent records that may end among the dead letters (DLQ_MAX_SHARE, default a half).

    Raises:
        ConfigurationError: it is no share from 0 to 1.
    """
    share = env.number("DLQ_MAX_SHARE", 0.5, minimum=0, unit="a share from 0 to 1")
    if share > 1:
        raise ConfigurationError(f"DLQ_MAX_SHARE is {share:g}: wanted a share from 0 to 1")
    return share


class DeadLetters:
    """Writes the dead-letter topic of one service and watches the share."""

    def __init__(self, service: str, producer: Producer, max_share: float) -> None:
        """`max_share`: largest share (0 to 1) of the last 1,000 records, judged from 100 on."""
        self.topic = f"{service}.dlq"
        self._service = service
        self._producer = producer
        self._max_share = max_share
        self._recent: deque[bool] = deque(maxlen=_WINDOW)

    def handled(self, count: int) -> None:
        """Count records that were handled."""
        self._recent.extend([False] * min(count, _WINDOW))

    def bury(self, poisons: Sequence[Poison]) -> None:
        """Write records to the dead-letter topic and wait for the acknowledgement.

        The share is judged before anything is written: a service that is started again and again would else write the same
        records again each time.

        Raises:
            DeadLettersUnwritableError: not acknowledged; the batch must not be committed, the service has to stop.
            TooManyDeadLettersError: with these the share would be too large. None was written; the batch must not be committed,
                the service has to stop.
        """
        recent = self._judged(poisons)
        records = [
            (self.topic, poison.record.key, self._headers(poison), poison.record.value) for poison in poisons
        ]
        try:
            produce_all(self._producer, records)
        except KafkaException as error:
            raise DeadLettersUnwritableError(
                f"{len(poisons)} records that can not be handled could not be kept in {self.topic}: {error.args[0].str()}"
            ) from error
        for poison in poisons:
            record = poison.record
            metrics.records_dead.labels(record.topic).inc()
            context = {
                "tenant": record.header("tenant"),
                "document": record.header("document"),
                "revision": record.header("revision"),
            }
            log.error(
                "%s[%d]@%d went to %s: %s",
                record.topic,
                record.partition,
                record.offset,
                self.topic,
                poison.reason,
                extra=context,
            )
        self._recent = recent

    def _judged(self, poisons: Sequence[Poison]) -> deque[bool]:
        """The recent records with these as dead ones.

        Raises:
            TooManyDeadLettersError: that is too large a share.
        """
        recent = deque(self._recent, maxlen=_WINDOW)
        recent.extend([True] * len(poisons))
        dead = sum(recent)
        if len(recent) >= _MIN_SEEN and dead > self._max_share * len(recent):
            last = poisons[-1]
            raise TooManyDeadLettersError(
                f"{dead} of the last {len(recent)} records could not be handled, more than a share of {self._max_share:g};"
                f" the last: {last.record.topic}[{last.record.partition}]@{last.record.offset}: {last.reason}"
            )
        return recent

    def _headers(self, poison: Poison) -> Headers:
        """The record's own headers, then its story."""
        record = poison.record
        story = {
            "dlq.service": self._service,
            "dlq.topic": record.topic,
            "dlq.partition": str(record.partition),
            "dlq.offset": str(record.offset),
            "dlq.reason": poison.reason[:2000],
            "dlq.at": utc_now().isoformat(),
        }
        own = [(name, value) for name, value in record.headers if not name.startswith("dlq.")]
        if record.header("traceparent") is None:
            own.append(("traceparent", new_traceparent().encode()))
        return [*own, *((name, value.encode()) for name, value in story.items())]
