"""Differences are told in words, with names from Xero; what Xero does not have is told as a gap."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.core.settings_form import Kind, settings
from dashboard.core.settings_form_changes import differences, show_default
from dashboard.core.settings_form_gaps import FAULT_CODES, faults_of, gaps
from dashboard.core.settings_form_history import versions
from dashboard.core.settings_form_reference import Reference
from invoice_events.catalogue import catalogue
from invoice_events.settings import effective_settings

REFERENCE: dict[str, Any] = {
    "accounts": [
        {
            "code": "200",
            "name": "Sales",
            "type": "REVENUE",
            "account_class": "REVENUE",
            "status": "ACTIVE",
            "system_account": "",
        },
        {
            "code": "090",
            "name": "Bank",
            "type": "BANK",
            "account_class": "ASSET",
            "status": "ACTIVE",
            "system_account": "",
        },
        {
            "code": "210",
            "name": "Old",
            "type": "REVENUE",
            "account_class": "REVENUE",
            "status": "ARCHIVED",
            "system_account": "",
        },
        {
            "code": "820",
            "name": "GST",
            "type": "CURRLIAB",
            "account_class": "LIABILITY",
            "status": "ACTIVE",
            "system_account": "GST",
        },
        {
            "code": "310",
            "name": "Purchases",
            "type": "DIRECTCOSTS",
            "account_class": "EXPENSE",
            "status": "ACTIVE",
            "system_account": "",
        },
    ],
    "tax_rates": [
        {
            "tax_type": "OUTPUT2",
            "name": "GST on Income",
            "status": "ACTIVE",
            "effective_rate": "15.00000000",
            "can_apply_to_revenue": True,
            "can_apply_to_expenses": False,
        },
        {
            "tax_type": "INPUT2",
            "name": "GST on Expenses",
            "status": "ACTIVE",
            "effective_rate": "15.00000000",
            "can_apply_to_revenue": False,
            "can_apply_to_expenses": True,
        },
    ],
    "tracking_categories": [
        {
            "name": "Region",
            "status": "ACTIVE",
            "options": [{"name": "North", "status": "ACTIVE"}, {"name": "Gone", "status": "ARCHIVED"}],
        }
    ],
    "branding_themes": [{"id": "e2285a63", "name": "Standard"}],
}
KNOWN = Reference(REFERENCE)
GOOD = {"accounts": {"default": "200"}, "taxes": {"default": "OUTPUT2"}}


def _told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = differences(settings(), effective_settings(before), effective_settings(after), KNOWN)
    return [(change.title, change.before, change.after) for change in found]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {}, []),
        ({}, {"days_back": 30}, [("How many days back should invoices be synced", "14 days", "30 days")]),
        ({}, {"void_autotask_invoices": True}, [("Void Autotask Invoices", "Off", "On")]),
        ({"invoices_import_as": "approved"}, {}, [("Invoices import into Xero as", "Approved", "Draft")]),
        ({}, {"branding_theme": "Standard"}, [("Branding theme", "left to Xero", "Standard")]),
        ({}, {"autotask_budget_share": 0.75}, [("Share of Autotask's hourly budget", "50 %", "75 %")]),
        (
            {"accounts": {"default": "200", "by_line_type": {"4": "310"}}},
            {"accounts": {"default": "999", "by_line_type": {}}},
            [
                ("Accounts, Default account", "200 · Sales", "999"),
                ("Accounts, By line type, Expense", "310 · Purchases", "not listed"),
            ],
        ),
        (
            {},
            {"quiet_mode": {"days": ["monday"]}},
            [
                (
                    "After-hours quiet mode, Business days",
                    "Monday, Tuesday, Wednesday, Thursday, Friday",
                    "Monday",
                )
            ],
        ),
    ],
)
def test_no_difference_is_told_in_keys_and_codes(
    before: dict[str, Any], after: dict[str, Any], told: list[tuple[str, str, str]]
) -> None:
    assert _told(before, after) == told


def test_another_order_of_tax_rules_is_a_difference() -> None:
    one, two = ({"region": region, "category": "1", "type": "OUTPUT2"} for region in ("5", "7"))
    before, after = ({"taxes": {"by_region_and_category": rules}} for rules in ([one, two], [two, one]))

    ((title, first, second),) = _told(before, after)

    assert title.endswith("order")
    assert first.index("Tax region: 5") < first.index("Tax region: 7")
    assert second.index("Tax region: 7") < second.index("Tax region: 5")


@pytest.mark.parametrize("name", settings())
def test_no_default_goes_untold_but_that_of_a_group_whose_parts_have_their_own(name: str) -> None:
    setting = settings()[name]
    assert bool(show_default(setting, KNOWN)) == (setting.field.kind is not Kind.GROUP)


def _gaps(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(gap.setting, gap.words) for gap in gaps(settings(), effective_settings(document), KNOWN)]


def test_settings_that_xero_can_fill_have_no_gap() -> None:
    assert _gaps(GOOD) == []


@pytest.mark.parametrize(
    ("document", "setting", "words"),
    [
        ({}, "accounts", "There is no default account"),
        ({}, "taxes", "There is no default tax type"),
        (
            {"accounts": {"by_billing_code": {"29": "299"}}},
            "accounts",
            "Account 299 can not be used: it is not (or no longer) in Xero (Billing code id 29).",
        ),
        (
            {"accounts": {"by_line_type": {"4": "210"}}},
            "accounts",
            "Account 210 can not be used: it is archived in Xero (Line type Expense).",
        ),
        (
            {"accounts": {"default": "090"}},
            "accounts",
            "Account 090 can not be used: it is a bank account (Default account).",
        ),
        ({"accounts": {"default": "820"}}, "accounts", "it is a system account of Xero"),
        ({"taxes": {"zero_rated": "INPUT2"}}, "taxes", "it does not apply to revenue"),
        (
            {"purchase_orders": {"enabled": True}},
            "purchase_orders",
            "There is no account for purchase orders",
        ),
        (
            {"purchase_orders": {"enabled": True, "tax": "OUTPUT2"}},
            "purchase_orders",
            "it does not apply to expenses",
        ),
        ({"branding_theme": "Fancy"}, "branding_theme", "Branding theme Fancy can not be used"),
        (
            {"tracking": [{"category": "Region", "source": "territory", "default": "South"}]},
            "tracking",
            "Region has no active option South in Xero.",
        ),
        (
            {"tracking": [{"category": "Practice", "source": "territory"}]},
            "tracking",
            "Tracking category Practice can not be used",
        ),
        ({"rounding_line": True}, "rounding_line", "Xero has no active rounding account"),
    ],
)
def test_no_gap_stays_hidden_until_it_is_a_fault(document: dict[str, Any], setting: str, words: str) -> None:
    assert any(name == setting and words in told for name, told in _gaps(document))


@pytest.mark.parametrize("theme", ["Standard", "standard ", "e2285a63"])
def test_what_the_service_takes_for_the_same_is_no_gap(theme: str) -> None:
    assert _gaps(GOOD | {"branding_theme": theme}) == []
    rules = [{"category": " region", "source": "territory", "default": "NORTH"}]
    assert _gaps(GOOD | {"tracking": rules}) == []


def test_purchase_orders_that_are_off_need_nothing() -> None:
    assert _gaps(GOOD | {"purchase_orders": {"enabled": False, "account": "999"}}) == []


def test_nothing_is_said_to_be_missing_in_xero_before_anything_arrived_from_there() -> None:
    found = gaps(
        settings(),
        effective_settings({"accounts": {"default": "999"}, "rounding_line": True}),
        Reference(None),
    )
    assert [gap.setting for gap in found] == ["taxes"]


def test_faults_stand_at_the_setting_that_mends_them_and_at_no_other() -> None:
    faults = [{"kind": kind, "cause": {"code": "ACCOUNT_MISSING"}} for kind in ("invoice", "purchase-order")]
    assert {name: faults_of(name, faults) for name in settings() if faults_of(name, faults)} == {
        "accounts": faults[:1],
        "purchase_orders": faults[1:],
    }
    assert {code for codes in FAULT_CODES.values() for code in codes} <= set(catalogue())


def _version(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any member
    return {"version": number, "state": "active", "name": "Acme", "settings": {"days_back": number}} | more


def test_no_version_is_told_before_the_one_it_follows_is_known() -> None:
    newer, carried = versions(settings(), None, [_version(5), _version(4)], KNOWN, is_end=False)
    assert [each.entry["version"] for each in newer] == [5]
    assert carried == _version(4)

    older, rest = versions(settings(), carried, [_version(3, state="paused")], KNOWN, is_end=True)
    assert [(each.entry["version"], each.is_first) for each in older] == [(4, False), (3, True)]
    assert [(change.title, change.before, change.after) for change in older[0].changes] == [
        ("Engine", "Paused", "Active"),
        ("How many days back should invoices be synced", "3 days", "4 days"),
    ]
    assert rest is None
