"""Purchase orders from Autotask to Xero and what becomes of them later; invoices that are voided after they went over."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from simulators.books.model import Books, ImportAs
from simulators.books.plain import generate_plain
from tests.end_to_end.replay import assert_a_replay_changes_nothing
from tests.end_to_end.suite import Suite, running_suite, today
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

VOIDS = {"void_autotask_invoices": True}
BACKLOG, ORDERS = 50, 5
MODES: tuple[ImportAs, ...] = ("draft", "approved")
THROTTLED: dict[str, Any] = {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}


def _books() -> Books:
    day = today()
    made = [
        generate_plain(1, today=day, tenants=("orders",), orders=3, options=VOIDS),
        generate_plain(BACKLOG, today=day, tenants=("backlog",), orders=ORDERS),
        generate_plain(2, today=day, tenants=("stuck",), orders=1),
        generate_plain(2, today=day, tenants=("kept",), orders=1),
        *(
            generate_plain(3, today=day, tenants=(f"voids-{mode}",), import_as=mode, options=VOIDS)
            for mode in MODES
        ),
    ]
    return Books(tuple(tenant for books in made for tenant in books.tenants))


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    books = _books()
    loaded = {tenant.tenant: [*tenant.fates, *tenant.orders] for tenant in books.tenants}
    for held_back in ("backlog", "stuck"):
        loaded[held_back] = []
    with running_suite(books, tmp_path_factory.mktemp("orders"), loaded=loaded) as running:
        yield running


def test_no_purchase_order_is_altered_or_hidden_on_its_way(suite: Suite) -> None:
    tenant = suite.books.tenant("orders")
    for number, fate in tenant.orders.items():
        shown = suite.await_complete("orders", f"purchase-orders/{number}")
        assert fate.document is not None
        assert shown["xero"]["number"] == f"PO:{number}"
        assert shown["xero"]["status"] == "AUTHORISED"
        assert Decimal(shown["xero"]["total"]) == fate.document.total
        assert shown["vendor"]["name"]
        assert shown["changed_since"] is None
    suite.await_stamped("orders", set(tenant.fates))
    comparison = suite.comparison(tenant)
    assert comparison.problems == []
    assert comparison.orders == 3
    listed = suite.status.get("tenants/orders/purchase-orders")["items"]
    assert {item["id"] for item in listed} == set(tenant.orders)


def test_a_later_edit_is_shown_and_goes_over_only_by_a_resync(suite: Suite) -> None:
    name, number = "orders", next(iter(suite.books.tenant("orders").orders))
    suite.await_complete(name, f"purchase-orders/{number}")
    before = _order(suite, name, number)
    pages = suite.autotask.in_autotask(name)
    item = next(each for each in pages.records("PurchaseOrderItems") if each["orderID"] == number)
    pages.put("PurchaseOrderItems", {"id": item["id"], "quantity": int(item["quantity"]) + 1})
    # The header changes too: items alone are looked at more seldom.
    pages.change_order(number, generalMemo="Deliver to the back door.")
    shown = wait_until(
        lambda: (found := _shown(suite, name, f"purchase-orders/{number}"))["changed_since"] and found,
        "the edit to be shown",
        pause=0.5,
    )
    assert shown["status"] == "Complete"
    assert _order(suite, name, number) == before
    _resync(suite, name, f"purchase-order/{number}", f"purchase-orders/{number}")
    after = _order(suite, name, number)
    assert after["PurchaseOrderID"] == before["PurchaseOrderID"]
    assert Decimal(after["SubTotal"]) > Decimal(before["SubTotal"])
    assert any("Deliver to the back door." in (line["Description"] or "") for line in after["LineItems"])
    wait_until(
        lambda: _shown(suite, name, f"purchase-orders/{number}")["changed_since"] is None,
        "the edit to be no news any more",
        pause=0.5,
    )


def test_a_cancelled_order_never_stays_in_xero(suite: Suite) -> None:
    name, number = "orders", list(suite.books.tenant("orders").orders)[1]
    suite.await_complete(name, f"purchase-orders/{number}")
    suite.autotask.in_autotask(name).cancel_order(number)
    wait_until(
        lambda: _order(suite, name, number)["Status"] == "DELETED", "the order to be deleted", pause=0.5
    )
    shown = wait_until(
        lambda: (
            (found := _shown(suite, name, f"purchase-orders/{number}"))["xero"]["status"] == "DELETED"
            and found
        ),
        "the deletion to be shown",
    )
    assert shown["status"] == "Complete"


def test_without_the_option_nothing_is_taken_out_of_xero(suite: Suite) -> None:
    tenant = suite.books.tenant("kept")
    [order], invoices = tenant.orders, list(tenant.fates)
    suite.await_stamped("kept", set(invoices))
    suite.await_complete("kept", f"purchase-orders/{order}")
    pages = suite.autotask.in_autotask("kept")
    pages.void_invoice(invoices[0], lines="detached")
    pages.cancel_order(order)
    before = suite.last_call(suite.xero)
    # A resync of the other invoice has gone through the whole pipeline after the void was there to be seen.
    _resync(suite, "kept", f"invoice/{invoices[1]}", f"invoices/{invoices[1]}")
    assert [call for call in suite.writes(before) if call["tenant"] == "kept"] == []
    comparison = suite.comparison(tenant)
    assert comparison.problems == []
    assert (comparison.documents, comparison.orders) == (2, 1)


def test_no_order_is_written_before_a_backlog_of_invoices(suite: Suite) -> None:
    tenant = suite.books.tenant("backlog")
    wait_until(
        lambda: [event for event in suite.topics.events(names.REFERENCE) if event["tenant_id"] == "backlog"],
        "the reference data of the tenant",
        pause=0.5,
    )
    suite.xero.plant(
        {"path": "/api.xro/.*", "tenant": "backlog"}, THROTTLED, times=None
    )  # all of it waits in the writer before the first call
    suite.add_invoices(tenant, list(tenant.fates))
    suite.add_orders(tenant, list(tenant.orders))
    waiting = "SELECT document FROM work WHERE tenant_id = 'backlog'"
    wait_until(
        lambda: len(suite.rows("xero-writer", waiting)) == BACKLOG + ORDERS, "all of it to wait", 120, 0.5
    )
    planted = suite.last_call(suite.xero)
    suite.xero.clear_faults()
    suite.await_stamped("backlog", set(tenant.fates))
    for number in tenant.orders:
        suite.await_complete("backlog", f"purchase-orders/{number}")
    calls = [call for call in suite.xero.calls(planted) if call["tenant"] == "backlog"]
    invoices = [call["seq"] for call in calls if "/Invoices" in call["path"] and call["status"] == 200]
    orders = [call["seq"] for call in calls if "/PurchaseOrders" in call["path"]]
    assert invoices
    assert orders
    assert min(orders) > max(invoices)
    assert suite.comparison(tenant).problems == []


def test_an_invoice_at_fault_never_blocks_purchase_orders(suite: Suite) -> None:
    tenant = suite.books.tenant("stuck")
    bad, good = tenant.fates
    [order] = tenant.orders
    for invoice in tenant.autotask["entities"]["Invoices"]:
        if invoice["id"] == bad:
            invoice["invoiceTotal"] += 1  # its lines do not add up to it
    suite.add_invoices(tenant, [bad, good])
    wait_until(
        lambda: (_shown(suite, "stuck", f"invoices/{bad}") or {}).get("status") == "Fault",
        "the fault of the invoice",
        120,
        0.5,
    )
    suite.add_orders(tenant, [order])
    suite.await_complete("stuck", f"purchase-orders/{order}")
    assert _shown(suite, "stuck", f"invoices/{bad}")["status"] == "Fault"


@pytest.mark.parametrize(("mode", "ends"), [("draft", "DELETED"), ("approved", "VOIDED")])
def test_an_invoice_voided_in_autotask_never_stays_in_xero(suite: Suite, mode: str, ends: str) -> None:
    name = f"voids-{mode}"
    tenant = suite.books.tenant(name)
    voided, _, other = tenant.fates
    suite.await_stamped(name, set(tenant.fates))
    pages = suite.autotask.in_autotask(name)
    pages.void_invoice(voided, lines="detached")
    wait_until(
        lambda: _invoice(suite, name, voided)["Status"] == ends, f"the invoice to be {ends}", pause=0.5
    )
    shown = wait_until(
        lambda: (found := _shown(suite, name, f"invoices/{voided}"))["xero"]["status"] == ends and found,
        "the void to be shown",
    )
    assert (shown["status"], shown["synced"]["outcome"]) == ("Complete", "voided")
    document = _invoice(suite, name, voided)
    assert document["InvoiceNumber"] == f"INV:{voided}"  # nothing was wrong with it: no suffix
    assert suite.comparison(tenant).documents == 2
    assert _invoice(suite, name, other)["Status"] == {"draft": "DRAFT", "approved": "AUTHORISED"}[mode]


def test_a_paid_invoice_is_never_voided_and_says_why(suite: Suite) -> None:
    name = "voids-approved"
    tenant = suite.books.tenant(name)
    _, number, _ = tenant.fates
    suite.await_stamped(name, set(tenant.fates))
    paid = _invoice(suite, name, number)
    suite.xero.in_xero(name).pay(paid["InvoiceID"])
    before = _invoice(suite, name, number)
    since = suite.last_call(suite.xero)
    suite.autotask.in_autotask(name).void_invoice(number)
    shown = wait_until(
        lambda: (found := _shown(suite, name, f"invoices/{number}"))["status"] == "Fault" and found,
        "the refusal",
        120,
        0.5,
    )
    assert shown["cause"]["code"] == "LOCKED_BY_PAYMENT"
    assert shown["cause"]["text"]
    assert _invoice(suite, name, number) == before
    assert [call for call in suite.writes(since) if call["tenant"] == name] == []


def test_a_replay_after_orders_and_voids_changes_nothing(suite: Suite) -> None:
    for tenant in suite.books.tenants:
        for name in tenant.by_document():
            _await_an_end(suite, tenant.tenant, name)
    assert_a_replay_changes_nothing(suite)


def _await_an_end(suite: Suite, tenant: str, document: str) -> None:
    """Some of these are not there if this test runs alone; what is there has to come to rest."""
    kind, _, number = document.partition("/")
    wait_until(
        lambda: (
            (item := _shown(suite, tenant, f"{kind}s/{number}")) is None
            or item["status"] in {"Complete", "Fault"}
        ),
        f"the end of {document} of {tenant}",
        120,
        0.5,
    )


def _shown(suite: Suite, tenant: str, path: str) -> Any:  # noqa: ANN401  # any JSON
    return suite.shown(tenant, path)


def _resync(suite: Suite, tenant: str, document: str, path: str) -> None:
    command = suite.status.command(tenant, "resync", document)["command_id"]
    wait_until(
        lambda: suite.status.get(f"tenants/{tenant}/commands/{command}")["state"] == "done",
        f"resync of {document}",
        pause=0.5,
    )
    suite.await_complete(tenant, path)


def _order(suite: Suite, tenant: str, number: int) -> dict[str, Any]:
    [found] = [
        one
        for one in suite.xero.books(tenant)["purchase_orders"]
        if one["PurchaseOrderNumber"] == f"PO:{number}"
    ]
    return dict(found)


def _invoice(suite: Suite, tenant: str, number: int) -> dict[str, Any]:
    [found] = [
        one
        for one in suite.xero.books(tenant)["invoices"]
        if str(one["Url"]).endswith(f"#sync=invoice/{number}")
    ]
    return dict(found)
