from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.xero_writer.samples import NOW
from xero_writer.core.reference import COLLECTIONS, build_reference, digest


def answers(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any answer
    base: dict[str, Any] = {
        "Organisation": {
            "Organisations": [
                {
                    "OrganisationID": "o-1",
                    "Name": "Acme",
                    "BaseCurrency": "NZD",
                    "Timezone": "NZ",
                    "ShortCode": "!a",
                    "PeriodLockDate": "/Date(1789344000000+0000)/",
                }
            ]
        },
        "Accounts": {
            "Accounts": [
                {"Code": "400", "Name": "Costs", "Type": "EXPENSE"},
                {"Code": "200", "Name": "Sales", "Type": "REVENUE", "Class": "REVENUE", "TaxType": "OUTPUT2"},
                {"Name": "Bank without code", "Type": "BANK"},
            ]
        },
        "TaxRates": {
            "TaxRates": [
                {"TaxType": "OUTPUT2", "EffectiveRate": "15.0000", "CanApplyToRevenue": "true"},
                {"TaxType": "NONE", "EffectiveRate": Decimal(0), "CanApplyToRevenue": False},
            ]
        },
        "Currencies": {"Currencies": [{"Code": "USD"}, {"Code": "NZD"}]},
        "TrackingCategories": {
            "TrackingCategories": [
                {"TrackingCategoryID": "t", "Name": "Region", "Options": [{"Name": "North"}]}
            ]
        },
        "BrandingThemes": {"BrandingThemes": [{"BrandingThemeID": "b", "Name": "Standard"}]},
    }
    assert set(base) == set(COLLECTIONS)
    return base | changes


def test_nothing_that_mapping_needs_is_lost_or_misread() -> None:
    reference = build_reference("acme", answers(), NOW)
    assert [account["code"] for account in reference["accounts"]] == ["200", "400"]
    assert [
        (rate["tax_type"], rate["effective_rate"], rate["can_apply_to_revenue"])
        for rate in reference["tax_rates"]
    ] == [
        ("NONE", Decimal(0), False),
        ("OUTPUT2", Decimal("15.0000"), True),
    ]
    assert reference["currencies"] == ["NZD", "USD"]
    assert reference["organisation"]["period_lock_date"] is not None
    assert reference["organisation"]["end_of_year_lock_date"] is None


@pytest.mark.parametrize("collection", ["TrackingCategories", "BrandingThemes", "Currencies", "Accounts"])
def test_a_collection_that_xero_leaves_out_because_it_is_empty_breaks_nothing(collection: str) -> None:
    build_reference("acme", answers(**{collection: {"Id": "x"}}), NOW)


def test_an_answer_without_organisation_is_no_reference() -> None:
    with pytest.raises(ValueError, match="organisation"):
        build_reference("acme", answers(Organisation={"Organisations": []}), NOW)


def test_the_same_content_is_no_new_version() -> None:
    first = build_reference("acme", answers(), NOW)
    later = build_reference("acme", answers(), NOW + timedelta(hours=1))
    later["version"] = 9
    shuffled = answers()
    shuffled["Accounts"]["Accounts"].reverse()
    shuffled["Currencies"]["Currencies"].reverse()
    assert digest(first) == digest(later) == digest(build_reference("acme", shuffled, NOW))


@pytest.mark.parametrize(
    ("collection", "change"),
    [
        ("Accounts", {"Accounts": []}),
        (
            "TaxRates",
            {"TaxRates": [{"TaxType": "OUTPUT2", "EffectiveRate": 12.5, "CanApplyToRevenue": True}]},
        ),
        ("Currencies", {"Currencies": [{"Code": "NZD"}]}),
        ("TrackingCategories", {"TrackingCategories": []}),
        ("BrandingThemes", {"BrandingThemes": []}),
    ],
)
def test_no_change_of_content_goes_without_a_new_version(collection: str, change: dict[str, Any]) -> None:
    before = digest(build_reference("acme", answers(), NOW))
    assert digest(build_reference("acme", answers(**{collection: change}), NOW)) != before
