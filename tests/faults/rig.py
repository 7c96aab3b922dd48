"""The suite with a proxy on each of its links, and somebody who starts again what ended by itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from local_stack.control import SimulatorControl
from local_stack.errors import StackError
from local_stack.kafka import EmbeddedKafka
from local_stack.kafka_cluster import KafkaCluster
from local_stack.options import StackOptions
from local_stack.services import Surroundings
from local_stack.stack import Stack
from local_stack.status_client import StatusClient
from simulators.books.model import Books, TenantBooks
from simulators.kit import json_text
from tests.end_to_end.suite import Suite
from tests.faults.history import Death
from tests.faults.kinds import BROKER, LINKS
from tests.faults.proxy import Bundle, Mode, TcpProxy
from tests.support.topics import Topics

KEY_LIFETIME_SECONDS = 18
"""A twentieth of the real one: a call has three seconds, which a busy machine keeps."""
LEASE_SECONDS = 7
_POLL_SECONDS = 2
REPLICAS: Mapping[str, int] = {"poller": 2, "mapper": 2, "xero-writer": 2}
EVERYTHING_TWICE: Mapping[str, int] = {**REPLICAS, "status-api": 2}
_LOOK_EVERY_SECONDS = 0.5
_XERO_LIMITS = {"minute_limit": 60 * 20, "day_limit": 5000 * 20}
"""Xero's, as if minutes and days were as much shorter as the life of its keys."""
_AUTOTASK_LIMITS = {"hourly_limit": 10_000 * 20}
XERO_ANSWER_SECONDS = 0.4
"""How long Xero takes, so that faults find calls under way."""
_AUTOTASK_ANSWER_SECONDS = 0.05


_WHAT_APPEARS = ("Invoices", "BillingItems", "PurchaseOrders", "PurchaseOrderItems")


class Keeper:
    """Starts processes again that ended by themselves, as an orchestrator does; not those that a fault holds down."""

    def __init__(self, stack: Stack, processes: Sequence[str]) -> None:
        self._stack = stack
        self._processes = processes
        self._held_down: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self.deaths: list[Death] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    @contextmanager
    def held_down(self, processes: Sequence[str]) -> Iterator[None]:
        """For as long as this lasts, these processes are somebody else's business."""
        with self._lock:
            self._held_down |= set(processes)
        try:
            yield
        finally:
            with self._lock:
                self._held_down -= set(processes)

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_SECONDS):
            with self._lock:  # a fault that begins now waits until this look is over
                for name in self._processes:
                    process = self._stack.supervisor.process(name)
                    if name not in self._held_down and not process.running:
                        self.deaths.append(Death(name, datetime.now(UTC), process.obituary()))
                        self._stack.supervisor.restart(name, wait=False)


class Rig:
    """A running suite whose links can be disturbed."""

    def __init__(self, suite: Suite, proxies: Mapping[str, TcpProxy | Bundle], keeper: Keeper) -> None:
        self.suite = suite
        self.proxies = proxies
        self.keeper = keeper

    def heal(self) -> None:
        """Nothing is disturbed any more."""
        for proxy in self.proxies.values():
            proxy.set(Mode.OPEN)
        self.forget_planted()

    def forget_planted(self) -> None:
        """The simulators spoil no call any more."""
        self.suite.autotask.clear_faults()
        self.suite.xero.clear_faults()


def why_not_here() -> str | None:
    """Why this machine's settings forbid fault runs: broker and database have to be our own children; None = they do not."""
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"):
        if os.environ.get(name, "").strip():
            return f"{name} is set: servers of somebody else are neither cut off nor restarted"
    if os.environ.get("TEST_STACK", "").strip() not in {"", "embedded"}:
        return "TEST_STACK names containers, whose broker can not advertise a proxy"
    return None


