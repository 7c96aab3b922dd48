"""The outbox on a real database and broker: what was committed is published, in order, whoever crashes when."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaException, Producer
from sqlalchemy import Engine, text

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming, UnrepresentableEventError
from invoice_events.compatibility import examples
from invoice_events.identity import new_traceparent
from invoice_events.names import LOGS, SYNCED
from invoice_events.plain import from_plain
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import create_topics
from service_runtime.kafka import make_producer
from service_runtime.outbox import EventTooLargeError, Outbox, OutboxPublisher, produce_all
from tests.support.loops import Run
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack
MakeEngine = Callable[[], Engine]
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def _event(number: int, revision: int, tenant: str) -> dict[str, Any]:
    event = from_plain(SYNCED, examples(SYNCED)["typical.json"])
    return event | {"tenant_id": tenant, "document": f"invoice/{number}", "revision": revision}


def _outbox(**limits: int) -> Outbox:
    return Outbox(CODEC, lambda: None, **limits)


def _publisher(engine: Engine, producer: Producer) -> OutboxPublisher:
    return OutboxPublisher(engine, producer, lambda: None)


def _store(engine: Engine, *events: dict[str, Any]) -> None:
    with engine.begin() as connection:
        _outbox().add_all(connection, [(SYNCED, event) for event in events], new_traceparent())


def _left(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """A tenant of the test's own, so that it finds its events among everybody's."""
    return f"t{zlib.crc32(request.node.name.encode())}"


@pytest.fixture
def published(kafka_topics: object, kafka: str, tenant: str) -> Callable[[], list[tuple[str, int]]]:
    """Document and revision of what stands in the topic for this tenant, per partition in order."""
    topics = Topics(kafka)

    def read() -> list[tuple[str, int]]:
        return [
            (event["document"], event["revision"])
            for message in topics.raw(SYNCED)
            if dict(message.headers() or []).get("tenant") == tenant.encode()  # others' may be unreadable
            for event in [topics.codec.decode(SYNCED, message.value())]
        ]

    return read


def _per_document(found: list[tuple[str, int]]) -> dict[str, list[int]]:
    documents = {document for document, _ in found}
    return {name: [revision for document, revision in found if document == name] for name in documents}


def test_no_event_is_published_before_its_transaction_commits_or_if_it_never_does(
    engine: Engine, producer: Producer, tenant: str, published: Callable[[], list[tuple[str, int]]]
) -> None:
    publisher = _publisher(engine, producer)
    with engine.connect() as connection, connection.begin() as open_transaction:
        _outbox().add(connection, SYNCED, _event(1, 1, tenant), new_traceparent())
        assert publisher.publish_batch() == 0
        open_transaction.rollback()
    _store(engine, _event(2, 1, tenant))

    assert publisher.publish_batch() == 1
    assert publisher.publish_batch() == 0
    assert published() == [("invoice/2", 1)]
    assert _left(engine) == 0


def test_no_event_loses_its_key_or_headers(
    engine: Engine, producer: Producer, tenant: str, kafka_topics: object, kafka: str
) -> None:
    trace = new_traceparent()
    with engine.begin() as connection:
        _outbox().add(connection, SYNCED, _event(7, 3, tenant), trace)
    _publisher(engine, producer).publish_batch()

    (message,) = [one for one in Topics(kafka).raw(SYNCED) if one.key() == f"{tenant}/invoice/7".encode()]

    headers = dict(message.headers())
    assert {name: headers[name].decode() for name in ("tenant", "document", "revision", "traceparent")} == {
        "tenant": tenant,
        "document": "invoice/7",
        "revision": "3",
        "traceparent": trace,
    }


def test_no_event_of_a_late_commit_is_passed_over(
    make_service_engine: MakeEngine,
    producer: Producer,
    tenant: str,
    published: Callable[[], list[tuple[str, int]]],
) -> None:
    """Its id is older than that of an event which is published already."""
    engine = make_service_engine()
    publisher = _publisher(engine, producer)
    with engine.begin() as late:
        _outbox().add(late, SYNCED, _event(1, 1, tenant), new_traceparent())
        _store(engine, _event(2, 1, tenant))
        assert publisher.publish_batch() == 1

    assert publisher.publish_batch() == 1
    assert sorted(published()) == [("invoice/1", 1), ("invoice/2", 1)]


class CrashError(Exception):
    """Ends the publisher where the test wants it."""


def test_no_crash_between_publishing_and_deleting_loses_or_reorders_anything(
    engine: Engine, producer: Producer, tenant: str, published: Callable[[], list[tuple[str, int]]]
) -> None:
    _store(engine, *(_event(number, revision, tenant) for revision in range(1, 21) for number in (1, 2, 3)))

    class CrashesAfterPublishing:
        """A producer whose process dies as soon as Kafka has acknowledged."""

        def produce(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as the real one
            producer.produce(*args, **kwargs)

        def flush(self, timeout: float) -> int:
            producer.flush(timeout)
            raise CrashError

    for _ in range(2):
        with pytest.raises(CrashError):
            _publisher(engine, CrashesAfterPublishing()).publish_batch()  # type: ignore[arg-type]  # a stand-in
        assert _left(engine) == 60, "nothing is deleted that a crash could have kept from Kafka"
    assert _publisher(engine, producer).publish_batch() == 60

    assert _left(engine) == 0
    in_order = list(range(1, 21))
    assert _per_document(published()) == dict.fromkeys(("invoice/1", "invoice/2", "invoice/3"), in_order * 3)


def test_no_two_publishers_change_the_order(
    make_service_engine: MakeEngine,
    producer: Producer,
    options: dict[str, str],
    tenant: str,
    published: Callable[[], list[tuple[str, int]]],
    run: Run,
) -> None:
    """Two replicas publish while events of the same documents are added."""
    engine = make_service_engine()
    publishers = [
        _publisher(engine, producer),
        _publisher(make_service_engine(), make_producer(options, "other")),
    ]
    stops = [run(publisher.run) for publisher in publishers]
    for revision in range(1, 61):
        _store(engine, *(_event(number, revision, tenant) for number in (1, 2)))
        publishers[revision % 2].wake()
        publishers[(revision + 1) % 2].wake()

    wait_until(lambda: _left(engine) == 0, "everything to be published")
    for stop in stops:
        stop.stop()

    in_order = list(range(1, 61))
    assert _per_document(published()) == {"invoice/1": in_order, "invoice/2": in_order}


def test_no_publisher_of_another_service_in_the_same_database_is_kept_waiting(
    make_service_engine: MakeEngine, producer: Producer, tenant: str, kafka_topics: object
) -> None:
    engine = make_service_engine()
    with engine.begin() as other:
        other.execute(text("CREATE SCHEMA other"))
        other.execute(text("SET LOCAL search_path TO other"))
        other.execute(text("SELECT pg_advisory_xact_lock(7201911, hashtext(current_schema()))"))
        _store(engine, _event(1, 1, tenant))

        assert _publisher(engine, producer).publish_batch() == 1


def test_no_publisher_waits_for_ever_for_another_replica(
    make_service_engine: MakeEngine, producer: Producer, tenant: str, kafka_topics: object
) -> None:
    engine = make_service_engine()
    _store(engine, _event(1, 1, tenant))
    with engine.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(7201911, hashtext(current_schema()))"))

        assert _publisher(engine, producer).publish_batch() == 0

    assert _publisher(engine, producer).publish_batch() == 1


def test_no_batch_takes_more_memory_than_a_few_large_events(
    engine: Engine, producer: Producer, tenant: str, published: Callable[[], list[tuple[str, int]]]
) -> None:
    large = "x" * (6 * 1024 * 1024)
    for number in range(1, 5):
        _store(engine, _event(number, 1, tenant) | {"contact_name": large})
    publisher = _publisher(engine, producer)

    assert [publisher.publish_batch() for _ in range(3)] == [3, 1, 0]
    assert len(published()) == 4


def test_no_event_is_stored_that_no_topic_would_take(engine: Engine, tenant: str) -> None:
    event = _event(1, 1, tenant)

    with (
        engine.begin() as connection,
        pytest.raises(EventTooLargeError, match=r"invoice/1 has .* at most 100"),
    ):
        _outbox(max_bytes=100).add(connection, SYNCED, event, new_traceparent())
    with engine.begin() as connection, pytest.raises(UnrepresentableEventError):
        _outbox().add(connection, SYNCED, event | {"attempt": None}, new_traceparent())

    assert _left(engine) == 0


def test_nothing_is_deleted_that_kafka_did_not_acknowledge(engine: Engine, tenant: str) -> None:
    """No broker there: the rows stay, and the failure is told."""
    _store(engine, _event(1, 1, tenant))
    nowhere = make_producer(
        {"bootstrap.servers": "127.0.0.1:1", "delivery.timeout.ms": "1000", "log_level": "0"}, "tests"
    )

    with pytest.raises(KafkaException):
        _publisher(engine, nowhere).publish_batch()

    assert _left(engine) == 1


def test_nothing_unacknowledged_is_sent_after_it_was_given_up(own_kafka: EmbeddedKafka) -> None:
    """A frozen broker: what was given up and is repeated must not come out of the producer's queue once more, after newer events."""
    create_topics(own_kafka.bootstrap, partitions=1)
    producer = make_producer(
        {"bootstrap.servers": own_kafka.bootstrap, "delivery.timeout.ms": "1500", "log_level": "0"}, "tests"
    )
    produce_all(producer, [(LOGS, b"k", [], b"0")])
    own_kafka.pause()
    with pytest.raises(KafkaException):
        produce_all(producer, [(LOGS, b"k", [], b"1")], timeout=10)
    assert len(producer) == 0
    own_kafka.resume()

    produce_all(producer, [(LOGS, b"k", [], b"1"), (LOGS, b"k", [], b"2")])

    values = [message.value() for message in Topics(own_kafka.bootstrap).raw(LOGS)]
    assert values[-2:] == [b"1", b"2"], "the last complete repetition is in order"
    assert values in ([b"0", b"1", b"2"], [b"0", b"1", b"1", b"2"])


def test_no_failure_ends_the_publisher(
    engine: Engine, producer: Producer, tenant: str, published: Callable[[], list[tuple[str, int]]], run: Run
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO away"))
    turns = threading.Semaphore(0)
    publisher = OutboxPublisher(engine, producer, turns.release)
    run(publisher.run)
    assert turns.acquire(timeout=30)
    publisher.wake()
    assert turns.acquire(timeout=30), "it turns again after it failed"
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO outbox"))
    _store(engine, _event(1, 1, tenant))
    publisher.wake()

    wait_until(lambda: _left(engine) == 0, "the event to be published")
    assert published() == [("invoice/1", 1)]


def test_nothing_stays_when_the_publisher_is_stopped(
    engine: Engine, producer: Producer, tenant: str, published: Callable[[], list[tuple[str, int]]], run: Run
) -> None:
    _store(engine, *(_event(number, 1, tenant) for number in range(1, 1202)))
    stopped = threading.Event()
    stopped.set()

    _publisher(engine, producer).run(stopped)

    assert _left(engine) == 0
    assert len(published()) == 1201
