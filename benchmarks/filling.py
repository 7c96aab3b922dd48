"""Folds made-up histories into a read model, as the materializer does after it has decoded them; several processes share the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from sqlalchemy import text

from benchmarks.histories import Record, history
from service_runtime.database import make_engine
from status_api.core.fold import Batch
from status_api.materializer.store import store_batch
from status_api.names import SEARCH_PATH

BIG = "tenant-0"
SMALL = tuple(f"tenant-{number}" for number in range(1, 50))
_BIG_SHARE = 5
"""All but one in so many invoices are the big tenant's."""
_EVENTS = 800
_PIECE = 2_500
_PROCESSES = 2


def tenant_of(number: int) -> str:
    """Whose invoice it is."""
    return SMALL[number // _BIG_SHARE % len(SMALL)] if number % _BIG_SHARE == 0 else BIG


@dataclass(frozen=True, slots=True)
class Part:
    """Invoices to be folded: every `step`-th from `first` on below `before`, those that `skip` divides left out.

    Attributes:
        count: how many there will be in the end: it decides when each was found.
    """

    first: int
    before: int
    step: int
    skip: int | None
    count: int

    def numbers(self) -> Iterator[int]:
        """Of the invoices."""
        return (
            number
            for number in range(self.first, self.before, self.step)
            if self.skip is None or number % self.skip
        )


def fill(url: str, count: int, *, every: int, but_every: int | None, say: Callable[[str], None]) -> float:
    """Fold every so-many-th of so many invoices, except those that are there already.

    Args:
        url: of the database, as SQLAlchemy wants it.
        count: how many invoices there are in all.
        every: 1 for all of them.
        but_every: those were folded before; None: none were.
        say: told how far it is.

    Returns:
        Events folded a second, all processes together.
    """
    width = _PIECE * every
    pieces = [
        Part(begin, min(begin + width, count + 1), every, but_every, count)
        for begin in range(every, count + 1, width)
    ]
    began, events, told = time.monotonic(), 0, time.monotonic()
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        for place, done in enumerate(
            as_completed([pool.submit(_fold, url, piece) for piece in pieces]), start=1
        ):
            events += done.result()
            if time.monotonic() - told > 20:
                told = time.monotonic()
                say(f"read model: {place} of {len(pieces)} parts, {events / (told - began):,.0f} events/s")
    return events / (time.monotonic() - began)


def _fold(url: str, part: Part) -> int:
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    events = 0
    waiting: list[Record] = []

    def store() -> None:
        batch = Batch()
        for topic, event in waiting:
            batch.add(topic, event, None)
        with engine.begin() as connection:
            store_batch(connection, batch)
        waiting.clear()

    for number in part.numbers():
        told = list(history(number, part.count, tenant_of(number)))
        events += len(told)
        waiting += told
        if len(waiting) >= _EVENTS:
            store()
    store()
    engine.dispose()
    return events


def tidy(url: str) -> None:
    """What autovacuum does after a while."""
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
