"""A broker and a database as the library meets them: topics of a test's own, and a schema with its tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from sqlalchemy import Engine, text

from service_runtime.config import Environment
from service_runtime.database import make_engine
from service_runtime.kafka import make_producer
from service_runtime.lifecycle import Loop
from service_runtime.tables import LEASE_V1, OUTBOX_V1
from tests.support.loops import Run, Running

MakeTopic = Callable[..., str]
MakeEngine = Callable[[], Engine]


@pytest.fixture
def options(kafka: str) -> dict[str, str]:
    """Options of a client of the shared broker."""
    return {"bootstrap.servers": kafka}


@pytest.fixture
def admin(options: dict[str, str]) -> AdminClient:
    return AdminClient(dict(options))


@pytest.fixture
def make_topic(admin: AdminClient) -> MakeTopic:
    """Makes a topic that no other test knows."""

    def make(partitions: int = 1, **config: str) -> str:
        name = f"test.{uuid.uuid4().hex}"
        topic = NewTopic(
            name, partitions, 1, config={key.replace("_", "."): value for key, value in config.items()}
        )
        admin.create_topics([topic])[name].result(30)
        return name

    return make


@pytest.fixture
def producer(options: dict[str, str]) -> Producer:
    return make_producer(options, "tests")


@pytest.fixture
def make_service_engine(database_url: str) -> Iterator[MakeEngine]:
    """Engines as replicas of one service have them: pools of their own on one schema."""
    url = Environment({"DATABASE_URL": database_url}).database_url()
    engines: list[Engine] = []

    def make() -> Engine:
        engines.append(make_engine(url, "service", pool_size=4))
        return engines[-1]

    with make().begin() as connection:
        connection.execute(text("CREATE SCHEMA service"))
        connection.execute(text(LEASE_V1))
        connection.execute(text(OUTBOX_V1))
    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(make_service_engine: MakeEngine) -> Engine:
    return make_service_engine()


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs loops in threads of their own; at the end all are stopped, and the test fails if one failed."""
    running: list[Running] = []

    def begin(loop: Loop) -> Running:
        running.append(Running(loop))
        return running[-1]

    yield begin
    for one in running:
        one.stop()