@contextmanager
def running_rig(
    books: Books,
    folder: Path,
    *,
    replicas: Mapping[str, int] = REPLICAS,
    nodes: int = 1,
    false_clock: bool = False,
    keep: bool = False,
) -> Iterator[Rig]:
    """Start the suite behind proxies, nothing to be synced in Autotask yet.

    Args:
        books: of both sides.
        folder: for the simulators' files.
        replicas: of each service that is to have more than one.
        nodes: of the broker, each behind a proxy of its own.
        false_clock: the database's clock can be moved.
        keep: leave the stack's folder with its logs behind.

    Raises:
        StackError: it did not come up.
    """
    with ExitStack() as opened:
        started: list[Stack] = []
        proxies: dict[str, TcpProxy | Bundle] = {
            link: opened.enter_context(TcpProxy(partial(_upstream, started, link)))
            for link in LINKS
            if link != BROKER
        }
        proxies[BROKER] = Bundle(
            [opened.enter_context(TcpProxy(partial(_node, started, number))) for number in range(nodes)]
        )
        options = _options(books, folder, proxies)
        kafka = replace(options.kafka, nodes=nodes, advertised=proxies[BROKER].address.split(","))
        postgres = replace(options.postgres, false_clock=True) if false_clock else options.postgres
        stack = Stack(replace(options, replicas=replicas, kafka=kafka, postgres=postgres, keep=keep))
        started.append(stack)
        opened.enter_context(stack)
        suite = Suite(
            stack,
            books,
            SimulatorControl(stack.simulator_url("autotask")),
            SimulatorControl(stack.simulator_url("xero")),
            StatusClient(stack.status_api_url, stack.status_api_token),
            Topics(stack.bootstrap),
        )
        suite.xero.latency(None, XERO_ANSWER_SECONDS)
        suite.autotask.latency(None, _AUTOTASK_ANSWER_SECONDS)
        services = [name for name in stack.supervisor.names if not name.endswith("-simulator")]
        yield Rig(suite, proxies, opened.enter_context(Keeper(stack, services)))


def _options(books: Books, folder: Path, proxies: Mapping[str, TcpProxy | Bundle]) -> StackOptions:
    autotask_file, xero_file = folder / "autotask.json", folder / "xero.json"
    autotask_file.write_text(json_text.dumps([_empty(tenant) for tenant in books.tenants]))
    xero_file.write_text(
        json_text.dumps([_with_switches(tenant.xero, _XERO_LIMITS) for tenant in books.tenants])
    )
    return StackOptions(
        autotask_load=[autotask_file],
        xero_load=[xero_file],
        tenants=books.tenants_file(),
        partitions=2,
        reroute=lambda surroundings: _through(surroundings, proxies),
        environment={
            "*": {
                "XERO_KEY_LIFETIME_SECONDS": str(KEY_LIFETIME_SECONDS),
                "LEASE_SECONDS": str(LEASE_SECONDS),
                "KAFKA_SESSION_TIMEOUT_MS": "6000",
            },
            "poller": {"POLL_INTERVAL_SECONDS": str(_POLL_SECONDS)},
        },
    )


def _empty(tenant: TenantBooks) -> dict[str, Any]:
    """A tenant's Autotask in which nothing was billed yet."""
    entities = {**tenant.autotask["entities"], **{entity: list[Any]() for entity in _WHAT_APPEARS}}
    return _with_switches({**tenant.autotask, "entities": entities}, _AUTOTASK_LIMITS)


def _with_switches(loaded: Mapping[str, Any], switches: Mapping[str, int]) -> dict[str, Any]:
    return {**loaded, "switches": {**loaded["switches"], **switches}}


def _upstream(started: Sequence[Stack], link: str) -> tuple[str, int]:
    """Where a link really leads, once there is a stack."""
    stack = started[0]
    if link.endswith("-database"):
        return _host_and_port(stack.database_url(link.removesuffix("-database")))
    return _host_and_port(stack.simulator_url(link))


def _node(started: Sequence[Stack], number: int) -> tuple[str, int]:
    """Where one of the broker's nodes really is."""
    broker = started[0].broker
    nodes = broker.nodes if isinstance(broker, KafkaCluster) else [broker]
    node = nodes[number]
    if not isinstance(node, EmbeddedKafka):
        raise StackError("only a broker of our own can be put behind a proxy")
    return "127.0.0.1", node.port


def _through(surroundings: Surroundings, proxies: Mapping[str, TcpProxy | Bundle]) -> Surroundings:
    """What the services are told, with every address replaced by its proxy's."""
    targets, xero = surroundings.targets, proxies["xero"]
    return replace(
        surroundings,
        databases={
            service: _replaced(url, proxies[f"{service}-database"])
            for service, url in surroundings.databases.items()
        },
        targets=replace(
            targets,
            autotask_zone_url=_replaced(targets.autotask_zone_url or "", proxies["autotask"]),
            xero_api_url=_replaced(targets.xero_api_url or "", xero),
            xero_identity_url=_replaced(targets.xero_identity_url or "", xero),
        ),
    )


def _replaced(url: str, proxy: TcpProxy | Bundle) -> str:
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}{at}{proxy.address}").geturl()


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0
