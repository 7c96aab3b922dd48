from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from simulators.books import Books, Fate, TenantBooks, generate
from simulators.books.money import cents
from simulators.books.orders import CANCELLED, NEW, RECEIVED_IN_FULL, SUBMITTED

TODAY = date(2026, 11, 22)
SEEDS = [1, 2, 3]


def books(seed: int) -> Books:
    return generate(seed, 120, today=TODAY)


def orders(tenant: TenantBooks) -> list[tuple[dict[str, Any], list[dict[str, Any]], Fate]]:
    entities = tenant.autotask["entities"]
    return [
        (
            order,
            [item for item in entities["PurchaseOrderItems"] if item["orderID"] == order["id"]],
            tenant.orders[order["id"]],
        )
        for order in entities["PurchaseOrders"]
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_status_and_no_planned_end_of_a_purchase_order_is_missing(seed: int) -> None:
    for tenant in books(seed).tenants:
        assert {order["status"] for order, _, _ in orders(tenant)} == set(range(NEW, CANCELLED + 1))
        assert len(tenant.orders) >= 12
        ends = {(fate.outcome, fate.cause) for fate in tenant.orders.values()}
        assert ends == {
            ("synced", "new"),
            ("fault", "CONTACT_NOT_FOUND"),
            ("fault", "NO_LINES"),
            ("not_discovered", "not_triggered"),
            ("not_discovered", "cancelled"),
            ("not_discovered", "out_of_window"),
        }


@pytest.mark.parametrize("seed", SEEDS)
def test_an_expected_purchase_order_never_disagrees_with_its_records(seed: int) -> None:
    for tenant in books(seed).tenants:
        rates = {rate["TaxType"]: rate["EffectiveRate"] for rate in tenant.xero["tax_rates"]}
        for order, items, fate in orders(tenant):
            if fate.document is None:
                continue
            amounts = [cents(item["quantity"] * item["unitCost"]) for item in items]
            amounts += [order["freight"]] if order["freight"] else []
            assert [line.amount for line in fate.document.lines] == amounts
            assert fate.document.sub_total == sum(amounts)
            for line in fate.document.lines:
                assert line.tax == cents(line.amount * rates[line.tax_type] / 100)
            assert fate.document.total_tax == sum(line.tax for line in fate.document.lines)
            assert fate.document.number == f"PO:{order['id']}"


def test_no_order_goes_over_before_its_trigger() -> None:
    triggers = {"acme": SUBMITTED, "northwind": RECEIVED_IN_FULL}
    for tenant in books(1).tenants:
        for order, _, fate in orders(tenant):
            reached = triggers[tenant.tenant] <= order["status"] < CANCELLED
            assert reached == (fate.cause not in {"not_triggered", "cancelled"})


@pytest.mark.parametrize("seed", SEEDS)
def test_an_order_that_goes_over_never_needs_something_that_xero_lacks(seed: int) -> None:
    for tenant in books(seed).tenants:
        accounts = {
            each["Code"] for each in tenant.xero["accounts"] if each["Type"] in {"DIRECTCOSTS", "EXPENSE"}
        }
        refused = {
            each["TaxType"] for each in tenant.xero["tax_rates"] if each.get("CanApplyToExpenses") is False
        }
        for _, _, fate in orders(tenant):
            if fate.document is not None:
                assert {line.account for line in fate.document.lines} <= accounts
                assert not {line.tax_type for line in fate.document.lines} & refused
                assert fate.document.currency in tenant.xero["currencies"]
        types = [each["TaxType"] for each in tenant.xero["tax_rates"]]
        assert len(set(types)) == len(types)


def test_an_order_that_goes_over_is_never_near_the_edge_of_the_window() -> None:
    for tenant in books(1).tenants:
        days_back = tenant.entry["settings"]["days_back"]
        for order, _, fate in orders(tenant):
            age = (TODAY - datetime.fromisoformat(order["createDateTime"]).date()).days
            assert (age > days_back + 1) == (fate.cause == "out_of_window")
            assert age >= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_gone_from_xero_unless_the_option_is_on(seed: int) -> None:
    for tenant in books(seed).tenants:
        option = tenant.entry["settings"].get("void_autotask_invoices", False)
        for fates, later in ((tenant.fates, "voided"), (tenant.orders, "cancelled")):
            assert {fate.later for fate in fates.values()} == {None, later}
            for fate in fates.values():
                assert fate.gone == (option and fate.later is not None)
                assert fate.later is None or fate.outcome == "synced"


def test_half_a_cent_is_always_rounded_up() -> None:
    [document] = [
        fate.document
        for fate in books(1).tenant("acme").orders.values()
        if "order_half_cents" in fate.tags and fate.document
    ]
    assert document.lines[0].amount == Decimal("0.13")
