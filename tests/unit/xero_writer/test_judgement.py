from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.xero_writer.samples import (
    CONTACT_ID,
    document,
    in_xero,
    line,
    mapped,
    mapped_order,
    order,
    order_in_xero,
    prediction,
)
from xero_writer.core.judgement import (
    amount_differences,
    content_differences,
    is_gone,
    is_locked,
    locked_words,
    lost_on_the_way,
    serious_warnings,
)

DUE = date(2026, 12, 20)
cents = st.integers(-10_000_000, 10_000_000).map(lambda value: Decimal(value).scaleb(-2))


def differences(stands: dict[str, Any], **wanted: Any) -> list[str]:  # noqa: ANN401  # any field
    return content_differences(mapped(xero=document(**wanted)), CONTACT_ID, DUE, stands)


def lines(**changes: object) -> list[dict[str, Any]]:
    return [in_xero()["LineItems"][0] | changes]


@given(st.sampled_from(["sub_total", "total_tax", "total"]), cents)
def test_no_difference_of_a_total_passes_not_even_a_cent(field: str, value: Decimal) -> None:
    predicted = prediction(**{field: value})
    found = amount_differences(predicted, in_xero())
    assert bool(found) == (value != prediction()[field])  # type: ignore[literal-required]


@given(st.sampled_from(["line_amount", "tax_amount"]), cents)
def test_no_difference_of_a_line_passes_although_the_totals_agree(field: str, value: Decimal) -> None:
    expected = {"line_amount": Decimal("100.00"), "tax_amount": Decimal("15.00")}
    found = amount_differences(prediction(lines=[expected | {field: value}]), in_xero())
    assert bool(found) == (value != expected[field])


def test_a_difference_is_told_with_both_amounts() -> None:
    [found] = amount_differences(prediction(total=Decimal("115.01")), in_xero())
    assert found == "total: predicted 115.01, Xero has 115.00"


def test_a_line_too_few_or_too_many_does_not_pass() -> None:
    assert amount_differences(prediction(), in_xero(LineItems=[]))
    assert amount_differences(prediction(), in_xero(LineItems=lines() * 2))


def test_trailing_zeros_and_texts_are_no_difference() -> None:
    stands = in_xero(SubTotal="100.0000", Total=Decimal(115))
    assert amount_differences(prediction(), stands) == []


def test_a_document_as_wanted_is_not_written_again() -> None:
    assert differences(in_xero()) == []


@pytest.mark.parametrize(
    ("stands", "name"),
    [
        ({"Contact": {"ContactID": "other"}}, "Contact"),
        ({"DateString": "2026-11-21T00:00:00"}, "Date"),
        ({"CurrencyCode": "AUD"}, "CurrencyCode"),
        ({"LineAmountTypes": "Inclusive"}, "LineAmountTypes"),
        ({"Reference": "PO-2"}, "Reference"),
        ({"Url": "https://psa.example/"}, "Url"),
        ({"DueDateString": "2026-12-21T00:00:00"}, "DueDate"),
        ({"LineItems": []}, "LineItems"),
        ({"LineItems": lines(Description="Other")}, "LineItems[1].Description"),
        ({"LineItems": lines(Quantity=Decimal(2))}, "LineItems[1].Quantity"),
        ({"LineItems": lines(UnitAmount=Decimal("100.01"))}, "LineItems[1].UnitAmount"),
        ({"LineItems": lines(TaxAmount=Decimal("14.99"))}, "LineItems[1].TaxAmount"),
        ({"LineItems": lines(AccountCode="201")}, "LineItems[1].AccountCode"),
        ({"LineItems": lines(TaxType="NONE")}, "LineItems[1].TaxType"),
        ({"LineItems": lines(Tracking=[{"Name": "Region", "Option": "North"}])}, "LineItems[1].Tracking"),
    ],
)
def test_no_change_of_content_is_overlooked(stands: dict[str, Any], name: str) -> None:
    assert differences(in_xero(**stands)) == [name]


def test_other_case_of_an_id_other_line_ends_and_blanks_around_are_no_change() -> None:
    stands = in_xero(Contact={"ContactID": CONTACT_ID.upper()}, LineItems=lines(Description="a\r\nb "))
    assert differences(stands, lines=[line(description="a\nb")]) == []


