"""One tenant is at its day limit in Xero, another shares every partition with it and does not notice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from invoice_events import names
from simulators.books.model import Books
from tests.end_to_end.suite import Suite, running_suite
from tests.faults.history import ended
from tests.support.waiting import wait_until
from tests.walk_throughs.support import (
    PATIENCE,
    Bill,
    assert_all_went_over,
    await_all,
    await_reference,
    created_by,
    events_of,
    living,
    nothing_is_buried,
    statuses,
    tenant_books,
)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

LIMITED, NEIGHBOUR = "limited", "neighbour"
BACKLOG, ARRIVALS = 30, 6
AT_THE_LIMIT: dict[str, Any] = {
    "kind": "status",
    "status": 429,
    "headers": {"X-Rate-Limit-Problem": "day", "Retry-After": "20", "X-DayLimit-Remaining": "0"},
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = Books(
        (
            tenant_books(LIMITED, [Bill(), Bill(quantity=-1)] * (BACKLOG // 2)),
            tenant_books(NEIGHBOUR, [Bill(), Bill(quantity=-1)] * (ARRIVALS // 2)),
        )
    )
    loaded: dict[str, list[int]] = {LIMITED: [], NEIGHBOUR: []}
    with running_suite(books, tmp_path_factory.mktemp("day-limit"), loaded=loaded) as running:
        await_reference(running, loaded)
        yield running


def test_a_day_limit_of_one_tenant_never_delays_another_on_the_same_partition(
    suite: Suite, record_property: Callable[[str, object], None]
) -> None:
    limited, neighbour = suite.books.tenant(LIMITED), suite.books.tenant(NEIGHBOUR)
    refusal = suite.xero.plant({"path": "/api.xro/.*", "tenant": LIMITED}, AT_THE_LIMIT, times=None)
    suite.add_invoices(limited, list(limited.fates))
    wait_until(lambda: _waiting(suite) == BACKLOG, "the backlog to wait in the writer", PATIENCE, 0.2)
    wait_until(lambda: _health(suite, LIMITED)[-1:] == ["throttled"], "the limit to be known", pause=0.2)

    unhindered = 0
    for number in neighbour.fates:
        refused = suite.xero.fired(refusal)
        suite.add_invoices(neighbour, [number])
        suite.status.command(NEIGHBOUR, "sync-now")
        suite.await_stamped(NEIGHBOUR, {number})
        suite.await_complete(NEIGHBOUR, f"invoices/{number}")
        unhindered += suite.xero.fired(refusal) == refused
        # By order, not by the clock: it is all over here, and there nothing has begun.
        assert living(suite, LIMITED) == {}
        assert _waiting(suite) == BACKLOG
        assert set(statuses(suite, LIMITED).values()) == {"Pending Sync"}
        assert _health(suite, LIMITED)[-1:] == ["throttled"]
    assert unhindered, "each waited until the limited tenant was to be asked for again"
    _assert_shared_partitions(suite)
    assert _health(suite, NEIGHBOUR)[-1:] == ["connected"]
    for number in neighbour.fates:
        seconds = _seconds(suite, number)
        record_property(f"seconds from Autotask's answer to Xero, invoice {number}", round(seconds, 2))
        logging.getLogger(__name__).info(
            "invoice %d took %.2f s beside a tenant at its limit", number, seconds
        )

    suite.xero.clear_faults()
    await_all(suite, limited, "Complete", limited.fates)
    for tenant, documents in ((limited, BACKLOG), (neighbour, ARRIVALS)):
        suite.await_stamped(tenant.tenant, set(tenant.fates))
        assert_all_went_over(suite, tenant, documents)
        assert events_of(suite, names.FAULTED, tenant.tenant) == []  # a limit is nobody's fault
    assert _health(suite, LIMITED)[-1:] == ["connected"]
    assert nothing_is_buried(suite)


def _waiting(suite: Suite) -> int:
    """Documents of the limited tenant that wait in the writer."""
    return len(suite.rows("xero-writer", "SELECT 1 FROM work WHERE tenant_id = :tenant", tenant=LIMITED))


def _health(suite: Suite, tenant: str) -> list[str]:
    """States of a tenant's Xero connection so far."""
    return [event["state"] for event in events_of(suite, names.HEALTH, tenant) if event["side"] == "xero"]


def _assert_shared_partitions(suite: Suite) -> None:
    """Each document of the neighbour stood behind some of the limited tenant's in its partition, in every topic of its way."""
    for topic in (names.DISCOVERED, names.MAPPED):
        records = [
            (message.partition(), message.offset(), message.key().decode().partition("/")[0])
            for message in suite.topics.raw(topic)
        ]
        first: dict[int, int] = {}
        for partition, offset, tenant in sorted(records):
            if tenant == LIMITED:
                first.setdefault(partition, offset)
        behind = [first[partition] < offset for partition, offset, tenant in records if tenant == NEIGHBOUR]
        assert behind == [True] * ARRIVALS


def _seconds(suite: Suite, number: int) -> float:
    """From the end of the query that found the invoice to the end of the call that made it in Xero."""
    [written] = [each for each in created_by(suite, NEIGHBOUR) if f"invoice/{number}" in each.documents]
    [found] = [
        each
        for each in events_of(suite, names.DISCOVERED, NEIGHBOUR)
        if each["document"] == f"invoice/{number}"
    ]
    queries = [
        ended(call)
        for call in suite.autotask.calls()
        if call["tenant"] == NEIGHBOUR and call["path"].lower().endswith("/v1.0/invoices/query")
    ]
    answered = max(at for at in queries if at <= found["occurred_at"])
    return (written.ended - answered).total_seconds()
