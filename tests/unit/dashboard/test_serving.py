"""The process: wrong variables are refused by name, and it is ready once status-api has answered."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from flask import Flask

from dashboard.bootstrap import ServeConfig, ServedPages
from dashboard.server.sessions import Sessions
from service_runtime.config import ConfigurationError, Environment
from tests.support.waiting import wait_until
from tests.unit.dashboard.conftest import KEY
from tests.unit.dashboard.stand_in import StandIn

GOOD = {"STATUS_API_URL": "http://status-api:8080", "DASHBOARD_SESSION_KEY": KEY}
WRONG = [
    ("STATUS_API_URL", ""),
    ("STATUS_API_URL", "status-api"),
    ("STATUS_API_URL", "ftp://status-api"),
    ("DASHBOARD_SESSION_KEY", ""),
    ("DASHBOARD_SESSION_KEY", "short"),
    ("DASHBOARD_PORT", "many"),
    ("DASHBOARD_PORT", "70000"),
    ("METRICS_PORT", "-1"),
]


def test_good_variables_are_taken() -> None:
    config = ServeConfig.read(Environment(GOOD))
    assert (config.status_api_url, config.port, config.metrics_port) == ("http://status-api:8080", 8050, 9100)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_variable_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refused:
        ServeConfig.read(Environment(GOOD | {name: value}))
    assert "wanted" in str(refused.value)
    assert KEY not in str(refused.value)


def started(arguments: list[str], **changes: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        env={**os.environ, **GOOD, **changes},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_the_process_ends_with_one_line_and_no_trace() -> None:
    code, said = started(["serve"], DASHBOARD_SESSION_KEY="short")
    assert code == 2
    assert len(said.splitlines()) == 1
    assert "DASHBOARD_SESSION_KEY" in said


def test_a_port_that_is_taken_is_told_by_its_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        code, said = started(["serve"], DASHBOARD_PORT=str(taken.getsockname()[1]), METRICS_PORT="0")
    assert code == 2
    assert "DASHBOARD_PORT" in said.splitlines()[-1]


def test_a_command_that_is_none_is_refused() -> None:
    for arguments in ([], ["sreve"], ["serve", "now"]):
        code, said = started(arguments)
        assert code == 2
        assert "Traceback" not in said


@contextmanager
def served(status_api: StandIn) -> Iterator[tuple[Flask, Callable[[str], requests.Response]]]:
    config = ServeConfig(status_api.url, Sessions([KEY]), 0, 0)
    running = ServedPages.start(config, lambda: None, lambda: False)
    try:
        yield (
            running.application,
            lambda path: requests.get(f"http://127.0.0.1:{running.probes.port}/{path}", timeout=10),
        )
    finally:
        running.stop()


def test_it_is_not_ready_before_the_service_answered_once_and_no_outage_takes_the_page_away_afterwards(
    status_api: StandIn,
) -> None:
    with served(status_api) as (_, probe):
        assert probe("readyz").status_code == 503
        assert "status-api" in json.dumps(probe("readyz").text)
        assert probe("healthz").status_code == 200
        status_api.tell("GET", "/healthz", {"alive": True})
        wait_until(lambda: probe("readyz").status_code == 200, "readiness")
        status_api.tell("GET", "/healthz", {"alive": False}, 503)
        assert probe("readyz").status_code == 200
        assert probe("metrics").status_code == 200
