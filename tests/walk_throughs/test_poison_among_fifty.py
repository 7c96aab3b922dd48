"""Walk-through 12: one invoice of fifty makes Xero fail whatever call carries it. It is at fault, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from invoice_events import names
from simulators.books.model import Books
from tests.end_to_end.suite import Suite, Times, running_suite
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

FIFTY = 50
POISON: dict[str, dict[str, Any]] = {
    "server-error": {"kind": "status", "status": 500, "body": {"Title": "An unexpected error"}},
    "bad-request": {
        "kind": "status",
        "status": 400,
        "body": {
            "ErrorNumber": 14,
            "Type": "PostDataInvalidException",
            "Message": "Invalid Json data, unexpected token",
        },
    },
}
"""What Xero answers to a call that carries the poison, by tenant."""
ONE_CYCLE = Times(lifetime=12, lease=5, poll=3600)
"""No second cycle comes by itself: what failed shows its first strike until a person asks for another."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = Books(tuple(tenant_books(name, [Bill()] * FIFTY) for name in POISON))
    loaded: dict[str, list[int]] = {name: [] for name in POISON}
    with running_suite(books, tmp_path_factory.mktemp("poison"), loaded=loaded, times=ONE_CYCLE) as running:
        yield running


def test_no_poison_invoice_costs_its_49_neighbours_anything(suite: Suite) -> None:
    poison = {tenant.tenant: list(tenant.fates)[FIFTY // 3] for tenant in suite.books.tenants}
    await_reference(suite, POISON)
    suite.stack.supervisor.stop("xero-writer")  # so that all fifty are ready when it comes back
    for tenant in suite.books.tenants:
        _plant(suite, tenant.tenant, poison[tenant.tenant])
        suite.add_invoices(tenant, list(tenant.fates))
        suite.status.command(tenant.tenant, "sync-now")
    for name in POISON:
        _await_mapped(suite, name)
    suite.stack.supervisor.restart("xero-writer")
    for tenant in suite.books.tenants:
        name, bad = tenant.tenant, poison[tenant.tenant]
        good = set(tenant.fates) - {bad}
        await_all(suite, tenant, "Complete", good)
        suite.await_stamped(name, good)
        shown = _await_strike(suite, name, bad)
        assert (shown["status"], shown["strikes"]) == ("Pending Sync", 1)
        assert shown["xero"] is None
        [fault] = events_of(suite, names.FAULTED, name)
        assert (fault["document"], fault["strike"], fault["final"], fault["attempt"]) == (
            f"invoice/{bad}",
            True,
            False,
            1,
        )
        assert bad not in suite.stamped(name)
        assert list(statuses(suite, name).values()).count("Complete") == FIFTY - 1
        assert {mark: len(documents) for mark, documents in living(suite, name).items()} == {
            f"invoice/{number}": 1 for number in good
        }
        assert _states(suite, name) == {"connected"}, "one document's trouble was taken for an outage"
        _assert_one_call_carried_all(suite, name)

    suite.xero.clear_faults()
    for tenant in suite.books.tenants:
        suite.status.command(tenant.tenant, "sync-now")
    for tenant in suite.books.tenants:
        suite.await_stamped(tenant.tenant, set(tenant.fates))
        assert_all_went_over(suite, tenant, FIFTY)
        shown = suite.await_complete(tenant.tenant, f"invoices/{poison[tenant.tenant]}")
        assert (shown["strikes"], shown["cause"]) == (0, None)
        assert _states(suite, tenant.tenant) == {"connected"}
    assert nothing_is_buried(suite)


def _plant(suite: Suite, tenant: str, number: int) -> None:
    """From now on every call with this invoice fails, and Xero has done nothing."""
    match = {"method": "PUT", "path": "/api.xro/2.0/Invoices", "tenant": tenant}
    suite.xero.plant({**match, "body_contains": f'#sync=invoice/{number}"'}, POISON[tenant], times=None)


def _await_mapped(suite: Suite, tenant: str) -> None:
    wait_until(
        lambda: len(events_of(suite, names.MAPPED, tenant)) == FIFTY, "all fifty to be mapped", PATIENCE, 0.5
    )


def _await_strike(suite: Suite, tenant: str, number: int) -> dict[str, Any]:
    """Wait until an invoice is shown with a cause; what is shown of it then."""
    found: dict[str, Any] = wait_until(
        lambda: (item := suite.shown(tenant, f"invoices/{number}")) and item["cause"] and item,
        "the strike",
        PATIENCE,
        0.5,
    )
    return found


def _states(suite: Suite, tenant: str) -> set[str]:
    """Every state that the tenant's connection to Xero has been in."""
    return {event["state"] for event in events_of(suite, names.HEALTH, tenant) if event["side"] == "xero"}


def _assert_one_call_carried_all(suite: Suite, tenant: str) -> None:
    """Else nothing was shown: the poison would have been alone from the start."""
    assert max(len(create.documents) for create in created_by(suite, tenant)) == FIFTY
