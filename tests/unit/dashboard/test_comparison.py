"""Autotask's lines beside Xero's: what belongs together, and what differs."""

from __future__ import annotations

from typing import Any

from dashboard.core.compared_totals import basis_words
from dashboard.core.comparison import Comparison, compare

Json = dict[str, Any]
NET = "amounts: lines by extendedPrice, the invoice's total is net"
GROSS = "amounts: lines by extendedPrice, the invoice's total includes tax"


def source(number: int, **changed: Any) -> Json:  # noqa: ANN401  # any JSON
    plain: Json = {
        "id": number,
        "item_name": "Support",
        "description": "Support, monthly",
        "group_id": None,
        "quantity": "2.00000000",
        "rate": "50.00000000",
        "extended_price": "100.0000",
        "total_amount": "100.0000",
        "tax": "15.0000",
        "sort_order": number,
    }
    return plain | changed


def written(**changed: Any) -> Json:  # noqa: ANN401  # any JSON
    plain: Json = {
        "description": "Support, monthly",
        "quantity": "2.00000000",
        "unit_amount": "50.00000000",
        "account_code": "200",
        "tax_type": "OUTPUT2",
        "tax_amount": "15.0000",
        "tracking": [{"name": "Region", "option": "North"}],
    }
    return plain | changed


TEXT_ALONE: Json = {
    "description": "and more",
    "quantity": None,
    "unit_amount": None,
    "account_code": None,
    "tax_type": None,
    "tax_amount": None,
    "tracking": [],
}


def why(number: int, more: str = "") -> str:
    return f"line {number}: account 200 by default; tax type OUTPUT2 by default; sent as 2 × 50{more}"  # noqa: RUF001  # as the mapper writes it


def held(
    sources: list[Json],
    lines: list[Json],
    decisions: list[str],
    *,
    amounts: list[tuple[str, str]] | None = None,
    kind: str = "invoice",
    totals: tuple[str, str] = ("100.0000", "15.0000"),
    synced: Json | None = None,
) -> Comparison:
    amounts = amounts or [
        ("100.0000", "15.0000") if line["quantity"] is not None else ("0.0000", "0.0000") for line in lines
    ]
    discovered = {"invoice": {"total": totals[0], "tax_total": totals[1]}, "lines": sources}
    mapped = {
        "xero_kind": kind,
        "decisions": decisions,
        "xero": {"currency": "NZD", "lines": lines},
        "prediction": {
            "sub_total": "100.0000",
            "total_tax": "15.0000",
            "total": "115.0000",
            "lines": [{"line_amount": amount, "tax_amount": tax} for amount, tax in amounts],
        },
    }
    return compare(discovered, mapped, synced)


def test_the_same_on_both_sides_differs_nowhere() -> None:
    found = held([source(7)], [written()], [NET, "number INV:1 by the Autotask id", why(7)])
    assert found.differing == 0
    (row,) = found.rows
    assert row.remarks == ()
    assert row.xero is not None
    assert row.xero.coding == "account 200, tax type OUTPUT2, Region: North"
    assert row.why.startswith("account 200 by default")
    assert found.decisions == (NET, "number INV:1 by the Autotask id")


def test_lines_are_paired_by_what_the_mapper_says_not_by_their_place() -> None:
    sources = [source(7, description="seven"), source(8, description="eight")]
    lines = [written(description="eight"), written(description="seven")]
    found = held(sources, lines, [NET, why(8), why(7)])
    pairs = [(row.autotask[0].text, row.xero.text if row.xero else None) for row in found.rows]
    assert pairs == [("eight", "eight"), ("seven", "seven")]


def test_without_such_words_their_order_decides() -> None:
    sources = [source(8, description="second"), source(7, description="first")]
    found = held(sources, [written(description="first"), written(description="second")], [NET])
    assert [row.autotask[0].text for row in found.rows] == ["first", "second"]


def test_another_amount_is_named_with_the_difference() -> None:
    found = held([source(7)], [written()], [NET, why(7)], amounts=[("99.0000", "15.0000")])
    assert found.rows[0].differences == ("Amount differs by \N{MINUS SIGN}1.00",)
    assert found.differing == 1


def test_another_tax_is_named_with_the_difference() -> None:
    found = held([source(7)], [written()], [NET, why(7)], amounts=[("100.0000", "15.0100")])
    assert found.rows[0].differences == ("Tax differs by 0.01",)


def test_an_amount_that_is_rounded_to_the_cent_is_no_difference() -> None:
    line = source(7, extended_price="100.0045", total_amount="100.0000")
    found = held([line], [written()], [NET, why(7)])
    assert found.rows[0].differences == ()
    assert found.rows[0].remarks == ("Amount rounded to the cent",)


