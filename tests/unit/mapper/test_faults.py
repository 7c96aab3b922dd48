from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_events.catalogue import catalogue
from mapper.core.outcome import Mapped, too_large, unreadable, unrepresentable
from mapper.core.problems import SEVERITY
from tests.unit.mapper.conftest import NOW, fault_of, invoice, line, mapped, reference

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine, InvoiceDiscovered

D = Decimal


def test_every_fault_the_mapper_can_find_is_in_the_catalogue() -> None:
    assert set(SEVERITY) <= set(catalogue())


def test_a_missing_line_faults_with_the_difference_line_by_line() -> None:
    fault = fault_of(mapped(invoice([line(1, "99.00")], total=D(100))))
    assert (fault["code"], fault["text"], fault["side"]) == (
        "AMOUNTS_DO_NOT_MATCH",
        "Invoice Amounts do not match",
        "autotask",
    )
    assert (fault["strike"], fault["final"], fault["service"]) == (True, False, "mapper")
    assert any("99.00, wanted 100.00, difference -1.00" in detail for detail in fault["details"])
    assert (
        "line 1: 1 \N{MULTIPLICATION SIGN} 99.00, extendedPrice 99.00, totalAmount 99.00, tax 14.85"
        in fault["details"]
    )


def test_a_cent_is_let_through_only_by_the_tolerance() -> None:
    off = invoice([line(1, "99.99", tax=D(15))], total=D(100))
    assert fault_of(mapped(off))["code"] == "AMOUNTS_DO_NOT_MATCH"
    assert isinstance(mapped(off, amount_tolerance="0.01"), Mapped)


def test_taxes_that_do_not_make_up_the_invoices_tax_fault() -> None:
    fault = fault_of(mapped(invoice([line(1, "100.00")], tax_total=D("16.00"))))
    assert fault["code"] == "AMOUNTS_DO_NOT_MATCH"
    assert any("add up to 15.00, the invoice's tax is 16.00" in detail for detail in fault["details"])


def test_an_account_is_never_guessed() -> None:
    accounts = {"by_billing_code": {"7": "200"}, "by_line_type": {"9": "200"}}
    fault = fault_of(
        mapped(
            invoice([line(1, "10"), line(2, "20", billing_code_id=7), line(3, "30", type=9)]),
            accounts=accounts,
        )
    )
    assert fault["code"] == "ACCOUNT_MISSING"
    assert len(fault["details"]) == 1
    assert "line 1" in fault["details"][0]


@pytest.mark.parametrize(
    ("code", "why"), [("777", "no such account"), ("299", "ARCHIVED"), ("090", "BANK"), ("610", "DEBTORS")]
)
def test_an_account_that_xero_would_refuse_or_drop_is_found_before_the_write(code: str, why: str) -> None:
    fault = fault_of(mapped(invoice([line(1, "10")]), accounts={"default": code}))
    assert fault["code"] == "ACCOUNT_INVALID"
    assert fault["text"] == f"Account code '{code}' is not a valid code for this document."
    assert why in fault["details"][0]


def test_billing_code_comes_before_line_type_before_default() -> None:
    accounts = {"default": "777", "by_line_type": {"1": "260"}, "by_billing_code": {"29682801": "200"}}
    by_code = mapped(invoice([line(1, "10")]), accounts=accounts)
    by_type = mapped(invoice([line(1, "10", billing_code_id=None)]), accounts=accounts)
    assert isinstance(by_code, Mapped)
    assert isinstance(by_type, Mapped)
    assert by_code.event["xero"]
    assert by_type.event["xero"]
    assert by_code.event["xero"]["lines"][0]["account_code"] == "200"
    assert by_type.event["xero"]["lines"][0]["account_code"] == "260"


def test_a_tax_type_is_never_guessed() -> None:
    fault = fault_of(mapped(invoice([line(1, "10")]), taxes={"zero_rated": "ZERORATED"}))
    assert fault["code"] == "TAX_MISSING"
    assert "line 1" in fault["details"][0]


@pytest.mark.parametrize("tax_type", ["OLD", "INPUT2", "NOWHERE"])
def test_a_tax_type_that_xero_would_refuse_is_found_before_the_write(tax_type: str) -> None:
    fault = fault_of(mapped(invoice([line(1, "10")]), taxes={"default": tax_type}))
    assert fault["code"] == "TAX_INVALID"
    assert fault["text"] == "Tax type can not be used on sales in this Xero organisation"
    assert tax_type in fault["details"][0]


def test_another_rate_than_autotasks_is_never_booked() -> None:
    fault = fault_of(mapped(invoice([line(7, "100.00", tax=D("10.00"))])))
    assert fault["code"] == "TAX_MISMATCH"
    assert fault["details"] == ["line 7: Autotask's tax on 100.00 is 10.00, OUTPUT2 at 15.00 % makes 15.00"]


def test_a_taxed_line_is_never_booked_as_zero_rated_nor_the_other_way_round() -> None:
    rules = [{"region": "5", "category": "2", "type": "ZERORATED"}]
    taxes = {"default": "OUTPUT2", "zero_rated": "ZERORATED", "by_region_and_category": rules}
    assert fault_of(mapped(invoice([line(1, "100.00")]), taxes=taxes))["code"] == "TAX_MISMATCH"
    assert (
        fault_of(mapped(invoice([line(1, "100.00", tax=D(0))]), taxes={"default": "OUTPUT2"}))["code"]
        == "TAX_MISMATCH"
    )


