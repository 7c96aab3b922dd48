"""`status-api serve` and `materialize` as processes: ports, seeding, publishing, signals, and life without Kafka."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from local_stack.topics import Topic
from tests.integration.status_api.conftest import TOKEN, ReadModel, outbox_events
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack

_TENANTS = """
tenants:
  - id: acme
    name: Acme Managed IT
    autotask: {username: api@acme.example, secret: "autotask-secret-1", integration_code: "tracking-1"}
    xero: {client_id: "client-1", client_secret: "xero-secret-1"}
    state: active
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A running process of status-api."""

    def __init__(self, process: subprocess.Popen[str], port: int, metrics_port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.metrics_url = f"http://127.0.0.1:{metrics_port}"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {TOKEN}"

    def answers(self, url: str) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the process ended with {self.process.returncode}")
        try:
            return requests.get(url, timeout=5).ok
        except requests.ConnectionError:
            return False


@contextmanager
def process(role: str, folder: Path, database_url: str, bootstrap: str, **more: str) -> Iterator[Served]:
    """A process that is ended with SIGTERM and has to end well."""
    port, metrics_port = free_port(), free_port()
    tenants = folder / "tenants.yaml"
    if not tenants.exists():
        tenants.write_text(_TENANTS)
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "TENANTS_FILE": str(tenants),
        "STATUS_API_PORT": str(port),
        "METRICS_PORT": str(metrics_port),
        "STATUS_API_ADMIN_TOKEN": TOKEN,
        **more,
    }
    log = folder / f"{role}.log"
    with log.open("w") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "status_api", role],
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    served = Served(child, port, metrics_port)
    try:
        first = served.url + "/healthz" if role == "serve" else served.metrics_url + "/readyz"
        wait_until(lambda: served.answers(first), f"{role} to answer")
        yield served
        child.send_signal(signal.SIGTERM)
        assert child.wait(40) == 0, log.read_text()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        served.session.close()
    text = log.read_text()
    assert "secret-1" not in text
    assert TOKEN not in text


@pytest.fixture
def url(migrated_url: str) -> str:
    return migrated_url.replace("postgresql+psycopg2://", "postgresql://")


def test_a_command_goes_from_http_to_the_topic_and_its_fate_comes_back(
    tmp_path: Path, url: str, kafka: str, kafka_topics: tuple[Topic, ...], read_model: ReadModel
) -> None:
    topics = Topics(kafka)
    with process("serve", tmp_path, url, kafka) as serve, process("materialize", tmp_path, url, kafka):
        api = f"{serve.url}/api/v1/tenants"
        assert serve.session.get(api).json()["items"][0]["tenant_id"] == "acme"
        command_id = serve.session.post(f"{api}/acme/commands", json={"kind": "sync-now"}).json()[
            "command_id"
        ]
        sent = wait_until(
            lambda: [event for event in topics.events("sync.commands") if event["command_id"] == command_id],
            "the command in its topic",
        )
        announced = [event for event in topics.events("sync.settings") if event["tenant_id"] == "acme"]
        assert announced[-1]["state"] == "active"
        result = {
            "event_id": f"{command_id}-done", "command_id": command_id, "tenant_id": "acme", "kind": "sync-now",
            "document": None, "service": "poller", "occurred_at": sent[0]["issued_at"], "state": "done",
            "reason": None, "answer": None,
        }  # fmt: skip
        topics.send("sync.command-results", result)
        wait_until(
            lambda: serve.session.get(f"{api}/acme/commands/{command_id}").json()["state"] == "done",
            "the command to be done",
        )
        wait_until(
            lambda: serve.session.get(f"{api}/acme/overview").json()["as_of"], "the age of the read model"
        )
        metrics = requests.get(f"{serve.metrics_url}/metrics", timeout=5).text
        assert 'route="/api/v1/tenants/<tenant_id>/overview",status="200"' in metrics


def test_reading_and_commanding_go_on_without_kafka(tmp_path: Path, url: str, read_model: ReadModel) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with process("serve", tmp_path, url, nowhere) as serve:
        answer = serve.session.post(f"{serve.url}/api/v1/tenants/acme/commands", json={"kind": "sync-now"})
        assert answer.status_code == 202
        assert serve.session.get(f"{serve.url}/api/v1/tenants/acme/overview").status_code == 200
        assert requests.get(f"{serve.metrics_url}/readyz", timeout=5).status_code == 200
    assert len(outbox_events(read_model, "sync.commands")) == 1


def test_a_tenant_added_to_the_file_is_taken_in_without_a_restart(
    tmp_path: Path, url: str, read_model: ReadModel
) -> None:
    with process("serve", tmp_path, url, f"127.0.0.1:{free_port()}") as serve:
        (tmp_path / "tenants.yaml").write_text(_TENANTS + "  - {id: beta, name: Beta}\n")
        wait_until(
            lambda: len(serve.session.get(f"{serve.url}/api/v1/tenants").json()["items"]) == 2,
            "the new tenant",
        )
        (tmp_path / "tenants.yaml").write_text("tenants: nonsense")
        assert len(serve.session.get(f"{serve.url}/api/v1/tenants").json()["items"]) == 2


@pytest.mark.parametrize(
    ("role", "change", "words"),
    [
        ("serve", {"STATUS_API_ADMIN_TOKEN": "short"}, "STATUS_API_ADMIN_TOKEN"),
        ("serve", {"STATUS_API_PORT": "http"}, "STATUS_API_PORT"),
        ("serve", {"TENANTS_FILE": "/nowhere.yaml"}, "TENANTS_FILE"),
        ("serve", {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ("serve", {"KAFKA_BOOTSTRAP_SERVERS": ""}, "KAFKA_BOOTSTRAP_SERVERS"),
        ("materialize", {"DATABASE_URL": ""}, "DATABASE_URL"),
        ("materialize", {"DLQ_MAX_SHARE": "2"}, "DLQ_MAX_SHARE"),
        ("migrate", {"DATABASE_URL": ""}, "DATABASE_URL"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_one_line_that_names_it(
    tmp_path: Path, url: str, role: str, change: dict[str, str], words: str
) -> None:
    tenants = tmp_path / "tenants.yaml"
    tenants.write_text(_TENANTS)
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "TENANTS_FILE": str(tenants),
        **change,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "status_api", role],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert words in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_named(tmp_path: Path, url: str, read_model: ReadModel) -> None:
    tenants = tmp_path / "tenants.yaml"
    tenants.write_text(_TENANTS)
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        env = {
            **os.environ,
            "DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "TENANTS_FILE": str(tenants),
            "STATUS_API_PORT": str(taken.getsockname()[1]),
            "METRICS_PORT": "0",
        }
        ended = subprocess.run(
            [sys.executable, "-m", "status_api", "serve"],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert "STATUS_API_PORT" in ended.stderr
