"""Answers of explain and diagnose, and texts of others, as people read them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from dashboard.core.answers import _TITLES, autotask_id, fact_rows, read_diagnosis, read_explanation
from dashboard.core.readable import in_steps, is_address, parse, pretty, with_addresses
from poller.core.eligibility import CLEAR_PATH
from poller.core.explanation import Explanation, Reason, Why

AUCKLAND = ZoneInfo("Pacific/Auckland")


def test_every_cause_that_is_told_has_a_title() -> None:
    assert set(get_args(Why)) == set(_TITLES)


def test_an_explanation_is_read_as_the_poller_writes_it() -> None:
    written = Explanation(
        Reason("stamped", "It is stamped.", f"Clear it: {CLEAR_PATH}."),
        {"document": "invoice/48213", "stamped_at": "2026-05-04T10:00:00+00:00"},
        (Reason("paused", "The tenant is paused: nothing new begins.", "Activate the tenant."),),
    )
    found = read_explanation(written.as_json())
    assert found is not None
    assert found.cause.title == "Another integration has stamped it"
    assert [each.name for each in found.also] == ["paused"]


@pytest.mark.parametrize("answer", [None, "", "nonsense", "[]", "{}", '{"words": 3}'])
def test_an_answer_that_can_not_be_read_is_none(answer: str | None) -> None:
    assert read_explanation(answer) is None
    assert read_diagnosis(answer) is None


def test_a_cause_of_a_newer_release_is_shown_in_its_own_words() -> None:
    found = read_explanation(json.dumps({"cause": "full_moon", "words": "It waits for the moon."}))
    assert found is not None
    assert (found.cause.title, found.cause.what_to_do) == ("full moon", "")


def test_facts_are_words_and_times_in_the_persons_zone() -> None:
    facts = {
        "document": "invoice/48213",
        "autotask_asked": True,
        "stamped_at": None,
        "dated": "2026-05-04",
        "made_at": "2026-05-04T22:30:00+00:00",
        "status": 0,
        "created_at": None,
        "hold": "none",
        "state": "waiting_retry",
        "skip_reason": None,
        "moon": "full",
    }
    assert fact_rows(facts, AUCKLAND) == [
        ("Document", "invoice 48213"),
        ("Autotask was asked just now", "yes"),
        ("Web Service Date", "none"),
        ("Date", "4 May 2026"),
        ("Made or submitted in Autotask", "5 May 2026, 10:30 (Pacific/Auckland)"),
        ("State in the sync", "failed, waits for the next try"),
        ("Moon", "full"),
    ]


def test_facts_of_an_order_tell_its_status() -> None:
    rows = dict(
        fact_rows(
            {"document": "purchase-order/771", "status": 2, "trigger_status": "received_in_full"}, AUCKLAND
        )
    )
    assert rows == {
        "Document": "purchase order 771",
        "Status in Autotask": "2",
        "Status at which orders go over": "received in full",
    }


def test_a_diagnosis_keeps_every_digit() -> None:
    answer = '{"would": "create", "words": "A new one.", "code": null, "details": [], "requests": [{"method": "PUT", "path": "/x", "body": {"UnitAmount": 0.10000}}], "warnings": [], "settings_version": 4}'
    found = read_diagnosis(answer)
    assert found is not None
    assert found.good
    assert found.more == {"settings_version": 4}
    assert pretty(found.requests[0]["body"]) == '{\n  "UnitAmount": 0.10000\n}'


@pytest.mark.parametrize(
    ("would", "good"),
    [("update", True), ("nothing", True), ("fault", False), ("unknown", False), ("sing", False)],
)
def test_what_a_resync_would_do(would: str, *, good: bool) -> None:
    found = read_diagnosis(
        json.dumps({"would": would, "words": "w", "code": "X", "details": ["d"], "requests": []})
    )
    assert found is not None
    assert (found.good, found.code, found.details) == (good, "X", ("d",))


@pytest.mark.parametrize(
    ("typed", "number"), [("48213", 48213), (" 48213 ", 48213), ("#48213", 48213), ("0048213", 48213)]
)
def test_an_id_as_people_type_it(typed: str, number: int) -> None:
    assert autotask_id(typed) == (number, "")


@pytest.mark.parametrize("typed", ["", "   ", "#", "INV-10332", "48,213", "-3", "0", "9" * 19, "٤٨"])
def test_what_is_no_id_gets_a_sentence(typed: str) -> None:
    number, words = autotask_id(typed)
    assert number is None
    assert words.endswith(".")


@pytest.mark.parametrize(
    "then", [". The next cycle takes it if it lies in the window.", "; then the next cycle takes it."]
)
def test_the_path_in_autotask_becomes_steps(then: str) -> None:
    before, steps, after = in_steps(f"If it is to go over, clear the date in Autotask: {CLEAR_PATH}{then}")
    assert before == "If it is to go over, clear the date in Autotask:"
    assert steps == [
        "Contracts",
        "Invoice History",
        "three dots beside the Batch ID",
        "Clear Web Service Date",
        "Yes",
    ]
    assert after[0].isupper()
    assert "next cycle takes it" in after


@pytest.mark.parametrize(
    "words", ["Nothing.", "", "Add it under Settings > General Settings > Currencies, then resync.", "a > b"]
)
def test_other_instructions_stay_as_they_are(words: str) -> None:
    assert in_steps(words) == (words, [], "")


def test_only_web_addresses_can_be_followed() -> None:
    assert is_address("https://go.xero.com/x?a=b/")
    assert not any(map(is_address, ["javascript:alert(1)", "data:text/html,x", "https://a b", "", None]))
    assert with_addresses("It is in Xero. Open it: https://go.xero.com/x.") == [
        ("It is in Xero. Open it: ", False),
        ("https://go.xero.com/x", True),
        (".", False),
    ]


def test_json_is_laid_out_with_its_digits_and_letters() -> None:
    assert parse("1.50") == Decimal("1.50")
    told = pretty({"a": [1, Decimal("2.500"), None, True], "b": {}, "c": "Māori\n<b>"})
    assert (
        told
        == '{\n  "a": [\n    1,\n    2.500,\n    null,\n    true\n  ],\n  "b": {},\n  "c": "Māori\\n<b>"\n}'
    )
