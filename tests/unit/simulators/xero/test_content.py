"""What an invoice may hold, and what Xero computes from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]
    Lines = Callable[..., dict[str, Any]]


def totals(shown: dict[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    return shown["SubTotal"], shown["TotalTax"], shown["Total"]


def test_tax_is_rounded_per_line_and_then_summed(xero: Xero, line_of: Lines) -> None:
    # 15 % of 0.23 is 0.0345: 0.03 a line and 0.09 for three lines, while 15 % of the sum would be 0.10.
    lines = [line_of(Quantity=1, UnitAmount=Decimal("0.23")) for _ in range(3)]
    assert totals(xero.made(*lines)) == (Decimal("0.69"), Decimal("0.09"), Decimal("0.78"))


def test_inclusive_lines_give_their_tax_out_of_the_amount(xero: Xero, line_of: Lines) -> None:
    made = xero.made(line_of(Quantity=1, UnitAmount=100), LineAmountTypes="Inclusive")
    assert totals(made) == (Decimal("86.96"), Decimal("13.04"), Decimal("100.00"))


def test_no_tax_documents_carry_no_tax_whatever_is_sent(xero: Xero, line_of: Lines) -> None:
    made = xero.made(line_of(TaxType="OUTPUT2", TaxAmount=3), LineAmountTypes="NoTax")
    assert totals(made) == (Decimal("91.00"), Decimal("0.00"), Decimal("91.00"))
    assert made["LineItems"][0]["TaxType"] == "NONE"


@pytest.mark.parametrize(("mode", "amount"), [("half_up", "0.13"), ("half_even", "0.12")])
def test_the_rounding_mode_is_a_switch(
    make_xero: Callable[..., Xero], line_of: Lines, mode: str, amount: str
) -> None:
    xero = make_xero(switches={"rounding_mode": mode, "limits_on": False})
    made = xero.made(line_of(Quantity=Decimal("0.5"), UnitAmount=Decimal("0.25")))
    assert made["LineItems"][0]["LineAmount"] == Decimal(amount)


def test_unit_amounts_lose_digits_without_unitdp(xero: Xero, line_of: Lines) -> None:
    element = xero.invoice(line_of(Quantity=100, UnitAmount=Decimal("1.2345")))
    assert xero.put("Invoices", element)[0]["SubTotal"] == Decimal("123.00")
    exact = xero.put("Invoices", element, unitdp=4)[0]
    assert (exact["SubTotal"], exact["LineItems"][0]["UnitAmount"]) == (Decimal("123.45"), Decimal("1.2345"))
    assert xero.stored(exact["InvoiceID"])["LineItems"][0]["UnitAmount"] == Decimal("1.23")
    read = xero.get(f"Invoices/{exact['InvoiceID']}", unitdp=4)["Invoices"][0]
    assert read["LineItems"][0]["UnitAmount"] == Decimal("1.2345")


def test_a_line_amount_that_is_not_quantity_times_price_is_refused(
    xero: Xero, errors_of: Texts, line_of: Lines
) -> None:
    wrong = xero.put("Invoices", xero.invoice(line_of(Quantity=100, UnitAmount=1, LineAmount=1)))[0]
    assert errors_of(wrong) == ["The line total 1.00 does not match the expected line total 100.00"]
    derived = xero.made(line_of(UnitAmount=None, Quantity=4, LineAmount=10))["LineItems"][0]
    assert (derived["UnitAmount"], derived["LineAmount"]) == (Decimal("2.50"), Decimal("10.00"))


def test_a_tax_override_is_kept_but_never_above_the_line(
    xero: Xero, errors_of: Texts, line_of: Lines
) -> None:
    made = xero.made(line_of(TaxAmount=Decimal("13.66")))
    assert made["TotalTax"] == Decimal("13.66")
    untouched = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Reference": "x"})[0]
    assert untouched["TotalTax"] == Decimal("13.66")
    for tax in (92, -1):
        refused = xero.put("Invoices", xero.invoice(line_of(TaxAmount=tax)))[0]
        assert errors_of(refused) == ["Tax amount cannot be greater than the line amount"]


def test_a_tax_override_lasts_until_the_amounts_of_its_line_change(xero: Xero) -> None:
    made = xero.made(
        LineItems=[{"Description": "a", "UnitAmount": 100, "AccountCode": "200", "TaxAmount": 14}]
    )
    named = {"LineItemID": made["LineItems"][0]["LineItemID"]}
    text = xero.post(f"Invoices/{made['InvoiceID']}", {"LineItems": [{**named, "Description": "b"}]})[0]
    assert text["TotalTax"] == 14
    amount = xero.post(f"Invoices/{made['InvoiceID']}", {"LineItems": [{**named, "UnitAmount": 200}]})[0]
    assert amount["TotalTax"] == 30


def test_the_tax_limit_can_be_the_unit_amount(
    make_xero: Callable[..., Xero], errors_of: Texts, line_of: Lines
) -> None:
    xero = make_xero(switches={"tax_amount_limit": "unit_amount", "limits_on": False})
    refused = xero.put("Invoices", xero.invoice(line_of(Quantity=1000, UnitAmount=1, TaxAmount=150)))[0]
    assert errors_of(refused) == ["Tax amount cannot be greater than the line amount"]


def test_negative_lines_are_fine_but_a_negative_invoice_is_refused(
    xero: Xero, errors_of: Texts, line_of: Lines
) -> None:
    credit = line_of(Quantity=1, UnitAmount=Decimal("-40.00"))
    assert xero.made(line_of(), credit)["Total"] == Decimal("58.65")
    refused = xero.put("Invoices", xero.invoice(credit))[0]
    assert errors_of(refused) == ["The document total cannot be negative."]


def test_an_approved_invoice_over_nothing_is_paid_at_once(xero: Xero, line_of: Lines) -> None:
    assert xero.made(line_of(UnitAmount=0), Status="AUTHORISED")["Status"] == "PAID"
    assert xero.made(line_of(UnitAmount=0))["Status"] == "DRAFT"


def test_supplied_totals_that_disagree_are_refused(xero: Xero, errors_of: Texts) -> None:
    assert errors_of(xero.put("Invoices", xero.invoice(Total=Decimal("104.65")))[0]) == []
    refused = xero.put("Invoices", xero.invoice(Total=Decimal("104.66")))[0]
    assert errors_of(refused) == ["The document total does not equal the sum of the lines"]


def test_a_line_may_be_only_a_description(xero: Xero, line_of: Lines) -> None:
    made = xero.made(line_of(), {"Description": "as agreed"}, Status="AUTHORISED")
    assert "LineAmount" not in made["LineItems"][1]
    assert made["Total"] == Decimal("104.65")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"AccountCode": "999"}, "Account code '999' is not a valid code for this document."),
        ({"AccountCode": "090"}, "Account code '090' is not a valid code for this document."),
        ({"AccountCode": "610"}, "Account code '610' is not a valid code for this document."),
        (
            {"AccountCode": "299"},
            (
                "Account code '299' has been archived, or has been deleted. "
                "Each line item must reference a valid account."
            ),
        ),
        ({"TaxType": "INPUT2"}, "The TaxType code 'INPUT2' cannot be used with account code '200'."),
        ({"TaxType": "OLD"}, "Tax rate must be valid."),
        ({"TaxType": "NOSUCH"}, "Tax rate must be valid."),
    ],
)
def test_a_line_on_a_wrong_account_or_tax_is_refused(
    xero: Xero, errors_of: Texts, line_of: Lines, change: dict[str, str], text: str
) -> None:
    assert errors_of(xero.put("Invoices", xero.invoice(line_of(**change)))[0]) == [text]


def test_the_default_tax_of_the_account_applies_when_none_is_sent(xero: Xero) -> None:
    assert xero.made()["LineItems"][0]["TaxType"] == "OUTPUT2"


def test_an_unknown_account_can_be_removed_with_a_warning_instead(
    make_xero: Callable[..., Xero], line_of: Lines
) -> None:
    xero = make_xero(switches={"unknown_account": "remove", "limits_on": False})
    shown = xero.put("Invoices", xero.invoice(line_of(AccountCode="476")))[0]
    assert shown["StatusAttributeString"] == "WARNING"
    text = "Account code '476' has been removed as it does not match a recognised account."
    assert shown["Warnings"] == [{"Message": text}]
    assert "AccountCode" not in shown["LineItems"][0]


def test_what_a_draft_may_lack_an_approved_invoice_may_not(
    xero: Xero, errors_of: Texts, line_of: Lines
) -> None:
    bare = xero.made(
        line_of(AccountCode=None), line_of(AccountCode="210"), {"Quantity": 1, "UnitAmount": 1}, DueDate=None
    )
    refused = xero.post("Invoices", {"InvoiceID": bare["InvoiceID"], "Status": "AUTHORISED"})[0]
    assert errors_of(refused) == [
        "The document DueDate field must be specified.",
        "The Description field must be specified for each line item.",
        "Account code must be specified",
        "The TaxType field is mandatory",
    ]
    empty = xero.put("Invoices", xero.invoice(Status="AUTHORISED") | {"LineItems": []})[0]
    assert errors_of(empty) == ["One or more line items must be specified"]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"Reference": "x" * 256}, "Reference"),
        ({"Url": "psa.example.com/1"}, "Url"),
        ({"Url": "https://psa.example.com/Xero/1"}, "xero"),
        ({"BrandingThemeID": "12345678-1234-4234-8234-123456789012"}, "Branding theme"),
        ({"Type": "ACCRECCREDIT"}, "Invoice not of valid type for creation"),
        ({"Contact": None}, "A Contact must be specified for this type of transaction"),
        ({"Contact": {"EmailAddress": "a@b.example"}}, "at least 1 of the following elements"),
    ],
)
def test_a_wrong_header_is_refused(xero: Xero, errors_of: Texts, change: dict[str, Any], part: str) -> None:
    found = errors_of(xero.put("Invoices", xero.invoice(**change))[0])
    assert len(found) == 1
    assert part in found[0]


def test_descriptions_are_never_cut_but_refused(xero: Xero, line_of: Lines) -> None:
    assert xero.made(line_of(Description="x" * 4000))["HasErrors"] is False
    assert xero.put("Invoices", xero.invoice(line_of(Description="x" * 4001)))[0]["HasErrors"] is True


def test_a_second_currency_gets_a_rate(xero: Xero) -> None:
    assert xero.made(CurrencyCode="AUD")["CurrencyRate"] != 1
    assert xero.made(CurrencyCode="AUD", CurrencyRate=Decimal("0.91"))["CurrencyRate"] == Decimal("0.91")


def test_tracking_goes_by_name_and_unknown_options_are_refused(xero: Xero, line_of: Lines) -> None:
    made = xero.made(line_of(Tracking=[{"Name": "Region", "Option": "North"}]))
    assert made["LineItems"][0]["Tracking"][0]["Option"] == "North"
    unknown = line_of(Tracking=[{"Name": "Region", "Option": "West"}])
    assert xero.put("Invoices", xero.invoice(unknown))[0]["HasErrors"] is True


def test_dates_come_back_as_utc_midnight_with_a_twin(xero: Xero) -> None:
    made = xero.made(Date="/Date(1793664000000+0000)/", DueDate="2026-12-03T00:00:00")
    assert (made["Date"], made["DateString"]) == ("/Date(1793664000000+0000)/", "2026-11-03T00:00:00")
    assert (made["DueDate"], made["DueDateString"]) == ("/Date(1796256000000+0000)/", "2026-12-03T00:00:00")


def test_the_date_defaults_to_today_where_the_organisation_is(xero: Xero) -> None:
    today = xero.simulator.clock.now().astimezone(xero.simulator._organisations["acme"].zone).date()
    assert xero.made(Date=None)["DateString"] == f"{today.isoformat()}T00:00:00"
