"""A missing or malformed variable stops the start with one line that says what is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TENANTS = "tenants: [{id: acme, autotask: {username: u, secret: s, integration_code: c}}]"
GOOD = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d",
    "METRICS_PORT": "0",
}


@pytest.mark.parametrize(
    ("changes", "tenants", "named"),
    [
        ({"KAFKA_BOOTSTRAP_SERVERS": ""}, TENANTS, "KAFKA_BOOTSTRAP_SERVERS is not set"),
        ({"DATABASE_URL": ""}, TENANTS, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://secret"}, TENANTS, "wanted postgresql://"),
        ({"TENANTS_FILE": ""}, TENANTS, "TENANTS_FILE is not set"),
        ({"AUTOTASK_ZONE_URL": "ftp://x"}, TENANTS, "AUTOTASK_ZONE_URL"),
        ({"POLL_INTERVAL_SECONDS": "often"}, TENANTS, "POLL_INTERVAL_SECONDS is 'often'"),
        ({"LEASE_SECONDS": "0"}, TENANTS, "LEASE_SECONDS"),
        ({"DLQ_MAX_SHARE": "2"}, TENANTS, "DLQ_MAX_SHARE"),
        ({"METRICS_PORT": "x"}, TENANTS, "METRICS_PORT"),
        ({}, "tenants: [{id: acme}]", "tenants[0].autotask: missing"),
        ({}, "tenants: [{id: acme, autotask: {username: u}}]", "tenants[0].autotask.secret"),
        ({}, TENANTS, "the database can not be used"),
    ],
)
def test_one_line_names_what_is_wrong(
    tmp_path: Path, changes: dict[str, str], tenants: str, named: str
) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_text(tenants)
    surroundings = {"PATH": os.environ["PATH"], "TENANTS_FILE": str(file)} | GOOD | changes
    ended = subprocess.run(
        [sys.executable, "-m", "poller", "run"],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "mysql://secret" not in ended.stderr


def test_unknown_commands_and_arguments_are_refused() -> None:
    for arguments in ([], ["walk"], ["run", "now"], ["migrate", "now"]):
        ended = subprocess.run(
            [sys.executable, "-m", "poller", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1
