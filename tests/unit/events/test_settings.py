"""Settings: what is wrong is told with its place, what is left out has its default."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoice_events.settings import effective_settings, settings_problems, settings_schema, tolerance, zone


def test_no_setting_is_without_a_value_when_nothing_was_set() -> None:
    settings = effective_settings({})

    assert set(settings) == set(settings_schema()["properties"])
    assert settings_problems({}) == []
    assert settings_problems(settings) == []
    assert settings["accounts"] == {"default": None, "by_billing_code": {}, "by_line_type": {}}
    assert (settings["days_back"], tolerance(settings), zone(settings)) == (
        14,
        Decimal("0.00"),
        ZoneInfo("UTC"),
    )


def test_no_default_is_shared_between_tenants() -> None:
    effective_settings({})["contact_links"]["1"] = "somebody else's contact"

    assert effective_settings({})["contact_links"] == {}


def test_no_given_setting_is_overwritten() -> None:
    given: dict[str, Any] = {"days_back": 30, "accounts": {"default": "200"}, "time_zone": "Pacific/Auckland"}

    settings = effective_settings(given)

    assert (settings["days_back"], settings["accounts"]["default"]) == (30, "200")
    assert settings["accounts"]["by_line_type"] == {}
    assert given == {"days_back": 30, "accounts": {"default": "200"}, "time_zone": "Pacific/Auckland"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "settings: "),
        (None, "settings: "),
        ({"unheard_of": 1}, "unheard_of"),
        ({"days_back": 0}, "days_back: "),
        ({"days_back": 366}, "days_back: "),
        ({"days_back": "14"}, "days_back: "),
        ({"days_back": True}, "days_back: "),
        ({"invoices_import_as": "sent"}, "invoices_import_as: "),
        ({"invoice_numbers": None}, "invoice_numbers: "),
        ({"time_zone": "Middle/Earth"}, "time_zone: "),
        ({"time_zone": 12}, "time_zone: "),
        ({"amount_tolerance": 0.05}, "amount_tolerance: "),
        ({"amount_tolerance": "-1"}, "amount_tolerance: "),
        ({"contact_links": {"x": "y"}}, "contact_links"),
        ({"contact_links": {"12": "no uuid"}}, "contact_links.12: "),
        ({"accounts": {"default": ""}}, "accounts.default: "),
        ({"accounts": {"by_billing_code": {"29682": 200}}}, "accounts.by_billing_code.29682: "),
        ({"taxes": {"by_region_and_category": [{"region": "3"}]}}, "taxes.by_region_and_category.0: "),
        ({"autotask_budget_share": 1.5}, "autotask_budget_share: "),
    ],
    ids=str,
)
def test_no_wrong_setting_passes_or_goes_unnamed(document: object, place: str) -> None:
    problems = settings_problems(document)

    assert problems
    assert any(place in problem for problem in problems)
    assert not any("\n" in problem for problem in problems)
