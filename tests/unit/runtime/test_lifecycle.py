"""A service lives and dies as one: no loop ends unnoticed, nothing is left open, the exit code tells why."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence

import pytest

from service_runtime.config import ConfigurationError
from service_runtime.lifecycle import Service, run_command


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The test process gets its own signal handlers back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_loop_goes_on_after_a_signal(number: signal.Signals) -> None:
    service, ended = Service("test"), []

    def sends_signal(stopping: threading.Event) -> None:
        os.kill(os.getpid(), number)
        stopping.wait()
        ended.append("first")

    def waits(stopping: threading.Event) -> None:
        stopping.wait()
        ended.append("second")

    service.loop("first", sends_signal)
    service.loop("second", waits)

    assert service.run() == 0
    assert sorted(ended) == ["first", "second"]


def test_no_failed_loop_leaves_the_others_running() -> None:
    service, ended = Service("test"), []

    def fails(stopping: threading.Event) -> None:
        message = "broken"
        raise ValueError(message)

    def waits(stopping: threading.Event) -> None:
        stopping.wait()
        ended.append("other")

    service.loop("fails", fails)
    service.loop("waits", waits)

    assert service.run() == 1
    assert ended == ["other"]


def test_no_loop_that_ends_by_itself_counts_as_a_clean_end() -> None:
    service = Service("test")
    service.loop("brief", lambda _: None)

    assert service.run() == 1


def test_nothing_is_closed_before_the_loops_ended_or_in_the_wrong_order() -> None:
    service, order = Service("test"), []

    def loop(stopping: threading.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        stopping.wait()
        order.append("loop")

    service.loop("loop", loop)
    service.on_stop("database", lambda: order.append("database"))
    service.on_stop("outbox", lambda: order.append("outbox"))

    assert service.run() == 0
    assert order == ["loop", "outbox", "database"]


def test_no_failure_to_close_keeps_others_open_or_looks_clean() -> None:
    service, order = Service("test"), []

    def fails() -> None:
        message = "broken"
        raise OSError(message)

    service.loop("loop", _stops)
    service.on_stop("database", lambda: order.append("database"))
    service.on_stop("outbox", fails)

    assert service.run() == 1
    assert order == ["database"]


def _stops(stopping: threading.Event) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    stopping.wait()


def test_no_wrong_configuration_ends_in_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    def refuses(arguments: Sequence[str]) -> int:
        message = "DATABASE_URL is not set: wanted postgresql://"
        raise ConfigurationError(message)

    assert run_command("poller", {"run": refuses}, ["run"]) == 2
    assert capsys.readouterr().err == "poller: DATABASE_URL is not set: wanted postgresql://\n"


@pytest.mark.parametrize("arguments", [[], ["fly"], ["--help"]])
def test_no_unknown_command_is_run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("poller", {"run": lambda _: 0, "migrate": lambda _: 0}, arguments) == 2
    assert "COMMAND is one of: run, migrate" in capsys.readouterr().err


def test_no_argument_of_a_command_is_lost() -> None:
    seen: list[Sequence[str]] = []

    def notes(arguments: Sequence[str]) -> int:
        seen.append(arguments)
        return 3

    assert run_command("poller", {"run": notes}, ["run", "--tenant", "acme"]) == 3
    assert seen == [["--tenant", "acme"]]
