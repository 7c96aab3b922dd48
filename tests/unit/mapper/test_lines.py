from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from mapper.core.outcome import Mapped
from tests.unit.mapper.conftest import document_of, invoice, line, mapped

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine, InvoiceMapped, XeroLine

D = Decimal


def mapped_lines(lines: list[AutotaskLine], **settings: object) -> tuple[list[XeroLine], InvoiceMapped]:
    outcome = mapped(invoice(lines), **settings)
    assert isinstance(outcome, Mapped), outcome
    prediction = outcome.event["prediction"]
    assert prediction
    shown = document_of(outcome.event)["lines"]
    assert len(prediction["lines"]) == len(shown)
    return shown, outcome.event


def test_a_long_text_continues_in_lines_that_carry_no_amount() -> None:
    text = " ".join(["word"] * 2000)  # 9,999 characters
    shown, event = mapped_lines([line(1, "10.00", description=text), line(2, "5.00")])
    assert "".join(each["description"] for each in shown[:3]) == text
    assert [each["unit_amount"] for each in shown] == [D("10.00"), None, None, D("5.00")]
    assert all(
        shown[place][field] is None
        for place in (1, 2)
        for field in ("quantity", "account_code", "tax_type", "tax_amount")
    )
    assert event["prediction"]
    assert [each["line_amount"] for each in event["prediction"]["lines"]] == [D(10), D(0), D(0), D(5)]


def test_quantity_and_rate_are_shown_where_they_could_not_be_sent() -> None:
    shown, _ = mapped_lines([line(1, "386.65", quantity=D("3.175"), rate=D(100))])
    assert shown[0]["description"] == "Work item 1\n3.175 \N{MULTIPLICATION SIGN} 100.00"
    shown, _ = mapped_lines([line(1, "50.00", quantity=D(0), rate=D(0))])
    assert shown[0]["description"] == "Work item 1"


def grouped(line_id: int, amount: str, **changes: object) -> AutotaskLine:
    return line(line_id, amount, **({"group_id": 1, "group_description": "Managed services"} | changes))


def test_a_group_is_one_printed_line_with_the_cents_of_all_its_members() -> None:
    shown, event = mapped_lines([line(1, "1.00"), grouped(2, "33.33"), line(3, "2.00"), grouped(4, "33.33")])
    assert [each["description"] for each in shown] == ["Work item 1", "Managed services", "Work item 3"]
    assert (shown[1]["quantity"], shown[1]["unit_amount"]) == (D(1), D("66.66"))
    assert event["prediction"]
    assert event["prediction"]["sub_total"] == D("69.66")
    assert event["prediction"]["total_tax"] == D("10.45")


def test_members_with_another_account_or_tax_type_are_never_merged() -> None:
    shown, _ = mapped_lines([grouped(1, "10.00"), grouped(2, "10.00", billing_code_id=None)])
    assert [(each["description"], each["account_code"]) for each in shown] == [
        ("Work item 1", "200"),
        ("Work item 2", "260"),
    ]
    shown, _ = mapped_lines([grouped(1, "10.00"), grouped(2, "10.00", tax=D(0))])
    assert [each["tax_type"] for each in shown] == ["OUTPUT2", "ZERORATED"]


def test_two_groups_are_never_merged_and_lines_without_group_text_stay_apart() -> None:
    shown, _ = mapped_lines(
        [grouped(1, "1"), grouped(2, "2", group_id=2), grouped(3, "3"), grouped(4, "4", group_id=2)]
    )
    assert [each["unit_amount"] for each in shown] == [D(4), D(6)]
    shown, _ = mapped_lines([grouped(1, "1", group_description=""), grouped(2, "2", group_description="")])
    assert len(shown) == 2


def test_a_group_of_one_keeps_its_quantity_and_rate() -> None:
    shown, _ = mapped_lines([grouped(1, "30.00", quantity=D(3), rate=D(10))])
    assert (shown[0]["description"], shown[0]["quantity"], shown[0]["unit_amount"]) == (
        "Managed services",
        D(3),
        D(10),
    )


def test_a_group_whose_tax_would_exceed_its_amount_stays_itemised() -> None:
    lines = [grouped(1, "33.30", tax=D("5.00")), grouped(2, "-33.30", tax=D("-4.99"))]
    shown, _ = mapped_lines(lines)
    assert len(shown) == 2


def test_a_group_whose_tax_xero_would_round_otherwise_stays_itemised() -> None:
    # Xero rounds 0.1995 up to 0.20 on each of the two, but makes 0.40 of both: the same. Of 1.37 it makes 0.21, of 2.74 0.41.
    same = [grouped(1, "1.33", tax=D("0.20")), grouped(2, "1.33", tax=D("0.20"))]
    shown, event = mapped_lines(same, tax_amounts="xero")
    assert [each["description"] for each in shown] == ["Managed services"]
    assert event["prediction"]
    assert event["prediction"]["total_tax"] == D("0.40")
    other = [grouped(1, "1.37", tax=D("0.21")), grouped(2, "1.37", tax=D("0.21"))]
    shown, event = mapped_lines(other, tax_amounts="xero")
    assert [each["description"] for each in shown] == ["Work item 1", "Work item 2"]
    assert event["prediction"]
    assert event["prediction"]["total_tax"] == D("0.42")
    shown, event = mapped_lines(other)
    assert [each["tax_amount"] for each in shown] == [D("0.42")]
