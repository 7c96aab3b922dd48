from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from mapper.core.cautions import TWO_DECIMALS
from mapper.core.outcome import Mapped
from tests.unit.mapper.conftest import RETAIL, document_of, fault_of, invoice, line, mapped

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine, InvoiceDiscovered, InvoiceMapped

D = Decimal


def mapped_event(event: InvoiceDiscovered, **settings: object) -> InvoiceMapped:
    outcome = mapped(event, **settings)
    assert isinstance(outcome, Mapped), outcome
    return outcome.event


@pytest.mark.parametrize("total", ["10", "-10"])
@pytest.mark.parametrize("theme", ["Retail invoice", " retail INVOICE ", RETAIL, RETAIL.upper()])
def test_a_theme_is_found_by_name_or_id_for_invoices_and_credit_notes(theme: str, total: str) -> None:
    event = mapped_event(invoice([line(1, total)]), branding_theme=theme)
    assert document_of(event)["branding_theme_id"] == RETAIL


def test_a_theme_that_xero_lacks_is_a_fault_that_names_those_it_has() -> None:
    fault = fault_of(mapped(invoice([line(1, "10")]), branding_theme="Wholesale"))
    assert fault["code"] == "BRANDING_THEME_INVALID"
    assert fault["details"] == ["branding theme Wholesale: Xero has Retail invoice, Standard"]


def test_no_theme_is_sent_unless_one_is_chosen() -> None:
    assert document_of(mapped_event(invoice([line(1, "10")])))["branding_theme_id"] is None


@pytest.mark.parametrize(
    ("due", "import_as", "fallback"),
    [
        (date(2026, 6, 13), "draft", date(2026, 6, 13)),
        (None, "draft", None),
        (None, "approved", date(2026, 5, 14)),
    ],
)
def test_the_contacts_terms_never_lose_autotasks_date(
    due: date | None, import_as: str, fallback: date | None
) -> None:
    event = mapped_event(
        invoice([line(1, "10")], due_date=due), due_date_from_xero_contact=True, invoices_import_as=import_as
    )
    assert (event["due_rule"], event["due_date"]) == ("contact_terms", fallback)
    assert any("contact's terms" in decision for decision in event["decisions"])


def metered(quantity: str, rate: str, amount: str, **changes: object) -> AutotaskLine:
    tax = (D(amount) * D("0.15")).quantize(D("0.01"))
    return line(2, amount, quantity=D(quantity), rate=D(rate), tax=tax, **changes)


def test_prices_that_autotask_rounds_are_warned_of_and_the_totals_still_agree() -> None:
    event = mapped_event(
        invoice([line(1, "10"), metered("1840", "0.16", "303.23")]), four_decimal_rounding=True
    )
    assert event["warnings"] == [TWO_DECIMALS]
    assert event["prediction"]
    assert event["prediction"]["sub_total"] == D("313.23")


@pytest.mark.parametrize(
    ("item", "four"),
    [
        (metered("1840", "0.16", "303.23"), False),
        (metered("1840", "0.1648", "303.23"), True),
        (metered("1840", "0.16", "294.40"), True),
        (metered("3", "33.335", "100.01"), True),
        (metered("3.175", "100.01", "317.53"), True),  # the amount is rounded, not the price
        (metered("0.5", "0.25", "0.12"), True),  # so it is, half even
        (metered("4", "25.00", "60.00"), True),  # a contract covers a part of it
        (metered("100", "0.16", "17.00"), True),  # a cent for each piece: no rounding makes that
        (line(2, "0", quantity=D(2), rate=D(50), extended_price=D(0), tax=D(0)), True),
        (line(2, "0", quantity=D(9000), rate=D("0.0"), extended_price=D(0), tax=D(0)), True),
    ],
)
def test_nobody_is_warned_without_a_reason(item: AutotaskLine, *, four: bool) -> None:
    event = mapped_event(invoice([line(1, "10"), item]), four_decimal_rounding=four)
    assert event["warnings"] == []


@pytest.mark.parametrize(
    ("quantity", "rate", "amount"),
    [
        ("1840", "0.16", "303.23"),
        ("100", "0.16", "16.50"),
        ("-100", "0.16", "-16.49"),
        ("9000", "0", "36.00"),
        ("100", "0.16", "15.50"),
    ],
)
def test_every_difference_that_a_rounded_price_explains_is_warned_of(
    quantity: str, rate: str, amount: str
) -> None:
    lines = [line(1, "1000"), metered(quantity, rate, amount)]
    assert mapped_event(invoice(lines), four_decimal_rounding=True)["warnings"] == [TWO_DECIMALS]


def test_one_price_with_more_decimals_shows_that_autotask_sends_them() -> None:
    lines = [metered("1840", "0.16", "303.23"), line(3, "33.3335", tax=D("5.00"))]
    event = mapped_event(invoice(lines, total=D("336.56"), tax_total=D("50.48")), four_decimal_rounding=True)
    assert event["warnings"] == []
