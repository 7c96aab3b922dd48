"""Walk-through: a provider is away for two hours at month end, in each of the ways in which providers are away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from invoice_events import names
from local_stack.postgres import why_no_false_clock
from tests.faults.rig import why_not_here
from tests.support.waiting import wait_until
from tests.walk_throughs.outages import TENANTS, How, Outage, Side, outage_suite
from tests.walk_throughs.support import nothing_is_buried

_NOT_HERE = why_not_here() or why_no_false_clock()
pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(_NOT_HERE is not None, reason=str(_NOT_HERE)),
]

BEFORE, CAUGHT, PORTION = 6, 4, 5
"""Invoices of each tenant: done before the outage, on their way when it begins, and posted every ten minutes of it."""
HALF_HOURS: Sequence[How] = ("unavailable", "silent", "cutting", "refusing")
PATIENCE = 3600.0
"""Simulated seconds within which a backlog is done."""
MOST_CALLS, MOST_CALLS_AT_LAST = 12, 9
"""In half an hour of one tenant. Probes come after 15, 30, 60, 120 and 240 s, then every five minutes: ten in the first half hour,
six in each later one; a call or two that were under way, and a token now and then."""


@pytest.mark.parametrize("side", ["autotask", "xero"])
def test_a_two_hour_outage_at_month_end_needs_no_click_costs_no_strike_and_keeps_the_order(
    side: Side, tmp_path: Path
) -> None:
    with outage_suite(BEFORE + CAUGHT + 12 * PORTION, tmp_path) as outage:
        outage.appear(BEFORE)
        outage.time.let_pass_until(outage.is_complete, "everything being Complete", PATIENCE)
        _catch_some_on_their_way(outage)
        calls = [_half_hour(outage, side, how) for how in HALF_HOURS]
        urgent = {tenant: _ask_for_one(outage, side, tenant) for tenant in TENANTS}
        ended = outage.time.now()
        outage.away(side, None)
        outage.time.let_pass_until(outage.is_complete, "everything being Complete", PATIENCE)

        assert max(calls[:3]) <= MOST_CALLS * len(TENANTS)
        assert max(calls[1:3]) <= MOST_CALLS_AT_LAST * len(TENANTS)
        assert min(calls[:3]) > 0, "it was probed all the time"
        assert outage.suite.topics.events(names.FAULTED) == []
        assert nothing_is_buried(outage.suite)
        for tenant in outage.suite.books.tenants:
            name = tenant.tenant
            assert _colours(outage.health(side, name)) == ["connected", "down", "connected"]
            assert _colours(outage.health(_other(side), name)) == ["connected"]
            assert [
                item for item in outage.suite.listed(name, "invoices") if item["strikes"] or item["cause"]
            ] == []
            assert list(outage.suite.comparison(tenant).problems) == []
            _assert_order(outage, side, name, urgent[name], ended)


def _catch_some_on_their_way(outage: Outage) -> None:
    """When this returns, some invoices were found and are not stamped yet: Xero takes its time."""
    outage.suite.xero.latency(None, 2.0)
    outage.appear(CAUGHT)
    found = (BEFORE + CAUGHT) * len(TENANTS)
    outage.time.let_pass_until(
        lambda: len(outage.suite.topics.events(names.DISCOVERED)) >= found, "a cycle", PATIENCE
    )
    assert outage.missing_stamps() > 0


def _half_hour(outage: Outage, side: Side, how: How) -> int:
    """Half an hour without the provider, in which people go on posting invoices. Returns the calls that were tried."""
    outage.away(side, how)
    outage.suite.xero.latency(None, 0.0)
    if side == "autotask":
        # A call that the passing of time cut short is verified first, as its answer would have been lost.
        outage.time.let_pass_until(lambda: _nothing_waits(outage), "what was found to be in Xero", 1800)
    before = outage.tried(side)
    for _ in range(3):
        outage.appear(PORTION)
        outage.time.let_pass(600.0)
        _assert_nobody_is_blamed(outage, side)
    return outage.tried(side) - before


def _nothing_waits(outage: Outage) -> bool:
    return all(set(outage.statuses(tenant).values()) == {"Complete"} for tenant in TENANTS)


def _assert_nobody_is_blamed(outage: Outage, side: Side) -> None:
    """Documents wait without a fault, one that was being written when Xero went is verified; the connection says why."""
    for tenant in TENANTS:
        shown = list(outage.suite.listed(tenant, "invoices"))
        waiting = [item for item in shown if item["status"] != "Complete"]
        assert {item["status"] for item in waiting} <= {"Pending Sync", "Processing Now"}
        assert [item for item in shown if item["strikes"] or item["cause"]] == []
        assert len([item for item in waiting if item["status"] == "Processing Now"]) <= CAUGHT
        assert bool(waiting) == (side == "xero"), "what was found before Autotask went is in Xero"
        connections = {one["side"]: one for one in outage.suite.status.overview(tenant)["connections"]}
        assert (connections[side]["state"], connections[_other(side)]["state"]) == ("down", "connected")
        assert "go on by themselves" in connections[side]["next_step"]


def _ask_for_one(outage: Outage, side: Side, tenant: str) -> str:
    """A person wants one document now: the one that was posted last; the first one if nobody can know the last yet."""
    number = outage.appeared[tenant][-1 if side == "xero" else 0]
    document = f"invoice/{number}"
    outage.suite.status.command(tenant, "resync", document)
    if side == "xero":
        wait_until(
            lambda: any(event["priority"] == "interactive" for event in outage.mapped(tenant, document)),
            f"the resync of {document} to reach the writer",
            pause=0.5,
        )
    return document


def _colours(health: Sequence[dict[str, Any]]) -> list[str]:
    """The states of a connection, each as often as it began."""
    return [state for (state, _), _ in groupby((event["state"], event["changed_at"]) for event in health)]


def _assert_order(outage: Outage, side: Side, tenant: str, urgent: str, ended: datetime) -> None:
    """What a person waits for came first, then what was posted first."""
    if side == "xero":
        first, *rest = outage.written_since(tenant, ended)
        assert first == urgent
        ranks = [
            rank for rank in _ranks(outage, tenant, rest) if rank > 0
        ]  # the caught ones are verified first
        assert ranks == sorted(ranks)
        return
    revisions = outage.last_revisions(tenant)
    posted = [f"invoice/{number}" for number in outage.appeared[tenant][BEFORE + CAUGHT :]]
    assert revisions[urgent] < min(revisions[document] for document in posted)
    for found in outage.found_by_partition(tenant):
        ranks = _ranks(outage, tenant, [document for document in found if document != urgent])
        assert ranks == sorted(ranks)


def _ranks(outage: Outage, tenant: str, documents: Sequence[str]) -> list[int]:
    """The portion of the outage in which each document was posted, 0 for those that were found before it."""
    place = {f"invoice/{number}": index for index, number in enumerate(outage.appeared[tenant])}
    return [max(0, (place[document] - BEFORE - CAUGHT) // PORTION + 1) for document in documents]


def _other(side: Side) -> Side:
    return "xero" if side == "autotask" else "autotask"
