"""Streams of changes: what each sends, to whom, and how many there are."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from status_api.core.access import Actor
from status_api.core.changes import Change, frames, place_frame, reset_frame
from status_api.queries.changes import changes_after, kept
from status_api.server.feed import PAGE, Feed, FeedEndedError, Start, TooFarBehindError
from status_api.server.problems import Problem, too_many_streams

MOST_STREAMS = 24
_MOST_OF_A_PERSON = 4
_HEARTBEAT_SECONDS = 15.0
_LONGEST_SECONDS = 3600.0
_RETRY_MILLISECONDS = 3000
_LOOK_SECONDS = 1.0


class StreamSlots:
    """How many streams one process keeps open: each holds a connection and a thread."""

    def __init__(self, most: int = MOST_STREAMS, most_of_a_person: int = _MOST_OF_A_PERSON) -> None:
        self._most = most
        self._most_of_a_person = most_of_a_person
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, person: str) -> Callable[[], None]:
        """Take a slot; returns what gives it back.

        Raises:
            Problem: all are taken, or this person has as many as one may have.
        """
        with self._lock:
            if self._open.total() >= self._most or self._open[person] >= self._most_of_a_person:
                raise too_many_streams()
            self._open[person] += 1
        return lambda: self._give_back(person)

    def _give_back(self, person: str) -> None:
        with self._lock:
            self._open[person] -= 1
            if not self._open[person]:
                del self._open[person]


class Streams:
    """What streams of one process share."""

    def __init__(
        self,
        feed: Feed | None = None,
        slots: StreamSlots | None = None,
        heartbeat_seconds: float = _HEARTBEAT_SECONDS,
        longest_seconds: float = _LONGEST_SECONDS,
    ) -> None:
        """
        Args:
            feed: the newest changes.
            slots: how many streams there may be.
            heartbeat_seconds: how long a stream says nothing at most.
            longest_seconds: after that a stream ends; whoever reads it begins another one where it ended.
        """  # noqa: D205, D212  # the signature needs its arguments explained, nothing else
        self.feed = feed or Feed()
        self.slots = slots or StreamSlots()
        self.heartbeat_seconds = heartbeat_seconds
        self.longest_seconds = longest_seconds


@dataclass(slots=True)
class ChangeStream:
    """One stream.

    Attributes:
        streams: what it shares with others.
        engine: where older changes are.
        actor: who reads, as they were at the beginning.
        again: who they are at this moment; a Problem if they are nobody any more.
        gone: whether they have closed the connection.
        asked: the tenants that they want to hear of, None = every one.
        start: where the feed stood at the beginning.
        last: the last change that they know, None if this is their first stream.
    """

    streams: Streams
    engine: Engine
    actor: Actor
    again: Callable[[], Actor]
    gone: Callable[[], bool]
    asked: Collection[str] | None
    start: Start
    last: int | None

    def pieces(self) -> Iterator[bytes]:
        """The stream, until it has lasted long enough, its reader is gone, nobody any more or too slow, or the process stops.

        All of these end it well: whoever reads comes again with the last number, and misses nothing.
        """
        try:
            yield from self._pieces()
        except (Problem, FeedEndedError, TooFarBehindError, SQLAlchemyError):
            return

    def _pieces(self) -> Iterator[bytes]:
        beat = self.streams.heartbeat_seconds
        tenants = self.actor.tenants
        until = time.monotonic() + self.streams.longest_seconds
        number, first = self._beginning()
        yield f"retry: {_RETRY_MILLISECONDS}\n{first}".encode()
        spoke = time.monotonic()
        live = False
        while time.monotonic() < until and not self.gone():
            wait = min(_LOOK_SECONDS, max(0.0, spoke + beat - time.monotonic()))
            try:
                changes = self.streams.feed.after(self.start.era, number, wait)
                live = True
            except TooFarBehindError:
                if live:
                    raise
                changes = self._older(number)
                if not changes:
                    number = self._newest()
                    yield reset_frame(number).encode()
                    continue
            said = frames(changes, tenants, self.asked)
            if changes:
                number = changes[-1].number
            if not said and time.monotonic() < spoke + beat:
                continue
            # Whatever is said from here on is said to somebody who may hear it at this moment.
            held = self.again().tenants
            if held != tenants:
                tenants = held
                said = reset_frame(number).encode()
            yield said or place_frame(number, "still here").encode()
            spoke = time.monotonic()

    def _beginning(self) -> tuple[int, str]:
        """The number to go on from, and the first thing to say."""
        if self.last is None:
            return self.start.number, place_frame(self.start.number, "changes follow")
        with self.engine.connect() as connection:
            there = kept(connection)
        if there.forgotten <= self.last <= there.newest:
            return self.last, place_frame(self.last, "changes follow")
        return self.start.number, reset_frame(self.start.number)

    def _older(self, number: int) -> list[Change]:
        """Changes that are not in memory any more; none if they were forgotten meanwhile."""
        with self.engine.connect() as connection:
            changes = changes_after(connection, number, PAGE)
        return changes if changes and changes[0].number == number + 1 else []

    def _newest(self) -> int:
        start = self.streams.feed.start
        if start is None:
            raise FeedEndedError
        return start.number
