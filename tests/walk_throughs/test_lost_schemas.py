"""Walk-through 7: each service's schema is dropped, or comes back from an old copy, and people clear every stamp on top of it.

What is done then is what docs/operations/lost-data.md says, command by command.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from simulators.books.model import Books, Numbering
from simulators.books.plain import generate_plain
from tests.end_to_end.suite import Suite, Times, running_suite, today
from tests.support.waiting import wait_until
from tests.walk_throughs.support import await_reference, in_xero, nothing_is_buried
from tests.walk_throughs.support_b import SchemaCopy, drop_schema, execute, run_by_hand, stamped_now

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

TENANTS: dict[str, Numbering] = {"ours": "autotask_id", "xeros": "xero"}
SCHEMAS = {"poller": "poller", "xero-writer": "xero_writer", "status-api": "read"}
PER_PORTION, PORTIONS = 2, len(SCHEMAS) * (2 + 3) + 2
PROCESSES = {"poller": "poller", "xero-writer": "xero-writer", "status-api": "status-api-materialize"}
_A_DAY_OLD = {
    "poller": ("UPDATE poller.lease SET expires_at = expires_at - interval '1 day'",),
    "xero-writer": (
        "UPDATE xero_writer.lease SET expires_at = expires_at - interval '1 day'",
        "UPDATE xero_writer.work SET received_at = received_at - interval '1 day'",
        "UPDATE xero_writer.intent SET created_at = created_at - interval '1 day'",
    ),
}
LATE: dict[str, Any] = {"kind": "delay", "seconds": 1}


class Portions:
    """Invoices and purchase orders of both tenants, which appear in Autotask portion by portion."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._next = 0

    def appear(self) -> None:
        """The next portion: two invoices and an order of each tenant."""
        for tenant in self._suite.books.tenants:
            first = self._next * PER_PORTION
            self._suite.add_invoices(tenant, list(tenant.fates)[first : first + PER_PORTION])
            self._suite.add_orders(tenant, [list(tenant.orders)[self._next]])
        self._next += 1

    def ids(self, tenant: str) -> tuple[set[int], set[int]]:
        """Invoices and purchase orders of a tenant that are there."""
        books = self._suite.books.tenant(tenant)
        return set(list(books.fates)[: self._next * PER_PORTION]), set(list(books.orders)[: self._next])


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = Books(
        tuple(
            generate_plain(
                PER_PORTION * PORTIONS,
                today=today(),
                lines=1,
                tenants=(name,),
                numbering=numbering,
                orders=PORTIONS,
            ).tenants[0]
            for name, numbering in TENANTS.items()
        )
    )
    loaded: dict[str, list[int]] = {name: [] for name in TENANTS}
    times = Times(lifetime=24, lease=10, poll=2)
    with running_suite(books, tmp_path_factory.mktemp("lost"), loaded=loaded, times=times) as running:
        await_reference(running, TENANTS)
        for name in TENANTS:
            running.xero.in_xero(name).switch(minute_limit=6000)  # every document is read again and again
        yield running


@pytest.fixture(scope="module")
def portions(suite: Suite) -> Portions:
    return Portions(suite)


@pytest.mark.parametrize("service", SCHEMAS)
def test_no_dropped_schema_and_no_cleared_stamp_doubles_or_buries_a_document(
    suite: Suite, portions: Portions, service: str
) -> None:
    url = suite.stack.database_url(service)
    portions.appear()
    _await_settled(suite, portions)
    _begin_a_portion(suite, portions)

    drop_schema(url, SCHEMAS[service])  # in the middle of its work
    suite.stack.supervisor.stop(PROCESSES[service])
    run_by_hand(suite, service, "migrate")
    _assert_nothing_doubled_or_buried(suite, portions, service)


@pytest.mark.parametrize("service", SCHEMAS)
def test_no_schema_from_an_old_copy_and_no_cleared_stamp_doubles_or_buries_a_document(
    suite: Suite, portions: Portions, service: str
) -> None:
    url = suite.stack.database_url(service)
    portions.appear()
    _await_settled(suite, portions)
    _begin_a_portion(suite, portions)
    copy = SchemaCopy.take(url, SCHEMAS[service])
    portions.appear()  # the copy knows nothing of these, and no end of the portion before
    _await_settled(suite, portions)
    shown = _shown(suite)

    suite.stack.supervisor.stop(PROCESSES[service])
    drop_schema(url, SCHEMAS[service])
    run_by_hand(suite, service, "migrate")
    _restore(suite, service, copy)
    if service == "xero-writer":
        forgotten = run_by_hand(suite, service, "forget-lists")
        assert all(name in forgotten for name in TENANTS)
    if service == "status-api":
        suite.stack.supervisor.restart(PROCESSES[service])
        wait_until(suite.is_quiet, "the read model to have caught up", 120, 0.5)
        assert _shown(suite) == shown
    _assert_nothing_doubled_or_buried(suite, portions, service)


