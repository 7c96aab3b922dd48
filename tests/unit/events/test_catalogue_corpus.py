"""The corpus of provider answers covers the catalogue, and comparing with it can fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from invoice_events.catalogue import catalogue
from invoice_events.classification import UNKNOWN, classify
from invoice_events.evidence import Evidence, Provider
from tests.unit.events.answers_corpus import Case, corpus, mismatches

PROVIDERS: tuple[Provider, ...] = ("autotask", "xero")
CASES = {provider: corpus(provider) for provider in PROVIDERS}

both = pytest.mark.parametrize("provider", PROVIDERS)


def test_the_corpus_is_not_thinned_out() -> None:
    assert sum(len(cases) for cases in CASES.values()) >= 220
    for cases in CASES.values():
        assert max(Counter(case.name for case in cases).values()) == 1, "two cases of one name"
        assert sum("near miss" in case.name for case in cases) >= 5


@both
def test_no_class_that_an_answer_can_show_goes_without_a_case(provider: Provider) -> None:
    shown = {case.code for case in CASES[provider]} - {None, UNKNOWN}
    assert shown == {entry.code for entry in catalogue().values() if provider in entry.match}


def test_no_class_without_a_case_goes_without_saying_who_finds_it() -> None:
    shown = {case.code for cases in CASES.values() for case in cases}
    assert [
        entry.code for entry in catalogue().values() if entry.code not in shown and not entry.found_by
    ] == []


@both
def test_no_words_that_are_left_of_an_outage_are_classified_otherwise(provider: Provider) -> None:
    def code_of(case: Case) -> str:
        return classify(provider, Evidence(texts=(case.words,)))

    cases = [case for case in CASES[provider] if case.words]
    assert len(cases) >= 9
    assert mismatches(cases, code_of) == []


@both
def test_a_wrong_class_is_noticed(provider: Provider) -> None:
    wrong = [replace(case, code="PERIOD_LOCKED") for case in CASES[provider] if case.code != "PERIOD_LOCKED"]
    found = mismatches(wrong, lambda case: classify(provider, Evidence(case.status, texts=(case.words,))))
    assert len(found) == len(wrong)
