"""A compacted topic in memory: complete before it says so, then always the newest, whatever stands between the records."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from invoice_events.codec import UnreadableEventError
from service_runtime import compacted
from service_runtime.compacted import CompactedTable
from service_runtime.outbox import produce_all
from service_runtime.records import Record
from service_runtime.registry import SchemaRegistryError
from tests.support.loops import Run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
MakeTopic = Callable[..., str]


def _read(record: Record) -> str:
    text = (record.value or b"").decode()
    if text == "unreadable":
        message = "not an event"
        raise UnreadableEventError(message)
    if text == "missing field":
        raise KeyError(text)
    return text


def _send(producer: Producer, topic: str, *rows: tuple[str, str | None]) -> None:
    produce_all(
        producer,
        [(topic, key.encode(), [], None if value is None else value.encode()) for key, value in rows],
    )


def _table(
    options: dict[str, str], topic: str, changed: Callable[[str, str], None] | None = None
) -> CompactedTable[str]:
    return CompactedTable(options, topic, _read, lambda: None, changed)


@pytest.fixture
def topic(make_topic: MakeTopic) -> str:
    return make_topic(partitions=3, cleanup_policy="compact")


def test_no_table_is_complete_before_everything_was_read(
    options: dict[str, str], producer: Producer, topic: str, run: Run
) -> None:
    _send(producer, topic, *((f"t{number % 50}", f"v{number}") for number in range(2000)))
    table = _table(options, topic)
    assert not table.is_complete()
    run(table.run)

    assert table.wait_complete(threading.Event())

    assert table.all() == {f"t{number}": f"v{1950 + number}" for number in range(50)}
    assert table.get("t7") == "v1957"
    assert table.get("nobody") is None


def test_no_empty_topic_keeps_a_service_waiting(options: dict[str, str], topic: str, run: Run) -> None:
    table = _table(options, topic)
    run(table.run)

    assert table.wait_complete(threading.Event())
    assert table.all() == {}


def test_no_empty_partition_keeps_a_service_waiting(
    options: dict[str, str], producer: Producer, topic: str, run: Run
) -> None:
    _send(producer, topic, ("only", "one"))
    table = _table(options, topic)
    run(table.run)

    assert table.wait_complete(threading.Event())
    assert table.all() == {"only": "one"}


def test_no_end_without_a_record_keeps_a_service_waiting(
    options: dict[str, str], topic: str, run: Run
) -> None:
    """The last offset holds the marker of a transaction, or what was aborted: it is passed, but nothing is read there."""
    writer = Producer({**options, "transactional.id": str(uuid.uuid4())})
    writer.init_transactions(30)
    for value, finish in (("kept", writer.commit_transaction), ("aborted", writer.abort_transaction)):
        writer.begin_transaction()
        for number in range(20):
            writer.produce(topic, key=f"t{number}".encode(), value=value.encode())
        writer.flush(30)
        finish(30)
    table = _table(options, topic)
    run(table.run)

    wait_until(table.is_complete, "the table to be complete", seconds=30)
    assert table.all() == {f"t{number}": "kept" for number in range(20)}


def test_no_change_is_missed_afterwards(
    options: dict[str, str], producer: Producer, topic: str, run: Run
) -> None:
    changes: list[tuple[str, str]] = []
    _send(producer, topic, ("a", "1"), ("b", "1"))
    table = _table(options, topic, lambda key, value: changes.append((key, value)))
    run(table.run)
    assert table.wait_complete(threading.Event())

    _send(producer, topic, ("a", "2"))

    assert table.wait_for("a", lambda value: value == "2", timeout=30) == "2"
    assert table.get("b") == "1"
    wait_until(lambda: ("a", "2") in changes, "the change to be told")
    assert sorted(changes) == [("a", "1"), ("a", "2"), ("b", "1")]


def test_no_removed_row_stays(options: dict[str, str], producer: Producer, topic: str, run: Run) -> None:
    _send(producer, topic, ("a", "1"), ("b", "1"), ("a", None))
    table = _table(options, topic)
    run(table.run)
    assert table.wait_complete(threading.Event())
    assert table.all() == {"b": "1"}

    _send(producer, topic, ("b", None), ("never there", None))

    wait_until(lambda: table.all() == {}, "the row to go")


@pytest.mark.parametrize("bad", ["unreadable", "missing field"])
def test_no_unreadable_record_replaces_a_good_one_or_ends_the_service(
    options: dict[str, str], producer: Producer, topic: str, run: Run, bad: str
) -> None:
    _send(producer, topic, ("a", "1"), ("a", bad), ("b", bad), ("c", "1"))
    table = _table(options, topic)
    run(table.run)

    assert table.wait_complete(threading.Event())
    assert table.all() == {"a": "1", "c": "1"}


@pytest.mark.parametrize(
    "error",
    [KafkaException(KafkaError(KafkaError._TIMED_OUT)), SchemaRegistryError("no answer")],
    ids=["topic", "registry"],
)
def test_no_schema_that_can_not_be_looked_up_now_ends_the_service_or_loses_a_record(
    options: dict[str, str],
    producer: Producer,
    topic: str,
    run: Run,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compacted, "_RETRY_SECONDS", 0.01)
    _send(producer, topic, ("a", "1"), ("b", "1"), ("c", "1"))
    failures = [error] * 3
    back = threading.Event()

    def read(record: Record) -> str:
        if failures and record.key == b"b":
            raise failures.pop()
        if record.key == b"c" and not back.is_set():
            raise error
        return _read(record)

    table = CompactedTable(options, topic, read, lambda: None)
    run(table.run)

    wait_until(lambda: not failures or table.get("a") is not None, "the table to be read")
    assert not table.is_complete(), "what can not be told yet is missing"
    back.set()
    assert table.wait_complete(threading.Event())
    assert table.all() == {"a": "1", "b": "1", "c": "1"}


def test_no_schema_that_can_not_be_looked_up_keeps_a_service_from_stopping(
    options: dict[str, str], producer: Producer, topic: str, run: Run
) -> None:
    _send(producer, topic, ("a", "1"))
    tried = threading.Event()

    def read(_record: Record) -> str:
        tried.set()
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    table = CompactedTable(options, topic, read, lambda: None)
    running = run(table.run)
    assert tried.wait(30)

    running.stop()

    assert not table.is_complete()
    assert table.all() == {}


def test_nobody_waits_longer_than_asked(
    options: dict[str, str], producer: Producer, topic: str, run: Run
) -> None:
    _send(producer, topic, ("a", "1"))
    table = _table(options, topic)
    stopped = threading.Event()
    stopped.set()
    assert not table.wait_complete(stopped), "the service stops before the table is complete"
    run(table.run)
    assert table.wait_complete(threading.Event())

    assert table.wait_for("a", lambda value: value == "2", timeout=0.1) is None
    assert table.wait_for("nobody", lambda _: True, timeout=0.1) is None


def test_no_missing_topic_looks_empty(options: dict[str, str]) -> None:
    with pytest.raises(KafkaException):
        _table(options, f"test.{uuid.uuid4().hex}").run(threading.Event())
