from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.names import Document
from tests.unit.xero_writer.samples import URL, XERO_ID, in_xero
from xero_writer.core.answers import (
    Asked,
    Refused,
    Unmatched,
    Written,
    error_texts,
    match,
    refusal_texts,
    verdict_of,
)
from xero_writer.core.values import ZERO_ID


def asked(number: int, *, ours: bool = True) -> Asked:
    return Asked(Document("invoice", number), f"INV:{number}" if ours else None)


def answer(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"Id": "x", "Status": "OK", "Invoices": list(elements)}


def refused(number: int, *texts: str, **changes: object) -> dict[str, Any]:
    return {
        "InvoiceID": ZERO_ID,
        "InvoiceNumber": f"INV:{number}",
        "Url": URL.format(number),
        "HasErrors": True,
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": text} for text in texts],
    } | changes


@given(st.permutations(range(1, 9)), st.booleans(), st.sets(st.integers(1, 8)))
def test_no_order_of_elements_gives_a_document_anothers_outcome(
    order: list[int],
    ours: bool,  # noqa: FBT001  # drawn by Hypothesis
    bad: set[int],
) -> None:
    elements = [
        refused(number, f"no {number}") if number in bad else in_xero(number, InvoiceID=f"id-{number}")
        for number in order
    ]
    found = match("invoice", [asked(number, ours=ours) for number in range(1, 9)], answer(*elements))
    for number, verdict in enumerate(found.verdicts, start=1):
        if number in bad:
            assert verdict == Refused([f"no {number}"])
        else:
            assert isinstance(verdict, Written)
            assert verdict.document["InvoiceID"] == f"id-{number}"
    assert found.strays == []


@given(st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_a_missing_echo_is_unknown_and_never_taken_for_another(told: set[int], marked: set[int]) -> None:
    elements = []
    for number in sorted(told):
        element = in_xero(number, InvoiceID=f"id-{number}")
        if number not in marked:
            del element["Url"]
        elements.append(element)
    found = match("invoice", [asked(number) for number in range(1, 7)], answer(*elements))
    for number, verdict in enumerate(found.verdicts, start=1):
        if number in told:
            assert isinstance(verdict, Written)
            assert verdict.document["InvoiceID"] == f"id-{number}"
        else:
            assert verdict == Unmatched()


def test_an_element_without_mark_and_number_is_not_guessed_by_its_position() -> None:
    bare = {"InvoiceID": ZERO_ID, "HasErrors": True, "ValidationErrors": [{"Message": "no"}]}
    found = match("invoice", [asked(1, ours=False), asked(2, ours=False)], answer(bare, bare))
    assert found.verdicts == [Unmatched(), Unmatched()]


def test_the_only_answer_to_the_only_question_is_not_called_unknown() -> None:
    bare = {"InvoiceID": ZERO_ID, "HasErrors": True, "ValidationErrors": [{"Message": "no"}]}
    assert match("invoice", [asked(1, ours=False)], answer(bare)).verdicts == [Refused(["no"])]


def test_the_only_answer_is_not_taken_if_it_is_about_somebody_else() -> None:
    assert match("invoice", [asked(1)], answer(in_xero(2))).verdicts == [Unmatched()]


def test_two_elements_about_one_document_decide_nothing() -> None:
    assert match("invoice", [asked(1)], answer(in_xero(1), in_xero(1))).verdicts == [Unmatched()]


def test_a_document_with_our_mark_is_ours_although_xero_numbered_it_otherwise() -> None:
    [verdict] = match("invoice", [asked(1)], answer(in_xero(1, InvoiceNumber="INV-0009"))).verdicts
    assert isinstance(verdict, Written)


def test_a_written_document_that_nobody_asked_for_is_not_overlooked() -> None:
    stray = in_xero(9, InvoiceID="stray", Url="https://psa.example/", InvoiceNumber="INV-9")
    found = match("invoice", [asked(1), asked(2)], answer(in_xero(1), stray))
    assert found.verdicts[1] == Unmatched()
    assert found.strays == ["stray"]


@pytest.mark.parametrize("body", [{}, {"Invoices": None}, {"Invoices": []}, {"Invoices": ["text", None]}])
def test_an_answer_without_elements_is_not_read_as_success(body: dict[str, Any]) -> None:
    assert match("invoice", [asked(1)], body).verdicts == [Unmatched()]


@pytest.mark.parametrize(
    "flag",
    [
        {"HasErrors": True},
        {"HasValidationErrors": True},
        {"StatusAttributeString": "ERROR"},
        {"ValidationErrors": [{"Message": "no"}]},
        {"Contact": {"ValidationErrors": [{"Message": "no"}]}},
        {"LineItems": [{"ValidationErrors": [{"Message": "no"}]}]},
    ],
)
def test_no_flag_of_failure_is_overlooked_because_an_id_is_there(flag: dict[str, Any]) -> None:
    assert isinstance(verdict_of("invoice", in_xero(1, **flag)), Refused)


def test_a_warning_is_no_failure() -> None:
    element = in_xero(1, StatusAttributeString="WARNING", Warnings=[{"Message": "w"}])
    assert isinstance(verdict_of("invoice", element), Written)


@pytest.mark.parametrize("xero_id", [ZERO_ID, "", None])
def test_a_success_without_a_real_id_is_not_believed(xero_id: str | None) -> None:
    assert verdict_of("invoice", in_xero(1, InvoiceID=xero_id)) == Unmatched()


def test_nested_and_repeated_errors_are_told_once_each() -> None:
    element = {
        "ValidationErrors": [{"Message": "a"}, {"Message": "a"}],
        "Contact": {"ValidationErrors": [{"Message": "b"}]},
        "LineItems": [{"ValidationErrors": [{"Message": "c"}]}, {"ValidationErrors": None}],
    }
    assert error_texts(element) == ["a", "b", "c"]


def test_a_refused_call_is_told_in_the_words_nearest_to_the_cause() -> None:
    body = {"Message": "A validation exception occurred", "Elements": [refused(1, "Account must be valid.")]}
    assert refusal_texts(body, "HTTP 400") == ["Account must be valid."]
    assert refusal_texts({"Message": "bad"}, "HTTP 400") == ["bad"]
    assert refusal_texts(None, "HTTP 413") == ["HTTP 413"]


def test_a_suppliers_credit_note_is_never_ours_whatever_its_reference_says() -> None:
    note = {"Type": "ACCPAYCREDIT", "CreditNoteID": XERO_ID, "Reference": "PO-1 [INV 1]"}
    found = match("credit_note", [asked(1, ours=False), asked(2, ours=False)], {"CreditNotes": [note]})
    assert found.verdicts[0] == Unmatched()
    ours = note | {"Type": "ACCRECCREDIT"}
    assert isinstance(match("credit_note", [asked(1)], {"CreditNotes": [ours]}).verdicts[0], Written)
