"""Services are led through the proxies for everything, and what ends by itself is started again."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local_stack.options import StackOptions
from local_stack.services import SERVICES, Surroundings, Targets
from local_stack.stack import Stack
from tests.faults import rig
from tests.faults.kinds import LINKS
from tests.faults.proxy import TcpProxy
from tests.faults.rig import Keeper, why_not_here
from tests.support.waiting import wait_until

REAL = Surroundings(
    bootstrap="127.0.0.1:1",
    logs=Path("/logs"),
    databases={
        name: f"postgresql://postgres@127.0.0.1:2/{name}" for name in SERVICES if SERVICES[name].database
    },
    targets=Targets(
        autotask_zone_url="http://127.0.0.1:3/atservicesrest",
        xero_api_url="http://127.0.0.1:4",
        xero_identity_url="http://127.0.0.1:4",
    ),
)


def test_no_service_is_told_a_way_round_its_proxies() -> None:
    with ExitStack() as opened:
        proxies = {link: opened.enter_context(TcpProxy(lambda: ("127.0.0.1", 9))) for link in LINKS}
        told = rig._through(replace(REAL, bootstrap=proxies["broker"].address), proxies)
    assert told.databases["poller"] == f"postgresql://postgres@{proxies['poller-database'].address}/poller"
    assert told.targets.autotask_zone_url == f"http://{proxies['autotask'].address}/atservicesrest"
    for service in SERVICES.values():
        for name, value in told.environment(service).items():
            assert re.search(r"127\.0\.0\.1:[1-4]\b", value) is None, name


def test_no_stack_forgets_to_reroute_its_services() -> None:
    options = StackOptions(
        services=(), simulators=(), reroute=lambda given: replace(given, bootstrap="proxy:1")
    )
    stack = Stack(options)
    stack._broker = cast("Any", SimpleNamespace(bootstrap="127.0.0.1:1"))
    stack._folder = Path("/folder")
    assert stack._surroundings().bootstrap == "proxy:1"


class Supervisor:
    """Processes that can end, and what was started again."""

    def __init__(self, *names: str) -> None:
        self.running = dict.fromkeys(names, True)
        self.restarted: list[str] = []

    def process(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(running=self.running[name], obituary=lambda: "it ended")

    def restart(self, name: str, *, wait: bool) -> None:
        assert not wait, "whoever waits can not look after the others"
        self.running[name] = True
        self.restarted.append(name)


def test_no_process_stays_away_that_ended_by_itself_and_none_is_started_that_a_fault_holds_down() -> None:
    supervisor = Supervisor("poller", "mapper")
    stack = cast("Stack", SimpleNamespace(supervisor=supervisor))
    with Keeper(stack, ["poller", "mapper"]) as keeper:
        with keeper.held_down(["poller"]):
            supervisor.running = {"poller": False, "mapper": False}
            wait_until(lambda: supervisor.restarted, "a process started again")
            assert supervisor.restarted == ["mapper"]
        wait_until(lambda: supervisor.running["poller"], "the other one, no longer held down")
    assert [death.process for death in keeper.deaths] == ["mapper", "poller"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KAFKA_BOOTSTRAP_SERVERS", "k:1"), ("DATABASE_URL", "postgresql://x"), ("TEST_STACK", "containers")],
)
def test_no_server_of_somebody_else_is_disturbed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "TEST_STACK"):
        monkeypatch.delenv(name, raising=False)
    assert why_not_here() is None
    monkeypatch.setenv(variable, value)
    assert variable in (why_not_here() or "")
