"""Twenty seeded kills in a row, in Autotask-id and in Xero-number mode: one document each, whatever the moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from local_stack.broker import Broker
from local_stack.control import SimulatorControl
from simulators.books.model import Books, Numbering
from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite, running_suite, today
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

SEED = 20261122
KILLS = 20
PER_KILL = 3
TENANTS: dict[str, Numbering] = {"ours": "autotask_id", "xeros": "xero"}


def _books() -> Books:
    """One tenant per numbering mode, each with invoices enough for every kill, and a purchase order for each."""
    return Books(
        tuple(
            generate_plain(
                KILLS * PER_KILL, today=today(), tenants=(tenant,), numbering=numbering, orders=KILLS
            ).tenants[0]
            for tenant, numbering in TENANTS.items()
        )
    )


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with running_suite(
        _books(), tmp_path_factory.mktemp("kills"), loaded={tenant: [] for tenant in TENANTS}
    ) as running:
        yield running


@dataclass(frozen=True)
class Kill:
    """One kill: which process at which moment."""

    victim: str
    moment: str


MOMENTS = (
    Kill("xero-writer", "between intent and answer, work not done"),
    Kill("xero-writer", "between intent and answer, work done"),
    Kill("xero-writer", "between an order's intent and answer, work not done"),
    Kill("xero-writer", "between an order's intent and answer, work done"),
    Kill("xero-writer", "between outcome and event"),
    Kill("poller", "between ledger and event"),
    Kill("poller", "between stamp and its confirmation"),
    Kill("mapper", "in the middle of anything"),
)


def test_no_kill_loses_or_doubles_a_document(suite: Suite) -> None:
    rng = Random(SEED)
    schedule = [*MOMENTS, *rng.choices(MOMENTS[:-1], k=KILLS - len(MOMENTS))]
    rng.shuffle(schedule)
    for number, kill in enumerate(schedule):
        ids = {
            tenant.tenant: [
                *list(tenant.fates)[number * PER_KILL : (number + 1) * PER_KILL],
                list(tenant.orders)[number],
            ]
            for tenant in suite.books.tenants
        }
        _strike(suite, kill, ids, list(TENANTS)[number % len(TENANTS)])
    for tenant in suite.books.tenants:
        suite.await_stamped(tenant.tenant, set(tenant.fates), 180)
        for order in tenant.orders:
            suite.await_complete(tenant.tenant, f"purchase-orders/{order}", 180)
        comparison = suite.comparison(tenant)
        assert comparison.problems == []
        assert (comparison.documents, comparison.orders) == (KILLS * PER_KILL, KILLS)


def _strike(suite: Suite, kill: Kill, ids: dict[str, list[int]], tenant: str) -> None:
    """Bring the process to the moment, kill it, start it again. What it leaves is settled later, all together.

    The planted fault is bound to one tenant, by turns: each numbering mode is caught in the act.
    """
    if kill.moment == "between ledger and event":
        _with_silent_broker(
            suite, kill.victim, ids, "poller", "SELECT 1 FROM outbox WHERE topic = 'invoice.discovered'"
        )
    elif kill.moment == "between outcome and event":
        _kill_between_outcome_and_event(suite, ids, tenant)
    elif "intent and answer" in kill.moment:
        when = "before" if kill.moment.endswith("not done") else "after"
        collection = "PurchaseOrders" if "order" in kill.moment else "Invoices"
        fault = suite.xero.plant(
            {"method": "PUT", "path": f"/api.xro/2.0/{collection}", "tenant": tenant},
            {"kind": "hang", "seconds": 3},
            when=when,
        )
        _kill_when_fired(suite, kill.victim, ids, suite.xero, fault)
    elif kill.moment.startswith("between stamp"):
        fault = suite.autotask.plant(
            {"method": "PATCH", "path": "(?i).*/invoices", "tenant": tenant},
            {"kind": "hang", "seconds": 3},
            when="after",
        )
        _kill_when_fired(suite, kill.victim, ids, suite.autotask, fault)
    else:
        _appear(suite, ids)
        _kill(suite, kill.victim)


def _appear(suite: Suite, ids: dict[str, list[int]]) -> None:
    for tenant in suite.books.tenants:
        suite.add_invoices(tenant, ids[tenant.tenant])
        suite.add_orders(tenant, ids[tenant.tenant])


def _kill(suite: Suite, victim: str) -> None:
    suite.stack.supervisor.kill(victim)
    suite.stack.supervisor.restart(victim)


def _kill_when_fired(
    suite: Suite, victim: str, ids: dict[str, list[int]], control: SimulatorControl, fault: str
) -> None:
    _appear(suite, ids)
    wait_until(lambda: control.fired(fault), f"the planted fault {fault}")
    _kill(suite, victim)
    control.clear_faults()


def _kill_between_outcome_and_event(suite: Suite, ids: dict[str, list[int]], tenant: str) -> None:
    """Xero's answer is late; the broker falls silent before it: the outcome is committed and can not be published."""
    fault = suite.xero.plant(
        {"method": "PUT", "path": "/api.xro/2.0/Invoices", "tenant": tenant},
        {"kind": "delay", "seconds": 1},
        times=2,
        when="after",
    )
    _appear(suite, ids)
    wait_until(lambda: suite.xero.fired(fault), "a create under way")
    broker: Broker = suite.stack.broker
    broker.pause()
    try:
        wait_until(
            lambda: suite.rows(
                "xero-writer",
                "SELECT 1 FROM outbox WHERE topic = 'invoice.synced' AND key LIKE :tenant",
                tenant=f"{tenant}/%",
            ),
            "a committed outcome",
        )
        suite.stack.supervisor.kill("xero-writer")
    finally:
        broker.resume()
    suite.stack.supervisor.restart("xero-writer")
    suite.xero.clear_faults()


def _with_silent_broker(
    suite: Suite, victim: str, ids: dict[str, list[int]], service: str, committed: str
) -> None:
    """The broker falls silent first: what the service commits can not be published before it is killed."""
    broker: Broker = suite.stack.broker
    broker.pause()
    try:
        _appear(suite, ids)
        wait_until(lambda: suite.rows(service, committed), "a committed event")
        suite.stack.supervisor.kill(victim)
    finally:
        broker.resume()
    suite.stack.supervisor.restart(victim)
