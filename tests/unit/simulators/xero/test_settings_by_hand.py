"""What people change in an organisation's settings, and what documents meet then."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit.documents import BadDocumentError
from simulators.xero.simulator import XeroSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]
    Lines = Callable[..., dict[str, Any]]


def categories(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {
        entry["Name"]: [option["Name"] for option in entry["Options"]]
        for entry in answer["TrackingCategories"]
    }


def test_archived_options_are_listed_only_when_asked_for(xero: Xero) -> None:
    options = [{"Name": "North", "Status": "ARCHIVED"}, "West"]
    xero.change("tracking_categories", {"Name": "Region", "Options": options})
    assert categories(xero.get("TrackingCategories")) == {"Region": ["South", "West"]}
    everything = xero.get("TrackingCategories", includeArchived="true")
    assert categories(everything) == {"Region": ["North", "South", "West"]}
    xero.change("tracking_categories", {"Name": "Region", "Status": "ARCHIVED"})
    assert categories(xero.get("TrackingCategories")) == {}


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.parametrize(("switch", "left"), [("refuse", None), ("drop", [])])
def test_an_archived_option_is_treated_like_an_unknown_one(
    make_xero: Callable[..., Xero], line_of: Lines, switch: str, left: list[Any] | None, *, by_id: bool
) -> None:
    xero = make_xero(switches={"unknown_tracking": switch, "limits_on": False})
    category = xero.get("TrackingCategories")["TrackingCategories"][0]
    named = {"Name": "Region", "Option": "North"}
    ids = {
        "TrackingCategoryID": category["TrackingCategoryID"],
        "TrackingOptionID": category["Options"][0]["TrackingOptionID"],
    }
    xero.change(
        "tracking_categories", {"Name": "Region", "Options": [{"Name": "North", "Status": "ARCHIVED"}]}
    )
    shown = xero.put("Invoices", xero.invoice(line_of(Tracking=[ids if by_id else named])))[0]
    if left is None:
        assert shown["HasErrors"] is True
    else:
        assert shown["LineItems"][0]["Tracking"] == left


def test_an_organisation_never_has_three_active_categories(
    xero: Xero, make_document: Callable[..., dict[str, Any]]
) -> None:
    xero.change("tracking_categories", {"Name": "Team", "Options": ["A"]})
    refused = xero.client.open(
        "/_control/tenants/acme/tracking_categories", method="POST", data='{"Name": "Third"}'
    )
    assert refused.status_code == 400
    three = [{"Name": name} for name in ("A", "B", "C")]
    with pytest.raises(BadDocumentError, match="at most two active"):
        XeroSimulator().load_tenant(make_document(tracking_categories=three))
    archived = [*three[:2], {"Name": "C", "Status": "ARCHIVED"}]
    XeroSimulator().load_tenant(make_document(tracking_categories=archived))


def test_a_line_never_takes_three_tracking_entries(xero: Xero, line_of: Lines) -> None:
    entries = [{"Name": "Region", "Option": "North"}] * 3
    assert xero.put("Invoices", xero.invoice(line_of(Tracking=entries)))[0]["HasErrors"] is True


def test_themes_come_and_go_and_orders_take_them_too(xero: Xero, errors_of: Texts) -> None:
    themes = {
        theme["Name"]: theme["BrandingThemeID"] for theme in xero.get("BrandingThemes")["BrandingThemes"]
    }
    assert xero.made(BrandingThemeID=themes["Special"])["BrandingThemeID"] == themes["Special"]
    assert xero.ordered(BrandingThemeID=themes["Special"])["BrandingThemeID"] == themes["Special"]
    assert xero.made()["BrandingThemeID"] == themes["Standard"]
    assert xero.change("branding_themes", {"Name": "Special", "remove": True}) == {"themes": ["Standard"]}
    refused = xero.put("Invoices", xero.invoice(BrandingThemeID=themes["Special"]))[0]
    assert errors_of(refused) == ["Branding theme must be valid."]
    assert xero.change("branding_themes", {"Name": "New"}) == {"themes": ["Standard", "New"]}


def test_a_changed_rate_changes_the_tax_of_new_documents_only(xero: Xero) -> None:
    before = xero.made()
    xero.change("tax_rates", {"TaxType": "OUTPUT2", "Name": "GST", "EffectiveRate": "10"})
    assert xero.made()["TotalTax"] == Decimal("9.10")
    assert xero.stored(before["InvoiceID"])["TotalTax"] == Decimal("13.65")


def test_an_account_of_rounding_can_be_used_on_lines(xero: Xero, line_of: Lines) -> None:
    rounding = {"Code": "860", "Name": "Rounding", "Type": "EXPENSE", "TaxType": "NONE"}
    xero.change("accounts", {**rounding, "SystemAccount": "ROUNDING"})
    line = line_of(Quantity=1, UnitAmount=Decimal("-0.01"), AccountCode="860", Description="Rounding")
    assert xero.made(line_of(), line)["Total"] == Decimal("104.64")


def test_lock_dates_are_shown_only_when_they_are_set(xero: Xero) -> None:
    shown = xero.get("Organisation")["Organisations"][0]
    assert {"PeriodLockDate", "EndOfYearLockDate"}.isdisjoint(shown)
    xero.change("organisation", {"PeriodLockDate": "2026-10-31", "EndOfYearLockDate": "2026-03-31"})
    shown = xero.get("Organisation")["Organisations"][0]
    assert shown["PeriodLockDate"] == "/Date(1793404800000+0000)/"
    assert shown["EndOfYearLockDate"] == "/Date(1774915200000+0000)/"


def test_a_person_adds_documents_that_no_app_made(xero: Xero) -> None:
    xero.change("invoices", xero.invoice(InvoiceNumber="THEIRS", Status="PAID"))
    xero.change("credit_notes", xero.invoice(Type="ACCRECCREDIT", DueDate=None, CreditNoteNumber="CR:9"))
    assert xero.stored("THEIRS")["AmountDue"] == 0
    assert xero.get("Invoices", createdByMyApp="true")["Invoices"] == []
    assert xero.counted("documents_created") == 0
    again = xero.put("Invoices", xero.invoice(InvoiceNumber="THEIRS"))[0]
    assert again["ValidationErrors"] == [{"Message": "Invoice # must be unique."}]
