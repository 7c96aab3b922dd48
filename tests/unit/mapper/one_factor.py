"""What every value of every setting changes in the request to Xero: the table that `test_one_factor` holds the code to.

The samples are one rich invoice, one order, and a few invoices on which a setting shows that has nothing to do on the rich
one. A row names the fields that differ from the request that the default makes; what acts elsewhere names the test that
shows it, and changes no field.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from invoice_events.types import InvoiceDiscovered, PurchaseOrderDiscovered
from tests.unit.mapper.conftest import BILLING_CODE, RETAIL, invoice, line
from tests.unit.mapper.orders import item, order

D = Decimal
EXACT, ACCOUNT_NUMBER, PINNED = "c-exact", "c-account", "30f7ac1a-0000-4000-8000-000000000318"
ALL = range(5)
BASE: dict[str, Any] = {
    "accounts": {"default": "260"},
    "taxes": {"default": "OUTPUT2", "zero_rated": "ZERORATED"},
    "purchase_orders": {"account": "630", "tax": "INPUT2"},
}
"""The least that lets anything go over; everything else is the default."""

POLLER = "tests/unit/poller/test_tries_and_eligibility.py::"
ORDER_TRIGGER = "tests/unit/poller/test_orders.py::test_an_order_goes_over_at_its_status_or_one_after_it_and_never_cancelled"
UDF = "tests/unit/poller/test_companies_and_contacts.py::"
REFRESHES = "tests/integration/xero_writer/test_contact_refreshes.py::"
MISSING = "tests/integration/xero_writer/test_missing_contacts.py::"
QUIET = "tests/unit/events/test_quiet_mode.py::"
ALERTS = "tests/unit/status_api/test_alerts.py::"
NOTIFY = "tests/integration/status_api/test_notify.py::"


def rich() -> InvoiceDiscovered:
    """An invoice on which nearly every setting shows: work on a ticket, a contract, metered use, an expense, a project."""
    event = invoice(
        [
            line(1, "240.00", quantity=D(2), rate=D(120), resource_name="Ada Byron", line_of_business="Desk"),
            line(
                2, "100.00", type=6, ticket_id=None, contract_id=7, item_name="Managed desktop", description="Managed\nall", billing_code_id=3,
            ),
            line(3, "164.80", quantity=D(1000), rate=D("0.1648"), tax=D(0), type=5, ticket_id=None, billing_code_id=None),
            line(4, "50.00", type=4, ticket_id=None, billing_code_id=4, tax_category_id=3),
            line(5, "80.00", type=2, ticket_id=None, billing_code_id=5, line_of_business="Projects"),
        ]
    )  # fmt: skip
    event["company"]["territory"] = "North Island"
    return event


def without_lines() -> InvoiceDiscovered:
    return invoice([], total=D(10))


def off_by_cents() -> InvoiceDiscovered:
    """The lines are three cents more than the total."""
    return invoice([line(1, "60.00"), line(2, "40.03")], total=D("100.00"), tax_total=D("15.00"))


def two_readings() -> InvoiceDiscovered:
    """Either field of the lines adds up to the total."""
    first = line(1, "60", extended_price=D(60), total_amount=D(40), tax=D(0))
    return invoice([first, line(2, "40", extended_price=D(40), total_amount=D(60), tax=D(0))], total=D(100))


def net_total() -> InvoiceDiscovered:
    """With tax, read as net only."""
    return invoice([line(1, "100.00")], total=D(100))


def sample_order() -> PurchaseOrderDiscovered:
    """Two products and freight."""
    return order(
        [item(1, "2", "310.2575"), item(2, "1", "25", product_id=56)], freight=D(15), expected_on=date(2026, 5, 28)
    )  # fmt: skip


INVOICES = {made.__name__: made for made in (rich, without_lines, off_by_cents, two_readings, net_total)}


class Row(NamedTuple):
    """One value of one setting.

    Attributes:
        setting: its name, dotted where it is a part of another.
        value: the value that is tried.
        invoice: the fields of the invoice's request that change; `outcome` if it is no request any more, or becomes one.
        order: the same of the order's.
        sample: the invoice.
        given: other settings, the same on both sides.
        elsewhere: the test that shows what the setting does where it does not act on the request.
    """

    setting: str
    value: Any
    invoice: frozenset[str] = frozenset()
    order: frozenset[str] = frozenset()
    sample: str = "rich"
    given: dict[str, Any] = {}  # noqa: RUF012  # never written to
    elsewhere: str | None = None


def fields(name: str, *lines: int) -> frozenset[str]:
    """One field of these lines."""
    return frozenset(f"LineItems[{place}].{name}" for place in lines)


NOTHING: frozenset[str] = frozenset()
CONTACT = frozenset({"Contact.ContactID"})
OUTCOME = frozenset({"outcome"})
NO_CONTACT = frozenset({"outcome"})
AMOUNTS = frozenset({"LineItems[0].UnitAmount", "LineItems[1].UnitAmount"})
TOLERANT = {"amount_tolerance": "0.05"}


def tracked(
    source: str, options: dict[str, str], default: str | None = None, category: str = "Region"
) -> Any:  # noqa: ANN401  # JSON
    return [{"category": category, "source": source, "options": options, "default": default}]


def elsewhere(setting: str, test: str, *values: Any) -> list[Row]:  # noqa: ANN401  # JSON
    return [Row(setting, value, elsewhere=test) for value in values]


ROWS: list[Row] = [
    Row("invoices_import_as", "draft"),
    Row("invoices_import_as", "approved", frozenset({"Status"})),
    Row("invoices_import_as", "approved_and_sent", frozenset({"Status", "SentToContact"})),
    *elsewhere("paid_invoices_only", POLLER + "test_an_unpaid_invoice_waits_outside_and_a_paid_one_goes", False, True),
    Row("invoice_numbers", "xero", frozenset({"InvoiceNumber"})),
    Row("invoice_numbers", "autotask_id"),
    Row("invoice_numbers", "autotask_number", frozenset({"InvoiceNumber", "Reference"})),
    Row("due_date_from_xero_contact", False),
    Row("due_date_from_xero_contact", True, frozenset({"DueDate"})),
    *elsewhere("days_back", POLLER + "test_the_window_ends_with_its_last_day_and_not_one_earlier_or_later", 1, 14, 365),
    *elsewhere("time_zone", POLLER + "test_the_window_is_counted_in_the_tenants_calendar", "Pacific/Auckland"),
    Row("contact_match_by", "name"),
    Row("contact_match_by", "account_number", CONTACT, CONTACT),
    Row("contact_name_ignore_case", True),
    Row("contact_name_ignore_case", False, NO_CONTACT, NO_CONTACT),
    Row("contact_links", {"318": PINNED}, CONTACT),
    Row("contact_links", {"402": PINNED}, NOTHING, CONTACT),
    *elsewhere("accounts_contact_udf.name", UDF + "test_the_name_of_the_field_is_compared_exactly", "Role"),
    *elsewhere("accounts_contact_udf.value", UDF + "test_the_contact_that_the_field_names_wins_over_billing_and_primary", "Payables"),
    *elsewhere("update_xero_contacts", REFRESHES + "test_without_the_option_no_contact_is_ever_written", False),
    *elsewhere("update_xero_contacts", REFRESHES + "test_a_new_invoice_brings_its_contact_up_to_date_and_leaves_the_rest_of_it_alone", True),
    *elsewhere("create_missing_contacts", MISSING + "test_nothing_is_made_where_the_option_is_off", False),
    *elsewhere("create_missing_contacts", MISSING + "test_many_documents_of_one_new_company_make_one_contact", True),
    Row("show_resource", False),
    Row("show_resource", True, fields("Description", 0)),
    Row("show_date_in_description", False),
    Row("show_date_in_description", True, fields("Description", 0)),
    Row("hide_service_contract_descriptions", False),
    Row("hide_service_contract_descriptions", True, fields("Description", 1)),
    Row("four_decimal_rounding", False),
    Row("four_decimal_rounding", True, fields("Description", 2) | fields("Quantity", 2) | fields("UnitAmount", 2) | {"unitdp"}),
    Row("branding_theme", None),
    Row("branding_theme", "retail invoice", frozenset({"BrandingThemeID"})),
    Row("branding_theme", RETAIL, frozenset({"BrandingThemeID"})),
    Row("branding_theme", "Wholesale", OUTCOME),
    Row("accounts.default", None, OUTCOME),
    Row("accounts.default", "200", fields("AccountCode", *ALL)),
    Row("accounts.by_billing_code", {str(BILLING_CODE): "200"}, fields("AccountCode", 0)),
    Row("accounts.by_line_type", {"4": "425"}, fields("AccountCode", 3)),
    Row("taxes.default", None, OUTCOME),
    Row("taxes.default", "OTHER15", fields("TaxType", 0, 1, 3, 4)),
    Row("taxes.zero_rated", None, OUTCOME),
    Row("taxes.zero_rated", "NONE", fields("TaxType", 2)),
    Row("taxes.by_region_and_category", [{"region": "5", "category": "3", "type": "OTHER15"}], fields("TaxType", 3)),
    Row("taxes.by_region_and_category", [{"region": "9", "category": "3", "type": "OTHER15"}]),
    Row("tracking", tracked("territory", {"North Island": "North"}), fields("Tracking", *ALL)),
    Row("tracking", tracked("territory", {"South Island": "South"})),
    Row("tracking", tracked("line_of_business", {"Desk": "South"}), fields("Tracking", 0)),
    Row("tracking", tracked("line_of_business", {}, None, "Department"), fields("Tracking", 4)),
    Row("tracking", tracked("account", {"260": "Other"}), fields("Tracking", *ALL)),
    Row("tracking", tracked("line_of_business", {}, "Other"), fields("Tracking", *ALL)),
    Row("tracking", tracked("territory", {}, "Nowhere"), OUTCOME),
    Row("tax_amounts", "autotask"),
    Row("tax_amounts", "xero", fields("TaxAmount", *ALL)),
    Row("amount_basis", "auto"),
    Row("amount_basis", "extended_price_net"),
    Row("amount_basis", "total_amount_net"),
    Row("amount_basis", "extended_price_gross", OUTCOME),
    Row("amount_basis", "total_amount_gross", OUTCOME),
    Row("amount_basis", "extended_price_gross", sample="two_readings"),
    Row("amount_basis", "extended_price_net", sample="two_readings"),
    Row("amount_basis", "total_amount_net", AMOUNTS | fields("Description", 0, 1), sample="two_readings"),
    Row("amount_basis", "total_amount_gross", AMOUNTS | fields("Description", 0, 1), sample="two_readings"),
    Row("amount_tolerance", "0.00"),
    Row("amount_tolerance", "999999.9999"),
    Row("amount_tolerance", "0.03", OUTCOME, sample="off_by_cents"),
    Row("amount_tolerance", "0.0299", sample="off_by_cents"),
    Row("rounding_line", False, sample="off_by_cents", given=TOLERANT),
    Row("rounding_line", True, frozenset({"LineItems[2]"}), sample="off_by_cents", given=TOLERANT),
    Row("rounding_line", True),
    *elsewhere("purchase_orders.enabled", "tests/unit/poller/test_orders.py::test_a_person_is_told_why_an_order_can_not_go_over", False, True),
    *elsewhere("purchase_orders.trigger_status", ORDER_TRIGGER, "new", "submitted", "received_partially", "received_in_full"),
    Row("purchase_orders.initial_status", "draft"),
    *(Row("purchase_orders.initial_status", status, NOTHING, frozenset({"Status"})) for status in ("submitted", "authorised", "billed")),
    Row("purchase_orders.account", None, NOTHING, OUTCOME),
    Row("purchase_orders.account", "425", NOTHING, fields("AccountCode", 0, 1, 2)),
    Row("purchase_orders.freight_account", None),
    Row("purchase_orders.freight_account", "425", NOTHING, fields("AccountCode", 2)),
    Row("purchase_orders.account_by_product", {"56": "425"}, NOTHING, fields("AccountCode", 1)),
    Row("purchase_orders.tax", None, NOTHING, OUTCOME),
    Row("purchase_orders.tax", "NONE", NOTHING, fields("TaxType", 0, 1, 2) | fields("TaxAmount", 0, 1, 2)),
    Row("purchase_orders.tax_by_region", {"5": "OTHER15"}, NOTHING, fields("TaxType", 0, 1, 2)),
    Row("purchase_orders.tax_by_region", {"6": "OTHER15"}),
    Row("fault_when_no_lines", True, sample="without_lines"),
    Row("fault_when_no_lines", False, OUTCOME, sample="without_lines"),
    Row("fault_when_no_lines", False),
    *elsewhere(
        "void_autotask_invoices", POLLER + "test_what_is_in_xero_is_voided_once_and_only_if_the_settings_want_it", False, True
    ),
    *elsewhere("quiet_mode.enabled", QUIET + "test_backfill_does_not_wait_while_the_mode_is_off", False, True),
    *elsewhere(
        "quiet_mode.business_hours.start", QUIET + "test_backfill_neither_disturbs_a_working_day_nor_waits_outside_of_it", "00:00", "23:59"
    ),
    *elsewhere("quiet_mode.business_hours.end", QUIET + "test_hours_that_run_over_midnight_are_not_taken_for_those_of_the_next_day", "05:00", "23:59"),
    *elsewhere("quiet_mode.days", QUIET + "test_no_day_means_never", []),
    *elsewhere(
        "quiet_mode.days", QUIET + "test_hours_and_days_are_not_those_of_another_zone",
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ),
    *elsewhere("autotask_budget_share", "tests/unit/poller/test_core_values.py::test_the_budget_is_shared", 0, 0.75, 1),
    *elsewhere("alerts.on", ALERTS + "test_a_tenant_that_wants_no_alerts_is_told_of_to_nobody", False, True),
    *elsewhere("alerts.detailed", NOTIFY + "test_details_reach_who_wants_them_and_are_not_kept_after_that", False, True),
    *elsewhere("alerts.targets", ALERTS + "test_a_named_chat_target_is_told_of_no_tenant_that_does_not_name_it", ["finance"]),
]  # fmt: skip
