"""The whole suite on real Kafka and PostgreSQL, with times scaled down, fed through the Autotask simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from invoice_events import names
from local_stack.control import SimulatorControl
from local_stack.demo.comparison import TenantComparison, compare
from local_stack.options import StackOptions
from local_stack.stack import Stack
from local_stack.status_client import StatusClient
from simulators.books.model import Books, TenantBooks
from simulators.kit import json_text
from tests.support.topics import Topics
from tests.support.waiting import wait_until

LIFETIME_SECONDS = 12
LEASE_SECONDS = 5
POLL_SECONDS = 2
_GROUPS = {
    "poller": {names.SYNCED, names.FAULTED, names.SKIPPED, names.COMMANDS},
    "mapper": {names.DISCOVERED},
    "xero-writer": {names.MAPPED, names.HELD, names.SKIPPED, names.FAULTED},
}
_SCHEMAS = {"poller": "poller", "xero-writer": "xero_writer", "status-api": "read,app"}


@dataclass
class Suite:
    """A running suite and everything to look at it with."""

    stack: Stack
    books: Books
    autotask: SimulatorControl
    xero: SimulatorControl
    status: StatusClient
    topics: Topics

    def add_invoices(self, tenant: TenantBooks, ids: list[int]) -> None:
        """Let invoices of the books appear in Autotask: lines first, as the real one posts them before invoicing."""
        entities = tenant.autotask["entities"]
        lines = [line for line in entities["BillingItems"] if line["invoiceID"] in ids]
        self.autotask.post(f"tenants/{tenant.tenant}/entities/BillingItems", _numbers(lines))
        invoices = [invoice for invoice in entities["Invoices"] if invoice["id"] in ids]
        self.autotask.post(f"tenants/{tenant.tenant}/entities/Invoices", _numbers(invoices))

    def stamped(self, tenant: str) -> set[int]:
        """Invoices whose stamp was written through the API."""
        stamps = self.autotask.books(tenant)["stamps"]
        return {
            int(stamp["id"]) for stamp in stamps if stamp["entity"] == "Invoices" and stamp["first_set_at"]
        }

    def await_stamped(self, tenant: str, ids: set[int], seconds: float = 120.0) -> None:
        """Wait until all of these invoices are stamped: they are in Xero, and Autotask knows it."""
        wait_until(lambda: ids <= self.stamped(tenant), f"stamps of {tenant}", seconds, pause=0.5)

    def comparison(self, tenant: TenantBooks) -> TenantComparison:
        """Both sides' books against the fates of the invoices that are there."""
        autotask = self.autotask.books(tenant.tenant)
        there = {invoice["id"] for invoice in autotask["entities"]["Invoices"]}
        fates = {
            str(number): _texts(asdict(fate)) for number, fate in tenant.fates.items() if number in there
        }
        basis = tenant.autotask["switches"]["invoice_total"]
        return compare(
            tenant=tenant.tenant,
            autotask=autotask,
            xero=self.xero.books(tenant.tenant),
            fates=fates,
            invoice_total=basis,
        )

    def rows(self, service: str, query: str, **values: object) -> list[Any]:
        """Rows of a service's own tables."""
        url = self.stack.database_url(service).replace("postgresql://", "postgresql+psycopg2://")
        engine = create_engine(url, connect_args={"options": f"-csearch_path={_SCHEMAS[service]}"})
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(query), values))
        finally:
            engine.dispose()

    def forget_positions(self) -> None:
        """The read model begins at the first record of every topic again. Its processes must not run."""
        engine = create_engine(
            self.stack.database_url("status-api").replace("postgresql://", "postgresql+psycopg2://")
        )
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM read.position"))
        engine.dispose()

    def is_quiet(self) -> bool:
        """Every record of every topic was handled by whom it is for, and no outbox holds anything."""
        if any(self.rows(service, "SELECT 1 FROM outbox LIMIT 1") for service in _SCHEMAS):
            return False
        ends = self.topics.ends(names.EVENT_TOPICS)
        folded = {
            (row.topic, row.partition): row.next_offset
            for row in self.rows("status-api", "SELECT topic, partition, next_offset FROM position")
        }
        behind = [place for place, end in ends.items() if end > folded.get(place, 0)]
        for group, topics in _GROUPS.items():
            committed = self.topics.committed(group)
            behind += [
                place for place, end in ends.items() if place[0] in topics and end > committed.get(place, 0)
            ]
        return not behind

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """Calls that could change something in Xero."""
        return [
            call
            for call in self.xero.calls(since)
            if call["method"] in {"PUT", "POST"} and call["path"].startswith("/api.xro")
        ]

    def last_call(self, control: SimulatorControl) -> int:
        """Sequence number of a simulator's last call."""
        calls = control.calls()
        return int(calls[-1]["seq"]) if calls else 0


def _texts(value: Any) -> Any:  # noqa: ANN401  # a dataclass as a dictionary
    """JSON with decimals and dates as texts, tags as lists."""
    return json.loads(
        json.dumps(value, default=lambda one: sorted(one) if isinstance(one, frozenset) else str(one))
    )


def _numbers(value: Any) -> Any:  # noqa: ANN401  # records of the books
    """JSON with decimals as numbers: a float's shortest text has every digit of amounts this small."""
    return json.loads(json.dumps(value, default=float))


@contextmanager
def running_suite(
    books: Books, folder: Path, *, loaded: Mapping[str, list[int]], replicas: Mapping[str, int] | None = None
) -> Iterator[Suite]:
    """Start the suite. `loaded`: which invoices of each tenant are in Autotask from the start."""
    autotask_file, xero_file = folder / "autotask.json", folder / "xero.json"
    autotask_file.write_text(
        json_text.dumps([_with(tenant, loaded[tenant.tenant]) for tenant in books.tenants])
    )
    xero_file.write_text(json_text.dumps([tenant.xero for tenant in books.tenants]))
    options = StackOptions(
        autotask_load=[autotask_file],
        xero_load=[xero_file],
        tenants=books.tenants_file(),
        partitions=2,
        replicas=replicas or {},
        environment={
            "*": {
                "XERO_KEY_LIFETIME_SECONDS": str(LIFETIME_SECONDS),
                "LEASE_SECONDS": str(LEASE_SECONDS),
                "KAFKA_SESSION_TIMEOUT_MS": "6000",  # the shortest a broker accepts by default
            },
            "poller": {"POLL_INTERVAL_SECONDS": str(POLL_SECONDS)},
        },
    )
    with Stack(options) as stack:
        yield Suite(
            stack,
            books,
            SimulatorControl(stack.simulator_url("autotask")),
            SimulatorControl(stack.simulator_url("xero")),
            StatusClient(stack.status_api_url, stack.status_api_token),
            Topics(stack.bootstrap),
        )


def _with(tenant: TenantBooks, ids: list[int]) -> dict[str, Any]:
    entities = dict(tenant.autotask["entities"])
    entities["Invoices"] = [invoice for invoice in entities["Invoices"] if invoice["id"] in ids]
    entities["BillingItems"] = [line for line in entities["BillingItems"] if line["invoiceID"] in ids]
    return {**tenant.autotask, "entities": entities}


def today() -> Any:  # noqa: ANN401  # a date
    """Today in UTC."""
    return datetime.now(UTC).date()
