"""The command itself: over a real socket, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest
import requests

from simulators.books import generate_plain
from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "simulators.autotask.cli"]


@pytest.fixture
def books_file(tmp_path: Path) -> Path:
    file = tmp_path / "autotask.json"
    (tenant,) = generate_plain(3, today=date(2026, 11, 22)).tenants
    file.write_text(json_text.dumps([tenant.autotask]))
    return file


@pytest.fixture
def running(books_file: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port_file = tmp_path / "port"
    options = ["--load", str(books_file), "--port-file", str(port_file)]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert port_file.read_text().strip() in ready
            yield process, f"http://127.0.0.1:{port_file.read_text().strip()}"
        finally:
            process.kill()


def test_zone_discovery_always_leads_to_an_address_that_answers(
    running: tuple[subprocess.Popen[str], str],
) -> None:
    process, root = running
    user = "api@plain.example"
    zone = requests.get(
        f"{root}/atservicesrest/v1.0/zoneInformation", params={"user": user}, timeout=30
    ).json()
    headers = {"UserName": user, "Secret": "autotask-plain-made-up", "ApiIntegrationCode": "CODE-PLAIN"}
    everything = {"filter": [{"op": "gte", "field": "id", "value": 0}], "MaxRecords": 2}
    with requests.Session() as session:
        session.headers.update(headers)
        first = session.post(f"{zone['url']}v1.0/Invoices/query", json=everything, timeout=30).json()
        second = session.post(first["pageDetails"]["nextPageUrl"], json=everything, timeout=30).json()
    assert len(first["items"] + second["items"]) == 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_a_bad_file_stops_the_command_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"tenant": "acme", "user": "x"}')
    done = subprocess.run(
        [*COMMAND, "--load", str(file)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "unknown member user" in done.stderr
    assert len(done.stderr.splitlines()) == 1