def test_number_and_status_are_kept_and_not_compared() -> None:
    assert differences(in_xero(InvoiceNumber="INV-0009", Status="AUTHORISED")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": "PAID"},
        {"AmountPaid": Decimal("0.01")},
        {"AmountCredited": Decimal(5)},
        {"Allocations": [{"Amount": 1}]},
        {"Payments": [{"Amount": 1}]},
    ],
)
def test_a_document_with_money_applied_is_never_taken_for_open(changes: dict[str, Any]) -> None:
    assert is_locked("invoice", in_xero(**changes))


def test_an_open_document_and_a_paid_zero_are_not_locked() -> None:
    assert not is_locked("invoice", in_xero())
    assert not is_locked("invoice", in_xero(Status="PAID", Total=Decimal("0.00")))


def test_only_deleted_and_voided_documents_are_gone() -> None:
    gone = [
        status
        for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
        if is_gone({"Status": status})
    ]
    assert gone == ["VOIDED", "DELETED"]


def warning(text: str) -> dict[str, Any]:
    return {"Warnings": [{"Message": text}]}


def test_harmless_warnings_take_nothing_back() -> None:
    assert serious_warnings(warning("Only AUTHORISED invoices may have SentToContact updated.")) == []
    assert serious_warnings(warning("The currency rate looks unusual.")) == []


def test_a_dropped_account_is_never_harmless() -> None:
    text = "Account code '476' has been removed as it does not match a recognised account."
    assert serious_warnings(warning(text)) == [text]


def test_dropped_codes_and_another_currency_are_seen_without_their_warning() -> None:
    assert lost_on_the_way(document(), in_xero()) == []
    assert len(lost_on_the_way(document(), in_xero(LineItems=lines(AccountCode="")))) == 1
    assert len(lost_on_the_way(document(), in_xero(LineItems=lines(TaxType=None)))) == 1
    assert len(lost_on_the_way(document(), in_xero(CurrencyCode="AUD"))) == 1


def test_a_description_only_line_has_no_codes_to_lose() -> None:
    bare = line(account_code=None, tax_type=None, quantity=None, unit_amount=None, tax_amount=None)
    assert lost_on_the_way(document(lines=[bare]), in_xero(LineItems=[{"Description": "Work"}])) == []


THEME = "0f3f6a7c-0000-4000-8000-000000000001"


def test_another_branding_theme_is_a_change_and_none_leaves_xeros_choice_alone() -> None:
    assert differences(in_xero(BrandingThemeID="other"), branding_theme_id=THEME) == ["BrandingThemeID"]
    assert differences(in_xero(BrandingThemeID=THEME.upper()), branding_theme_id=THEME) == []
    assert differences(in_xero(BrandingThemeID="other"), branding_theme_id=None) == []


def test_the_sent_flag_is_kept_and_not_compared() -> None:
    assert differences(in_xero(SentToContact=True), sent_to_contact=False) == []


def order_differences(stands: dict[str, Any], **wanted: Any) -> list[str]:  # noqa: ANN401  # any field
    return content_differences(mapped_order(xero=order(**wanted)), CONTACT_ID, None, stands)


def test_an_order_as_wanted_is_not_written_again() -> None:
    assert order_differences(order_in_xero()) == []


@pytest.mark.parametrize(
    ("stands", "name"),
    [
        ({"DeliveryDateString": "2026-11-29T00:00:00"}, "DeliveryDate"),
        ({"DeliveryAddress": "Elsewhere"}, "DeliveryAddress"),
        ({"AttentionTo": None}, "AttentionTo"),
        ({"Telephone": "1"}, "Telephone"),
        ({"Reference": "PO-2025-0032 [PO 771]"}, "Reference"),
    ],
)
def test_no_change_of_an_order_is_overlooked(stands: dict[str, Any], name: str) -> None:
    assert order_differences(order_in_xero(**stands)) == [name]


def test_a_delivery_that_autotask_does_not_know_stays_as_it_is_in_xero() -> None:
    bare = {"delivery_date": None, "delivery_address": " ", "attention_to": "", "telephone": ""}
    assert order_differences(order_in_xero(), **bare) == []


def test_only_a_billed_order_is_locked() -> None:
    locked = [
        status
        for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED")
        if is_locked("purchase_order", order_in_xero(Status=status))
    ]
    assert locked == ["BILLED"]


def test_what_keeps_an_order_from_being_changed_is_its_bill_and_not_a_payment() -> None:
    assert "billed in Xero (status BILLED)" in locked_words("purchase_order")
    assert "payment" not in locked_words("purchase_order")
    assert "payment" in locked_words("invoice")
