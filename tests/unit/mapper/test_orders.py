from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from mapper.core.mapping import UnsupportedWorkError
from mapper.core.texts import units
from tests.unit.mapper.conftest import NOW
from tests.unit.mapper.orders import item, mapped_order, order, order_event, order_of

D = Decimal
X = "\N{MULTIPLICATION SIGN}"
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def test_an_ordinary_order_goes_over_unaltered() -> None:
    event = order_event(order([item(1, "2", "310.2575"), item(2, "4", "25")]))
    assert event["xero_kind"] == "purchase_order"
    assert order_of(event) == {
        "number": "PO:771",
        "reference": "PO-2026-0031 [PO 771]",
        "date": date(2026, 5, 14),
        "currency": "NZD",
        "status": "DRAFT",
        "sent_to_contact": False,
        "branding_theme_id": None,
        "unit_decimals": 4,
        "lines": [
            {
                "description": "Product 1", "quantity": D(2), "unit_amount": D("310.2575"), "account_code": "630",
                "tax_type": "INPUT2", "tax_amount": D("93.08"), "tracking": [],
            },
            {
                "description": "Product 2", "quantity": D(4), "unit_amount": D(25), "account_code": "630",
                "tax_type": "INPUT2", "tax_amount": D("15.00"), "tracking": [],
            },
        ],
        "delivery_date": date(2026, 5, 28),
        "delivery_address": "1 Main St\nLeeds LS1 1AA",
        "attention_to": "Acme Managed IT",
        "telephone": "+44 113 4960000",
    }  # fmt: skip
    assert event["prediction"] == {
        "sub_total": D("720.52"),
        "total_tax": D("108.08"),
        "total": D("828.60"),
        "lines": [
            {"line_amount": D("620.52"), "tax_amount": D("93.08")},
            {"line_amount": D("100.00"), "tax_amount": D("15.00")},
        ],
    }
    assert event["decisions"] == [
        "number PO:771 by the Autotask id",
        f"line 1: account 630 by default; tax type INPUT2 by default; sent as 2 {X} 310.2575",
        f"line 2: account 630 by default; tax type INPUT2 by default; sent as 4 {X} 25",
    ]
    assert CODEC.decode(names.ORDER_MAPPED, CODEC.encode(names.ORDER_MAPPED, dict(event))) == event


def test_the_event_says_whose_try_it_is_and_what_it_was_made_with() -> None:
    source = order(
        [item(1, "1", "1")], attempt=2, command_id="c-1", xero_document_id="x", priority="backfill"
    )
    event = order_event(source)
    for field in (
        "tenant_id",
        "document",
        "revision",
        "attempt",
        "command_id",
        "xero_document_id",
        "priority",
    ):
        assert event[field] == source[field]
    assert (event["settings_version"], event["occurred_at"]) == (3, NOW)
    assert event["number_is_ours"]
    assert mapped_order(source) == mapped_order(source)


@pytest.mark.parametrize(
    "change", [{"purpose": "guess"}, {"document": "purchase-order/1"}, {"document": "invoice/771"}]
)
def test_work_that_is_not_understood_is_refused_loudly(change: dict[str, str]) -> None:
    with pytest.raises(UnsupportedWorkError):
        mapped_order(order([item(1, "1", "1")], **change))


@pytest.mark.parametrize("status", ["draft", "submitted", "authorised", "billed"])
def test_an_order_has_the_status_that_was_chosen_and_is_never_marked_sent(status: str) -> None:
    xero = order_of(order_event(order([item(1, "1", "1")]), initial_status=status))
    assert (xero["status"], xero["sent_to_contact"]) == (status.upper(), False)


def test_people_find_an_order_by_each_of_its_numbers_and_the_mark_is_never_cut() -> None:
    lines = [item(1, "1", "1")]
    found = order_of(order_event(order(lines, external_number=" E\t1 ", vendor_invoice_number="V-9")))
    assert found["reference"] == "PO-2026-0031, E 1, V-9 [PO 771]"
    assert (
        order_of(order_event(order(lines, number="", vendor_invoice_number="V-9")))["reference"]
        == "V-9 [PO 771]"
    )
    assert order_of(order_event(order(lines, number="")))["reference"] == "[PO 771]"
    long = order_of(order_event(order(lines, external_number="x" * 300)))["reference"]
    assert units(long) == 255
    assert long.endswith("… [PO 771]")


def test_lines_stand_in_the_order_of_their_ids_on_every_read() -> None:
    lines = [item(3, "1", "3"), item(1, "1", "1"), item(2, "1", "2")]
    for given in (lines, lines[::-1]):
        shown = [each["description"] for each in order_of(order_event(order(given)))["lines"]]
        assert shown == ["Product 1", "Product 2", "Product 3"]


