"""A missing or malformed variable stops the start with one line that says what is wanted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from poller.bootstrap import read_config
from service_runtime.config import ConfigurationError, Environment

TENANTS = "tenants: [{id: acme, autotask: {username: u, secret: s, integration_code: c}}]"
GOOD = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d",
    "METRICS_PORT": "0",
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://hidden"}, "wanted postgresql://"),
        ({"TENANTS_FILE": ""}, "TENANTS_FILE is not set"),
        ({"AUTOTASK_ZONE_URL": "ftp://x"}, "AUTOTASK_ZONE_URL"),
        ({"POLL_INTERVAL_SECONDS": "often"}, "POLL_INTERVAL_SECONDS is 'often'"),
        ({"LEASE_SECONDS": "0"}, "LEASE_SECONDS"),
        ({"DLQ_MAX_SHARE": "2"}, "DLQ_MAX_SHARE"),
        ({"METRICS_PORT": "x"}, "METRICS_PORT"),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_wanted(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(named)) as caught:
        read_config(Environment({"TENANTS_FILE": "/tenants.yaml"} | GOOD | changes))
    assert "mysql://hidden" not in str(caught.value)


def test_the_defaults_are_those_that_are_documented() -> None:
    config = read_config(Environment({"TENANTS_FILE": "/tenants.yaml"} | GOOD))
    assert (config.lease_seconds, config.poll_interval) == (120.0, 300.0)
    assert config.zone_root == "https://webservices.autotask.net/atservicesrest"


@pytest.mark.parametrize(("lease", "call"), [("120", 60.0), ("600", 60.0), ("4", 2.0)])
def test_a_lease_lasts_at_least_two_calls(lease: str, call: float) -> None:
    config = read_config(Environment({"TENANTS_FILE": "/tenants.yaml", "LEASE_SECONDS": lease} | GOOD))
    assert config.call_seconds == call


@pytest.mark.parametrize(
    ("changes", "tenants", "named"),
    [
        ({"KAFKA_BOOTSTRAP_SERVERS": ""}, TENANTS, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        ({}, "tenants: [{id: acme}]", "tenants[0].autotask: missing"),
        ({}, TENANTS, "the database can not be used"),
    ],
)
def test_the_start_ends_with_one_line_and_code_2(
    tmp_path: Path, changes: dict[str, str], tenants: str, named: str
) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_text(tenants)
    surroundings = {"PATH": os.environ["PATH"], "TENANTS_FILE": str(file)} | GOOD | changes
    ended = run("run", surroundings)
    assert ended.returncode == 2
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_unknown_commands_and_arguments_are_refused() -> None:
    for arguments in ([], ["walk"], ["run", "now"]):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1


def run(*arguments: str | dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command; a dictionary among the arguments is its environment."""
    words = [each for each in arguments if isinstance(each, str)]
    surroundings = next((each for each in arguments if isinstance(each, dict)), None)
    command = [sys.executable, "-m", "poller", *words]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
