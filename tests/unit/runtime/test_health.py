"""The probes say what they should and nothing more; they ask neither broker nor database."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from service_runtime import database, metrics
from service_runtime import health as health_module
from service_runtime.config import ConfigurationError
from service_runtime.health import Health, HealthServer


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def server(health: Health) -> Iterator[HealthServer]:
    running = HealthServer(health, 0, "127.0.0.1")
    running.start()
    yield running
    running.stop()


def _get(server: HealthServer, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_no_loop_that_hangs_is_called_alive(health: Health, server: HealthServer) -> None:
    health.beat("intake", patience=60)
    assert _get(server, "/healthz") == (200, json.dumps({"alive": True, "stalled": []}))

    health.beat("outbox", patience=-1)

    assert _get(server, "/healthz") == (503, json.dumps({"alive": False, "stalled": ["outbox"]}))


def test_no_loop_is_called_hung_while_a_statement_takes_its_whole_timeout(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr(health_module, "time", SimpleNamespace(monotonic=lambda: clock))
    health.beat("intake")

    clock += database._STATEMENT_TIMEOUT_MS / 1000 + database._CONNECT_TIMEOUT_SECONDS + 1
    assert health.stalled() == []

    clock += 3600
    assert health.stalled() == ["intake"]


def test_no_loop_that_ended_on_purpose_is_missed(health: Health, server: HealthServer) -> None:
    health.beat("table", patience=-1)
    health.forget("table")
    health.forget("never seen")

    assert _get(server, "/healthz")[0] == 200


def test_no_service_is_ready_before_everything_it_needs_is(health: Health, server: HealthServer) -> None:
    state: dict[str, str | None] = {"table": "sync.settings is not read yet"}
    health.ready_when("table", lambda: state["table"])
    health.ready_when("database", lambda: None)

    status, body = _get(server, "/readyz")
    assert (status, json.loads(body)) == (
        503,
        {"ready": False, "missing": {"table": "sync.settings is not read yet"}},
    )

    state["table"] = None
    assert _get(server, "/readyz")[0] == 200


def test_no_condition_that_fails_is_taken_for_fulfilled(health: Health, server: HealthServer) -> None:
    answers: dict[str, str] = {}
    health.ready_when("odd", lambda: answers["nothing here"])

    status, body = _get(server, "/readyz")

    assert (status, json.loads(body)["missing"]) == (503, {"odd": "can not be told: KeyError"})


def test_no_stalled_loop_makes_a_service_unready_and_no_condition_dead(
    health: Health, server: HealthServer
) -> None:
    health.beat("intake", patience=-1)
    health.ready_when("table", lambda: "not read yet")

    assert _get(server, "/healthz")[0] == 503
    health.forget("intake")
    assert _get(server, "/healthz")[0] == 200


def test_no_metric_is_missing_from_the_page(server: HealthServer) -> None:
    metrics.lease_held.labels("acme").set(1)

    status, body = _get(server, "/metrics?x=1")

    assert status == 200
    assert 'invoice_sync_lease_held{tenant="acme"} 1.0' in body


def test_no_other_page_is_served(server: HealthServer) -> None:
    assert _get(server, "/")[0] == 404


def test_no_taken_port_ends_in_a_trace() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigurationError, match=f"METRICS_PORT {port} can not be used .*wanted a free port"
        ):
            HealthServer(Health(), port, "127.0.0.1")


def test_no_server_that_never_started_hangs_when_stopped() -> None:
    HealthServer(Health(), 0, "127.0.0.1").stop()
