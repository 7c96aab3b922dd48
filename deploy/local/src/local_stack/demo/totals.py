"""What both sides' own records add up to, by currency: so that nothing that was planned wrongly hides a difference."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = Mapping[str, Any]
Totals = dict[str, Decimal]

_CENT = Decimal("0.01")


def autotask_invoices(autotask: Json, fates: Mapping[str, Json]) -> Totals:
    """Gross totals of the invoices that had to go over, by the company's currency; negative ones count as they are.

    Args:
        autotask: the Autotask simulator's books.
        fates: of the documents that had to go over and stay, by name.
    """
    currency = _currencies(autotask)
    totals: Totals = {}
    for invoice in autotask["entities"].get("Invoices", ()):
        fate = fates.get(f"invoice/{invoice['id']}")
        if fate is not None:
            gross = Decimal(str(invoice["invoiceTotal"]))
            if fate["document"]["basis"] == "net":
                gross += Decimal(str(invoice["totalTaxValue"]))
            _add(totals, currency[invoice["companyID"]], gross)
    return totals


def autotask_orders(autotask: Json, fates: Mapping[str, Json]) -> Totals:
    """Net totals of the purchase orders that had to go over, by the vendor's currency: Autotask keeps no tax of them."""
    currency = _currencies(autotask)
    entities = autotask["entities"]
    net: dict[int, Decimal] = {}
    for item in entities.get("PurchaseOrderItems", ()):
        amount = Decimal(str(item["quantity"])) * Decimal(str(item["unitCost"]))
        net[item["orderID"]] = net.get(item["orderID"], Decimal(0)) + _cents(amount)
    totals: Totals = {}
    for order in entities.get("PurchaseOrders", ()):
        if f"purchase-order/{order['id']}" in fates:
            freight = _cents(Decimal(str(order.get("freight") or 0)))
            _add(totals, currency[order["vendorID"]], net.get(order["id"], Decimal(0)) + freight)
    return totals


def xero_invoices(documents: Iterable[Json]) -> Totals:
    """Totals of invoices and credit notes, credit notes negative."""
    totals: Totals = {}
    for document in documents:
        sign = -1 if document["Type"] == "ACCRECCREDIT" else 1
        _add(totals, document["CurrencyCode"], sign * Decimal(document["Total"]))
    return totals


def xero_orders(documents: Iterable[Json]) -> Totals:
    """Net totals of purchase orders."""
    totals: Totals = {}
    for document in documents:
        _add(totals, document["CurrencyCode"], Decimal(document["SubTotal"]))
    return totals


def _currencies(autotask: Json) -> dict[int, str]:
    """Currency by company."""
    entities = autotask["entities"]
    names = {currency["id"]: currency["name"] for currency in entities["Currencies"]}
    return {company["id"]: names[company["currencyID"]] for company in entities["Companies"]}


def _add(totals: Totals, currency: str, amount: Decimal) -> None:
    totals[currency] = totals.get(currency, Decimal(0)) + amount


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
