"""Consumers read ahead little, and yet no record is too large for them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence

import pytest
from confluent_kafka import Producer

from service_runtime.compacted import CompactedTable
from service_runtime.intake import Intake
from service_runtime.kafka import MAX_MESSAGE_BYTES, make_consumer
from service_runtime.outbox import produce_all
from service_runtime.records import Record
from tests.support.loops import Run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack

_COUNT = 4
_FULL_SIZE = MAX_MESSAGE_BYTES - 2000  # less what surrounds a record


def _noise() -> list[bytes]:
    """Records of full size that no compression makes smaller, each with a small one behind it."""
    generator = random.Random(1)
    return [generator.randbytes(size) for _ in range(_COUNT) for size in (_FULL_SIZE, 10)]


@pytest.fixture
def topic(make_topic: Callable[..., str], producer: Producer) -> str:
    """A topic that takes and has such records, in one partition."""
    name = make_topic(max_message_bytes=str(MAX_MESSAGE_BYTES))
    for number, value in enumerate(_noise()):
        produce_all(producer, [(name, str(number).encode(), [], value)])
    return name


def test_no_record_of_full_size_stops_an_intake(topic: str, options: dict[str, str], run: Run) -> None:
    seen: list[bytes | None] = []

    def handle(records: Sequence[Record]) -> None:
        seen.extend(record.value for record in records)

    consumer = make_consumer(options, f"test-{uuid.uuid4()}", "test")
    run(Intake(consumer, [topic], handle, lambda: None).run)
    wait_until(lambda: len(seen) == 2 * _COUNT, "every record")
    assert seen == _noise()


def test_no_record_of_full_size_stops_a_table(topic: str, options: dict[str, str], run: Run) -> None:
    table = CompactedTable(options, topic, lambda record: record.value, lambda: None)
    run(table.run)
    wait_until(table.is_complete, "the whole topic")
    assert table.all() == {str(number): value for number, value in enumerate(_noise())}
