"""The stack starts, watches and ends everything as one, whatever its parts do."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
import yaml
from confluent_kafka.admin import AdminClient

from local_stack.broker import Broker
from local_stack.database import DatabaseServer
from local_stack.errors import ChildDiedError, StackError
from local_stack.options import StackOptions
from local_stack.ports import is_free
from local_stack.process import state
from local_stack.stack import Stack
from local_stack.topics import load_topics

pytestmark = pytest.mark.stack

TENANTS = {"tenants": [{"id": "acme", "name": "Acme Managed IT"}]}
EVERYTHING = [
    "autotask-simulator",
    "xero-simulator",
    "status-api-materialize",
    "status-api-serve",
    "xero-writer",
    "xero-writer-2",
    "mapper",
    "poller",
]


def told(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(requests.get(url, timeout=10).content)
    return answer


def test_everything_comes_up_is_told_where_everything_is_and_leaves_nothing(
    stand_ins: Mapping[str, str], place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins["PYTHONPATH"])
    monkeypatch.setenv("KAFKA_IMAGE", "local/kafka")
    books = tmp_path / "books.json"
    options = StackOptions(
        tenants=TENANTS,
        replicas={"xero-writer": 2},
        autotask_load=[books],
        partitions=1,
        environment={"*": {"LOG_LEVEL": "debug"}, "poller": {"LEASE_SECONDS": "4"}},
    )
    with Stack(options) as stack:
        assert stack.supervisor.names == EVERYTHING
        stack.check()
        known = AdminClient({"bootstrap.servers": stack.bootstrap}).list_topics(timeout=10).topics
        assert {topic.name for topic in load_topics()} <= set(known)

        poller = told(stack.metrics_url("poller"))
        assert poller["KAFKA_BOOTSTRAP_SERVERS"] == stack.bootstrap
        assert poller["AUTOTASK_ZONE_URL"] == stack.simulator_url("autotask") + "/atservicesrest"
        assert not poller["XERO_API_URL"]
        assert (poller["LEASE_SECONDS"], poller["LOG_LEVEL"]) == ("4", "debug")
        assert yaml.safe_load(Path(poller["TENANTS_FILE"]).read_text()) == TENANTS
        assert Path(poller["TENANTS_FILE"]).stat().st_mode & 0o077 == 0
        psycopg2.connect(poller["DATABASE_URL"]).close()

        writer = told(stack.metrics_url("xero-writer-2"))
        assert writer["XERO_API_URL"] == writer["XERO_IDENTITY_URL"] == stack.simulator_url("xero")
        assert writer["LEASE_SECONDS"] is None
        serve = told(stack.status_api_url)
        assert serve["role"] == "serve"
        assert serve["STATUS_API_ADMIN_TOKEN"] == stack.status_api_token
        assert len(stack.status_api_token) >= 16
        mapper = told(stack.metrics_url("mapper"))
        assert not mapper["DATABASE_URL"]
        assert not mapper["TENANTS_FILE"]
        assert not mapper["KAFKA_IMAGE"]  # else it would be taken for an option of the Kafka client
        databases = {poller["DATABASE_URL"], writer["DATABASE_URL"], serve["DATABASE_URL"]}
        assert len(databases) == 3

        assert requests.get(stack.simulator_url("autotask"), timeout=10).text == str(books)
        stack.supervisor.kill("autotask-simulator")
        stack.supervisor.restart("autotask-simulator")
        assert requests.get(stack.simulator_url("autotask"), timeout=10).ok  # where the services look for it

        assert "migrating" in (stack.logs / "poller-migrate.log").read_text()
        pids = [stack.supervisor.process(name).pid for name in EVERYTHING]
        ports = [int(address.rpartition(":")[2].split("/")[0]) for address in stack.addresses().values()]
        assert not any(is_free(port) for port in ports)
    assert all(state(pid) is None for pid in pids)
    assert all(is_free(port) for port in ports)
    assert list(place.iterdir()) == []


def test_a_service_that_dies_while_starting_takes_everything_down_and_says_why(
    stand_ins: Mapping[str, str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins["PYTHONPATH"])
    options = StackOptions(tenants=TENANTS, environment={"mapper": {"DIE": "1"}}, partitions=1)
    with pytest.raises(ChildDiedError, match=r"(?s)mapper ended with exit code 1.*no such thing as luck"):
        Stack(options).start()
    assert list(place.iterdir()) == []


def test_a_migration_that_fails_starts_no_service(
    stand_ins: Mapping[str, str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins["PYTHONPATH"])
    options = StackOptions(tenants=TENANTS, environment={"poller": {"MIGRATE_EXIT": "3"}}, partitions=1)
    stack = Stack(options)
    with pytest.raises(ChildDiedError, match=r"(?s)poller migrate ended with exit code 3.*migrating"):
        stack.start()
    assert "mapper" not in stack.supervisor.names
    assert list(place.iterdir()) == []


def test_a_service_that_dies_later_is_reported_while_watching(
    stand_ins: Mapping[str, str],
    kafka_broker: Broker,
    postgres_server: DatabaseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins["PYTHONPATH"])
    options = StackOptions(
        services=["mapper", "poller"],
        simulators=["autotask"],
        tenants=TENANTS,
        broker=kafka_broker,
        database_server=postgres_server,
        partitions=1,
    )
    with Stack(options) as stack:
        stack.watch(0.1)
        os.kill(stack.supervisor.process("mapper").pid, signal.SIGKILL)
        with pytest.raises(ChildDiedError, match="mapper ended with signal SIGKILL"):
            stack.watch(30)


def test_a_broker_that_dies_is_reported_while_watching() -> None:
    with Stack(StackOptions(services=(), simulators=(), partitions=1)) as stack:
        stack.broker.kill()
        stack.watch(0.1)  # what we ended ourselves is no death
        stack.broker.restart()
        os.kill(stack.broker.process.pid, signal.SIGKILL)  # type: ignore[attr-defined]  # an embedded one has it
        with pytest.raises(ChildDiedError, match="kafka ended with signal SIGKILL"):
            stack.watch(30)


def test_a_shared_broker_and_server_outlive_the_stack_without_its_databases(
    stand_ins: Mapping[str, str],
    kafka_broker: Broker,
    postgres_server: DatabaseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins["PYTHONPATH"])
    options = StackOptions(
        services=["poller"],
        simulators=["autotask"],
        tenants=TENANTS,
        broker=kafka_broker,
        database_server=postgres_server,
    )
    with Stack(options) as stack, Stack(options) as another:
        url = stack.database_url("poller")
        assert url != another.database_url("poller")
        assert stack.metrics_url("poller") != another.metrics_url("poller")
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        psycopg2.connect(url)
    kafka_broker.require_running()
    postgres_server.require_running()


def test_a_kept_stack_leaves_its_logs_and_data(place: Path) -> None:
    with Stack(StackOptions(services=(), simulators=(), keep=True, partitions=1)) as stack:
        folder = stack.folder
    assert (folder / "logs").is_dir()
    assert {path.name.split("-")[0] for path in place.iterdir()} == {"invoice", "kafka", "postgres"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"services": ["poler"]}, "there is no service 'poler'; there are: dashboard, mapper, poller"),
        ({"simulators": ["sage"]}, "there is no simulator 'sage'"),
        ({"replicas": {"writer": 2}}, "there is no service 'writer'"),
        ({"environment": {"writer": {}}}, "there is no service 'writer'"),
        ({"services": ["poller"], "simulators": []}, "poller needs the simulator 'autotask' or targets"),
        (
            {"services": ["xero-writer"], "simulators": []},
            "xero-writer needs the simulator 'xero' or targets",
        ),
        ({"services": ["poller"]}, "these services need tenants"),
        ({"services": ["dashboard"]}, "dashboard needs status-api"),
    ],
)
def test_options_that_can_not_work_are_refused_before_anything_starts(
    options: dict[str, object], complaint: str
) -> None:
    with pytest.raises(StackError) as refusal:
        StackOptions(**options)  # type: ignore[arg-type]  # a table of wrong options
    assert complaint in str(refusal.value)
