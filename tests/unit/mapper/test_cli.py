from __future__ import annotations

import os
import subprocess
import sys

import pytest


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
    return subprocess.run(
        [sys.executable, "-m", "mapper", *arguments],
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "METRICS_PORT": "many"}, "METRICS_PORT"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "DLQ_MAX_SHARE": "1.5"}, "DLQ_MAX_SHARE"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_one_line_that_names_it(
    variables: dict[str, str], name: str
) -> None:
    ended = run("run", **variables)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"mapper: {name} ")
    assert "wanted" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [(), ("fly",), ("run", "fast")])
def test_an_unknown_command_is_not_taken_for_run(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert ended.returncode == 2
    assert "mapper" in ended.stderr
