"""Clocks that jump while documents are on their way: the database's, by which leases and waits go, and those of the replicas' hosts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from invoice_events import names
from invoice_events.identity import utc_now
from local_stack.postgres import why_no_false_clock
from tests.faults.rig import why_not_here
from tests.support.waiting import wait_until
from tests.walk_throughs.outages import TENANTS, Outage, outage_suite
from tests.walk_throughs.support import nothing_is_buried

_NOT_HERE = why_not_here() or why_no_false_clock()
pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(900),
    pytest.mark.skipif(_NOT_HERE is not None, reason=str(_NOT_HERE)),
]

SPANS = {"LEASE_SECONDS": "24", "XERO_KEY_LIFETIME_SECONDS": "60", "POLL_INTERVAL_SECONDS": "3"}
HOUR = 3600.0
PORTION = 3


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    """Two replicas of poller and writer on hosts whose time of day can be set, and a database whose clock can be stepped."""
    replicas = {"poller": 2, "xero-writer": 2}
    folder = tmp_path_factory.mktemp("clocks")
    with outage_suite(6 * PORTION, folder, replicas=replicas, spans=SPANS, wall_only=True) as outage:
        outage.appear(PORTION)
        await_complete(outage)
        yield outage


@pytest.mark.parametrize(
    ("before", "after"),
    [(0.0, HOUR), (HOUR, HOUR - 20.0), (HOUR - 20.0, 0.0)],
    ids=["an hour forwards", "seconds backwards", "an hour backwards"],
)
def test_no_step_of_the_databases_clock_loses_doubles_or_leaves_behind_a_document(
    running: Outage, before: float, after: float
) -> None:
    """Forwards by more than a lease: every tenant changes hands. Backwards: nobody takes a lease from its holder."""
    running.time.database.step_clock(before)
    epochs = epochs_of(running)
    running.suite.xero.latency(None, 1.0)
    _some_are_on_their_way(running)
    running.time.database.step_clock(after)
    running.suite.xero.latency(None, 0.0)
    await_complete(running)
    grown = {place: epoch for place, epoch in epochs_of(running).items() if epoch > epochs[place]}
    assert len(grown) == (len(epochs) if after > before else 0)
    assert_books_agree(running)


@pytest.mark.parametrize("step", [-HOUR, HOUR], ids=["backwards", "forwards"])
def test_no_step_of_a_hosts_clock_changes_anything(running: Outage, step: float) -> None:
    """Even while a provider is away: when it is asked again goes by a clock that nobody sets."""
    epochs = epochs_of(running)
    running.away("autotask", "unavailable")
    for tenant in TENANTS:
        wait_until(partial(is_red, running, tenant), f"the connection of {tenant} to be down", pause=0.5)
    running.time.file.put_ahead(step)
    running.away("autotask", None)
    running.appear(PORTION)
    await_complete(running)
    running.time.file.put_ahead(0.0)
    newest = max(running.suite.topics.events(names.DISCOVERED), key=lambda event: event["invoice"]["id"])
    assert abs((newest["occurred_at"] - utc_now()).total_seconds() - step) < HOUR / 2, "the hosts were set"
    assert epochs_of(running) == epochs, "no lease was lost"
    assert_books_agree(running)


def _some_are_on_their_way(running: Outage) -> None:
    """Let invoices appear. When this returns, all were found and some are not in Xero yet."""
    found = len(running.suite.topics.events(names.DISCOVERED))
    running.appear(PORTION)
    wanted = found + PORTION * len(TENANTS)
    wait_until(
        lambda: len(running.suite.topics.events(names.DISCOVERED)) >= wanted,
        "the invoices to be found",
        120,
        0.2,
    )
    assert running.missing_stamps() > 0


def is_red(running: Outage, tenant: str) -> bool:
    return bool(running.health("autotask", tenant)[-1]["state"] == "down")


def await_complete(running: Outage) -> None:
    wait_until(running.is_complete, "everything being Complete", 240, 1.0)


def epochs_of(running: Outage) -> dict[tuple[str, str], int]:
    """How often each tenant has changed hands, by service."""
    return {
        (service, row.tenant_id): row.epoch
        for service in ("poller", "xero-writer")
        for row in running.suite.rows(service, "SELECT tenant_id, epoch FROM lease")
    }


def assert_books_agree(running: Outage) -> None:
    for tenant in running.suite.books.tenants:
        assert list(running.suite.comparison(tenant).problems) == []
    assert running.suite.topics.events(names.FAULTED) == []
    assert nothing_is_buried(running.suite)
