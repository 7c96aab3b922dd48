"""A provider that goes away for hours of simulated time: the suite behind two proxies, month end's invoices, and what was asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from invoice_events import names
from local_stack.control import SimulatorControl
from local_stack.options import StackOptions
from local_stack.postgres import EmbeddedPostgres, PostgresOptions
from local_stack.services import Surroundings
from local_stack.stack import Stack
from local_stack.status_client import StatusClient
from simulators.books.model import Books, Numbering
from simulators.books.plain import generate_plain
from simulators.kit import json_text
from tests.end_to_end.suite import Suite, today
from tests.faults.proxy import Mode, TcpProxy
from tests.support.topics import Topics
from tests.walk_throughs.simulated_time import LEASE_SECONDS, ClockFile, SimulatedTime, simulated_time
from tests.walk_throughs.support import events_of

Side = Literal["autotask", "xero"]
SERVICE: Mapping[Side, str] = {"autotask": "poller", "xero": "xero-writer"}
TENANTS: Mapping[str, Numbering] = {
    "north": "autotask_id",
    "south": "xero",
    "east": "autotask_number",
    "west": "autotask_id",
}
How = Literal["unavailable", "silent", "cutting", "refusing"]
"""It answers 503; it answers nothing; it takes connections and cuts them; it refuses them."""
_MODES: Mapping[str, Mode] = {"silent": Mode.SILENT, "refusing": Mode.CUT}
_UNAVAILABLE = {"kind": "status", "status": 503, "body": "<html><body>Service Unavailable</body></html>"}


class Door:
    """Where a line to a provider ends, once there is a stack. While it is shut, whoever comes is cut off."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self.is_shut = False
        self.knocks = 0

    def __call__(self) -> tuple[str, int]:
        """Host and port of the provider.

        Raises:
            ConnectionRefusedError: the door is shut.
        """
        self.knocks += 1
        if self.is_shut:
            raise ConnectionRefusedError
        parts = urlsplit(self._url())
        return parts.hostname or "", parts.port or 0


@dataclass
class Outage:
    """A running suite, its clocks, and the two providers' lines."""

    suite: Suite
    time: SimulatedTime
    lines: Mapping[Side, TcpProxy]
    doors: Mapping[Side, Door]
    appeared: dict[str, list[int]]

    def control(self, side: Side) -> SimulatorControl:
        """The simulator of a side."""
        return self.suite.autotask if side == "autotask" else self.suite.xero

    def appear(self, each: int) -> None:
        """So many further invoices of each tenant are posted in Autotask."""
        for tenant in self.suite.books.tenants:
            known = self.appeared[tenant.tenant]
            portion = list(tenant.fates)[len(known) : len(known) + each]
            self.suite.add_invoices(tenant, portion)
            known.extend(portion)

    def missing_stamps(self) -> int:
        """Invoices that were posted and are not stamped yet."""
        return sum(len(set(ids) - self.suite.stamped(tenant)) for tenant, ids in self.appeared.items())

    def is_complete(self) -> bool:
        """Whether every invoice that was posted is stamped and shown as Complete."""
        return self.missing_stamps() == 0 and all(
            {f"invoice/{number}": "Complete" for number in ids} == self.statuses(tenant)
            for tenant, ids in self.appeared.items()
        )

    def statuses(self, tenant: str) -> dict[str, str]:
        """What status-api shows of a tenant's documents."""
        return {item["document"]: item["status"] for item in self.suite.listed(tenant, "invoices")}

    def away(self, side: Side, how: How | None) -> None:
        """Let a provider be away in one of four ways; None: it is back."""
        self.control(side).clear_faults()
        self.lines[side].set(_MODES.get(how or "", Mode.OPEN))
        self.doors[side].is_shut = how == "cutting"
        if how == "unavailable":
            self.control(side).plant({}, _UNAVAILABLE, times=None)

    def tried(self, side: Side) -> int:
        """Calls that a provider answered so far, and connections to it; those that were refused leave no trace."""
        return len(self.control(side).calls()) + self.doors[side].knocks

    def mapped(self, tenant: str, document: str) -> list[dict[str, Any]]:
        """What the mapper has made of a document, in order."""
        return [
            event for event in events_of(self.suite, names.MAPPED, tenant) if event["document"] == document
        ]

    def last_revisions(self, tenant: str) -> dict[str, int]:
        """The newest try of each document; they grow with time."""
        return {
            event["document"]: event["revision"] for event in events_of(self.suite, names.DISCOVERED, tenant)
        }

    def found_by_partition(self, tenant: str) -> list[list[str]]:
        """A tenant's documents in the order in which they were published, by partition."""
        found: dict[int, list[str]] = {}
        for record in self.suite.topics.raw(names.DISCOVERED):
            key = record.key().decode()
            if key.startswith(f"{tenant}/"):
                found.setdefault(record.partition(), []).append(key.removeprefix(f"{tenant}/"))
        return list(found.values())

    def written_since(self, tenant: str, moment: datetime) -> list[str]:
        """Documents in the order in which they went into requests to Xero after a moment."""
        rows = self.suite.rows(
            "xero-writer",
            "SELECT e.document FROM intent i JOIN intent_element e ON e.intent_id = i.id"
            " WHERE i.tenant_id = :tenant AND i.created_at > :moment ORDER BY i.created_at, e.position",
            tenant=tenant,
            moment=moment,
        )
        return list(dict.fromkeys(row.document for row in rows))

    def health(self, side: Side, tenant: str) -> list[dict[str, Any]]:
        """What was published of a connection, in order."""
        return [
            dict(event)
            for event in self.suite.topics.events(names.HEALTH)
            if event["tenant_id"] == tenant and event["side"] == side
        ]


