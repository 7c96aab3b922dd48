"""Handling dead letters once more: `<service> replay`, typed by a person after the cause is gone.

Only the service that wrote a dead letter replays it, through the same handler that its consumer loop calls. Nothing is
produced to the topic the record came from: other services have handled it long ago, and it would come after newer records.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Protocol, TextIO

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from service_runtime.config import Environment, kafka_options
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import Handle
from service_runtime.kafka import make_consumer, make_producer, require_topics
from service_runtime.records import Poison, Record

_TIMEOUT = 30.0
_POLL_SECONDS = 1.0

OnFailure = Literal["stop", "keep"]


class Graveyard(Protocol):
    """Where a handler puts records that it can not handle."""

    def handled(self, count: int) -> None:
        """Count records that were handled."""

    def bury(self, poisons: Sequence[Poison]) -> None:
        """Keep records that can not be handled."""


OpenHandler = Callable[[Environment, Graveyard], AbstractContextManager[Handle]]
"""Opens what a service's handler needs (database, producer), with the given graveyard in place of its own."""


class Collected:
    """A graveyard that only notes what could not be handled."""

    def __init__(self) -> None:
        self.poisons: list[Poison] = []

    def handled(self, count: int) -> None:
        """Nothing to count: shares are watched in the running service."""

    def bury(self, poisons: Sequence[Poison]) -> None:
        """Note them."""
        self.poisons.extend(poisons)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for.

    Attributes:
        count: at most so many dead letters; None = all that are there now.
        on_failure: stop at a dead letter that fails again, or keep it at the end of the topic and go on.
        dry_run: only tell what is there.
    """

    count: int | None
    on_failure: OnFailure
    dry_run: bool


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: where the next one stands, the record it was, and its story."""

    next_place: TopicPartition
    record: Record
    reason: str
    at: str

    def __str__(self) -> str:
        record = self.record
        who = record.header("document") or "no document"
        return (
            f"{self.next_place.offset - 1}: {record.topic}[{record.partition}]@{record.offset}, {record.header('tenant') or 'no tenant'},"
            f" {who}, since {self.at}: {self.reason}"
        )


def as_dead_letter(found: Record) -> DeadLetter:
    """The record that a dead letter was, with its own topic, partition, offset and headers."""
    origin = Record(
        found.header("dlq.topic") or "",
        int(found.header("dlq.partition") or 0),
        int(found.header("dlq.offset") or 0),
        found.key,
        found.value,
        [(name, value) for name, value in found.headers if not name.startswith("dlq.")],
    )
    next_place = TopicPartition(found.topic, found.partition, found.offset + 1)
    return DeadLetter(next_place, origin, found.header("dlq.reason") or "", found.header("dlq.at") or "")


def replay_command(service: str, arguments: Sequence[str], open_handler: OpenHandler) -> int:
    """`<service> replay`: returns the exit code, 0 if nothing failed again.

    Raises:
        ConfigurationError: a variable is wrong, Kafka does not answer, or the topic is missing.
    """
    wish = _wish(service, arguments)
    env = Environment()
    options = kafka_options(env)
    topic = f"{service}.dlq"
    require_topics(options, [topic])
    consumer = make_consumer(options, f"{topic}.replay", f"{service}-replay")
    try:
        letters = islice(_letters(consumer, topic), wish.count)
        if wish.dry_run:
            return _tell(letters, sys.stdout)
        keep = DeadLetters(service, make_producer(options, f"{service}-replay"), max_share=1.0)
        collected = Collected()
        with open_handler(env, collected) as handle:
            return _replay(
                letters, consumer, _Judge(handle, collected), keep if wish.on_failure == "keep" else None
            )
    finally:
        consumer.close()


def _wish(service: str, arguments: Sequence[str]) -> Wish:
    parser = argparse.ArgumentParser(
        prog=f"{service} replay",
        description="Handle dead letters once more, oldest first. Those that were replayed are not replayed again.",
    )
    parser.add_argument("--dry-run", action="store_true", help="only list them, with their story")
    parser.add_argument("--count", type=_positive, default=None, metavar="N", help="at most so many")
    parser.add_argument(
        "--on-failure",
        choices=["stop", "keep"],
        default="stop",
        help="when one fails again: stop there (it stays the next), or keep it at the end and go on; default stop",
    )
    given = parser.parse_args(arguments)
    return Wish(given.count, given.on_failure, given.dry_run)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: wanted a number from 1 on")
    return number


def _letters(consumer: Consumer, topic: str) -> Iterator[DeadLetter]:
    """Dead letters from where the last replay ended up to what is the end now: those that are kept again come after it."""
    place = TopicPartition(topic, 0)
    first, end = consumer.get_watermark_offsets(place, timeout=_TIMEOUT)
    (committed,) = consumer.committed([place], timeout=_TIMEOUT)
    offset = max(committed.offset, first)
    if offset >= end:
        return
    consumer.assign([TopicPartition(topic, 0, offset if offset > 0 else OFFSET_BEGINNING)])
    while offset < end:
        message = consumer.poll(_POLL_SECONDS)
        if message is None:
            continue
        error = message.error()
        if error is not None:
            raise KafkaException(error)
        record = Record.of(message)
        offset = record.offset + 1
        if record.offset < end:
            yield as_dead_letter(record)


def _tell(letters: Iterator[DeadLetter], out: TextIO) -> int:
    told = 0
    for letter in letters:
        out.write(f"{letter}\n")
        told += 1
    out.write(f"{told} dead letters would be replayed\n")
    return 0


@dataclass(frozen=True, slots=True)
class _Judge:
    """Handles one record and says whether it failed again."""

    handle: Handle
    collected: Collected

    def failure(self, record: Record) -> Poison | None:
        self.collected.poisons.clear()
        self.handle([record])
        return self.collected.poisons[0] if self.collected.poisons else None


def _replay(
    letters: Iterator[DeadLetter], consumer: Consumer, judge: _Judge, keep: DeadLetters | None
) -> int:
    """One by one: each is handled, told and committed before the next begins. `keep` None: stop at the first failure."""
    done = failed = 0
    for letter in letters:
        failure = judge.failure(letter.record)
        if failure is None:
            done += 1
            sys.stdout.write(f"replayed: {letter}\n")
        else:
            failed += 1
            sys.stdout.write(f"failed again: {letter}\n  now: {failure.reason}\n")
            if keep is None:
                break
            keep.bury([failure])
        consumer.commit(offsets=[letter.next_place], asynchronous=False)
    sys.stdout.write(f"{done} dead letters replayed, {failed} failed again\n")
    return 1 if failed else 0