def test_what_is_put_otherwise_is_remarked_without_alarm() -> None:
    line = written(
        quantity="1.00000000", unit_amount="100.00000000", description="4 May 2026: Support,\nmonthly"
    )
    found = held([source(7)], [line], [NET, why(7)])
    assert found.differing == 0
    assert found.rows[0].remarks == ("Quantity and price put as 1 times 100.00", "Text completed")
    other = held([source(7)], [written(description="Something else")], [NET, why(7)])
    assert other.rows[0].remarks == ("Text differs",)


def test_a_line_that_is_not_sent_is_never_hidden() -> None:
    found = held([source(7), source(8, description="left out")], [written()], [NET, why(7)])
    assert found.rows[1].xero is None
    assert found.rows[1].differences == ("Not sent to Xero",)


def test_lines_that_were_added_say_what_for() -> None:
    lines = [written(), TEXT_ALONE, written(description="Rounding")]
    found = held([source(7)], lines, [NET, why(7), "rounding line: account 860 is Xero's rounding account"])
    assert [row.differences for row in found.rows] == [
        (),
        ("Added in Xero: text alone, without an amount",),
        ("Added in Xero: makes up for rounding",),
    ]
    assert found.rows[1].xero is not None
    assert found.rows[1].xero.amount is None


def test_a_group_that_is_printed_as_one_line_keeps_its_members_together() -> None:
    half = {"extended_price": "50.0000", "total_amount": "50.0000", "tax": "7.5000", "group_id": 3}
    found = held(
        [source(7, **half), source(8, **half), source(9)],
        [written(), written()],
        [NET, why(7, "; group 3: 2 lines printed as one"), why(9)],
    )
    assert [len(row.autotask) for row in found.rows] == [2, 1]
    assert found.rows[0].differences == ()
    assert found.rows[0].remarks == ("2 lines of one group are printed as one",)


def test_a_credit_note_is_compared_with_every_sign_turned() -> None:
    negative = {
        "quantity": "-2.00000000",
        "extended_price": "-100.0000",
        "total_amount": "-100.0000",
        "tax": "-15.0000",
    }
    found = held(
        [source(7, **negative)],
        [written()],
        [NET, why(7)],
        kind="credit_note",
        totals=("-100.0000", "-15.0000"),
    )
    assert found.turned
    assert found.differing == 0
    assert found.rows[0].autotask[0].amount == "100.0000"
    assert [total.autotask for total in found.totals] == ["100.0000", "15.0000", "115.0000"]


def test_totals_that_include_tax_are_read_as_such() -> None:
    found = held([source(7)], [written()], [GROSS, why(7)], totals=("115.0000", "15.0000"))
    assert [total.autotask for total in found.totals] == ["100.0000", "15.0000", "115.0000"]
    assert found.differing == 0


def test_totals_that_differ_in_xeros_answer_are_named() -> None:
    answer = {"sub_total": "100.0000", "total_tax": "14.9900"}
    found = held([source(7)], [written()], [NET, why(7)], synced=answer)
    assert [total.differences for total in found.totals] == [
        (),
        ("Xero's answer differs by \N{MINUS SIGN}0.01 from what was sent",),
        ("Xero's answer differs by \N{MINUS SIGN}0.01 from what was sent",),
    ]


def test_an_order_has_no_totals_in_autotask_and_its_freight_is_named() -> None:
    line = {
        "id": 9,
        "product_name": "UPS",
        "memo": "black",
        "quantity": "11.00000000",
        "unit_cost": "67.12500000",
    }
    sent = written(description="UPS\nblack", quantity="11.00000000", unit_amount="67.12500000")
    mapped = {
        "xero_kind": "purchase_order",
        "decisions": ["line 9: account 310 by default; sent", "freight: account 425 by default; sent"],
        "xero": {"currency": "NZD", "lines": [sent, written(description="Freight")]},
        "prediction": {
            "sub_total": "838.3800",
            "total_tax": "110.7600",
            "total": "949.1400",
            "lines": [
                {"line_amount": "738.3800", "tax_amount": "110.7600"},
                {"line_amount": "100.0000", "tax_amount": "0.0000"},
            ],
        },
    }
    found = compare({"order": {}, "lines": [line]}, mapped, None)
    assert found.rows[0].remarks == ("Amount rounded to the cent",)
    assert found.rows[0].differences == ()
    assert found.rows[1].differences == ("Added in Xero: the order's freight",)
    assert [total.autotask for total in found.totals] == [None, None, None]


def test_a_total_before_tax_is_told_apart_from_xeros() -> None:
    invoice = {"total": "100.0000", "tax_total": "15.0000", "xero": {"total": "115.0000"}, "mapping": None}
    assert "before tax" in basis_words(invoice)
    assert not basis_words(invoice | {"total": "115.0000"})
    assert "before tax" in basis_words(invoice | {"total": "-100.0000", "tax_total": "-15.0000"})
    assert not basis_words(invoice | {"tax_total": "0.0000"})
    assert not basis_words(invoice | {"xero": None})
