from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from mapper.core.outcome import OrderMapped
from tests.unit.mapper.conftest import fault_of, reference
from tests.unit.mapper.orders import item, mapped_order, order

D = Decimal


def test_a_fault_of_an_order_goes_to_the_orders_topic() -> None:
    outcome = mapped_order(order([]))
    fault = fault_of(outcome)
    assert (outcome.topic, fault["code"], fault["document"]) == (
        names.ORDER_FAULTED,
        "NO_LINES",
        "purchase-order/771",
    )
    assert (fault["strike"], fault["final"]) == (True, False)


def test_an_order_without_items_is_a_fault_even_where_invoices_are_skipped() -> None:
    outcome = mapped_order(order([], freight=D(10)), fault_when_no_lines=False)
    assert fault_of(outcome)["code"] == "NO_LINES"


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"account": None}, "ACCOUNT_MISSING", "line 1: product 55 has no account"),
        ({"account": "777"}, "ACCOUNT_INVALID", "no such account"),
        ({"account": "299"}, "ACCOUNT_INVALID", "ARCHIVED"),
        ({"account": "090"}, "ACCOUNT_INVALID", "bank account"),
        ({"account": "610"}, "ACCOUNT_INVALID", "DEBTORS"),
        ({"account_by_product": {"55": "299"}}, "ACCOUNT_INVALID", "product 55 → account 299 by product"),
        ({"freight_account": "299"}, "ACCOUNT_INVALID", "freight: account 299 for freight"),
        ({"account": None, "account_by_product": {"55": "630"}}, "ACCOUNT_MISSING", "freight: neither"),
        ({"tax": None}, "TAX_MISSING", "nothing is set for tax region 5"),
        ({"tax": "OLD"}, "TAX_INVALID", "DELETED"),
        ({"tax": "NOWHERE"}, "TAX_INVALID", "no such tax type"),
        ({"tax_by_region": {"5": "SALES"}}, "TAX_INVALID", "tax type SALES by region 5, but it does not apply"),
    ],
)  # fmt: skip
def test_accounts_and_tax_types_are_never_guessed_and_refused_before_the_write(
    settings: dict[str, Any], code: str, words: str
) -> None:
    xero = reference()
    xero["tax_rates"].append(xero["tax_rates"][0] | {"tax_type": "SALES", "can_apply_to_expenses": False})
    fault = fault_of(mapped_order(order([item(1, "1", "10")], freight=D(1)), xero, **settings))
    assert fault["code"] == code
    assert (
        code != "TAX_INVALID"
        or fault["text"] == "Tax type can not be used on purchases in this Xero organisation"
    )
    assert any(words in detail for detail in fault["details"])


def test_a_sales_tax_type_of_which_nothing_else_is_known_may_be_used() -> None:
    assert isinstance(mapped_order(order([item(1, "1", "10")]), tax="OUTPUT2"), OrderMapped)


def test_stock_and_cost_accounts_may_be_used() -> None:
    for account in ("630", "425", "200"):
        assert isinstance(mapped_order(order([item(1, "1", "10")]), account=account), OrderMapped)


def test_every_fault_of_an_order_is_told_at_once() -> None:
    source = order([item(1, "1", "10"), item(2, "100000000", "1000")], currency="EUR")
    fault = fault_of(mapped_order(source, account="299", tax=None))
    assert fault["code"] == "AMOUNT_PRECISION"
    others = {detail.partition(":")[0] for detail in fault["details"]}
    assert {"CURRENCY_NOT_SUBSCRIBED", "ACCOUNT_INVALID", "TAX_MISSING"} <= others


def test_a_currency_with_three_decimals_is_not_rounded_to_two() -> None:
    outcome = mapped_order(order([item(1, "1", "10.123")], currency="KWD"), reference(currencies=["KWD"]))
    assert fault_of(outcome)["code"] == "AMOUNT_PRECISION"


def test_an_order_in_a_currency_without_decimals_has_none() -> None:
    outcome = mapped_order(
        order([item(1, "3", "333.3")], currency="JPY"), reference(currencies=["JPY"]), tax="INPUT2"
    )
    assert isinstance(outcome, OrderMapped)
    assert outcome.event["prediction"]
    assert (outcome.event["prediction"]["sub_total"], outcome.event["prediction"]["total_tax"]) == (
        D(1000),
        D(150),
    )
