"""Hypothesis strategies of settings, invoices and orders as tenants have them: mostly sound, sometimes not."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st

from invoice_events.settings import Settings, effective_settings, settings_problems, settings_schema
from invoice_events.types import (
    AutotaskLine,
    AutotaskOrderLine,
    InvoiceDiscovered,
    PurchaseOrderDiscovered,
    XeroReference,
)
from tests.unit.mapper.conftest import BILLING_CODE, RETAIL, invoice, line, reference
from tests.unit.mapper.orders import item, order

D = Decimal
CENT, STORED = D("0.01"), D("0.0001")
YEN = "JPY"
PERCENT = {"OUTPUT2": D(15), "TAX5": D(5), "TAX10": D(10), "TAX20": D(20), "TAX8875": D("8.875")}
"""Tax types that make tax, with their rates: those of New Zealand, Britain, Australia and New York."""

CATEGORIES: dict[int | None, str] = {
    None: "OUTPUT2", 2: "OUTPUT2", 7: "OUTPUT2", 11: "TAX5", 12: "TAX10", 13: "TAX20", 14: "TAX8875",
}  # fmt: skip
"""The tax type that makes Autotask's tax, by the line's tax category; the default's are those of the first two."""

RULES = [
    {"region": "5", "category": str(category), "type": CATEGORIES[category]} for category in (11, 12, 13, 14)
]


def organisation() -> XeroReference:
    """The made-up organisation with tax types of every rate, and a currency that has no cents."""
    known = reference(currencies=["NZD", "AUD", YEN])
    like = known["tax_rates"][0]
    for name, percent in PERCENT.items():
        if name != like["tax_type"]:
            known["tax_rates"].append(like | {"tax_type": name, "effective_rate": percent})
    return known


def unit_of(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return D(1) if currency == YEN else CENT


_words = st.sampled_from(
    ["", "Mailbox", "Gold\nall inclusive", "\x00", "é漢\N{SLIGHTLY SMILING FACE}", "a b  c", "x" * 4100]
)


def some(*values: object) -> st.SearchStrategy[Any]:
    """One of these."""
    return st.sampled_from(values)


def tracking() -> st.SearchStrategy[Any]:
    """None, one or both of Xero's categories, by anything."""
    sources = some("territory", "line_of_business", "account")

    def rule(category: str, options: dict[str, str], default: str) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(
            {
                "category": st.just(category),
                "source": sources,
                "options": some({}, options),
                "default": some(None, default),
            }
        )

    region = rule("Region", {"North Island": "North", "Desk": "South", "200": "other"}, "Other")
    department = rule("department", {"North Island": "Projects", "Desk": "Service desk"}, "Projects")
    return st.one_of(st.just([]), st.tuples(region).map(list), st.tuples(region, department).map(list))


OPEN_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "days_back": st.integers(1, 365),
    "time_zone": some("UTC", "Pacific/Auckland"),
    "contact_links": some({}, {"318": RETAIL, "402": RETAIL}),
    "accounts_contact_udf": some({}, {"name": "Role"}),
    "branding_theme": some(None, "retail invoice", RETAIL),
    "accounts": st.fixed_dictionaries(
        {
            "default": some("260", "425"),
            "by_billing_code": some({}, {str(BILLING_CODE): "200"}),
            "by_line_type": some({}, {"4": "425"}),
        }
    ),
    "taxes": st.fixed_dictionaries(
        {
            "default": some("OUTPUT2"),
            "zero_rated": some("ZERORATED", "NONE"),
            "by_region_and_category": some(
                RULES, [*RULES, {"region": "5", "category": "7", "type": "OUTPUT2"}]
            ),
        }
    ),
    "tracking": tracking(),
    "amount_tolerance": some("0.00", "0", "0.0000"),
    "alerts": some({}, {"on": False}, {"detailed": True, "targets": ["desk"]}),
    "purchase_orders": st.fixed_dictionaries(
        {
            "enabled": st.booleans(),
            "initial_status": some("draft", "submitted", "authorised", "billed"),
            "account": some("630", "425"),
            "freight_account": some(None, "425"),
            "account_by_product": some({}, {"55": "425"}),
            "tax": some("INPUT2", "NONE", "TAX5", "TAX20", "TAX8875"),
            "tax_by_region": some({}, {"5": "NONE"}, {"5": "TAX10"}),
        }
    ),
    "quiet_mode": some({}, {"enabled": True}),
    "autotask_budget_share": st.floats(0, 1),
}
"""Values of settings that are neither a choice nor a switch; the tolerance is always nothing."""

UNSOUND: dict[str, st.SearchStrategy[Any]] = {
    "branding_theme": some("Wholesale"),
    "accounts": some({}, {"default": "299"}, {"default": "777"}),
    "taxes": some(
        {}, {"default": "OLD"}, {"default": "OUTPUT2"}, {"default": "INPUT2", "zero_rated": "ZERORATED"}
    ),
    "tracking": some(
        [{"category": "Nothing", "source": "account"}],
        [{"category": "Region", "source": "account", "default": "Old"}],
    ),
    "amount_basis": some(
        "extended_price_net", "extended_price_gross", "total_amount_net", "total_amount_gross"
    ),
    "purchase_orders": some(
        {}, {"account": "090", "tax": "INPUT2"}, {"account": "630"}, {"account": "630", "tax": "OLD"}
    ),
}
"""Valid values of settings that Xero or the invoice may not agree with."""


