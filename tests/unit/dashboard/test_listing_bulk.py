"""Acts on many documents: what is asked, what is sent, what is told afterwards."""

from __future__ import annotations

from typing import Any

from dashboard.core.bulk import (
    answer_of_singles,
    cause_act,
    cause_choices,
    counted_words,
    fates_of,
    question,
    things_of,
)


def line(code: str, documents: int, at_fault: int, text: str = "A fault") -> dict[str, Any]:
    return {"cause": {"code": code, "text": text}, "documents": documents, "at_fault": at_fault}


def item(number: int, fate: str, problem: str | None = None) -> dict[str, Any]:
    return {
        "document": f"invoice/{number}",
        "fate": fate,
        "problem": None if problem is None else {"detail": problem},
    }


def test_a_fault_is_resynced_where_a_person_has_to_and_told_with_its_number() -> None:
    act = cause_act("NO_LINES", "invoice", {"NO_LINES": line("NO_LINES", 12, 9)})
    assert act is not None
    assert act.documents == 9
    assert act.body == {"kind": "resync", "cause": "NO_LINES", "document_kind": "invoice"}


def test_what_was_changed_since_goes_over_and_what_was_skipped_by_hand_is_taken_back() -> None:
    changed, by_hand = cause_act("changed_since", "purchase-order", {}), cause_act("by_hand", "invoice", {})
    assert changed is not None
    assert changed.body["status"] == ["Complete"]
    assert by_hand is not None
    assert by_hand.kind == "unskip"


def test_nothing_is_offered_where_nothing_helps() -> None:
    assert cause_act("voided_in_xero", "invoice", {}) is None


def test_a_question_says_how_many() -> None:
    assert question("resync", 1, things_of("invoice", 1)) == "Resync 1 invoice?"
    assert question("skip", 1200, things_of("purchase-order", 1200)) == "Skip 1,200 purchase orders?"
    assert question("unskip", None, things_of("invoice")) == "Do not skip all invoices any more?"


def test_each_document_is_told_and_what_was_not_done_comes_first() -> None:
    answer = answer_of_singles(
        [item(1, "accepted"), item(2, "refused", "It is skipped."), item(3, "already_open")], remaining=4
    )
    fates, untold = fates_of(answer)
    assert [(fate.document, fate.words, fate.bad) for fate in fates] == [
        ("invoice/2", "It is skipped.", True),
        ("invoice/1", "Accepted", False),
        ("invoice/3", "Already on its way", False),
    ]
    assert untold == 0
    assert counted_words("resync", answer) == [
        "1 will be resynced",
        "1 were on their way already; that goes on",
        "1 were refused",
        "4 more are left: do it again for those",
    ]


def test_five_thousand_results_do_not_fill_the_page() -> None:
    answer = answer_of_singles(
        [*(item(number, "accepted") for number in range(4999)), item(5000, "unknown", "Not here")], 0
    )
    fates, untold = fates_of(answer)
    assert fates[0].document == "invoice/5000"
    assert (len(fates), untold) == (100, 4900)


def test_causes_stand_most_frequent_first_without_the_places_of_their_texts() -> None:
    faults = [line("A", 2, 0), line("B", 1300, 0, "Can't find Contact: {name}")]
    choices = cause_choices(faults, "")
    assert choices[:2] == [
        {"value": "B", "label": "Can't find Contact: \N{HORIZONTAL ELLIPSIS} (1,300)"},
        {"value": "A", "label": "A fault (2)"},
    ]
    assert {"value": "by_hand", "label": "Skipped by hand"} in choices


def test_a_cause_of_the_address_can_be_chosen_though_nothing_has_it_any_more() -> None:
    assert cause_choices([], "GONE")[0] == {"value": "GONE", "label": "GONE"}
