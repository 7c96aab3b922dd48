"""The newest changes in the memory of one process: one thread reads them, every stream takes them from here."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.leases import failure_name
from status_api.core.changes import Change
from status_api.queries.changes import changes_after, kept
from status_api.stores.changes import ChangeNumbers

log = logging.getLogger(__name__)

PAGE = 500
_HELD = 5_000
_EVERY_SECONDS = 0.5


class FeedEndedError(Exception):
    """Nothing more comes: the process stops, or the numbers begin anew."""


class TooFarBehindError(Exception):
    """What comes next is not in memory any more."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream can begin.

    Attributes:
        era: of the feed; it ends when the numbers begin anew.
        number: the newest change.
    """

    era: int
    number: int


class Feed:
    """Changes with consecutive numbers, the newest of them only: however slowly somebody reads, no more is held for them."""

    def __init__(self, held: int = _HELD) -> None:
        self._changes: deque[Change] = deque(maxlen=held)
        self._start: Start | None = None
        self._closed = False
        self._moved = threading.Condition()

    @property
    def start(self) -> Start | None:
        """Where a stream can begin now; None before the first reading and after the end."""
        with self._moved:
            return None if self._closed else self._start

    def begin(self, number: int) -> None:
        """Begin anew after this number: every stream that is open ends."""
        with self._moved:
            era = 0 if self._start is None else self._start.era + 1
            self._start = Start(era, number)
            self._changes.clear()
            self._moved.notify_all()

    def add(self, changes: Sequence[Change]) -> None:
        """Add the changes that follow."""
        with self._moved:
            if self._start is None or changes[0].number != self._start.number + 1:
                message = "changes have to follow each other"
                raise ValueError(message)
            self._changes.extend(changes)
            self._start = Start(self._start.era, changes[-1].number)
            self._moved.notify_all()

    def close(self) -> None:
        """End every stream."""
        with self._moved:
            self._closed = True
            self._moved.notify_all()

    def after(self, era: int, number: int, seconds: float, most: int = PAGE) -> list[Change]:
        """The changes that follow a number, as soon as there are any; none if none came in so many seconds.

        Raises:
            FeedEndedError: it was closed, or this era is over.
            TooFarBehindError: the next one is not held any more.
        """
        with self._moved:
            self._moved.wait_for(lambda: self._over(era) or self._newest > number, seconds)
            if self._over(era):
                raise FeedEndedError
            missing = self._newest - number
            if missing <= 0:
                return []
            if missing > len(self._changes):
                raise TooFarBehindError
            first = len(self._changes) - missing
            return list(islice(self._changes, first, first + most))

    @property
    def _newest(self) -> int:
        return -1 if self._start is None else self._start.number

    def _over(self, era: int) -> bool:
        return self._closed or self._start is None or self._start.era != era


class ChangeReader:
    """Numbers what waits, and carries what was numbered, by whomever, into the feed."""

    def __init__(
        self, engine: Engine, feed: Feed, numbers: ChangeNumbers, ending: Callable[[], bool] = lambda: False
    ) -> None:
        """`ending`: whether the process is told to stop; streams end then, so that nothing waits for them."""
        self._engine = engine
        self._feed = feed
        self._numbers = numbers
        self._ending = ending

    def run(self, stopping: threading.Event) -> None:
        """Twice a second until stopped. While the database is away nothing is read; afterwards nothing is missing."""
        told = False
        while not (stopping.is_set() or self._ending()):
            try:
                self.look()
                told = False
            except SQLAlchemyError as error:
                if not told:
                    log.warning("changes can not be read, trying again: %s", failure_name(error))
                told = True
            stopping.wait(_EVERY_SECONDS)
        self._feed.close()

    def look(self) -> None:
        """Once.

        Raises:
            SQLAlchemyError: the database failed, or no connection was free.
        """
        self._numbers.number()
        while self._read_page():
            pass

    def _read_page(self) -> bool:
        """Returns whether there may be more."""
        start = self._feed.start
        with self._engine.connect() as connection:
            # In this order: what is forgotten between the two statements is missed, and known to be forgotten.
            changes = [] if start is None else changes_after(connection, start.number, PAGE)
            there = kept(connection)
        if start is None or not there.forgotten <= start.number <= there.newest:
            self._feed.begin(there.newest)
            return False
        if changes:
            self._feed.add(changes)
        return len(changes) == PAGE
