"""No change is lost, doubled or told out of order, while several write at once and readers come and go."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from status_api.server.event_streams import Streams, StreamSlots
from status_api.server.feed import Feed
from tests.integration.status_api.conftest import TOKEN, ReadModel
from tests.integration.status_api.samples import event, of
from tests.integration.status_api.stream_kit import Square, Told
from tests.support.loops import Running

pytestmark = pytest.mark.stack

WRITERS, BATCHES = 4, 25
LAST = "purchase-order/999"


@pytest.fixture
def square(read_model: ReadModel) -> Iterator[Square]:
    streams = Streams(Feed(held=20), StreamSlots(10, 10), heartbeat_seconds=0.05)
    square = Square.on(read_model, streams, most_named=1000, at_once=7)
    running = Running(square.reader.run)
    yield square
    running.stop()


def _write(square: Square, writer: int, seed: int) -> None:
    """Documents of one's own and one that all share; now and then a transaction that draws its place early and commits late."""
    dice = random.Random(seed)  # no secret
    for batch in range(BATCHES):
        tenant = dice.choice(["acme", "beta"])
        number = 1000 * (writer + 1) + batch
        stage = dice.choice(["discovered", "synced"])
        records = [
            (f"invoice.{stage}", event(f"invoice.{stage}", f"invoice/{document}", batch + 1, tenant=tenant))
            for document in (7, number)
        ]
        if dice.random() < 0.3:
            with square.model.engine.begin() as connection:
                connection.execute(
                    text("UPDATE tenant SET updated_at = clock_timestamp() WHERE tenant_id = :tenant"),
                    {"tenant": tenant},
                )
                square.model.store(*records)  # commits first
        else:
            square.model.store(*records)


def _read(square: Square, token: str, begin: int, seed: int, done: Callable[[Told], bool]) -> list[Told]:
    """Everything from a number on, over many streams: each is left at random."""
    dice = random.Random(seed)  # no secret
    found: list[Told] = []
    last = begin
    while True:
        with square.open(token, last) as reader:
            for _ in range(dice.randint(1, 6)):
                said = reader.piece()
                if said is None:
                    break
                found += [one for one in said if one.kind]
            last = reader.number
        if found and done(found[-1]):
            return found


@pytest.mark.timeout(150)
def test_every_reader_hears_of_everything_they_may_see_once_and_in_order(square: Square) -> None:
    start = square.streams.feed.start
    assert start is not None
    begin = start.number
    narrow = square.town.machine("viewer@acme.example", ("acme", "viewer"))

    def is_last(one: Told) -> bool:
        return bool(one.data["subject"] == "purchase-order")

    with ThreadPoolExecutor(WRITERS + 4) as pool:
        readers = [
            (token, pool.submit(_read, square, token, begin, seed, is_last))
            for seed, token in enumerate([TOKEN, narrow, TOKEN, narrow])
        ]
        writers = [pool.submit(_write, square, writer, 100 + writer) for writer in range(WRITERS)]
        for written in writers:
            written.result()
        square.model.store(of(LAST, "discovered"))
        heard = [(token, reading.result()) for token, reading in readers]
    changes = square.model.rows("SELECT * FROM change WHERE number > :begin ORDER BY number", begin=begin)
    numbers = [row["number"] for row in changes]
    assert numbers == list(range(begin + 1, begin + 1 + len(numbers))), "no number is missing"
    for token, events in heard:
        mine = [row for row in changes if token == TOKEN or row["tenant_id"] == "acme"]
        assert [one.number for one in events] == [row["number"] for row in mine]
        assert [one.data["id"] for one in events] == [row["thing"] for row in mine]
        shown = {(one.data["tenant_id"], one.data["subject"], one.data["id"]): one for one in events}
        stored = square.model.rows("SELECT tenant_id, kind, id::text AS id, status FROM document")
        for row in stored:
            if token == TOKEN or row["tenant_id"] == "acme":
                one = shown[row["tenant_id"], row["kind"], row["id"]]
                assert one.data["status"] == row["status"], "the last that was told is what is shown"
    assert len({row["thing"] for row in changes if row["subject"] == "invoice"}) == WRITERS * BATCHES + 1