@pytest.mark.parametrize(
    ("name", "memo", "text"),
    [
        ("Switch", "", "Switch"),
        ("Switch", "24 ports\nrack ears", "Switch\n24 ports\nrack ears"),
        ("Switch", " Switch ", "Switch"),
        (None, "Patch panel\n24 ports", "Patch panel\n24 ports"),
        ("\x00", "", "Autotask purchase order item 9"),
        (None, " ", "Autotask purchase order item 9"),
    ],
)
def test_an_item_says_what_is_ordered_once_and_is_never_empty(name: str | None, memo: str, text: str) -> None:
    lines = [item(9, "1", "1", product_name=name, memo=memo)]
    assert order_of(order_event(order(lines)))["lines"][0]["description"] == text


@pytest.mark.parametrize(
    ("quantity", "cost", "amount", "note"),
    [
        ("1000", "0.16485", "164.85", f"1000 {X} 0.16485"),  # five decimals of the cost
        ("3", "0.115", "0.35", f"3 {X} 0.115"),  # 0.345: half up and half even differ
    ],
)
def test_what_xero_might_multiply_otherwise_goes_as_one_with_the_original_in_words(
    quantity: str, cost: str, amount: str, note: str
) -> None:
    shown = order_of(order_event(order([item(1, quantity, cost)])))["lines"][0]
    assert (shown["quantity"], shown["unit_amount"]) == (D(1), D(amount))
    assert shown["description"] == f"Product 1\n{note}"


@pytest.mark.parametrize(("cost", "note"), [("310.2575", f"0 {X} 310.2575"), ("0", f"0 {X} 0.00")])
def test_an_item_of_which_nothing_is_ordered_does_not_look_like_one_piece(cost: str, note: str) -> None:
    event = order_event(order([item(1, "0", cost), item(2, "1", "5")]))
    shown = order_of(event)["lines"][0]
    assert (shown["quantity"], shown["unit_amount"], shown["description"]) == (
        D(1),
        D(0),
        f"Product 1\n{note}",
    )
    assert any(f"sent as 1 {X} 0.00, since its quantity is 0" in why for why in event["decisions"])


def test_a_returned_item_is_a_negative_price_not_a_negative_quantity() -> None:
    shown = order_of(order_event(order([item(1, "-2", "10"), item(2, "3", "10")])))["lines"][0]
    assert (shown["quantity"], shown["unit_amount"], shown["tax_amount"]) == (D(2), D(-10), D("-3.00"))


def test_freight_is_the_last_line_and_the_memo_stands_below_everything() -> None:
    event = order_event(
        order([item(1, "1", "10")], freight=D("15.50"), memo="Back door\n" + "y" * 5000),
        freight_account="425",
    )
    lines = order_of(event)["lines"]
    assert [each["description"][:9] for each in lines] == ["Product 1", "Freight", "Back door", "yyyyyyyyy"]
    assert (lines[1]["account_code"], lines[1]["unit_amount"], lines[1]["tax_amount"]) == (
        "425",
        D("15.50"),
        D("2.33"),
    )
    assert "".join(each["description"] for each in lines[2:]) == "Back door\n" + "y" * 5000
    assert all(each["quantity"] is None and each["account_code"] is None for each in lines[2:])
    assert event["prediction"]
    assert event["prediction"]["total"] == D("29.33")
    assert any(decision.startswith("freight: account 425 for freight") for decision in event["decisions"])


def test_freight_is_booked_like_the_other_lines_unless_it_has_an_account() -> None:
    lines = order_of(order_event(order([item(1, "1", "10")], freight=D(5))))["lines"]
    assert [each["account_code"] for each in lines] == ["630", "630"]
    assert len(order_of(order_event(order([item(1, "1", "10")])))["lines"]) == 1


def test_a_products_account_and_a_regions_tax_type_win() -> None:
    lines = [item(1, "1", "10"), item(2, "1", "10", product_id=56), item(3, "1", "10", product_id=None)]
    event = order_event(
        order(lines), account_by_product={"56": "425"}, tax_by_region={"5": "NONE"}, tax="NOWHERE"
    )
    shown = order_of(event)["lines"]
    assert [each["account_code"] for each in shown] == ["630", "425", "630"]
    assert {each["tax_type"] for each in shown} == {"NONE"}
    assert (
        f"line 2: product 56 → account 425 by product; tax type NONE by region 5; sent as 1 {X} 10"
        in event["decisions"]
    )


def test_an_address_has_no_empty_lines() -> None:
    changes = {
        "ship_to_address_1": "", "ship_to_address_2": "Level\n2", "ship_to_city": "", "ship_to_state": "CA",
        "ship_to_postal_code": "",
    }  # fmt: skip
    assert order_of(order_event(order([item(1, "1", "1")], **changes)))["delivery_address"] == "Level 2\nCA"


def test_a_branding_theme_and_tracking_of_invoices_are_not_for_orders() -> None:
    rule = {"category": "Department", "source": "account", "default": "Projects"}
    xero = order_of(order_event(order([item(1, "1", "1")]), branding_theme="Retail invoice", tracking=[rule]))
    assert xero["branding_theme_id"] is None
    assert xero["lines"][0]["tracking"] == []
