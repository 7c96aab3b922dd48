"""The `xero-simulator` command as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = str(Path(sys.executable).with_name("xero-simulator"))


def test_the_command_says_when_it_is_ready_and_ends_cleanly(
    tmp_path: Path, make_document: Callable[..., dict[str, Any]]
) -> None:
    tenants, port_file = tmp_path / "tenants.json", tmp_path / "port"
    tenants.write_text(json_text.dumps([make_document()]))
    process = subprocess.Popen(
        [COMMAND, "--load", str(tenants), "--port-file", str(port_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XERO_KEY_LIFETIME_SECONDS": "12.5"},
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        port = int(port_file.read_text())
        assert ready == f"xero-simulator listens on http://127.0.0.1:{port}\n"
        health = requests.get(f"http://127.0.0.1:{port}/_control/health", timeout=10).json()
        assert (health["status"], health["tenants"]) == ("ok", ["acme"])
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, output, errors) == (0, "", "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_the_command_stops_at_once_with_one_line_about_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"tenant": "acme", "colour": "red"}))
    for arguments, lifetime, part in (
        (["--load", str(bad)], "360", "colour"),
        (["--load", str(tmp_path / "none.json")], "360", "none.json"),
        ([], "soon", "XERO_KEY_LIFETIME_SECONDS"),
    ):
        ended = subprocess.run(
            [COMMAND, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "XERO_KEY_LIFETIME_SECONDS": lifetime},
        )
        assert ended.returncode != 0
        assert len(ended.stderr.splitlines()) == 1
        assert part in ended.stderr
