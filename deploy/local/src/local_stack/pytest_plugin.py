"""Fixtures for tests that need a real broker or database: one of each per test session, as TEST_STACK says.

Use: `pytest_plugins = ["local_stack.pytest_plugin"]` in tests/conftest.py. Nothing starts unless it is asked for.
"""

import secrets
from collections.abc import Iterator

import pytest

from local_stack.backends import broker, database_server
from local_stack.broker import Broker
from local_stack.database import DatabaseServer
from local_stack.kafka import EmbeddedKafka
from local_stack.postgres import EmbeddedPostgres, PostgresOptions, why_no_false_clock
from local_stack.registry import EmbeddedRegistry
from local_stack.topics import Topic, create_topics

TEST_PARTITIONS = 3  # enough to see a wrong order, quick to make


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[Broker]:
    """The session's shared broker; tests that pause or kill take `own_kafka`."""
    shared = broker()
    shared.start()
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def kafka(kafka_broker: Broker) -> str:
    """Bootstrap address of the session's shared broker. It has no topics: see `kafka_topics`."""
    return kafka_broker.bootstrap


@pytest.fixture(scope="session")
def kafka_topics(kafka: str) -> tuple[Topic, ...]:
    """The shared broker has every topic of deploy/topics.yaml, with at most 3 partitions each."""
    return create_topics(kafka, partitions=TEST_PARTITIONS)


@pytest.fixture
def own_kafka() -> Iterator[EmbeddedKafka]:
    """A broker of the test's own, without topics, to pause, kill and restart."""
    own = EmbeddedKafka()
    own.start()
    yield own
    own.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[DatabaseServer]:
    """The session's shared PostgreSQL server; tests that pause or kill take `own_postgres`."""
    shared = database_server()
    shared.start()
    yield shared
    shared.stop()


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, to pause, kill and restart."""
    own = EmbeddedPostgres()
    own.start()
    yield own
    own.stop()


@pytest.fixture
def own_clocked_postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own whose wall clock may be set: `step_clock(seconds)`."""
    reason = why_no_false_clock()
    if reason is not None:
        pytest.skip(reason)
    own = EmbeddedPostgres(PostgresOptions(false_clock=True))
    own.start()
    yield own
    own.stop()


@pytest.fixture
def database_url(postgres_server: DatabaseServer) -> Iterator[str]:
    """URL of a fresh empty database of the test's own."""
    yield from _database(postgres_server)


@pytest.fixture(scope="module")
def module_database_url(postgres_server: DatabaseServer) -> Iterator[str]:
    """URL of a database that the tests of one module share."""
    yield from _database(postgres_server)


@pytest.fixture(scope="session")
def schema_registry() -> Iterator[str]:
    """URL (for SCHEMA_REGISTRY_URL) of the session's schema registry with Confluent's API."""
    registry = EmbeddedRegistry()
    registry.start()
    yield registry.url
    registry.stop()


def _database(server: DatabaseServer) -> Iterator[str]:
    url = server.create_database(f"test_{secrets.token_hex(4)}")
    yield url
    server.drop_database(url)
