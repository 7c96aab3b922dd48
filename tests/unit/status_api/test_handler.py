"""The materializer's handler while the database comes and goes, without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from confluent_kafka import TopicPartition
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import TransientError
from service_runtime.records import Poison, Record
from status_api.materializer.handler import Materializer
from status_api.materializer.positions import Positions
from status_api.materializer.progress import Progress


@dataclass
class Database:
    """Opens transactions that store nothing; fails as long as it is told to."""

    failure: Exception | None = None

    @contextmanager
    def begin(self) -> Iterator[None]:
        if self.failure is not None:
            raise self.failure
        yield

    connect = begin


class Places:
    """Positions that are kept nowhere."""

    def lock(self, *_: object) -> None: ...

    advance = committed = lock


@dataclass
class Graveyard:
    """What was buried, in order."""

    buried: list[int] = field(default_factory=list)

    def bury(self, poisons: Sequence[Poison]) -> None:
        self.buried += [poison.record.offset for poison in poisons]

    def handled(self, count: int) -> None: ...


def poison(offset: int) -> Record:
    return Record(names.SYNCED, 0, offset, b"acme/invoice/1", b"garbage", [])


@pytest.fixture(autouse=True)
def _no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("status_api.materializer.handler.store_batch", lambda *_: None)


def materializer(database: Database, graveyard: Graveyard) -> Materializer:
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    made: tuple[Any, Any, Any] = database, Places(), graveyard
    return Materializer(
        cast("Engine", made[0]), codec, cast("Positions", made[1]), cast("DeadLetters", made[2])
    )


AWAY = OperationalError("SELECT 1", {}, Exception("away"))


@pytest.mark.parametrize("failure", [AWAY, PoolTimeoutError("all connections are taken")])
def test_poison_is_buried_once_however_often_its_batch_waits_for_the_database(failure: Exception) -> None:
    database, graveyard = Database(failure), Graveyard()
    handler = materializer(database, graveyard)
    for _ in range(3):
        with pytest.raises(TransientError):
            handler.handle([poison(7)])
    database.failure = None
    handler.handle([poison(7)])
    assert graveyard.buried == [7]


def test_what_is_read_again_after_its_batch_was_stored_is_buried_again() -> None:
    graveyard = Graveyard()
    handler = materializer(Database(), graveyard)
    handler.handle([poison(7), poison(8)])
    handler.handle([poison(8)])
    assert graveyard.buried == [7, 8, 8]


@pytest.mark.parametrize("failure", [AWAY, PoolTimeoutError("all connections are taken")])
def test_positions_that_can_not_be_read_are_asked_for_again(failure: Exception) -> None:
    engine: Any = Database(failure)
    with pytest.raises(TransientError):
        Positions(engine).starting_points([TopicPartition(names.SYNCED, 0)])


@pytest.mark.parametrize("failure", [AWAY, PoolTimeoutError("all connections are taken")])
def test_the_age_is_looked_at_again_after_the_database_failed(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()
    engine: Any = None
    monkeypatch.setattr("status_api.materializer.progress.AdminClient", lambda _: None)
    progress = Progress(engine, {}, [], lambda: None)

    def look() -> None:
        stopping.set()
        raise failure

    monkeypatch.setattr(progress, "look", look)
    progress.run(stopping)
