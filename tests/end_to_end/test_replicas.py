"""Two of everything: replicas take over from killed and frozen ones, and never work for a tenant at the same time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite, running_suite, today

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

ROUND = 12
TENANTS = ("first", "second")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = generate_plain(4 * ROUND, today=today(), tenants=TENANTS, numbering="xero")
    loaded: dict[str, list[int]] = {tenant: [] for tenant in TENANTS}
    replicas = {"poller": 2, "mapper": 2, "xero-writer": 2}
    with running_suite(
        books, tmp_path_factory.mktemp("replicas"), loaded=loaded, replicas=replicas
    ) as running:
        yield running


def test_no_handover_between_replicas_loses_or_doubles_a_document(suite: Suite) -> None:
    supervisor = suite.stack.supervisor
    _appear(suite, 0)
    for service in ("poller", "mapper", "xero-writer"):
        supervisor.kill(service)
    _appear(suite, 1)
    for service in ("poller", "mapper", "xero-writer"):
        supervisor.restart(service)
    _appear(suite, 2)
    for service in ("poller-2", "xero-writer-2"):
        supervisor.pause(
            service
        )  # longer than its leases: the other one takes over, then the frozen one wakes up
    suite.await_stamped(TENANTS[0], set(list(suite.books.tenant(TENANTS[0]).fates)[: 3 * ROUND]), 180)
    for service in ("poller-2", "xero-writer-2"):
        supervisor.resume(service)
    _appear(suite, 3)
    for tenant in suite.books.tenants:
        suite.await_stamped(tenant.tenant, set(tenant.fates), 180)
        comparison = suite.comparison(tenant)
        assert comparison.problems == []
        assert comparison.documents == 4 * ROUND


def _appear(suite: Suite, number: int) -> None:
    for tenant in suite.books.tenants:
        suite.add_invoices(tenant, list(tenant.fates)[number * ROUND : (number + 1) * ROUND])
