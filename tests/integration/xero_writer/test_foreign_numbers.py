"""A number that is somebody else's: our document is at fault, theirs keeps every byte, and nothing is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.xero_hands import IDS, NUMBERS, created, foreign, verify

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

# numbering mode: a kind whose numbers Xero refuses twice, and the number that a document of ours gets
TAKEN = {
    "autotask_id": ("invoice", "INV:{}"),
    "autotask_number": ("invoice", "2025-{:04}"),
    "autotask_id, credit note": ("credit_note", "INV:{}"),
    "purchase order": (ORDER, "PO:{}"),
    "purchase order, made anew": (ORDER, "PO:{}-2"),
}
STATUSES = {
    "invoice": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
    "credit_note": ("DRAFT", "AUTHORISED", "VOIDED"),
    ORDER: ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"),
}
MODES = pytest.mark.parametrize("mode", TAKEN)


def ours(rig: Rig, mode: str, document: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
    """A document of ours under the number that the mode gives to document 1, unless told otherwise."""
    kind, number = TAKEN[mode]
    named = changes.pop("named", 1)
    return rig.mapped(document, kind=kind, xero={"number": number.format(named)}, **changes)


def of_kind(rig: Rig, kind: str) -> list[dict[str, Any]]:
    return [one for one in rig.documents() if IDS[kind] in one]


@MODES
def test_a_number_of_somebody_else_faults_ours_and_leaves_theirs_as_it_is(rig: Rig, mode: str) -> None:
    rig.switch(credit_note_numbers_unique=True)
    kind, number = TAKEN[mode]
    theirs = {
        document: (foreign(rig, kind, number.format(document), status), status)
        for document, status in enumerate(STATUSES[kind], start=1)
    }
    before = rig.documents()
    rig.arrive(*(ours(rig, mode, document, named=document) for document in theirs))
    rig.work()
    assert rig.documents() == before
    assert rig.calls("POST") == []
    for document, (xero_id, status) in theirs.items():
        assert rig.outcomes(document, kind) == [("faulted", "NUMBER_CONFLICT")], status
        words = rig.last_fault(document, kind)["text"]
        assert all(part in words for part in (number.format(document), xero_id, "Fabrikam Inc", status))


@MODES
def test_a_resync_of_what_is_at_fault_touches_theirs_no_more_than_the_first_try(rig: Rig, mode: str) -> None:
    rig.switch(credit_note_numbers_unique=True)
    kind, number = TAKEN[mode]
    foreign(rig, kind, number.format(1))
    before = rig.documents()
    for _ in range(3):
        rig.arrive(ours(rig, mode, priority="interactive", recreate=True))
        rig.work()
    assert rig.outcomes(1, kind) == [("faulted", "NUMBER_CONFLICT")] * 3
    assert rig.documents() == before


@MODES
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_does_not_make_theirs_ours(rig: Rig, mode: str, when: str) -> None:
    rig.switch(credit_note_numbers_unique=True)
    kind, number = TAKEN[mode]
    foreign(rig, kind, number.format(1))
    before = rig.documents()
    rig.plant({"method": "PUT"}, {"kind": "cut"}, when=when)
    rig.arrive(ours(rig, mode))
    rig.work()
    verify(rig)
    assert rig.outcomes(1, kind) == [("faulted", "NUMBER_CONFLICT")]
    assert rig.documents() == before


@MODES
def test_a_number_of_another_document_of_ours_is_no_less_anothers(rig: Rig, mode: str) -> None:
    rig.switch(credit_note_numbers_unique=True)
    kind, _ = TAKEN[mode]
    rig.arrive(ours(rig, mode, 2))
    rig.work()
    before = rig.documents()
    rig.arrive(ours(rig, mode))
    rig.work()
    assert rig.outcomes(1, kind) == [("faulted", "NUMBER_CONFLICT")]
    assert rig.outcomes(2, kind) == [("synced", "created")]
    assert rig.documents() == before


@MODES
def test_a_taken_number_costs_no_neighbour_of_the_batch(rig: Rig, mode: str) -> None:
    rig.switch(credit_note_numbers_unique=True)
    kind, number = TAKEN[mode]
    foreign(rig, kind, number.format(1))
    rig.arrive(ours(rig, mode), *(rig.mapped(other, kind=kind) for other in (2, 3)))
    rig.work()
    assert rig.outcomes(1, kind) == [("faulted", "NUMBER_CONFLICT")]
    assert rig.outcomes(2, kind) == rig.outcomes(3, kind) == [("synced", "created")]
    assert len(of_kind(rig, kind)) == 3


@pytest.mark.parametrize("mode", ["autotask_id", "purchase order"])
def test_our_own_document_under_the_number_is_taken_up_and_not_made_again(rig: Rig, mode: str) -> None:
    kind, _ = TAKEN[mode]
    stands = created(rig, kind)
    rig.execute("DELETE FROM intent_element")
    rig.execute("DELETE FROM document")
    rig.arrive(ours(rig, mode))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "adopted")]
    assert rig.last_synced(1, kind)["xero_document_id"] == stands[IDS[kind]]
    assert len(of_kind(rig, kind)) == 1


def test_a_bill_under_the_number_is_nobodys_concern(rig: Rig) -> None:
    foreign(rig, "invoice", "INV:1", "AUTHORISED", Type="ACCPAY")
    [bill] = rig.documents()
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")]
    assert bill in rig.documents()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_bill_under_the_number_is_not_taken_for_who_has_it_after_a_lost_answer(rig: Rig, when: str) -> None:
    foreign(rig, "invoice", "INV:1", "AUTHORISED", Type="ACCPAY")
    broken = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}
    rig.plant({"method": "PUT"}, broken, when=when)
    rig.arrive(rig.mapped(1), rig.mapped(2))
    rig.work()
    verify(rig)
    assert rig.outcomes(1) == rig.outcomes(2) == [("synced", "created")]


def test_who_has_a_number_is_told_and_no_bill_that_has_it_too(rig: Rig) -> None:
    bill = foreign(rig, "invoice", "INV:1", "AUTHORISED", Type="ACCPAY")
    holder = foreign(rig, "invoice", "INV:1")
    rig.arrive(rig.mapped(1))
    rig.work()
    assert rig.outcomes(1) == [("faulted", "NUMBER_CONFLICT")]
    fault = rig.last_fault(1)
    assert holder in fault["text"]
    assert bill not in fault["text"] + str(fault["details"])


@pytest.mark.parametrize("rig", ["xero"], indirect=True)
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_where_xero_numbers_a_thousand_taken_numbers_make_no_fault(rig: Rig, kind: str) -> None:
    prefix = "INV-" if kind == "invoice" else "CN-"
    taken = [f"{prefix}{1001 + place}" for place in range(800)]
    taken += [f"INV:{place}" for place in range(1, 101)] + [f"2025-{place:04}" for place in range(1, 101)]
    for number in taken:
        foreign(rig, kind, number.format(1))
    before = rig.documents()
    assert len(before) == 1000
    rig.arrive(*(rig.mapped(number, kind=kind) for number in range(1, 61)))
    rig.work()
    assert {rig.outcomes(number, kind)[0] for number in range(1, 61)} == {("synced", "created")}
    after = rig.documents()
    assert after[:1000] == before if kind == "invoice" else before == [one for one in after if one in before]
    assert len(after) == 1060
    assert len({one[NUMBERS[kind]] for one in after}) == 1060
