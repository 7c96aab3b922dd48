"""Lines of a purchase order: items in the order of their ids, then the freight."""

from __future__ import annotations

from decimal import Decimal

from invoice_amounts import (
    LARGEST_LINE_AMOUNT,
    as_one,
    exact_tax,
    expressible,
    round_half_up,
    times,
)
from invoice_events.types import AutotaskOrderLine, PurchaseOrderDiscovered
from mapper.core.choices import Choice, usable_account, usable_tax
from mapper.core.line_texts import quantity_and_rate
from mapper.core.lines import INEXACT, too_large_for_xero
from mapper.core.problems import Problem, problem
from mapper.core.rules import Rules, TaxType
from mapper.core.texts import clean
from mapper.core.writing import Coding, Plan, put

UNIT_DECIMALS = 4
"""Unit prices of purchase orders always have four decimals in Xero."""

FREIGHT = "Freight"
_NOTHING_ORDERED = "since its quantity is 0"


def plan_order(
    event: PurchaseOrderDiscovered, rules: Rules, unit: Decimal
) -> tuple[list[Plan], list[Problem]]:
    """How each line is put, or everything that is wrong with them.

    Autotask keeps no amounts of an order's lines, so an amount is quantity times cost, rounded half up to the currency's minor
    unit; so is the tax of amount times rate. Both are sent, or vouched for by the prediction: Xero's own way of rounding
    decides nothing.
    """
    plans: list[Plan] = []
    problems: list[Problem] = []
    tax = _tax(event, rules)
    if isinstance(tax, Problem):
        problems.append(tax)
    for item in sorted(event["lines"], key=lambda line: line["id"]):
        account = _item_account(item, rules)
        amount = round_half_up(times(item["quantity"], item["unit_cost"]), unit)
        found = _problems(f"line {item['id']}", account, amount)
        problems += found
        if not (found or isinstance(account, Problem) or isinstance(tax, Problem)):
            plans.append(_item(item, amount, Coding(account, *tax), unit))
    freight = round_half_up(event["order"]["freight"], unit)
    if freight:
        account = _freight_account(rules)
        found = _problems("freight", account, freight)
        problems += found
        if not (found or isinstance(account, Problem) or isinstance(tax, Problem)):
            plans.append(_freight(freight, Coding(account, *tax), unit))
    return plans, problems


def _problems(place: str, account: Choice | Problem, amount: Decimal) -> list[Problem]:
    found = [account] if isinstance(account, Problem) else []
    if abs(amount) > LARGEST_LINE_AMOUNT:
        found.append(too_large_for_xero(place, amount))
    return found


def _item(item: AutotaskOrderLine, amount: Decimal, coding: Coding, unit: Decimal) -> Plan:
    tax = round_half_up(exact_tax(amount, coding.tax_type.rate), unit)
    price = expressible(item["quantity"], item["unit_cost"], amount, UNIT_DECIMALS, tax)
    note = why_one = ""
    if price is None:
        price = as_one(amount)
        # Also where nothing is ordered: one times nothing would look like one piece.
        note = f"\n{quantity_and_rate(item['quantity'], item['unit_cost'])}"
        why_one = INEXACT if item["quantity"] else _NOTHING_ORDERED
    why = f"line {item['id']}: {coding.account.why}; {coding.tax.why}; {put(price, why_one)}"
    return Plan(item_text(item), note, price, amount, tax, coding, why)


def _freight(amount: Decimal, coding: Coding, unit: Decimal) -> Plan:
    tax = round_half_up(exact_tax(amount, coding.tax_type.rate), unit)
    why = f"freight: {coding.account.why}; {coding.tax.why}; {put(as_one(amount))}"
    return Plan(FREIGHT, "", as_one(amount), amount, tax, coding, why)


def item_text(item: AutotaskOrderLine) -> str:
    """The product's name with the item's memo below, if that says something else; else the memo; else the item's id."""
    name, memo = clean(item["product_name"] or ""), clean(item["memo"])
    if name and memo and memo != name:
        return f"{name}\n{memo}"
    return name or memo or f"Autotask purchase order item {item['id']}"


def _item_account(item: AutotaskOrderLine, rules: Rules) -> Choice | Problem:
    """By product, else the orders' account."""
    settings, product = rules.settings["purchase_orders"], item["product_id"]
    place = f"line {item['id']}: "
    account = None if product is None else settings["account_by_product"].get(str(product))
    if account is not None:
        return usable_account(
            Choice(account, f"product {product} → account {account} by product"),
            place,
            rules.purchase_accounts,
        )
    if settings["account"] is None:
        return problem(
            "ACCOUNT_MISSING", f"{place}product {product} has no account, and purchase orders have none"
        )
    return usable_account(_orders_account(settings["account"]), place, rules.purchase_accounts)


def _freight_account(rules: Rules) -> Choice | Problem:
    settings = rules.settings["purchase_orders"]
    if settings["freight_account"] is not None:
        account = settings["freight_account"]
        return usable_account(
            Choice(account, f"account {account} for freight"), "freight: ", rules.purchase_accounts
        )
    if settings["account"] is None:
        return problem("ACCOUNT_MISSING", "freight: neither freight nor purchase orders have an account")
    return usable_account(_orders_account(settings["account"]), "freight: ", rules.purchase_accounts)


def _orders_account(account: str) -> Choice:
    return Choice(account, f"account {account} by default")


def _tax(event: PurchaseOrderDiscovered, rules: Rules) -> tuple[Choice, TaxType] | Problem:
    """One tax type for the whole order: by its tax region, else the orders' one."""
    settings, region = rules.settings["purchase_orders"], event["order"]["tax_region_id"]
    name = None if region is None else settings["tax_by_region"].get(str(region))
    why = f"tax type {name} by region {region}"
    if name is None:
        name = settings["tax"]
        why = f"tax type {name} by default"
    if name is None:
        return problem(
            "TAX_MISSING", f"nothing is set for tax region {region}, and purchase orders have no tax type"
        )
    return usable_tax(Choice(name, why), "", rules.tax_types, "purchases")
