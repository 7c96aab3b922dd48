"""Kept positions that fell out of their topics: `<service> positions`, typed by a person when the service stops over one.

The service itself never goes on from a lost position: it would skip records in silence. This command says what would be
skipped, and only when told to moves the position to what is still there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from service_runtime.config import ConfigurationError

_TIMEOUT = 30.0

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a service stands in one partition.

    Attributes:
        topic: the topic.
        partition: the partition.
        kept: the next offset it wants to read; None if it has not begun.
        first: the first offset that is there.
        end: the offset after the last.
    """

    topic: str
    partition: int
    kept: int | None
    first: int
    end: int

    @property
    def is_lost(self) -> bool:
        """Whether the kept offset is no longer, or not any more, in the topic."""
        return self.kept is not None and not self.first <= self.kept <= self.end

    @property
    def unread(self) -> int:
        """Records that were deleted before they were read; 0 if the topic is shorter than what was read of it."""
        return max(0, self.first - self.kept) if self.kept is not None else 0

    def __str__(self) -> str:
        stands = "has not begun" if self.kept is None else f"stands at {self.kept}"
        place = f"{self.topic}[{self.partition}] {stands}, there are {self.first} to {self.end}"
        if not self.is_lost:
            return place
        if self.unread:
            return f"{place}: LOST, {self.unread} records were deleted unread"
        return f"{place}: LOST, the topic ends before it, so it was made anew or cut off"


class Keeper(Protocol):
    """Where a service keeps its positions."""

    def kept(self, places: Sequence[Place]) -> dict[Place, int]:
        """The next offset to read, for those partitions that were begun."""

    def move(self, positions: dict[Place, int]) -> None:
        """Set positions, whatever they were."""


class GroupKeeper:
    """Positions kept in Kafka, in a consumer's group. They can only be set while no member of the group is running."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def kept(self, places: Sequence[Place]) -> dict[Place, int]:
        """What the group committed.

        Raises:
            KafkaException: a position can not be read.
        """
        committed = self._consumer.committed([TopicPartition(*place) for place in places], timeout=_TIMEOUT)
        for each in committed:
            if each.error is not None:
                raise KafkaException(each.error)
        return {(each.topic, each.partition): each.offset for each in committed if each.offset >= 0}

    def move(self, positions: dict[Place, int]) -> None:
        """Commit the positions.

        Raises:
            KafkaException: the group has members, or a position was refused.
        """
        wanted = [TopicPartition(*place, offset) for place, offset in positions.items()]
        for each in self._consumer.commit(offsets=wanted, asynchronous=False) or []:
            if each.error is not None:
                raise KafkaException(each.error)


def positions_command(
    service: str, arguments: Sequence[str], consumer: Consumer, keeper: Keeper, topics: Sequence[str]
) -> int:
    """`<service> positions`: says where the service stands; with `--go-on` moves lost positions to the first record there is.

    Returns the exit code: 1 if a position is lost and was left so.

    Raises:
        KafkaException: the broker does not answer, or refuses to move positions because the service still runs.
    """
    parser = argparse.ArgumentParser(
        prog=f"{service} positions",
        description="Where the service stands in its topics, and what was lost. Stop the service before --go-on.",
    )
    parser.add_argument(
        "--go-on",
        action="store_true",
        help="move every lost position to the first record that is still there; what was deleted unread is skipped for good",
    )
    go_on = parser.parse_args(arguments).go_on
    found = read_positions(consumer, keeper, topics)
    lost = [position for position in found if position.is_lost]
    for position in lost or found:
        sys.stdout.write(f"{position}\n")
    if not lost:
        sys.stdout.write("no position is lost\n")
        return 0
    if not go_on:
        sys.stdout.write(f"{len(lost)} positions are lost; --go-on moves them to the first record there is\n")
        return 1
    keeper.move({(position.topic, position.partition): position.first for position in lost})
    unread = sum(position.unread for position in lost)
    sys.stdout.write(f"{len(lost)} positions were moved, {unread} records are skipped for good\n")
    return 0


def read_positions(consumer: Consumer, keeper: Keeper, topics: Sequence[str]) -> list[Position]:
    """Where a service stands in every partition of its topics.

    Raises:
        ConfigurationError: a topic is missing.
        KafkaException: the broker does not answer.
    """
    known = consumer.list_topics(timeout=_TIMEOUT).topics
    missing = sorted(set(topics) - set(known))
    if missing:
        raise ConfigurationError(
            f"Kafka lacks the topics {', '.join(missing)}: create them from deploy/topics.yaml"
        )
    places = [(topic, partition) for topic in topics for partition in sorted(known[topic].partitions)]
    kept = keeper.kept(places)
    found = []
    for topic, partition in places:
        first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_TIMEOUT)
        found.append(Position(topic, partition, kept.get((topic, partition)), first, end))
    return found
