"""The whole suite on real Kafka and PostgreSQL, with times scaled down, fed through the Autotask simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from requests import HTTPError, codes
from sqlalchemy import create_engine, text

from invoice_events import names
from local_stack.control import SimulatorControl
from local_stack.demo.comparison import TenantComparison, compare
from local_stack.options import StackOptions
from local_stack.services import ALWAYS
from local_stack.stack import Stack
from local_stack.status_client import StatusClient
from simulators.books.model import Books, TenantBooks
from simulators.kit import json_text
from tests.support.topics import Topics
from tests.support.waiting import wait_until

_STAGES = {
    "poller": ("synced", "faulted", "skipped"),
    "mapper": ("discovered",),
    "xero-writer": ("mapped", "held", "skipped", "faulted"),
}
_GROUPS = {
    group: {f"{kind}.{stage}" for kind in names.KINDS for stage in stages}
    for group, stages in _STAGES.items()
}
_GROUPS["poller"].add(names.COMMANDS)
_SCHEMAS = {"poller": "poller", "xero-writer": "xero_writer", "status-api": "read,app"}


@dataclass(frozen=True)
class Times:
    """Spans in seconds, scaled down from the services' own: life of an idempotency key, lease, time between two cycles.

    With short ones nobody waits long for what a kill leaves behind; a call has only a sixth of a key's life.
    """

    lifetime: int = 12
    lease: int = 5
    poll: int = 2


QUICK = Times()
BUSY = Times(lifetime=60, lease=20, poll=5)
"""For much work at once: no call takes too long only because the machine is busy."""


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
        pages = self.autotask.in_autotask(tenant.tenant)
        pages.put("BillingItems", *(line for line in entities["BillingItems"] if line["invoiceID"] in ids))
        pages.put("Invoices", *(invoice for invoice in entities["Invoices"] if invoice["id"] in ids))

    def add_orders(self, tenant: TenantBooks, ids: list[int]) -> None:
        """Let purchase orders of the books appear in Autotask."""
        entities = tenant.autotask["entities"]
        pages = self.autotask.in_autotask(tenant.tenant)
        items = entities["PurchaseOrderItems"]
        pages.put("PurchaseOrderItems", *(item for item in items if item["orderID"] in ids))
        pages.put("PurchaseOrders", *(order for order in entities["PurchaseOrders"] if order["id"] in ids))

    def stamped(self, tenant: str) -> set[int]:
        """Invoices whose stamp was written through the API."""
        stamps = self.autotask.books(tenant)["stamps"]
        return {
            int(stamp["id"]) for stamp in stamps if stamp["entity"] == "Invoices" and stamp["first_set_at"]
        }

    def await_stamped(self, tenant: str, ids: set[int], seconds: float = 120.0) -> None:
        """Wait until all of these invoices are stamped: they are in Xero, and Autotask knows it."""
        wait_until(lambda: ids <= self.stamped(tenant), f"stamps of {tenant}", seconds, pause=0.5)

    def comparison(self, tenant: TenantBooks, *, later_done: bool = False) -> TenantComparison:
        """Both sides' books against the fates of the documents that are there; see `compare` for `later_done`."""
        autotask = self.autotask.books(tenant.tenant)
        entities = autotask["entities"]
        there = {f"invoice/{invoice['id']}" for invoice in entities["Invoices"]}
        there |= {f"purchase-order/{order['id']}" for order in entities.get("PurchaseOrders", ())}
        fates = Books((tenant,)).fates_document()[tenant.tenant]
        return compare(
            tenant=tenant.tenant,
            autotask=autotask,
            xero=self.xero.books(tenant.tenant),
            fates={name: fate for name, fate in fates.items() if name in there},
            later_done=later_done,
        )

    def shown(self, tenant: str, path: str) -> Any:  # noqa: ANN401  # any JSON
        """What status-api shows below a tenant; None if it knows nothing of it (yet)."""
        try:
            return self.status.get(f"tenants/{tenant}/{path}")
        except HTTPError as error:
            if error.response.status_code == codes.not_found:
                return None
            raise

    def await_complete(self, tenant: str, path: str, seconds: float = 120.0) -> dict[str, Any]:
        """Wait until a document is Complete; what status-api shows of it then. `path` such as `invoices/41208`."""
        found: dict[str, Any] = wait_until(
            lambda: (item := self.shown(tenant, path)) and item["status"] == "Complete" and item,
            f"{path} of {tenant} to be Complete",
            seconds,
            pause=0.5,
        )
        return found

    def listed(self, tenant: str, kind: str) -> Iterator[dict[str, Any]]:
        """Everything that status-api lists of a tenant's `invoices` or `purchase-orders`, page by page."""
        query: dict[str, Any] = {"limit": 200}
        while True:
            page = self.status.get(f"tenants/{tenant}/{kind}", **query)
            yield from page["items"]
            if not page.get("next_cursor"):
                return
            query["cursor"] = page["next_cursor"]

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
        behind = self._unfolded(ends)
        for group, topics in _GROUPS.items():
            committed = self.topics.committed(group)
            behind += [
                place for place, end in ends.items() if place[0] in topics and end > committed.get(place, 0)
            ]
        return not behind

    def is_folded(self) -> bool:
        """Every record that is there at this moment is in the read model."""
        return not self._unfolded(self.topics.ends(names.EVENT_TOPICS))

    def _unfolded(self, ends: Mapping[tuple[str, int], int]) -> list[tuple[str, int]]:
        folded = {
            (row.topic, row.partition): row.next_offset
            for row in self.rows("status-api", "SELECT topic, partition, next_offset FROM position")
        }
        return [place for place, end in ends.items() if end > folded.get(place, 0)]

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


@contextmanager
def running_suite(
    books: Books,
    folder: Path,
    *,
    loaded: Mapping[str, list[int]],
    replicas: Mapping[str, int] | None = None,
    times: Times = QUICK,
    services: Sequence[str] = ALWAYS,
) -> Iterator[Suite]:
    """Start the suite. `loaded`: ids of each tenant's invoices and purchase orders that are in Autotask from the start."""
    autotask_file, xero_file = folder / "autotask.json", folder / "xero.json"
    autotask_file.write_text(
        json_text.dumps([_with(tenant, loaded[tenant.tenant]) for tenant in books.tenants])
    )
    xero_file.write_text(json_text.dumps([tenant.xero for tenant in books.tenants]))
    options = StackOptions(
        services=services,
        autotask_load=[autotask_file],
        xero_load=[xero_file],
        tenants=books.tenants_file(),
        partitions=2,
        replicas=replicas or {},
        environment={
            "*": {
                "XERO_KEY_LIFETIME_SECONDS": str(times.lifetime),
                "LEASE_SECONDS": str(times.lease),
                "KAFKA_SESSION_TIMEOUT_MS": "6000",  # the shortest a broker accepts by default
            },
            "poller": {"POLL_INTERVAL_SECONDS": str(times.poll)},
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
    orders, items = entities.get("PurchaseOrders", []), entities.get("PurchaseOrderItems", [])
    entities["PurchaseOrders"] = [order for order in orders if order["id"] in ids]
    entities["PurchaseOrderItems"] = [item for item in items if item["orderID"] in ids]
    return {**tenant.autotask, "entities": entities}


def today() -> Any:  # noqa: ANN401  # a date
    """Today in UTC."""
    return datetime.now(UTC).date()