@pytest.mark.parametrize("region", ["5", "New Zealand GST", " new zealand gst "])
def test_a_tax_rule_holds_for_its_region_and_category_only(region: str) -> None:
    rules = [
        {"region": region, "category": "3", "type": "ZERORATED"},
        {"region": "6", "category": "2", "type": "OLD"},
    ]
    taxes = {"default": "OUTPUT2", "by_region_and_category": rules}
    outcome = mapped(invoice([line(1, "100.00"), line(2, "50.00", tax=D(0), tax_category_id=3)]), taxes=taxes)
    assert isinstance(outcome, Mapped)
    assert outcome.event["xero"]
    assert [each["tax_type"] for each in outcome.event["xero"]["lines"]] == ["OUTPUT2", "ZERORATED"]


def test_the_companys_tax_region_stands_in_where_the_invoice_has_none() -> None:
    rules = [{"region": "5", "category": "2", "type": "OUTPUT2"}]
    source = invoice([line(1, "100.00")], tax_region_id=None, tax_region_name=None)
    assert isinstance(mapped(source, taxes={"by_region_and_category": rules}), Mapped)


def test_a_currency_that_xero_does_not_have_is_told_in_its_words() -> None:
    fault = fault_of(mapped(invoice([line(1, "10")], currency="EUR")))
    assert (fault["code"], fault["text"]) == (
        "CURRENCY_NOT_SUBSCRIBED",
        "Organisation is not subscribed to currency EUR",
    )


def test_the_base_currency_needs_no_subscription() -> None:
    assert isinstance(mapped(invoice([line(1, "10")]), reference(currencies=[])), Mapped)


def test_a_currency_with_three_decimals_is_not_rounded_to_two() -> None:
    fault = fault_of(mapped(invoice([line(1, "10.1235")], currency="KWD"), reference(currencies=["KWD"])))
    assert fault["code"] == "AMOUNT_PRECISION"


def test_an_amount_beyond_xeros_limit_is_refused() -> None:
    assert fault_of(mapped(invoice([line(1, "10000000000.00")])))["code"] == "AMOUNT_PRECISION"


def test_a_company_without_active_contact_faults_in_the_words_users_know() -> None:
    fault = fault_of(mapped(invoice([line(1, "10")], contact=None)))
    assert fault["code"] == "NO_ACTIVE_CONTACT"
    assert fault["text"].startswith("Unable to sync Invoice. No valid contact for the invoice")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "NUMBER_EMPTY"),
        ("  ", "NUMBER_EMPTY"),
        ("INV\N{EN DASH}7", "NUMBER_INVALID"),
        ("7\n", "NUMBER_INVALID"),
        ("9" * 256, "NUMBER_INVALID"),
    ],
)
def test_a_number_xero_can_not_take_faults_only_where_it_is_the_number(number: str, code: str) -> None:
    source = invoice([line(1, "10")], number=number)
    assert fault_of(mapped(source, invoice_numbers="autotask_number"))["code"] == code
    assert isinstance(mapped(source, invoice_numbers="autotask_id"), Mapped)
    assert isinstance(mapped(source, invoice_numbers="xero"), Mapped)


def everything_wrong() -> tuple[InvoiceDiscovered, list[AutotaskLine]]:
    lines = [line(1, "10", billing_code_id=None, type=9), line(2, "20", billing_code_id=5)]
    return invoice(lines, total=D(99), number="", currency="EUR", contact=None), lines


def test_of_several_faults_the_gravest_is_published_and_none_is_hidden() -> None:
    source, _ = everything_wrong()
    fault = fault_of(
        mapped(
            source,
            accounts={"by_billing_code": {"5": "299"}},
            taxes={"default": "OLD"},
            invoice_numbers="autotask_number",
        )
    )
    assert fault["code"] == "AMOUNTS_DO_NOT_MATCH"
    others = [detail.partition(":")[0] for detail in fault["details"]]
    for code in (
        "NUMBER_EMPTY",
        "CURRENCY_NOT_SUBSCRIBED",
        "NO_ACTIVE_CONTACT",
        "ACCOUNT_MISSING",
        "ACCOUNT_INVALID",
        "TAX_INVALID",
    ):
        assert code in others
    ranks = [SEVERITY.index(code) for code in others if code in SEVERITY]
    assert ranks == sorted(ranks)


def test_an_unreadable_event_is_final_and_no_strike() -> None:
    fault = unreadable("acme", "invoice/7", 12, "the bytes do not fit", NOW).event
    assert (fault["code"], fault["final"], fault["strike"], fault["side"]) == (
        "EVENT_UNREADABLE",
        True,
        False,
        "us",
    )
    assert (fault["tenant_id"], fault["document"], fault["revision"], fault["details"]) == (
        "acme",
        "invoice/7",
        12,
        ["the bytes do not fit"],
    )


def test_an_outcome_that_can_not_be_carried_is_a_fault_of_its_document() -> None:
    source = invoice([line(1, "10")])
    assert unrepresentable(source, "too many digits", NOW).event["code"] == "AMOUNT_PRECISION"
    large = too_large(source, 9, 8, NOW).event
    assert (large["code"], large["final"]) == ("INVOICE_TOO_LARGE", True)
