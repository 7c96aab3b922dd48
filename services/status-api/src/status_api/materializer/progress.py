"""How old the read model is: everything that was in Kafka at `as_of` is folded.

Asked by a thread of its own, from Kafka's ends and the stored positions, so it is right whichever replica folds what; when
Kafka does not answer, `as_of` stands still.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # it is documented to be there
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from invoice_events.identity import utc_now
from service_runtime.leases import failure_name
from status_api.materializer.positions import Place

log = logging.getLogger(__name__)

_INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 10.0
_ANSWER_SECONDS = 15.0  # librdkafka reports its own timeout first
_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]  # the library has no types for it
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # as above


class Progress:
    """Moves `as_of` forward."""

    def __init__(
        self, engine: Engine, options: dict[str, str], topics: Sequence[str], alive: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._admin = AdminClient(dict(options))
        self._topics = list(topics)
        self._alive = alive
        self._target: tuple[datetime, dict[Place, int]] | None = None

    def run(self, stopping: threading.Event) -> None:
        """Look every second until stopped. While the positions lag, the ends that were seen first stay the goal."""
        while not stopping.is_set():
            self._alive()
            try:
                self.look()
            except (KafkaException, TimeoutError) as error:
                log.warning("Kafka does not say where its topics end: %s", error)
            except SQLAlchemyError as error:
                log.warning("the read model's age can not be stored: %s", failure_name(error))
            stopping.wait(_INTERVAL_SECONDS)

    def look(self) -> None:
        """Compare once.

        Raises:
            KafkaException, TimeoutError: Kafka did not answer.
            SQLAlchemyError: the database failed, or no connection was free.
        """
        if self._target is None:
            asked_at = utc_now()
            self._target = (asked_at, self._ends(_LATEST))
        as_of, ends = self._target
        behind = self._behind(ends)
        if behind:
            beginnings = self._ends(_EARLIEST, behind)
            behind = {
                place for place in behind if beginnings[place] < ends[place]
            }  # else all of it has expired
        if behind:
            return
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO progress AS p (as_of) VALUES (:as_of)"
                    " ON CONFLICT (one) DO UPDATE SET as_of = GREATEST(p.as_of, excluded.as_of)"
                ),
                {"as_of": as_of},
            )
        self._target = None

    def _behind(self, ends: dict[Place, int]) -> set[Place]:
        with self._engine.connect() as connection:
            rows = connection.execute(text("SELECT topic, partition, next_offset FROM position"))
            stored = {(row.topic, row.partition): int(row.next_offset) for row in rows}
        return {place for place, end in ends.items() if stored.get(place, 0) < end}

    def _ends(self, which: OffsetSpec, places: set[Place] | None = None) -> dict[Place, int]:
        wanted = places if places is not None else self._places()
        asked = self._admin.list_offsets(
            {TopicPartition(topic, partition): which for topic, partition in wanted},
            request_timeout=_TIMEOUT_SECONDS,
        )
        return {
            (place.topic, place.partition): future.result(_ANSWER_SECONDS).offset
            for place, future in asked.items()
        }

    def _places(self) -> set[Place]:
        known = self._admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
        return {(topic, partition) for topic in self._topics for partition in known[topic].partitions}
