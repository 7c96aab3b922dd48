"""Voids: what we wrote leaves Xero, and nothing else does; what can not leave is a fault in Xero's words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_events import names
from tests.integration.xero_writer.made_up import ORDER, document_of
from tests.integration.xero_writer.xero_hands import (
    IDS,
    KINDS,
    NUMBERS,
    allocate,
    created,
    the_document,
    verify,
)

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig
    from xero_writer.adapters.answers import WriteAnswer

pytestmark = pytest.mark.stack

EACH = pytest.mark.parametrize("kind", KINDS)
BROKEN = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "cut before the work": ({"kind": "cut"}, "before"),
    "cut after the work": ({"kind": "cut"}, "after"),
    "500 after the work": (BROKEN, "after"),
    "garbage after the work": ({"kind": "garbage"}, "after"),
}


def posts(rig: Rig) -> int:
    return len(rig.calls("POST"))


@pytest.mark.parametrize("rig", ["ours", "xero"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "status", "ends"),
    [
        ("invoice", "DRAFT", "DELETED"),
        ("invoice", "SUBMITTED", "DELETED"),
        ("invoice", "AUTHORISED", "VOIDED"),
        ("credit_note", "DRAFT", "DELETED"),
        ("credit_note", "AUTHORISED", "VOIDED"),
        (ORDER, "DRAFT", "DELETED"),
        (ORDER, "SUBMITTED", "DELETED"),
        (ORDER, "AUTHORISED", "DELETED"),
        (ORDER, "BILLED", "DELETED"),
    ],
)
def test_a_draft_is_deleted_and_an_approved_document_voided_under_its_number_and_mark(
    rig: Rig, kind: str, status: str, ends: str
) -> None:
    before = created(rig, kind, status)
    rig.arrive(rig.void(1, kind))
    rig.work()
    after = the_document(rig, kind)
    assert after["Status"] == ends
    assert after[NUMBERS[kind]] == before[NUMBERS[kind]]
    assert after["Reference"] == before["Reference"]
    assert rig.outcomes(1, kind)[1:] == [("synced", "voided")]
    synced = rig.last_synced(1, kind)
    assert (synced["xero_status"], synced["xero_kind"]) == (ends, kind)
    assert synced["xero_document_id"] == before[IDS[kind]]
    assert (synced["total"], synced["xero_number"]) == (Decimal("115.0000"), before[NUMBERS[kind]])
    assert posts(rig) == 1


@EACH
def test_what_is_gone_already_is_a_success_without_a_write(rig: Rig, kind: str) -> None:
    before = created(rig, kind)
    rig.person_changes(before[IDS[kind]], Status="DELETED")
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "voided")]
    assert rig.last_synced(1, kind)["xero_status"] == "DELETED"
    assert posts(rig) == 0


@EACH
def test_a_void_that_comes_twice_changes_nothing_the_second_time(rig: Rig, kind: str) -> None:
    created(rig, kind)
    for _ in range(2):
        rig.arrive(rig.void(1, kind))
        rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "voided")] * 2
    assert posts(rig) == 1


@EACH
def test_what_never_was_in_xero_is_a_success_that_says_so(rig: Rig, kind: str) -> None:
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert rig.outcomes(1, kind) == [("synced", "voided")]
    synced = rig.last_synced(1, kind)
    assert (synced["xero_document_id"], synced["xero_number"], synced["total"]) == (None, "", 0)
    assert synced["warnings"]
    assert rig.calls("PUT", "POST") == []


def test_a_create_that_was_not_started_is_not_written_any_more(rig: Rig) -> None:
    rig.arrive(rig.mapped(1))
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "voided")]
    assert rig.calls("PUT", "POST") == []


@EACH
def test_what_xero_no_longer_knows_is_a_success_that_says_so(rig: Rig, kind: str) -> None:
    created(rig, kind)
    rig.execute("UPDATE document SET xero_id = '4a7c5f5e-1111-4222-8333-444444444444'")
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "voided")]
    assert rig.last_synced(1, kind)["warnings"]
    assert posts(rig) == 0


@EACH
@pytest.mark.parametrize("marked", ["ours", "theirs", "nobody"])
def test_of_what_only_the_ledger_knows_nothing_but_our_own_is_voided(
    rig: Rig, kind: str, marked: str
) -> None:
    before = created(rig, kind)
    if marked == "nobody":
        taken = {"Url": "https://psa.example/"} if kind == "invoice" else {"Reference": "somebody's"}
        rig.person_changes(before[IDS[kind]], **taken)
    rig.execute("UPDATE document SET xero_id = NULL, xero_kind = NULL, xero_number = NULL")
    number = 2 if marked == "theirs" else 1
    rig.arrive(rig.void(number, kind, xero_document_id=before[IDS[kind]]))
    rig.work()
    assert rig.outcomes(number, kind)[-1] == ("synced", "voided")
    [stands] = [one for one in rig.documents() if one.get(IDS[kind]) == before[IDS[kind]]]
    assert stands["Status"] == ("DELETED" if marked == "ours" else "DRAFT")
    assert posts(rig) == (1 if marked == "ours" else 0)


def test_a_person_who_removed_our_mark_does_not_keep_our_document_alive(rig: Rig) -> None:
    before = created(rig, "credit_note")
    rig.person_changes(before["CreditNoteID"], Reference="Thanks")
    rig.arrive(rig.void(1, "credit_note"))
    rig.work()
    assert [one["Status"] for one in rig.documents()] == ["DELETED"]


def test_a_document_that_became_another_ones_is_never_voided(rig: Rig) -> None:
    before = created(rig, "credit_note")
    rig.person_changes(before["CreditNoteID"], Reference="x [INV 2]")
    rig.arrive(rig.void(1, "credit_note"))
    rig.work()
    assert [one["Status"] for one in rig.documents()] == ["DRAFT"]
    assert rig.outcomes(1, "credit_note")[1:] == [("synced", "voided")]


def test_a_credit_note_is_voided_although_the_voided_invoice_has_another_sign_now(rig: Rig) -> None:
    created(rig, "credit_note", "AUTHORISED")
    rig.arrive(rig.void(1, "invoice"))
    rig.work()
    assert the_document(rig, "credit_note")["Status"] == "VOIDED"
    assert rig.last_synced(1)["xero_kind"] == "credit_note"


@pytest.mark.parametrize("paid", ["50.00", "115.00"])
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_a_paid_document_is_a_fault_in_xeros_words_and_stays(rig: Rig, kind: str, paid: str) -> None:
    before = created(rig, kind, "AUTHORISED")
    rig.person_changes(before[IDS[kind]], Payment=paid)
    stands = the_document(rig, kind)
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("faulted", "LOCKED_BY_PAYMENT")]
    words = rig.last_fault(1, kind)["text"]
    assert words.startswith("The status VOIDED cannot be applied to the ")
    assert rig.last_fault(1, kind)["xero_document_id"] == before[IDS[kind]]
    assert the_document(rig, kind) == stands
    assert posts(rig) == 0


def test_documents_that_are_allocated_to_each_other_both_stay(rig: Rig) -> None:
    invoice, note = created(rig, "invoice", "AUTHORISED", 1), created(rig, "credit_note", "AUTHORISED", 2)
    allocate(rig, note, invoice)
    rig.arrive(rig.void(1), rig.void(2, "credit_note"))
    rig.work()
    assert rig.outcomes(1)[1:] == rig.outcomes(2)[1:] == [("faulted", "LOCKED_BY_PAYMENT")]
    assert posts(rig) == 0


def test_an_invoice_of_nothing_that_xero_keeps_as_paid_is_done_without_a_write(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, amount="0.00", tax="0.00", xero={"status": "AUTHORISED"}))
    rig.work()
    assert the_document(rig, "invoice")["Status"] == "PAID"
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "voided")]
    synced = rig.last_synced(1)
    assert (synced["xero_status"], synced["total"]) == ("PAID", 0)
    assert synced["warnings"] == ["Xero keeps a paid invoice of 0.00; nothing is owed on it"]
    assert posts(rig) == 0


@pytest.mark.parametrize("kind", ["invoice", ORDER])
def test_a_create_in_the_lane_of_voids_is_written_and_voids_nothing(rig: Rig, kind: str) -> None:
    created(rig, kind)
    rig.arrive(rig.mapped(1, kind=kind, amount="200.00", tax="30.00"), rig.mapped(2, kind=kind))
    rig.execute("UPDATE work SET lane = lane + 1")  # as a release without lanes leaves it when a void waited
    rig.work()
    assert rig.outcomes(1, kind) == [("synced", "created"), ("synced", "updated")]
    assert rig.outcomes(2, kind) == [("synced", "created")]
    assert [one["Total"] for one in rig.copies(1, kind)] == ["230.00"]


@pytest.mark.parametrize("kind", ["invoice", ORDER])
def test_a_void_in_the_lane_of_creates_voids_and_writes_nothing(rig: Rig, kind: str) -> None:
    created(rig, kind)
    rig.arrive(rig.void(1, kind), rig.void(2, kind))
    rig.execute("UPDATE work SET lane = lane - 1")
    rig.work()
    assert rig.outcomes(1, kind) == [("synced", "created"), ("synced", "voided")]
    assert rig.outcomes(2, kind) == [("synced", "voided")]
    assert rig.copies(1, kind) == []


def test_money_that_came_between_reading_and_voiding_is_told_in_xeros_words(rig: Rig) -> None:
    before = created(rig, "invoice", "AUTHORISED")
    rig.client.before_send = lambda: _once(rig, before, Payment="115.00")
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "LOCKED_BY_PAYMENT")]
    assert "payments or credit notes allocated" in rig.last_fault(1)["text"]
    assert the_document(rig, "invoice")["Status"] == "PAID"


def test_a_person_who_was_faster_is_no_refusal(rig: Rig) -> None:
    before = created(rig, "invoice", "AUTHORISED")
    rig.client.before_send = lambda: _once(rig, before, Status="VOIDED")
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1)[1:] == [("synced", "voided")]


def _once(rig: Rig, document: dict[str, Any], **changes: object) -> None:
    rig.client.before_send = None
    rig.person_changes(document["InvoiceID"], **changes)


def test_a_locked_period_is_told_in_xeros_words(rig: Rig) -> None:
    created(rig, "invoice", "AUTHORISED")
    rig.lock_period("2026-11-30")
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "PERIOD_LOCKED")]
    assert "lock date" in rig.last_fault(1)["text"]
    assert the_document(rig, "invoice")["Status"] == "AUTHORISED"


@EACH
@pytest.mark.parametrize("case", LOST)
def test_a_void_whose_answer_was_lost_is_found_out_and_told_once(rig: Rig, kind: str, case: str) -> None:
    created(rig, kind)
    action, when = LOST[case]
    rig.plant({"method": "POST"}, action, when=when)
    rig.arrive(rig.void(1, kind))
    rig.work()
    verify(rig)
    assert the_document(rig, kind)["Status"] == "DELETED"
    assert rig.outcomes(1, kind)[1:] == [("synced", "voided")]


def test_a_void_that_xero_breaks_on_becomes_its_fault_and_not_a_loop(rig: Rig) -> None:
    created(rig, "invoice")
    rig.plant({"method": "POST"}, BROKEN)
    rig.arrive(rig.void(1))
    rig.work()
    verify(rig)
    assert rig.outcomes(1)[1:] == [("faulted", "PROVIDER_ERROR")]
    assert the_document(rig, "invoice")["Status"] == "DRAFT"
    assert posts(rig) == 1


def test_a_void_whose_process_died_is_finished_by_the_next_holder(rig: Rig) -> None:
    created(rig, "invoice", "AUTHORISED")

    def die(_: WriteAnswer) -> None:
        raise RuntimeError("the process ends here")

    rig.client.after_write = die
    rig.arrive(rig.void(1))
    rig.turn()
    rig.take_over()
    rig.work()
    verify(rig)
    assert rig.outcomes(1)[1:] == [("synced", "voided")]


def test_a_void_of_a_document_that_is_still_in_doubt_waits_until_it_is_known(rig: Rig) -> None:
    rig.plant({"method": "PUT"}, {"kind": "cut"}, when="after")
    rig.arrive(rig.mapped(1))
    rig.turn()
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.outcomes(1) == []
    verify(rig)
    assert rig.outcomes(1) == [("synced", "created"), ("synced", "voided")]
    assert rig.copies(1) == []


def test_voids_go_after_creates_and_need_no_contact(rig: Rig) -> None:
    created(rig, "invoice")
    before = len(rig.calls())
    rig.arrive(rig.void(1, priority="interactive"), rig.mapped(2, priority="backfill"))
    rig.work()
    written = [call["method"] for call in rig.calls()[before:] if call["method"] in {"PUT", "POST"}]
    assert written == ["PUT", "POST"]
    gone = rig.void(2) | {"contact": rig.mapped(2, customer="Nobody Ltd")["contact"]}
    rig.arrive(gone)
    rig.work()
    assert rig.outcomes(2)[-1] == ("synced", "voided")


@EACH
def test_a_held_document_is_not_voided(rig: Rig, kind: str) -> None:
    created(rig, kind)
    rig.execute("UPDATE document SET hold = 'skip'")
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert posts(rig) == 0
    assert rig.events(names.topic_of(names.SYNCED, str(document_of(kind, 1))))[1:] == []
