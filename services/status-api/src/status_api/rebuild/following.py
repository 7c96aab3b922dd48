"""Reads topics up to given offsets, by its own assignment: no group is disturbed, nothing is committed to Kafka."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from sqlalchemy import Engine

from service_runtime.intake import Handle
from service_runtime.positions import Place
from service_runtime.records import Poison, Record
from status_api.materializer.positions import Positions

log = logging.getLogger(__name__)

_BATCH = 500  # as many as fit into the memory of a small process, however large they are
_POLL_SECONDS = 0.5
_GONE = frozenset({KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE})  # noqa: SLF001  # librdkafka's local codes begin with an underscore


class TopicChangedError(Exception):
    """A topic no longer holds what it held when the rebuild began."""


class AlreadyBuried:
    """The materializer has buried what can not be folded when it came by; here it is only counted.

    Attributes:
        count: how many there were.
    """

    def __init__(self) -> None:
        self.count = 0

    def handled(self, count: int) -> None:
        """Nothing to do."""

    def bury(self, poisons: Sequence[Poison]) -> None:
        """Count them."""
        self.count += len(poisons)


class Follower:
    """Hands records to the fold, up to the offsets that are wanted."""

    def __init__(
        self,
        consumer: Consumer,
        engine: Engine,
        positions: Positions,
        handle: Handle,
    ) -> None:
        """
        Args:
            consumer: of its own; it tells the ends of partitions.
            engine: of the read model that is made.
            positions: of that read model.
            handle: stores a batch with its positions.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self._consumer = consumer
        self._engine = engine
        self._positions = positions
        self._handle = handle

    def fold_up_to(self, goals: Mapping[Place, int], folded: Callable[[int], None]) -> None:
        """Fold every record before these offsets that is not folded yet, none from there on.

        Args:
            goals: next offsets to be read, by place.
            folded: told the number of records after each batch.

        Raises:
            TopicChangedError: a topic was cut off meanwhile.
            TransientError, KafkaException, SQLAlchemyError: broker or database failed; what was stored stays.
        """
        starts = self._positions.starting_points([TopicPartition(*place) for place in goals])
        begins = {
            (each.topic, each.partition): 0 if each.offset == OFFSET_BEGINNING else each.offset
            for each in starts
        }
        open_places = {place: goals[place] for place, begin in begins.items() if begin < goals[place]}
        self._consumer.assign([each for each in starts if (each.topic, each.partition) in open_places])
        while open_places:
            messages = self._consumer.consume(_BATCH, _POLL_SECONDS)
            records = [
                record
                for message in messages
                if (record := _record(message)) is not None
                and record.offset < open_places.get((record.topic, record.partition), 0)
            ]
            if records:
                self._handle(records)
                folded(len(records))
            reached = {
                place: open_places[place]
                for message in messages
                if (place := _place(message)) in open_places and _passes(message, open_places[place])
            }
            if reached:
                self.pass_over(reached)  # the last offsets may hold no record any more (compaction)
                self._consumer.incremental_unassign([TopicPartition(*place) for place in reached])
                for place in reached:
                    del open_places[place]
        self._consumer.unassign()

    def pass_over(self, offsets: dict[Place, int]) -> None:
        """Stand at these offsets at least: nothing is there before them.

        Raises:
            SQLAlchemyError: the database failed.
        """
        if offsets:
            with self._engine.begin() as connection:
                self._positions.lock(connection, list(offsets))
                self._positions.advance(connection, offsets)
            self._positions.committed(offsets)


def _place(message: Message) -> Place:
    return cast("str", message.topic()), cast("int", message.partition())


def _record(message: Message) -> Record | None:
    error = message.error()
    if error is None:
        return Record.of(message)
    if error.code() in _GONE:
        raise TopicChangedError(f"{message.topic()}[{message.partition()}]: records were deleted meanwhile")
    if error.fatal():
        raise KafkaException(error)
    if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  # as above
        log.warning("Kafka: %s", error.str())
    return None


def _passes(message: Message, goal: int) -> bool:
    """Whether nothing before the goal can come after this.

    Raises:
        TopicChangedError: the partition ends before its goal.
    """
    offset = cast("int", message.offset())
    if message.error() is None:
        return offset + 1 >= goal
    if cast("KafkaError", message.error()).code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  # as above
        return False
    if offset < goal:
        raise TopicChangedError(
            f"{message.topic()}[{message.partition()}] ends at {offset}, it was read to {goal}: it was cut off meanwhile"
        )
    return True
