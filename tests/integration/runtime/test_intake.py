"""The consumer loop on a real broker: what was handled is committed, what was not is repeated, nothing is skipped."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from service_runtime.intake import Intake, PositionLostError, TransientError
from service_runtime.kafka import make_consumer
from service_runtime.outbox import produce_all
from service_runtime.records import Record
from tests.support.loops import Run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
MakeTopic = Callable[..., str]


class Seen:
    """A handler that notes what it gets, and fails when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures: list[BaseException] = []
        self.between: Callable[[], None] = lambda: None

    def __call__(self, records: Sequence[Record]) -> None:
        if self.failures:
            self.batches.append([f"failed {_name(record)}" for record in records])
            raise self.failures.pop(0)
        self.between()
        self.batches.append([_name(record) for record in records])

    @property
    def handled(self) -> list[str]:
        return [name for batch in self.batches for name in batch if not name.startswith("failed")]


def _name(record: Record) -> str:
    return (record.value or b"").decode()


class Group:
    """A consumer group of the test's own."""

    def __init__(self, options: dict[str, str], topic: str) -> None:
        self.options = options
        self.topic = topic
        self.id = f"test-{uuid.uuid4()}"

    def intake(
        self,
        handle: Callable[[Sequence[Record]], None],
        alive: Callable[[], None] = lambda: None,
        patience: str = "300000",
    ) -> Intake:
        consumer = make_consumer(
            {"session.timeout.ms": "6000", "max.poll.interval.ms": patience, **self.options}, self.id, "test"
        )
        return Intake(consumer, [self.topic], handle, alive)

    def committed(self, partition: int = 0) -> int:
        consumer = Consumer({**self.options, "group.id": self.id})
        try:
            (place,) = consumer.committed([TopicPartition(self.topic, partition)], timeout=15)
            return int(place.offset)
        finally:
            consumer.close()


@pytest.fixture
def topic(make_topic: MakeTopic) -> str:
    return make_topic()


@pytest.fixture
def group(options: dict[str, str], topic: str) -> Group:
    return Group(options, topic)


def _send(producer: Producer, topic: str, *names: object) -> None:
    produce_all(producer, [(topic, b"key", [], str(name).encode()) for name in names])


def test_no_record_is_missed_by_a_new_group_and_no_handled_batch_stays_uncommitted(
    producer: Producer, group: Group, run: Run
) -> None:
    _send(producer, group.topic, *range(5))
    seen = Seen()
    run(group.intake(seen).run)

    wait_until(lambda: len(seen.handled) == 5, "the records")
    _send(producer, group.topic, 5)
    wait_until(lambda: len(seen.handled) == 6, "the new record")
    wait_until(lambda: group.committed() == 6, "the commit")
    assert seen.handled == [str(number) for number in range(6)]


def test_no_record_is_repeated_or_missed_after_an_orderly_restart(
    producer: Producer, group: Group, run: Run
) -> None:
    first, second = Seen(), Seen()
    _send(producer, group.topic, *range(3))
    first_running = run(group.intake(first).run)
    wait_until(lambda: len(first.handled) == 3, "the first half")
    first_running.stop()
    wait_until(lambda: group.committed() == 3, "the commit")
    _send(producer, group.topic, *range(3, 6))
    run(group.intake(second).run)

    wait_until(lambda: len(second.handled) == 3, "the second half")
    assert first.handled + second.handled == [str(number) for number in range(6)]


def test_no_batch_is_given_up_while_the_database_is_away(producer: Producer, group: Group, run: Run) -> None:
    _send(producer, group.topic, *range(3))
    seen = Seen()
    seen.failures = [TransientError("away"), TransientError("away")]
    run(group.intake(seen).run)

    wait_until(lambda: len(seen.handled) >= 3, "the batch to be handled")
    _send(producer, group.topic, 3)
    wait_until(lambda: len(seen.handled) == 4, "the next record")

    assert seen.batches[0] == seen.batches[1]
    assert seen.handled == ["0", "1", "2", "3"]


