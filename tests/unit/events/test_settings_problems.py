"""What is wrong with a setting is found when it is saved, with its place and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from invoice_events.settings import effective_settings, settings_problems, settings_schema

RULE = {"category": "Region", "source": "territory"}


@pytest.mark.parametrize(
    ("document", "place", "wanted"),
    [
        ({"paid_invoices_only": "yes"}, "paid_invoices_only: ", "boolean"),
        ({"branding_theme": ""}, "branding_theme: ", ""),
        ({"branding_theme": 7}, "branding_theme: ", "string or null"),
        ({"accounts_contact_udf": {"name": ""}}, "accounts_contact_udf.name: ", ""),
        ({"accounts_contact_udf": {"field": "x"}}, "accounts_contact_udf: ", "only name, value"),
        ({"tracking": [{"category": "Region"}]}, "tracking.0: ", "only category, default, options, source"),
        ({"tracking": [{**RULE, "source": "city"}]}, "tracking.0.source: ", "territory, line_of_business, account"),
        ({"tracking": [{**RULE, "options": {"North": ""}}]}, "tracking.0.options.North: ", ""),
        ({"tracking": [RULE, {**RULE, "category": "Team"}, {**RULE, "category": "Site"}]}, "tracking: ", ""),
        ({"tracking": [RULE, {**RULE, "category": "REGION"}]}, "tracking: ", "two different categories"),
        ({"tracking": [RULE, {**RULE, "category": " region "}]}, "tracking: ", "two different categories"),
        ({"tracking": [{**RULE, "category": " \t"}]}, "tracking.0.category: ", "name that is not blank"),
        ({"tracking": [RULE, {**RULE, "category": "Team", "default": " "}]}, "tracking.1.default: ", "name that is not blank"),
        ({"tracking": [{**RULE, "options": {"North": "\u00a0"}}]}, "tracking.0.options.North: ", "name that is not blank"),
        ({"purchase_orders": {"trigger_status": "cancelled"}}, "purchase_orders.trigger_status: ", "submitted"),
        ({"purchase_orders": {"initial_status": "deleted"}}, "purchase_orders.initial_status: ", "billed"),
        ({"purchase_orders": {"account_by_product": {"mouse": "300"}}}, "purchase_orders.account_by_product", ""),
        ({"quiet_mode": {"business_hours": {"start": "7:00"}}}, "quiet_mode.business_hours.start: ", "text like"),
        ({"quiet_mode": {"business_hours": {"end": "24:00"}}}, "quiet_mode.business_hours.end: ", "text like"),
        ({"quiet_mode": {"days": ["funday"]}}, "quiet_mode.days.0: ", "monday"),
        ({"quiet_mode": {"days": ["monday", "monday"]}}, "quiet_mode.days: ", ""),
        ({"quiet_mode": {"business_hours": {"start": "18:00"}}}, "quiet_mode.business_hours: ", "two different times"),
        ({"amount_tolerance": "0.00001"}, "amount_tolerance: ", "text like"),
    ],
    ids=str,
)  # fmt: skip
def test_no_contradiction_passes_or_is_told_without_its_place(
    document: object, place: str, wanted: str
) -> None:
    problems = settings_problems(document)

    assert any(problem.startswith(place) for problem in problems), problems
    assert any(wanted in problem.partition("wanted")[2] for problem in problems), problems


def test_the_category_that_is_named_twice_is_told_by_its_name() -> None:
    tracking = [{**RULE, "category": "Team"}, {**RULE, "category": "team"}]

    assert settings_problems({"tracking": tracking}) == [
        "tracking: 'Team' is named twice, wanted two different categories"
    ]


def test_no_part_of_a_part_is_without_its_default() -> None:
    settings = effective_settings(
        {"quiet_mode": {"business_hours": {"end": "20:00"}}, "tracking": [RULE], "purchase_orders": {}}
    )

    assert settings["quiet_mode"]["business_hours"] == {"start": "07:00", "end": "20:00"}
    assert settings["quiet_mode"]["days"][0] == "monday"
    assert settings["tracking"] == [{**RULE, "options": {}, "default": None}]
    assert settings["accounts_contact_udf"] == {"name": "Position", "value": "Accounts"}
    assert (settings["purchase_orders"]["enabled"], settings["purchase_orders"]["trigger_status"]) == (
        False,
        "submitted",
    )


def test_a_fresh_tenant_never_sends_approves_creates_voids_or_overwrites_anything_by_itself() -> None:
    settings: dict[str, Any] = dict(effective_settings({}))

    assert settings["invoices_import_as"] == "draft"
    assert settings["invoice_numbers"] != "autotask_number"
    assert settings["purchase_orders"]["enabled"] is False
    for name, option in settings_schema()["properties"].items():
        if option.get("type") == "boolean" and name not in {
            "contact_name_ignore_case",
            "fault_when_no_lines",
        }:
            assert settings[name] is False, name
