"""What stands in the cells of the form is what is saved, to the last digit."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.core.settings_form import settings
from dashboard.core.settings_form_document import (
    cells_of_all,
    changed_settings,
    merge,
    new_document,
    read_draft,
)
from dashboard.core.settings_form_problems import place_problems, problems_of
from dashboard.core.settings_form_rows import change_rows
from dashboard.core.settings_form_values import Cells, from_cells, to_cells
from invoice_events.settings import effective_settings, settings_problems, settings_schema

OPTIONS: dict[str, dict[str, Any]] = settings_schema()["properties"]
EXAMPLES = {name: option["examples"][0] for name, option in OPTIONS.items()}


def _effective(given: dict[str, Any]) -> dict[str, Any]:
    return dict(effective_settings(given))


def _saved_after(given: dict[str, Any], changes: Cells) -> dict[str, Any]:
    saved = _effective(given)
    draft = read_draft(settings(), cells_of_all(settings(), saved) | changes)
    assert draft.problems == ()
    return new_document(settings(), given, saved, draft.values)


@pytest.mark.parametrize("given", [{}, EXAMPLES, *({name: value} for name, value in EXAMPLES.items())])
def test_a_form_that_nobody_touched_changes_nothing(given: dict[str, Any]) -> None:
    saved = _effective(given)
    draft = read_draft(settings(), cells_of_all(settings(), saved))

    assert draft.values == saved
    assert draft.problems == ()
    assert changed_settings(settings(), saved, draft.values) == []
    assert new_document(settings(), given, saved, draft.values) == given


@pytest.mark.parametrize("name", OPTIONS)
def test_no_setting_is_lost_when_its_example_is_put_in(name: str) -> None:
    wanted = _effective({name: EXAMPLES[name]})
    changes = to_cells(settings()[name].field, wanted[name], name)

    document = _saved_after({}, changes)

    assert set(document) == {name}
    assert settings_problems(document) == []
    assert _effective(document) == wanted


@pytest.mark.parametrize("name", OPTIONS)
def test_a_setting_that_goes_back_to_its_default_leaves_the_document(name: str) -> None:
    given = {name: EXAMPLES[name], "days_back": 20}
    default = _effective({})[name]
    saved = _effective(given)

    document = new_document(settings(), given, saved, saved | {name: default})

    assert document == ({} if name == "days_back" else {"days_back": 20})


def test_what_was_not_touched_stays_as_it_was_given_even_where_it_is_the_default() -> None:
    given = {"days_back": 14, "accounts": {"default": "200", "by_line_type": {}}, "fault_when_no_lines": True}

    assert _saved_after(given, {"accounts/default": "210"}) == given | {
        "accounts": {"default": "210", "by_line_type": {}}
    }


@pytest.mark.parametrize(
    ("at", "cell", "words"),
    [
        ("days_back", "0", "Give a whole number from 1 to 365."),
        ("days_back", "14.5", "Give a whole number from 1 to 365."),
        ("days_back", "", "Give a whole number from 1 to 365."),
        ("amount_tolerance", "0,05", "Write it with a point, such as 0.05."),
        ("amount_tolerance", "-1", "Give an amount with at most four digits after the point."),
        ("amount_tolerance", "1e3", "Give an amount with at most four digits after the point."),
        ("amount_tolerance", "five", "Give a number, such as 0.05."),
        ("autotask_budget_share", "101", "Give a percentage from 0 to 100."),
        ("autotask_budget_share", "NaN", "Give a percentage from 0 to 100."),
        ("time_zone", "", "Fill this in."),
        ("quiet_mode/business_hours/start", "25:00", None),
        ("accounts_contact_udf/name", "x" * 101, "This may have at most 100 characters."),
        ("alerts/targets", ["Finance!"], None),
    ],
)
def test_no_cell_that_can_not_be_saved_goes_without_a_word(at: str, cell: Any, words: str | None) -> None:  # noqa: ANN401  # any cell
    cells = cells_of_all(settings(), _effective({})) | {at: cell}

    problems = read_draft(settings(), cells).problems

    assert [problem.at for problem in problems] == [at]
    assert words in (None, problems[0].words)


def test_no_digit_of_an_amount_or_a_share_is_lost() -> None:
    document = _saved_after({}, {"amount_tolerance": "0.1005", "autotask_budget_share": "33.3"})

    assert document == {"amount_tolerance": "0.1005", "autotask_budget_share": 0.333}
    assert cells_of_all(settings(), _effective(document))["autotask_budget_share"] == "33.3"


def test_rows_that_are_half_filled_or_listed_twice_are_told_and_empty_ones_are_none() -> None:
    field = settings()["contact_links"].field
    rows = {"0/key": "175", "0/value": None, "1/key": None, "1/value": None, "2/key": "x", "2/value": "a"}
    rows |= {"3/key": "175", "3/value": "b"}

    value, problems = from_cells(
        field, {f"contact_links/{at}": cell for at, cell in rows.items()}, "contact_links"
    )

    assert {(problem.at, problem.is_missing) for problem in problems} == {
        ("contact_links/0/value", True),
        ("contact_links/2/key", False),
        ("contact_links/3/key", False),
    }
    assert "None" not in value


def test_rows_come_go_and_change_places_without_touching_others() -> None:
    setting, given = settings()["taxes"], EXAMPLES["taxes"]
    rule = {"region": "7", "category": "1", "type": "NONE"}
    cells = to_cells(
        setting.field,
        _effective({"taxes": given | {"by_region_and_category": [*given["by_region_and_category"], rule]}})[
            "taxes"
        ],
        "taxes",
    )
    listed = "taxes/by_region_and_category"

    moved, focus = change_rows(setting, cells, "up", f"{listed}/1")
    assert focus == f"{listed}/0/region"
    assert from_cells(setting.field, moved, "taxes")[0]["by_region_and_category"][0] == rule

    removed, _ = change_rows(setting, moved, "remove", f"{listed}/1")
    assert (
        from_cells(setting.field, removed, "taxes")[0]
        == _effective({"taxes": given | {"by_region_and_category": [rule]}})["taxes"]
    )

    added, focus = change_rows(setting, removed, "add", listed)
    assert focus == f"{listed}/1/region"
    assert from_cells(setting.field, added, "taxes") == from_cells(setting.field, removed, "taxes")


def test_rows_within_rows_are_reached() -> None:
    setting = settings()["tracking"]
    cells = to_cells(setting.field, _effective({"tracking": EXAMPLES["tracking"]})["tracking"], "tracking")

    added, focus = change_rows(setting, cells, "add", "tracking/0/options")

    assert focus == "tracking/0/options/1/key"
    assert added["tracking/0/options/0/key"] == "North Island"
    assert added["tracking/0/category"] == "Region"


BASE = {"days_back": 14, "accounts": {"default": "200", "by_billing_code": {"1": "210", "2": "220"}}}


@pytest.mark.parametrize(("prefer_theirs", "days"), [(False, 30), (True, 60)])
def test_two_people_never_undo_each_other(prefer_theirs: bool, days: int) -> None:  # noqa: FBT001  # a parameter of the test
    theirs = {
        "days_back": 60,
        "show_resource": True,
        "accounts": {"default": "200", "by_billing_code": {"1": "211", "2": "220"}},
    }
    mine = {
        "days_back": 30,
        "accounts": {"default": "201", "by_billing_code": {"1": "210", "3": "230"}},
    }

    both = merge(
        settings(), *(_effective(each) for each in (BASE, theirs, mine)), prefer_theirs=prefer_theirs
    )

    assert both == _effective(
        {
            "days_back": days,
            "show_resource": True,
            "accounts": {"default": "201", "by_billing_code": {"1": "211", "3": "230"}},
        }
    )


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ("days_back", "days_back"),
        ("quiet_mode.business_hours", "quiet_mode/business_hours"),
        ("tracking.0.category", "tracking/0/category"),
        ("tracking.0.options.North Island", "tracking/0/options/0/value"),
        ("accounts.by_billing_code.29682801", "accounts/by_billing_code/0/value"),
        ("accounts.by_billing_code", "accounts/by_billing_code"),
        ("accounts.by_billing_code.7", "accounts/by_billing_code"),
        ("taxes.by_region_and_category.0.type", "taxes/by_region_and_category/0/type"),
        ("tracking.5.category", "tracking"),
        ("settings", ""),
    ],
)
def test_no_refusal_of_the_service_is_told_far_from_the_cell_it_is_about(place: str, at: str) -> None:
    cells = cells_of_all(settings(), _effective(EXAMPLES))

    (problem,) = place_problems(settings(), cells, [{"place": place, "detail": "No."}])

    assert (problem.at, problem.words) == (at, "No.")
    assert problems_of(place.partition(".")[0], [problem]) == ([problem] if at else [])


@pytest.mark.parametrize(
    "document",
    [
        {"time_zone": "Mars/Olympus"},
        {
            "tracking": [
                {"category": "Region", "source": "territory"},
                {"category": "region ", "source": "account"},
            ]
        },
        {"quiet_mode": {"business_hours": {"start": "07:00", "end": "07:00"}}},
        {"contact_links": {"1": "no uuid"}},
    ],
)
def test_every_rule_that_the_settings_have_has_a_place_in_the_form(document: dict[str, Any]) -> None:
    cells = cells_of_all(settings(), _effective(document))
    found = [
        dict(zip(("place", "detail"), words.split(": ", 1), strict=True))
        for words in settings_problems(document)
    ]

    assert found
    assert all(problem.at for problem in place_problems(settings(), cells, found))
