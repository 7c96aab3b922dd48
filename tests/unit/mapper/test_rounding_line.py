from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from mapper.core.outcome import Faulted, Mapped
from tests.unit.mapper.conftest import document_of, fault_of, invoice, line, mapped, reference

if TYPE_CHECKING:
    from invoice_events.types import InvoiceMapped, Prediction, XeroReference

D = Decimal
ON: dict[str, Any] = {"rounding_line": True, "amount_tolerance": "0.05"}


def rounded(amounts: list[str], total: str, xero: XeroReference | None = None, **settings: object) -> Any:  # noqa: ANN401  # the outcome
    lines = [line(number, amount) for number, amount in enumerate(amounts, start=1)]
    return mapped(invoice(lines, total=D(total)), xero or reference(), **ON | settings)


def event_of(outcome: Any) -> tuple[InvoiceMapped, Prediction]:  # noqa: ANN401  # the outcome
    assert isinstance(outcome, Mapped), outcome
    assert outcome.event["prediction"]
    return outcome.event, outcome.event["prediction"]


@pytest.mark.parametrize(("total", "made_up"), [("99.97", "-0.03"), ("100.02", "0.02")])
def test_a_difference_ends_on_the_rounding_account_and_xeros_total_is_autotasks(
    total: str, made_up: str
) -> None:
    event, prediction = event_of(rounded(["60.00", "40.00"], total))
    last = document_of(event)["lines"][-1]
    assert last == {
        "description": "Rounding",
        "quantity": D(1),
        "unit_amount": D(made_up),
        "account_code": "860",
        "tax_type": "NONE",
        "tax_amount": D(0),
        "tracking": [],
    }
    assert (prediction["sub_total"], prediction["total_tax"]) == (D(total), D("15.00"))
    assert any("made up for by the rounding line" in decision for decision in event["decisions"])


def test_a_credit_notes_difference_is_turned_like_everything_else() -> None:
    event, prediction = event_of(rounded(["-60.00", "-40.00"], "-99.97"))
    assert event["xero_kind"] == "credit_note"
    assert document_of(event)["lines"][-1]["unit_amount"] == D("-0.03")
    assert prediction["sub_total"] == D("99.97")


def test_without_a_difference_or_the_setting_there_is_no_line() -> None:
    assert len(document_of(event_of(rounded(["60.00"], "60.00"))[0])["lines"]) == 1
    event, prediction = event_of(rounded(["60.00"], "59.98", rounding_line=False))
    assert len(document_of(event)["lines"]) == 1
    assert prediction["sub_total"] == D("60.00")


def test_a_difference_beyond_the_tolerance_is_never_made_up_for() -> None:
    assert fault_of(rounded(["60.00"], "59.94"))["code"] == "AMOUNTS_DO_NOT_MATCH"


def test_a_difference_of_tax_is_not_hidden() -> None:
    lines = [line(number, "10.05", tax=D("1.50")) for number in range(1, 8)]  # Xero makes 1.51 of each
    outcome = mapped(invoice(lines, total=D("70.33")), tax_amounts="xero", **ON)
    assert isinstance(outcome, Faulted)
    assert outcome.event["code"] == "AMOUNTS_DO_NOT_MATCH"
    left_to_xero = mapped(invoice(lines[:2], total=D("20.08")), tax_amounts="xero", **ON)
    event, prediction = event_of(left_to_xero)
    assert document_of(event)["lines"][-1]["tax_amount"] is None
    assert (prediction["sub_total"], prediction["total_tax"]) == (D("20.08"), D("3.02"))
    told = [decision for decision in event["decisions"] if "tax" in decision.partition("line")[0]]
    assert "a tax difference of 0.02 is within the tolerance: Xero computes 3.02, Autotask has 3.00" in told


def test_a_credit_notes_difference_of_tax_is_told_in_autotasks_signs() -> None:
    lines = [line(number, "-10.05", tax=D("-1.50")) for number in (1, 2)]
    event, _ = event_of(mapped(invoice(lines, total=D("-20.10")), tax_amounts="xero", **ON))
    assert event["xero_kind"] == "credit_note"
    words = "a tax difference of -0.02 is within the tolerance: Xero computes -3.02, Autotask has -3.00"
    assert words in event["decisions"]


@pytest.mark.parametrize("tax_amounts", ["autotask", "xero"])
def test_taxes_that_agree_are_not_called_different(tax_amounts: str) -> None:
    event, _ = event_of(rounded(["60.00", "40.00"], "99.97", tax_amounts=tax_amounts))
    assert not any("tax difference" in decision for decision in event["decisions"])


def without(xero: XeroReference, **changes: object) -> XeroReference:
    """The same organisation with another rounding account."""
    for account in xero["accounts"]:
        if account["code"] == "860":
            account.update(changes)  # type: ignore[typeddict-item]  # its fields
    return xero


@pytest.mark.parametrize(
    ("changes", "taxes", "words"),
    [
        ({"status": "ARCHIVED"}, "ZERORATED", "no active account"),
        ({"system_account": ""}, "ZERORATED", "no active account"),
        ({"tax_type": "OUTPUT2"}, None, "neither its own tax type OUTPUT2"),
        ({"tax_type": ""}, "OUTPUT2", "zero-rated type OUTPUT2"),
        ({"tax_type": "OLD"}, None, "can stand on a sales line without tax"),
    ],
)
def test_a_line_that_can_not_be_booked_is_a_fault_and_only_where_one_is_needed(
    changes: dict[str, str], taxes: str | None, words: str
) -> None:
    xero = without(reference(), **changes)
    settings = {"default": "OUTPUT2", "zero_rated": taxes}
    fault = fault_of(rounded(["60.00"], "60.01", xero, taxes=settings))
    assert fault["code"] == "ROUNDING_ACCOUNT_MISSING"
    assert words in fault["details"][0]
    assert isinstance(rounded(["60.00"], "60.00", xero, taxes=settings), Mapped)


def test_the_zero_rated_type_stands_in_for_an_account_whose_own_type_makes_tax() -> None:
    event, _ = event_of(rounded(["60.00"], "60.01", without(reference(), tax_type="OUTPUT2")))
    assert document_of(event)["lines"][-1]["tax_type"] == "ZERORATED"


def test_an_invoice_of_cents_is_judged_by_the_total_that_xero_will_show() -> None:
    event, prediction = event_of(rounded(["-0.02"], "0.00", amount_basis="extended_price_net"))
    assert event["xero_kind"] == "invoice"
    assert prediction["total"] == 0
