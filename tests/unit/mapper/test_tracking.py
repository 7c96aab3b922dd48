from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from mapper.core.outcome import Mapped
from tests.unit.mapper.conftest import document_of, fault_of, invoice, line, mapped, reference

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine, InvoiceMapped

REGION: dict[str, Any] = {"category": "Region", "source": "territory", "options": {"North Island": "North"}}
PRACTICE: dict[str, Any] = {
    "category": "Department",
    "source": "line_of_business",
    "options": {"Desk": "Service desk"},
}
BY_ACCOUNT: dict[str, Any] = {"category": "Department", "source": "account"}


def tracked(
    lines: list[AutotaskLine], *rules: dict[str, Any], territory: str | None = None, **settings: object
) -> InvoiceMapped:
    event = invoice(lines)
    event["company"]["territory"] = territory
    outcome = mapped(event, tracking=list(rules), **settings)
    assert isinstance(outcome, Mapped), outcome
    return outcome.event


def pairs(event: InvoiceMapped) -> list[dict[str, str]]:
    return [
        {pair["name"]: pair["option"] for pair in each["tracking"]} for each in document_of(event)["lines"]
    ]


@pytest.mark.parametrize(
    ("territory", "default", "option"),
    [
        ("North Island", None, "North"),
        (" north island ", None, "North"),
        ("South", None, "South"),
        ("south", "Other", "South"),
        ("Overseas", "Other", "Other"),
        ("Overseas", None, None),
        (None, "Other", "Other"),
        (None, None, None),
        ("", None, None),
    ],
)
def test_an_option_is_listed_or_of_the_same_name_or_the_default_and_never_guessed(
    territory: str | None, default: str | None, option: str | None
) -> None:
    event = tracked([line(1, "10")], REGION | {"default": default}, territory=territory)
    assert pairs(event) == [{} if option is None else {"Region": option}]


@pytest.mark.parametrize("name", ["Region", " Region", "Region ", "\tregion "])
def test_blanks_around_a_name_do_not_make_it_another(name: str) -> None:
    rule = REGION | {"category": name, "options": {" North Island ": " north "}, "default": " Other "}
    assert pairs(tracked([line(1, "10")], rule, territory="North Island")) == [{"Region": "North"}]
    assert pairs(tracked([line(1, "10")], rule, territory="Overseas")) == [{"Region": "Other"}]


def test_of_two_categories_that_differ_in_case_the_one_that_is_named_is_taken_whatever_the_blanks() -> None:
    xero = reference()
    twin = xero["tracking_categories"][0] | {"id": "c-twin", "name": "REGION"}
    xero["tracking_categories"].append(twin)
    for name in ("REGION", " REGION "):
        event = invoice([line(1, "10")])
        event["company"]["territory"] = "North Island"
        outcome = mapped(event, xero, tracking=[REGION | {"category": name}])
        assert isinstance(outcome, Mapped), outcome
        assert pairs(outcome.event) == [{"REGION": "North"}]


def test_each_line_is_tracked_by_its_own_line_of_business_and_account() -> None:
    lines = [
        line(1, "10", line_of_business="Desk"),
        line(2, "10", line_of_business="projects"),
        line(3, "10", line_of_business=None),
        line(4, "10", line_of_business="Desk", billing_code_id=None),
    ]
    assert pairs(tracked(lines, PRACTICE)) == [
        {"Department": "Service desk"},
        {"Department": "Projects"},
        {},
        {"Department": "Service desk"},
    ]
    assert pairs(tracked(lines, BY_ACCOUNT)) == [{"Department": "200"}] * 3 + [{}]


def test_two_categories_stand_side_by_side_and_both_are_told_in_words() -> None:
    event = tracked([line(1, "10")], REGION, BY_ACCOUNT | {"default": "Projects"}, territory="North Island")
    assert pairs(event) == [{"Region": "North", "Department": "200"}]
    told = event["decisions"][-1]
    assert told.endswith("; Region = North by territory North Island; Department = 200 by account 200")


def test_a_default_is_told_as_one() -> None:
    event = tracked([line(1, "10")], PRACTICE | {"default": "Projects"})
    assert event["decisions"][-1].endswith("; Department = Projects by default")


def test_xeros_own_spelling_is_sent_whatever_the_settings_say() -> None:
    rule = {"category": " region", "source": "territory", "options": {"x": "NORTH"}}
    assert pairs(tracked([line(1, "10")], rule, territory="X")) == [{"Region": "North"}]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (REGION | {"category": "Regions"}, "tracking category Regions: this Xero organisation has no such"),
        (REGION | {"options": {"North Island": "Nord"}}, "line 1: Region = Nord by territory North Island"),
        (REGION | {"options": {"North Island": "Old"}}, "line 1: Region = Old by territory North Island"),
        (REGION | {"options": {}, "default": "Elsewhere"}, "line 1: Region = Elsewhere by default"),
    ],
)
def test_a_category_or_option_that_xero_lacks_is_a_fault_that_names_it(
    rule: dict[str, Any], words: str
) -> None:
    event = invoice([line(1, "10"), line(2, "20")])
    event["company"]["territory"] = "North Island"
    fault = fault_of(mapped(event, tracking=[rule]))
    assert fault["code"] == "TRACKING_INVALID"
    assert fault["details"][0].startswith(words)


def test_an_archived_category_is_none() -> None:
    xero = reference()
    xero["tracking_categories"][0]["status"] = "ARCHIVED"
    fault = fault_of(mapped(invoice([line(1, "10")]), xero, tracking=[REGION]))
    assert fault["details"] == ["tracking category Region: it is ARCHIVED, wanted an active one"]


def test_a_line_without_account_is_not_hidden_by_its_tracking() -> None:
    event = invoice([line(1, "10")])
    fault = fault_of(mapped(event, accounts={}, tracking=[REGION | {"default": "Nowhere"}]))
    assert fault["code"] == "ACCOUNT_MISSING"
    assert any(detail.startswith("TRACKING_INVALID: ") for detail in fault["details"])


def test_members_of_a_group_with_other_tracking_are_never_merged() -> None:
    group = {"group_id": 1, "group_description": "Managed services"}
    lines = [line(1, "10", line_of_business="Desk", **group), line(2, "10", **group)]
    event = tracked(lines, PRACTICE)
    assert pairs(event) == [{"Department": "Service desk"}, {}]
    assert len(document_of(tracked(lines))["lines"]) == 1


def test_text_that_continues_is_not_tracked_twice() -> None:
    lines = [line(1, "10", description="x" * 5000)]
    assert pairs(tracked(lines, REGION | {"default": "Other"})) == [{"Region": "Other"}, {}]


def test_tracking_changes_no_amount() -> None:
    lines = [line(1, "10"), line(2, "20.05", quantity=Decimal(3), rate=Decimal("6.683"))]
    assert tracked(lines)["prediction"] == tracked(lines, REGION, territory="South")["prediction"]
