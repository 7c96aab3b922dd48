"""A wrong or missing value stops a service at start with one line that names it and says what is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "s3cr3t-never-shown"
TENANTS = f"""
tenants:
  - id: acme
    name: Acme
    autotask: {{username: api@acme.example, secret: {SECRET}, integration_code: CODE}}
    xero: {{client_id: client, client_secret: {SECRET}}}
"""
SERVICES = {"poller": "run", "mapper": "run", "xero_writer": "run", "status_api": "serve"}
GOOD = {
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "DATABASE_URL": f"postgresql://user:{SECRET}@127.0.0.1:1/nowhere",
    "STATUS_API_ADMIN_TOKEN": "a-token-that-is-long-enough",
    "METRICS_PORT": "0",
    "STATUS_API_PORT": "0",
    "KAFKA_SOCKET_CONNECTION_SETUP_TIMEOUT_MS": "1000",
}


def _start(
    package: str, tmp_path: Path, changes: dict[str, str | None], tenants: str | None = TENANTS
) -> tuple[int, str]:
    file = tmp_path / "tenants.yaml"
    if tenants is not None:
        file.write_text(tenants)
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(
            (
                "KAFKA_",
                "DATABASE_",
                "TENANTS_",
                "XERO_",
                "AUTOTASK_",
                "LEASE_",
                "POLL_",
                "STATUS_",
                "METRICS_",
                "LOG_",
            )
        )
    }
    environment = (
        own
        | GOOD
        | {"TENANTS_FILE": str(file)}
        | {name: value for name, value in changes.items() if value is not None}
    )
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
    ended = subprocess.run(
        [sys.executable, "-m", package, SERVICES[package]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


CASES = [
    *((package, {"KAFKA_BOOTSTRAP_SERVERS": None}, "KAFKA_BOOTSTRAP_SERVERS") for package in SERVICES),
    *(
        (package, {"DATABASE_URL": None}, "DATABASE_URL")
        for package in ("poller", "xero_writer", "status_api")
    ),
    *(
        (package, {"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL")
        for package in ("poller", "xero_writer", "status_api")
    ),
    *((package, {"TENANTS_FILE": None}, "TENANTS_FILE") for package in ("poller", "xero_writer")),
    *((package, {"METRICS_PORT": "many"}, "METRICS_PORT") for package in SERVICES),
    *((package, {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL") for package in SERVICES),
    ("poller", {"POLL_INTERVAL_SECONDS": "soon"}, "POLL_INTERVAL_SECONDS"),
    ("poller", {"AUTOTASK_ZONE_URL": "ftp://zone"}, "AUTOTASK_ZONE_URL"),
    ("xero_writer", {"XERO_KEY_LIFETIME_SECONDS": "-1"}, "XERO_KEY_LIFETIME_SECONDS"),
    ("xero_writer", {"LEASE_SECONDS": "30"}, "LEASE_SECONDS"),
    ("xero_writer", {"XERO_API_URL": "xero"}, "XERO_API_URL"),
    ("status_api", {"STATUS_API_ADMIN_TOKEN": "short"}, "STATUS_API_ADMIN_TOKEN"),
]


@pytest.mark.parametrize(
    ("package", "changes", "named"), CASES, ids=lambda value: str(value).replace("'", "")
)
def test_a_wrong_variable_is_not_guessed_around(
    package: str, changes: dict[str, str | None], named: str, tmp_path: Path
) -> None:
    code, said = _start(package, tmp_path, changes)
    _assert_one_line(code, said, named)


@pytest.mark.parametrize(
    ("tenants", "named"),
    [
        ("tenants: {", "TENANTS_FILE"),
        ("people: []", "tenants"),
        (TENANTS.replace("id: acme", "id: Acme Ltd"), "tenants[0].id"),
        (TENANTS.replace("xero:", "zero:"), "tenants[0].zero"),
        (TENANTS + "    settings: {days_back: 0}\n", "days_back"),
        (TENANTS + "    settings: {invoice_numbers: mine}\n", "invoice_numbers"),
        (TENANTS + "    time_zone: Middle/Earth\n", "time_zone"),
        (TENANTS + TENANTS.replace("tenants:", "").replace("id: acme", "id: other"), "share"),
    ],
)
def test_a_wrong_tenants_file_names_the_place(tenants: str, named: str, tmp_path: Path) -> None:
    for package in ("poller", "xero_writer"):
        code, said = _start(package, tmp_path, {}, tenants)
        _assert_one_line(code, said, named)


@pytest.mark.parametrize("package", ["poller", "xero_writer"])
def test_a_database_that_does_not_answer_is_named_without_its_password(package: str, tmp_path: Path) -> None:
    code, said = _start(package, tmp_path, {})
    _assert_one_line(code, said, "DATABASE_URL")


def _assert_one_line(code: int, said: str, named: str) -> None:
    lines = [
        line for line in said.splitlines() if line and not line.startswith("%")
    ]  # librdkafka's own lines begin so
    assert code == 2, said
    assert len(lines) == 1, said
    assert named in lines[0]
    assert "wanted" in lines[0]
    assert SECRET not in said