def test_no_consumer_that_waits_is_thrown_out_of_its_group(
    producer: Producer, group: Group, run: Run
) -> None:
    """The database is away for longer than a consumer may go without polling."""
    _send(producer, group.topic, *range(3))
    rebalances = threading.Semaphore(0)
    seen = Seen()
    seen.failures = [TransientError("away") for _ in range(9)]
    intake = group.intake(seen, patience="6000")
    assigned = intake._on_assign

    def counted(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        rebalances.release()
        assigned(consumer, partitions)

    intake._on_assign = counted  # type: ignore[method-assign]  # watched, not changed
    run(intake.run)

    wait_until(lambda: len(seen.handled) >= 3, "the batch to be handled")
    wait_until(lambda: group.committed() == 3, "the commit")
    assert seen.batches == [["failed 0", "failed 1", "failed 2"]] * 9 + [["0", "1", "2"]]
    assert rebalances.acquire(blocking=False)
    assert not rebalances.acquire(blocking=False), "there was one assignment only"


def test_no_record_that_came_while_a_batch_waited_is_missed(
    producer: Producer, group: Group, run: Run
) -> None:
    _send(producer, group.topic, 0)
    seen = Seen()
    seen.failures = [TransientError("away"), TransientError("away")]
    run(group.intake(seen).run)
    wait_until(lambda: seen.batches, "the first try")
    _send(producer, group.topic, *range(1, 200))

    wait_until(lambda: len(seen.handled) == 200, "everything")
    assert seen.handled == [str(number) for number in range(200)]


def test_no_record_is_missed_when_partitions_change_hands_while_a_batch_waits(
    producer: Producer, make_topic: MakeTopic, options: dict[str, str], run: Run
) -> None:
    group = Group(options, make_topic(partitions=4))
    names = [str(number) for number in range(200)]
    produce_all(producer, [(group.topic, name.encode(), [], name.encode()) for name in names])
    waiting, released = threading.Event(), threading.Event()
    first, second = Seen(), Seen()

    def first_handles(records: Sequence[Record]) -> None:
        if not released.is_set():
            waiting.set()
            raise TransientError("away")
        first(records)

    run(group.intake(first_handles).run)
    assert waiting.wait(30)
    run(group.intake(second).run)
    wait_until(lambda: second.handled, "the second to get its share")
    released.set()

    wait_until(lambda: set(first.handled) | set(second.handled) == set(names), "everything")
    produce_all(producer, [(group.topic, name.encode(), [], b"later " + name.encode()) for name in names])
    wait_until(
        lambda: (
            {one for one in first.handled + second.handled if one.startswith("later")}
            == {f"later {name}" for name in names}
        ),
        "what came afterwards, from every partition",
    )
    assert not set(first.handled) & set(second.handled), "what waited was not handled by its old owner"


def test_no_failed_batch_is_committed(producer: Producer, group: Group) -> None:
    _send(producer, group.topic, *range(3))
    failing, repaired = Seen(), Seen()
    failing.failures = [ValueError("a bug")]

    with pytest.raises(ValueError, match="a bug"):
        group.intake(failing).run(threading.Event())
    assert group.committed() < 0

    stopping = threading.Event()
    repaired.between = stopping.set
    group.intake(repaired).run(stopping)
    assert repaired.handled == ["0", "1", "2"]


def test_no_batch_that_waits_keeps_a_service_from_stopping_or_is_committed(
    producer: Producer, group: Group
) -> None:
    _send(producer, group.topic, 0)
    stopping = threading.Event()

    def never(records: Sequence[Record]) -> None:
        stopping.set()
        raise TransientError("away")

    group.intake(never).run(stopping)

    assert group.committed() < 0


def test_no_lost_position_is_jumped_over(
    producer: Producer, group: Group, admin: AdminClient, run: Run
) -> None:
    """Records were deleted before they were read: going on would hide it."""
    _send(producer, group.topic, 0)
    seen = Seen()
    running = run(group.intake(seen).run)
    wait_until(lambda: group.committed() == 1, "the commit")
    running.stop()
    _send(producer, group.topic, *range(1, 6))
    place = TopicPartition(group.topic, 0, 4)
    admin.delete_records([place])[place].result(30)

    with pytest.raises(PositionLostError, match=f"{group.topic}.*no longer in the topic"):
        group.intake(seen).run(threading.Event())

    assert seen.handled == ["0"]
    assert group.committed() == 1, "the way out is a decision of a person"


def test_no_position_beyond_the_end_is_jumped_over(producer: Producer, group: Group) -> None:
    """As after the topic was made anew."""
    _send(producer, group.topic, 0)
    consumer = Consumer({**group.options, "group.id": group.id, "enable.auto.commit": False})
    consumer.commit(offsets=[TopicPartition(group.topic, 0, 100)], asynchronous=False)
    consumer.close()

    with pytest.raises(PositionLostError):
        group.intake(Seen()).run(threading.Event())


def test_no_idle_or_waiting_loop_looks_dead(producer: Producer, group: Group, run: Run) -> None:
    beats = threading.Semaphore(0)
    seen = Seen()
    seen.failures = [TransientError("away")]
    run(group.intake(seen, beats.release).run)
    for _ in range(3):
        assert beats.acquire(timeout=30), "while idle"
    _send(producer, group.topic, 0)
    wait_until(lambda: seen.handled, "the record")

    for _ in range(10):
        assert beats.acquire(timeout=30)


class KeptElsewhere:
    """Positions in the handler's own store; away at first."""

    def __init__(self, kept: int, failures: list[BaseException]) -> None:
        self.kept = kept
        self.failures = failures

    def starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        if self.failures:
            raise self.failures.pop(0)
        for place in partitions:
            place.offset = self.kept
        return partitions

    def handled(self, next_offsets: dict[tuple[str, int], int]) -> None:
        self.kept = next(iter(next_offsets.values()))


def test_no_store_that_is_away_ends_the_service_or_is_passed_over(
    producer: Producer, group: Group, run: Run
) -> None:
    _send(producer, group.topic, *range(5))
    seen, store = Seen(), KeptElsewhere(2, [TransientError("away"), TransientError("away")])
    consumer = make_consumer(group.options, group.id, "test")
    run(Intake(consumer, [group.topic], seen, lambda: None, offsets=store).run)

    wait_until(lambda: len(seen.handled) == 3, "the records from there on")
    assert seen.handled == ["2", "3", "4"]
    wait_until(lambda: store.kept == 5, "the new position")
