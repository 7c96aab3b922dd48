"""TEST_STACK=containers gives the same broker and server, from locally built images."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from confluent_kafka.admin import AdminClient

from local_stack import backends
from local_stack.containers import ContainerKafka, ContainerPostgres
from local_stack.database import has_trigrams
from local_stack.errors import StackError
from local_stack.options import StackOptions
from local_stack.stack import Stack
from local_stack.topics import create_topics, load_topics

TOPICS = {topic.name for topic in load_topics()}


def engine_answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


needs_engine = pytest.mark.skipif(not engine_answers(), reason="no container engine answers")


def ours() -> str:
    """What the engine has of containers that the library made."""
    command = ["docker", "ps", "-aq", "--filter", "label=org.testcontainers"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def in_containers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TEST_STACK", "containers")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    before = ours()
    yield
    assert ours() == before, "a container was left behind"


@pytest.mark.containers
@needs_engine
def test_a_broker_in_a_container_keeps_its_topics_over_pause_kill_and_restart(in_containers: None) -> None:
    broker = backends.broker()
    assert isinstance(broker, ContainerKafka)
    broker.start()
    try:
        create_topics(broker.bootstrap, partitions=1)
        address = broker.bootstrap
        broker.pause()
        broker.resume()
        broker.kill()
        broker.restart()
        assert broker.bootstrap == address
        assert set(AdminClient({"bootstrap.servers": address}).list_topics(timeout=30).topics) >= TOPICS
    finally:
        broker.stop()


@pytest.mark.containers
@needs_engine
def test_a_server_in_a_container_keeps_committed_rows_over_pause_kill_and_restart(
    in_containers: None,
) -> None:
    server = backends.database_server()
    assert isinstance(server, ContainerPostgres)
    server.start()
    try:
        url = server.create_database("ledger")
        with closing(psycopg2.connect(url)) as session:
            session.autocommit = True
            session.cursor().execute("CREATE TABLE ledger AS SELECT 1 AS document")
        server.pause()
        server.resume()
        server.kill()
        server.restart()
        with closing(psycopg2.connect(url)) as session, session.cursor() as cursor:
            cursor.execute("SELECT document, current_setting('fsync') FROM ledger")
            assert cursor.fetchall() == [(1, "off")]
        assert has_trigrams(url)
        server.drop_database(url)
    finally:
        server.stop()


@pytest.mark.containers
@needs_engine
def test_a_stack_runs_on_containers(in_containers: None) -> None:
    with Stack(StackOptions(services=(), simulators=(), partitions=1)) as stack:
        assert isinstance(stack.broker, ContainerKafka)
        assert isinstance(stack.database_server, ContainerPostgres)
        stack.check()


@pytest.mark.containers
@needs_engine
def test_an_image_that_is_not_there_is_named_and_no_container_stays(
    in_containers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_IMAGE", "local/no-such-kafka:0")
    with pytest.raises(StackError, match=r"(?s)local/no-such-kafka:0.*build\.sh"):
        backends.broker().start()


PARENT = """
import sys
from local_stack.options import StackOptions
from local_stack.stack import Stack

Stack(StackOptions(services=(), simulators=(), partitions=1)).start()
print("up", flush=True)
sys.stdin.read()
"""


@pytest.mark.containers
@needs_engine
def test_a_killed_parent_leaves_no_container(
    in_containers: None, eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    before = ours()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    assert len(ours().split()) == len(before.split()) + 2
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert eventually(lambda: ours() == before)


def test_an_unknown_kind_of_stack_is_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_STACK", "podman")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with pytest.raises(StackError, match="TEST_STACK must be one of embedded, containers, not 'podman'"):
        backends.broker()


def test_an_outside_broker_wins_over_the_kind_of_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_STACK", "containers")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert backends.broker().bootstrap == os.environ["KAFKA_BOOTSTRAP_SERVERS"]
