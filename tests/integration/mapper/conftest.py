"""The mapper as a process of its own on the session's real broker, and what is needed to talk to it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from invoice_events import names
from invoice_events.codec import Codec, Event, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import event_headers, event_key, new_traceparent
from tests.unit.mapper.conftest import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_stack.topics import Topic

CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())
PATIENCE = 60.0


@dataclass
class Kafka:
    """Writes and reads events of one tenant that no other test uses."""

    bootstrap: str
    tenant: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self._producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})

    def send(self, topic: str, event: Any, value: bytes | None = None) -> None:  # noqa: ANN401  # any event
        """Publish an event, or other bytes under its key and headers, and wait for the acknowledgement."""
        owned = dict(event) | {"tenant_id": self.tenant}
        data = CODEC.encode(topic, owned) if value is None else value
        headers: Any = event_headers(topic, owned, new_traceparent())
        self._producer.produce(topic, data, event_key(topic, owned).encode(), headers=headers)
        assert self._producer.flush(PATIENCE) == 0

    def introduce(self, version: int = 3, **settings: object) -> None:
        """Make the tenant known: settings and reference data."""
        document = {
            "accounts": {"default": "200"},
            "taxes": {"default": "OUTPUT2", "zero_rated": "ZERORATED"},
        }
        self.send(
            names.SETTINGS,
            {
                "name": "Acme", "state": "active", "version": version, "settings": json.dumps(document | settings),
                "updated_at": datetime.now(UTC), "updated_by": "test",
            },
        )  # fmt: skip
        self.send(names.REFERENCE, reference())

    def read(self, topic: str, count: int) -> list[Event]:
        """The first events of the tenant on a topic, by partition and offset; waits until there are so many."""
        return [CODEC.decode(topic, value) for value in self.raw(topic, count)]

    def raw(self, topic: str, count: int) -> list[bytes]:
        """The same as bytes. Records are the tenant's by their key."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": f"test-{uuid.uuid4()}",
                "enable.auto.commit": False,
            }
        )
        partitions = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        found: list[bytes] = []
        end = time.monotonic() + PATIENCE
        while len(found) < count and time.monotonic() < end:
            found += [
                message.value() or b""
                for message in consumer.consume(100, 0.1)
                if message.error() is None and (message.key() or b"").startswith(self.tenant.encode())
            ]
        consumer.close()
        assert len(found) >= count, f"{len(found)} of {count} records on {topic}"
        return found


@dataclass
class MapperProcess:
    """`python -m mapper run`."""

    process: subprocess.Popen[str]
    port: int

    def probe(self, path: str) -> tuple[int, str]:
        """Status and body of a probe; 0 while nothing listens."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=5
            ) as answer:  # our own address
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_ready(self) -> None:
        """Until /readyz says so, or the process ends."""
        end = time.monotonic() + PATIENCE
        while self.probe("/readyz")[0] != 200:
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < end, self.probe("/readyz")
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def output(self) -> str:
        """Everything it logged, after it ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


@pytest.fixture
def kafka_for_tenant(kafka: str, kafka_topics: tuple[Topic, ...]) -> Kafka:
    return Kafka(kafka)


@pytest.fixture
def start_mapper(kafka: str, kafka_topics: tuple[Topic, ...]) -> Iterator[Callable[[], MapperProcess]]:
    """Starts mappers; they are ended after the test."""
    started: list[MapperProcess] = []

    def start() -> MapperProcess:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = os.environ | {
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "METRICS_PORT": str(port),
            "KAFKA_SESSION_TIMEOUT_MS": "6000",  # the broker's least: a killed member is missed soon
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "mapper", "run"],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(MapperProcess(process, port))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()  # leaves the group, so that the next test's mapper need not wait for it to be missed
        assert each.process.stdout is not None
        each.process.stdout.close()