def test_nothing_that_was_under_way_in_an_old_journal_undoes_what_followed(
    suite: Suite, portions: Portions
) -> None:
    """Invoices that were being created when the copy was taken were changed and went over again since. Nobody clears a stamp."""
    url = suite.stack.database_url("xero-writer")
    _begin_a_portion(suite, portions)
    copy = SchemaCopy.take(url, "xero_writer")
    _await_settled(suite, portions)
    for name in TENANTS:
        _change(suite, name, max(portions.ids(name)[0]))
    _await_settled(suite, portions)
    before = {name: in_xero(suite, name) for name in TENANTS}

    suite.stack.supervisor.stop("xero-writer")
    _restore(suite, "xero-writer", copy)
    assert "given up" in run_by_hand(suite, "xero-writer", "forget-lists")
    since = suite.last_call(suite.xero)
    suite.stack.supervisor.restart("xero-writer")
    portions.appear()
    _await_settled(suite, portions)
    after = {name: {one["InvoiceID"]: one for one in in_xero(suite, name)} for name in TENANTS}
    assert {name: [after[name][one["InvoiceID"]] for one in before[name]] for name in TENANTS} == before
    assert {call["method"] for call in suite.writes(since)} == {"PUT"}  # the portion that has just appeared
    assert nothing_is_buried(suite)


def _change(suite: Suite, tenant: str, number: int) -> None:
    """A person bills one piece more and asks for a resync, which goes over."""
    pages = suite.autotask.in_autotask(tenant)
    [line] = [one for one in pages.records("BillingItems") if one["invoiceID"] == number]
    quantity = Decimal(str(line["quantity"])) + 1
    net = quantity * Decimal(str(line["rate"]))
    tax = (net * Decimal("0.15")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    amounts = {"extendedPrice": net, "totalAmount": net, "taxDollars": tax}
    pages.put("BillingItems", {"id": line["id"], "quantity": quantity, **amounts})
    pages.put("Invoices", {"id": number, "invoiceTotal": net, "totalTaxValue": tax})
    command = suite.status.command(tenant, "resync", f"invoice/{number}")["command_id"]
    wait_until(
        lambda: suite.status.get(f"tenants/{tenant}/commands/{command}")["state"] == "done",
        "the resync",
        pause=0.5,
    )
    wait_until(
        lambda: suite.await_complete(tenant, f"invoices/{number}")["synced"]["outcome"] == "updated",
        "the change to be in Xero",
        pause=0.5,
    )


def _assert_nothing_doubled_or_buried(suite: Suite, portions: Portions, service: str) -> None:
    """Every stamp is cleared before the service comes back. In the end each document is in Xero once, and done everywhere."""
    for name in TENANTS:
        for number in stamped_now(suite, name):
            suite.autotask.in_autotask(name).clear_stamp(number)
    suite.stack.supervisor.restart(PROCESSES[service])
    _let_an_hour_pass(suite)
    _await_settled(suite, portions)
    for tenant in suite.books.tenants:
        invoices, orders = portions.ids(tenant.tenant)
        comparison = suite.comparison(tenant)
        assert comparison.problems == []
        assert (comparison.documents, comparison.orders, comparison.gone) == (len(invoices), len(orders), 0)
    assert nothing_is_buried(suite)


def _begin_a_portion(suite: Suite, portions: Portions) -> None:
    """A further portion appears. Afterwards it is on its way: Xero has written documents of it and has not answered yet."""
    fault = suite.xero.plant({"method": "PUT", "path": "/api.xro/2.0/Invoices"}, LATE, times=2, when="after")
    portions.appear()
    wait_until(lambda: suite.xero.fired(fault), "a create under way")


def _restore(suite: Suite, service: str, copy: SchemaCopy) -> None:
    """The copy is a day old: no lease in it still holds, and nothing that it holds as sent is under way."""
    url = suite.stack.database_url(service)
    copy.restore(url)
    for statement in _A_DAY_OLD.get(service, ()):
        execute(url, statement)


def _let_an_hour_pass(suite: Suite) -> None:
    """What has been on its way is overdue: the poller stops waiting for outcomes that were lost with somebody's database."""
    execute(
        suite.stack.database_url("poller"),
        "UPDATE poller.ledger SET state_since = state_since - interval '61 minutes', flight_since = flight_since - interval '61 minutes'"
        " WHERE state = 'in_flight'",
    )


def _await_settled(suite: Suite, portions: Portions) -> None:
    """Wait until everything that is there is in Xero, stamped, shown as Complete, done in the ledger, and nothing moves any more."""
    wait_until(lambda: not _unsettled(suite, portions), "everything to be Complete", 180, 0.5)
    wait_until(suite.is_quiet, "the suite to be at rest", 120, 0.5)


def _unsettled(suite: Suite, portions: Portions) -> list[str]:
    found = []
    for name in TENANTS:
        invoices, orders = portions.ids(name)
        wanted = {f"invoice/{number}" for number in invoices} | {
            f"purchase-order/{number}" for number in orders
        }
        ledger = suite.rows(
            "poller", "SELECT document FROM ledger WHERE tenant_id = :name AND state = 'done'", name=name
        )
        complete = {
            item["document"]
            for kind in ("invoices", "purchase-orders")
            for item in suite.listed(name, kind)
            if item["status"] == "Complete"
        }
        found += sorted(wanted - {row.document for row in ledger}) + sorted(wanted - complete)
        found += [f"stamp of {number}" for number in invoices - stamped_now(suite, name)]
    return found


def _shown(suite: Suite) -> list[tuple[Any, ...]]:
    """What the read model shows of every document."""
    query = "SELECT tenant_id, kind, id, revision, status, cause, synced_number, synced_total, first_synced_at FROM document ORDER BY 1, 2, 3"
    return [tuple(row) for row in suite.rows("status-api", query)]
