"""Every answer of the corpus gets its class, and what follows from it is what the catalogue says."""

from __future__ import annotations

import pytest

from invoice_events import classification
from invoice_events.catalogue import catalogue
from invoice_events.evidence import Evidence, Rule
from poller.adapters.autotask.answers import read_answer
from poller.adapters.autotask.errors import (
    AutotaskError,
    DownError,
    RefusedError,
    RequestRefusedError,
    ThrottledError,
)
from tests.unit.events.answers_corpus import Case, answers, mismatches

CASES = answers("autotask")
KINDS: dict[str | None, type[AutotaskError]] = {
    "down": DownError,
    "throttled": ThrottledError,
    "refused": RefusedError,
    None: RequestRefusedError,
}


def error_of(case: Case) -> AutotaskError | None:
    """As the poller reads it."""
    try:
        read_answer(case.status or 0, case.headers, case.content)
    except AutotaskError as error:
        return error
    return None


def code_of(case: Case) -> str | None:
    error = error_of(case)
    return None if error is None else error.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_answer_is_classified_otherwise(case: Case) -> None:
    assert mismatches([case], code_of) == []


@pytest.mark.parametrize("case", [one for one in CASES if one.code], ids=lambda case: case.name)
def test_no_class_loses_what_follows_from_it_nor_its_words(case: Case) -> None:
    error, entry = error_of(case), catalogue()[case.code or ""]
    assert type(error) is KINDS[entry.connection]
    if entry.connection is not None:
        assert classification.classify("autotask", Evidence(texts=(str(error),))) == case.code


RULES = [
    pytest.param(rule, id=f"{entry.code}-{number}")
    for entry in catalogue().values()
    for number, rule in enumerate(entry.match.get("autotask", ()))
    if not rule.without_status or rule.statuses
]


@pytest.mark.parametrize("dropped", RULES)
def test_no_rule_can_be_lost_without_a_case_that_notices(
    dropped: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tuple(pair for pair in classification._rules("autotask") if pair[0] is not dropped)
    monkeypatch.setattr(classification, "_rules", lambda _: left)
    assert mismatches(CASES, code_of) != []