@contextmanager
def outage_suite(
    invoices: int,
    folder: Path,
    *,
    replicas: Mapping[str, int] | None = None,
    spans: Mapping[str, str] | None = None,
    wall_only: bool = False,
) -> Iterator[Outage]:
    """Four tenants with so many invoices each, none of them posted yet; every line to a provider leads through a proxy.

    Args:
        invoices: of each tenant.
        folder: for files.
        replicas: of services, one each by default.
        spans: variables with spans other than production's.
        wall_only: the services' steady clocks can not be moved, only their hosts' time of day.
    """
    books = Books(
        tuple(
            generate_plain(invoices, today=today(), lines=1, tenants=(name,), numbering=numbering).tenants[0]
            for name, numbering in TENANTS.items()
        )
    )
    started: list[Stack] = []
    with ExitStack() as opened:
        database = EmbeddedPostgres(PostgresOptions(false_clock=True))
        opened.callback(database.stop)
        database.start()
        doors = {side: Door(partial(_simulator, started, side)) for side in SERVICE}
        lines = {side: opened.enter_context(TcpProxy(door)) for side, door in doors.items()}
        file = ClockFile(folder)
        clocks = file.wall_only if wall_only else file.environment
        options = replace(
            _options(books, folder, lines),
            database_server=database,
            replicas=replicas or {},
            environment={"*": {"LEASE_SECONDS": str(LEASE_SECONDS), **(spans or {})}}
            | dict.fromkeys(SERVICE.values(), clocks),
        )
        stack = Stack(options)
        started.append(stack)
        opened.enter_context(stack)
        autotask, xero = (SimulatorControl(stack.simulator_url(side)) for side in ("autotask", "xero"))
        suite = Suite(
            stack,
            books,
            autotask,
            xero,
            StatusClient(stack.status_api_url, stack.status_api_token),
            Topics(stack.bootstrap),
        )
        passing = opened.enter_context(simulated_time(stack, file, database, (autotask, xero), len(TENANTS)))
        yield Outage(suite, passing, lines, doors, {name: [] for name in TENANTS})


def _options(books: Books, folder: Path, lines: Mapping[Side, TcpProxy]) -> StackOptions:
    loads = {side: folder / f"{side}.json" for side in SERVICE}
    empty = [
        {**one.autotask, "entities": {**one.autotask["entities"], "Invoices": [], "BillingItems": []}}
        for one in books.tenants
    ]
    loads["autotask"].write_text(json_text.dumps(empty))
    loads["xero"].write_text(json_text.dumps([one.xero for one in books.tenants]))
    return StackOptions(
        autotask_load=[loads["autotask"]],
        xero_load=[loads["xero"]],
        tenants=books.tenants_file(),
        partitions=2,
        reroute=partial(_through, lines),
    )


def _simulator(started: list[Stack], side: Side) -> str:
    return started[0].simulator_url(side)


def _through(lines: Mapping[Side, TcpProxy], surroundings: Surroundings) -> Surroundings:
    targets = surroundings.targets
    return replace(
        surroundings,
        targets=replace(
            targets,
            autotask_zone_url=_led_to(lines["autotask"], targets.autotask_zone_url),
            xero_api_url=_led_to(lines["xero"], targets.xero_api_url),
            xero_identity_url=_led_to(lines["xero"], targets.xero_identity_url),
        ),
    )


def _led_to(line: TcpProxy, url: str | None) -> str:
    return urlsplit(url or "")._replace(netloc=line.address).geturl()
