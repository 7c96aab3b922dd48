"""`local-stack up` and `down`: left running, found again, and gone without a trace whichever way it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import requests

from local_stack.process import state
from local_stack.state_file import RunningStack, read_state

pytestmark = pytest.mark.stack

Eventually = Callable[[Callable[[], bool]], bool]
LocalStack = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "build" / "stack.json"


@pytest.fixture
def environment(stand_ins: Mapping[str, str], place: Path) -> dict[str, str]:
    return {**os.environ, **stand_ins, "TMPDIR": str(place)}


@pytest.fixture
def local_stack(environment: dict[str, str], state_file: Path) -> LocalStack:
    def run(name: str, *arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "local_stack", name, "--state", str(state_file), *arguments],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def running(state_file: Path) -> RunningStack:
    found = read_state(state_file)
    assert found is not None
    return found


def test_up_leaves_it_running_and_down_leaves_nothing(
    local_stack: LocalStack, state_file: Path, place: Path
) -> None:
    up = local_stack("up", "--invoices", "1")
    assert up.returncode == 0, up.stderr
    stack = running(state_file)
    assert stack.addresses["status-api-serve"] in up.stdout
    assert requests.get(stack.addresses["status-api-serve"], timeout=10).ok
    assert stack.token in up.stdout
    pages = stack.addresses["dashboard-serve"]
    assert f"sign in at {pages} as {stack.sign_in['email']} with {stack.sign_in['password']}" in up.stdout
    assert requests.get(pages, timeout=10).json()["STATUS_API_URL"] == stack.addresses["status-api-serve"]
    assert state_file.stat().st_mode & 0o077 == 0

    again = local_stack("up")
    assert again.returncode == 1
    assert "is up already. Type: make down" in again.stderr

    down = local_stack("down")
    assert down.returncode == 0, down.stderr
    assert not stack.alive
    assert list(place.iterdir()) == []
    assert not state_file.exists()
    assert "no stack is up" in local_stack("down").stdout


def test_a_killed_owner_leaves_nothing_and_is_no_obstacle(
    local_stack: LocalStack, state_file: Path, place: Path, eventually: Eventually
) -> None:
    assert local_stack("up").returncode == 0
    stack = running(state_file)
    os.kill(stack.pid, signal.SIGKILL)
    assert eventually(lambda: not stack.alive)
    assert eventually(lambda: not list(place.iterdir()))
    assert "no stack is up" in local_stack("down").stdout
    assert local_stack("up").returncode == 0
    assert local_stack("down").returncode == 0


def test_a_service_that_dies_ends_it_all_and_its_last_words_are_in_the_log(
    local_stack: LocalStack, state_file: Path, place: Path, eventually: Eventually
) -> None:
    assert local_stack("up").returncode == 0
    stack = running(state_file)
    with pytest.raises(requests.ConnectionError):
        requests.get(stack.addresses["metrics of mapper"].replace("/metrics", "/die"), timeout=10)
    assert eventually(lambda: not stack.alive)
    assert "mapper ended with exit code 9" in state_file.with_suffix(".log").read_text()
    assert eventually(lambda: not list(place.iterdir()))


def test_a_stack_that_does_not_come_up_says_why_in_one_place(
    local_stack: LocalStack, place: Path, state_file: Path
) -> None:
    up = local_stack("up", DIE="1")
    assert up.returncode == 1
    assert "did not come up" in up.stderr
    assert up.stdout.count("no such thing as luck") == 1
    assert list(place.iterdir()) == []
    assert read_state(state_file) is None


def test_a_missing_tenants_file_is_refused_by_its_variable(local_stack: LocalStack, place: Path) -> None:
    up = local_stack("up", TENANTS_FILE="/no/such/file.yaml")
    assert up.returncode == 1
    assert "TENANTS_FILE names /no/such/file.yaml, which is no file" in up.stderr
    up = local_stack("up", XERO_API_URL="https://api.example")
    assert "XERO_API_URL is set, so TENANTS_FILE must name the file" in up.stderr
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, "early"), (signal.SIGTERM, "broker starting"), (signal.SIGINT, "up")],
)
def test_a_signal_at_any_moment_unwinds_everything(
    environment: dict[str, str],
    state_file: Path,
    place: Path,
    eventually: Eventually,
    number: signal.Signals,
    moment: str,
) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-m", "local_stack", "up", "--foreground", "--state", str(state_file)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    moments: dict[str, Callable[[], bool]] = {
        "early": lambda: any(place.iterdir()),
        "broker starting": lambda: any(place.glob("kafka-*/kafka.log")),
        "up": lambda: read_state(state_file) is not None,
    }
    assert eventually(moments[moment])
    owner.send_signal(number)
    output, _ = owner.communicate(timeout=120)
    assert owner.returncode == 0, output
    assert "the stack is down" in output
    assert eventually(lambda: not list(place.iterdir()))
    assert not state_file.exists()
    assert state(owner.pid) is None
    assert not re.search("Traceback", output)
