"""Rebuilding the read model from Kafka beside the served one: seconds per event and peak memory at two sizes.

Whole histories of invoices are produced as events; the served read model is told to stand at their end, so that the rebuild has all of them to
fold, indexes to make, and the swap. A rebuild of nothing is taken off both: what a process takes to start counts for neither size.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from confluent_kafka import KafkaException
from sqlalchemy import text

from benchmarks.events import Feed
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.filling import tenant_of
from benchmarks.histories import Record, history
from benchmarks.topic_ends import Ends, ends
from invoice_events import names
from local_stack.backends import broker, database_server
from local_stack.errors import StackError
from local_stack.topics import create_topics
from service_runtime.database import make_engine, migrate
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH

_ROOT = Path(__file__).resolve().parent.parent
_FEW, _MANY = 10_000, 100_000
_PIECE = 2_000
_EVENTS_OF_ONE = 5  # about so many are told of an invoice
_KIB_PER_MIB = 1024
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_LINEAR = Line(
    f"rebuild of the read model, seconds per event beside {_FEW:,} events", "ratio", Bound("<=", 1.5)
)
# Of a long history more is read ahead, until that is full: memory that grew with the events would be several times as much.
_FLAT = Line(f"rebuild of the read model, peak memory beside {_FEW:,} events", "ratio", Bound("<=", 1.3))
_RATE = Line("rebuild of the read model", "events/s")
_MEMORY = Line("rebuild of the read model, peak memory", "MiB", Bound("<=", 150))


def _measure(session: Session) -> Sequence[Measured]:
    sizes = (0, session.scaled(_FEW, at_least=1000), session.scaled(_MANY, at_least=10_000))
    kafka, server = broker(), database_server()
    try:
        kafka.start()
        server.start()
        create_topics(kafka.bootstrap)
        feed = Feed(kafka.bootstrap)
        plain = server.create_database(f"bench_{secrets.token_hex(4)}")
        url = plain.replace("postgresql://", "postgresql+psycopg2://")
        migrate(PACKAGE, url, APP_SCHEMA)
        seconds, peaks, produced = [], [], 0
        for size in sizes:
            events = _histories(size, produced)
            while produced < size:
                produced += _produce(feed, list(islice(events, min(_PIECE, size - produced))))
            _stand_at_the_end(url, kafka.bootstrap)
            taken, peak = _rebuild(plain, kafka.bootstrap)
            session.say(f"rebuild: {size:,} events in {taken:.1f} s, {peak:.0f} MiB")
            seconds.append(taken)
            peaks.append(peak)
    finally:
        kafka.stop()
        server.stop()
    (nothing, few, many), (_, small, large) = seconds, peaks
    _, few_events, many_events = sizes
    rates = few_events / max(few - nothing, 0.001), many_events / max(many - nothing, 0.001)
    note = f"{many_events:,} events in {many:.1f} s, {few_events:,} in {few:.1f} s, none in {nothing:.1f} s (taken off)"
    return [
        Measured(_LINEAR, rates[0] / rates[1], note),
        Measured(
            _FLAT, large / small, f"{large:.0f} MiB at {many_events:,} events, {small:.0f} at {few_events:,}"
        ),
        Measured(_RATE, rates[1], f"{note}; reading, folding, indexes, swap"),
        Measured(_MEMORY, large, "peak RSS"),
    ]


def _histories(size: int, before: int) -> Iterator[Record]:
    """Events of invoices that follow those of so many events before, spread over the whole year at every size."""
    count = max(1, size // _EVENTS_OF_ONE)
    numbers = range(before // _EVENTS_OF_ONE + 1, 2 * count + 1)
    return chain.from_iterable(history(number, count, tenant_of(number)) for number in numbers)


def _produce(feed: Feed, records: Sequence[Record]) -> int:
    by_topic: dict[str, list[dict[str, object]]] = {}
    for topic, event in records:
        by_topic.setdefault(topic, []).append(event)
    for topic, told in by_topic.items():
        feed.send(topic, told)
    return len(records)


def _stand_at_the_end(url: str, bootstrap: str) -> None:
    """Let the served read model have read everything."""
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    places = [
        {"topic": topic, "partition": partition, "end": end}
        for topic in names.EVENT_TOPICS
        for partition, end in _ends_once_led(bootstrap, topic).items()
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO position VALUES (:topic, :partition, :end)"
                " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
            ),
            places,
        )
    engine.dispose()


def _ends_once_led(bootstrap: str, topic: str) -> Ends:
    """The ends of a topic. That of a new partition can not be told before it has a leader.

    Raises:
        StackError: it has none for long.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ends(bootstrap, topic)
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise StackError(f"{topic} has no leader") from error
            time.sleep(_LOOK_SECONDS)


def _rebuild(url: str, bootstrap: str) -> tuple[float, float]:
    """Seconds that one takes as a process of its own, and its peak memory in MiB.

    Raises:
        StackError: it did not end well.
    """
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap, "DATABASE_URL": url, "SCHEMA_REGISTRY_URL": "", "KAFKA_LOG_LEVEL": "0",
    }  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "status_api", "rebuild"],
        env=os.environ | environment,
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise StackError(f"the rebuild ended with exit code {process.returncode}")
    return taken, usage.ru_maxrss / _KIB_PER_MIB


REBUILD = Benchmark(name="rebuild", lines=(_LINEAR, _FLAT, _RATE, _MEMORY), measure=_measure)