def rarely(draw: st.DrawFn) -> bool:
    """Now and then."""
    return draw(st.integers(0, 24)) == 7  # neither end, which Hypothesis likes


@st.composite
def settings(draw: st.DrawFn, /, **fixed: object) -> Settings:
    """Valid settings of every kind; a setting of the schema without values here fails."""
    document = {}
    for name, part in settings_schema()["properties"].items():
        if name in fixed:
            document[name] = fixed[name]
        elif name in UNSOUND and rarely(draw):
            document[name] = draw(UNSOUND[name])
        elif name == "amount_basis":
            document[name] = "auto"
        elif "enum" in part:
            document[name] = draw(st.sampled_from(part["enum"]))
        elif part["type"] == "boolean":
            document[name] = draw(st.booleans())
        else:
            document[name] = draw(OPEN_VALUES[name])
    assert settings_problems(document) == []
    return effective_settings(document)


@st.composite
def invoice_lines(draw: st.DrawFn, unit: Decimal) -> AutotaskLine:
    """A line as Autotask makes it: product of quantity and rate, posted to units or kept with four decimals, 0 if covered."""
    quantity = draw(st.decimals(min_value=-500, max_value=500, places=draw(st.integers(0, 4))))
    rate = draw(st.decimals(min_value=-300, max_value=300, places=draw(st.integers(0, 4))))
    extended = (quantity * rate).quantize(STORED, ROUND_HALF_UP)
    total = extended if draw(st.booleans()) else extended.quantize(unit, ROUND_HALF_UP)
    if draw(st.integers(0, 9)) == 0:
        total = D(0)
    net = total.quantize(unit, ROUND_HALF_UP)
    taxed = draw(st.booleans())
    category = draw(st.sampled_from(list(CATEGORIES))) if taxed else 2
    rate_percent = PERCENT[CATEGORIES[category]]
    tax = (net * rate_percent / 100).quantize(STORED, ROUND_HALF_UP) if taxed else D(0)
    line_id = draw(st.integers(1, 10**9))
    return line(
        line_id, "0", quantity=quantity, rate=rate, extended_price=extended, total_amount=total, tax=tax,
        description=f"<{line_id}>{draw(_words)}", item_name=f"<{line_id}>{draw(_words)}", type=draw(st.integers(1, 9)),
        group_id=draw(some(None, None, None, 1, 2)), group_description="Printed group", non_billable=draw(st.booleans()),
        billing_code_id=draw(some(None, BILLING_CODE)), tax_category_id=category,
        ticket_id=draw(some(None, 88231)), contract_id=draw(some(None, 5)), contract_name=draw(some(None, "Gold")),
        resource_name=draw(some(None, "Ada Byron")), date=draw(some(None, date(2026, 5, 6))),
        sort_order=draw(some(None, 1, 2, 3)), line_of_business=draw(some(None, "Desk", "Projects")),
    )  # fmt: skip


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceDiscovered:
    """An invoice whose total is made of its rounded lines, net or gross."""
    currency = draw(some("EUR", "KWD")) if rarely(draw) else draw(some("NZD", "AUD", YEN))
    unit = unit_of(currency)
    lines = draw(st.lists(invoice_lines(unit), min_size=1, max_size=10, unique_by=lambda each: each["id"]))
    net = sum((each["total_amount"].quantize(unit, ROUND_HALF_UP) for each in lines), D(0))
    tax = sum((each["tax"] for each in lines), D(0)).quantize(unit, ROUND_HALF_UP)
    event = invoice(
        lines, total=net + tax if draw(st.booleans()) else net, tax_total=tax, number=draw(some("", "é")) if rarely(draw) else "20260514-7",
        due_date=draw(some(None, date(2026, 6, 13))), currency=currency,
        order_number=draw(_words), generation=draw(some(1, 1, 2)), action=draw(some("create", "update")),
        is_voided=rarely(draw),
    )  # fmt: skip
    event["company"]["territory"] = draw(some(None, "North Island", "South"))
    if event["contact"] is not None:
        event["contact"]["email"] = "bob@" if rarely(draw) else draw(some("ada@contoso.example", ""))
    return event


@st.composite
def order_items(draw: st.DrawFn) -> AutotaskOrderLine:
    """An item of an order, now and then one that goes back."""
    item_id = draw(st.integers(1, 10**9))
    cost = draw(st.decimals(min_value=0, max_value=5000, places=draw(st.integers(0, 6))))
    return item(
        item_id, str(draw(st.integers(-3, 200))), str(cost), product_id=draw(some(None, 55, 56)),
        product_name=draw(some(None, f"<{item_id}>")), memo=f"<{item_id}>{draw(_words)}",
    )  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> PurchaseOrderDiscovered:
    """An order of some items, with or without freight and memo."""
    lines = draw(
        st.lists(
            order_items(), min_size=0 if rarely(draw) else 1, max_size=8, unique_by=lambda each: each["id"]
        )
    )
    return order(
        lines, freight=draw(some(D(0), D("15.50"), D("0.005"), D("-3"))), memo=draw(_words), number=draw(_words),
        currency="EUR" if rarely(draw) else draw(some("NZD", "AUD", YEN)), tax_region_id=draw(some(None, 5)),
        status=5 if rarely(draw) else 2,
        generation=draw(some(1, 2)), ship_to_address_2=draw(_words), expected_on=draw(some(None, date(2026, 5, 28))),
    )  # fmt: skip
