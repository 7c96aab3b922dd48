"""What a scenario plays with: one tenant of a running suite, its processes and its tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import psycopg2
from requests import RequestException

from simulators.books.model import Books, TenantBooks
from tests.end_to_end.suite import Suite
from tests.faults.collecting import Sampler, shown
from tests.faults.mutants.reordering import ReorderingServer
from tests.faults.rig import Rig
from tests.support.waiting import wait_until

CREATES = {"method": "PUT", "path": "/api.xro/2.0/Invoices"}
LOOKUPS = {"method": "GET", "path": "/api.xro/2.0/Invoices"}
_REST_SECONDS = 90.0
_IN_THE_LEDGER = "SELECT count(*) FROM ledger WHERE tenant_id = :tenant"
_OPEN_IN_THE_LEDGER = (
    "SELECT count(*) FROM ledger WHERE tenant_id = :tenant AND (state = 'waiting_retry' OR stamp_wanted)"
)
_OPEN_AT_THE_WRITER = (
    "SELECT (SELECT count(*) FROM work WHERE tenant_id = :tenant)"
    " + (SELECT count(*) FROM intent WHERE tenant_id = :tenant AND state <> 'resolved')"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One tenant of the suite.

    Attributes:
        suite: the running one, with this tenant's books alone.
        reordering: what stands between the writer and Xero.
    """

    rig: Rig
    suite: Suite
    tenant: str
    reordering: ReorderingServer

    @classmethod
    def of(cls, rig: Rig, tenant: TenantBooks, reordering: ReorderingServer) -> Scene:
        """The part of a rig that is one tenant's."""
        part = copy(rig)
        part.suite = replace(rig.suite, books=Books((tenant,)))
        return cls(part, part.suite, tenant.tenant, reordering)

    def appear(self) -> None:
        """Every invoice of the tenant is approved in Autotask now."""
        (tenant,) = self.suite.books.tenants
        self.suite.add_invoices(tenant, list(tenant.fates))

    def plant_in_xero(
        self,
        match: Mapping[str, Any],
        action: Mapping[str, Any],
        *,
        when: str = "before",
        times: int | None = 1,
    ) -> str:
        """Plant a fault in this tenant's Xero; returns its id."""
        return self.suite.xero.plant({**match, "tenant": self.tenant}, dict(action), when=when, times=times)

    def await_fired(self, fault: str) -> None:
        """Wait until a fault planted in Xero has hit a call."""
        wait_until(lambda: self.suite.xero.fired(fault), "a call that the fault hits")

    @contextmanager
    def down(self, process: str) -> Iterator[None]:
        """Kill a process, and start it again afterwards."""
        supervisor = self.suite.stack.supervisor
        with self.rig.keeper.held_down([process]):
            supervisor.kill(process)
            yield
            supervisor.restart(process)

    @contextmanager
    def table_locked(self, service: str, table: str) -> Iterator[Callable[[], None]]:
        """Nobody can write into a table of a service, as if its database took very long.

        Gives what ends that earlier than the block does. `table` with its schema.
        """
        with closing(psycopg2.connect(self.suite.stack.database_url(service))) as connection:
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield connection.rollback

    def await_blocked(self, service: str, table: str) -> None:
        """Wait until somebody waits for a lock on a table."""
        query = "SELECT count(*) FROM pg_locks WHERE relation = CAST(:table AS regclass) AND NOT granted"
        wait_until(
            lambda: self.suite.rows(service, query, table=table)[0][0], f"somebody who wants to write {table}"
        )

    def count(self, service: str, query: str) -> int:
        """A number from a service's tables; `:tenant` in the query is this tenant."""
        return int(self.suite.rows(service, query, tenant=self.tenant)[0][0])

    def await_found(self) -> None:
        """Wait until the ledger knows everything that appeared."""
        (tenant,) = self.suite.books.tenants
        wait_until(
            lambda: self.count("poller", _IN_THE_LEDGER) == len(tenant.fates), "the invoices in the ledger"
        )

    def await_rest(self) -> None:
        """Wait until nobody has anything left to do for this tenant, whether it came to a good end or not.

        Looks go along the pipeline, so that what moves on between two of them is seen by the later one.
        """
        self.await_found()
        wait_until(self._is_at_rest, f"{self.tenant} to come to rest", _REST_SECONDS, 0.2)

    def _is_at_rest(self) -> bool:
        return (
            self.count("poller", _OPEN_IN_THE_LEDGER) == 0
            and self.suite.is_quiet()
            and self.count("xero-writer", _OPEN_AT_THE_WRITER) == 0
            and self.suite.is_quiet()
            and self.count("poller", "SELECT count(*) FROM outcome_inbox WHERE tenant_id = :tenant") == 0
            and self.count("poller", _OPEN_IN_THE_LEDGER) == 0
        )

    def await_seen(self, sampler: Sampler) -> None:
        """Wait until the sampler has noted everything that is shown now."""

        def seen() -> bool:
            last = {sample.document: sample.status for sample in list(sampler.samples)}
            try:
                return last == shown(self.suite, self.tenant)
            except RequestException:  # its database was cut off a moment ago
                return False

        wait_until(seen, "the sampler to have seen what is shown", pause=0.2)


@contextmanager
def told(rig: Rig, process: str, variables: Mapping[str, str]) -> Iterator[None]:
    """Let a process live with other variables, and with its own ones again afterwards."""
    own = rig.suite.stack.supervisor.process(process).spec.environment
    before = {name: own.get(name, os.environ.get(name, "")) for name in variables}
    restart(rig, process, variables)
    try:
        yield
    finally:
        restart(rig, process, before)


def restart(rig: Rig, process: str, variables: Mapping[str, str]) -> None:
    """Start a process again, with other variables for this and later lives."""
    with rig.keeper.held_down([process]):
        rig.suite.stack.supervisor.restart(process, environment=variables)
