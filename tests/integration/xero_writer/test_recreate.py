"""Recreate: a new document in place of one that is gone, one at most, and never beside one that lives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.made_up import ORDER
from tests.integration.xero_writer.xero_hands import IDS, KINDS, NUMBERS, created, the_document, verify
from xero_writer.adapters import work
from xero_writer.core.lanes import Lane
from xero_writer.worker.existing import reconcile

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

BOTH = pytest.mark.parametrize("rig", ["ours", "xero"], indirect=True)
EACH = pytest.mark.parametrize("kind", KINDS)


def anew(rig: Rig, kind: str, generation: int = 2, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
    """The try that a person asked for, as the mapper numbers it."""
    prefix = "PO" if kind == ORDER else "INV"
    number = f"{prefix}:1-{generation}" if rig.numbers_are_ours or kind == ORDER else None
    xero = {"number": number} | changes.pop("xero", {})
    return rig.mapped(1, kind=kind, **({"recreate": True, "xero": xero} | changes))


@BOTH
@EACH
@pytest.mark.parametrize("gone", ["DELETED", "VOIDED"])
def test_a_document_that_is_gone_is_made_anew_once_and_the_old_one_stays_as_it_is(
    rig: Rig, kind: str, gone: str
) -> None:
    gone = "DELETED" if kind == ORDER else gone
    old = created(rig, kind, "AUTHORISED" if gone == "VOIDED" else "DRAFT")
    rig.person_changes(old[IDS[kind]], Status=gone)
    buried = the_document(rig, kind)
    rig.arrive(anew(rig, kind))
    rig.work()
    assert rig.outcomes(1, kind) == [("synced", "created")] * 2
    [new] = rig.copies(1, kind)
    assert new[IDS[kind]] != old[IDS[kind]]
    assert len(rig.marked(1, kind)) == 2
    assert buried in rig.marked(1, kind)
    if rig.numbers_are_ours:
        assert new[NUMBERS[kind]].endswith(":1-2")
    assert rig.last_synced(1, kind)["xero_document_id"] == new[IDS[kind]]


@EACH
def test_without_being_asked_to_nothing_is_made_anew(rig: Rig, kind: str) -> None:
    old = created(rig, kind)
    rig.person_changes(old[IDS[kind]], Status="DELETED")
    rig.arrive(anew(rig, kind, recreate=False))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("faulted", "DELETED_IN_XERO")]
    assert rig.last_fault(1, kind)["final"] is True
    assert rig.copies(1, kind) == []


@BOTH
@EACH
def test_a_document_that_lives_is_brought_up_to_date_and_keeps_its_number(rig: Rig, kind: str) -> None:
    old = created(rig, kind)
    rig.arrive(anew(rig, kind, amount="200.00", tax="30.00"))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "updated")]
    [stands] = rig.marked(1, kind)
    assert (stands[IDS[kind]], stands[NUMBERS[kind]]) == (old[IDS[kind]], old[NUMBERS[kind]])
    assert stands["Total"] == "230.00"


@EACH
def test_a_document_that_xero_no_longer_knows_is_made_anew(rig: Rig, kind: str) -> None:
    old = created(rig, kind)
    unmarked = {"Url": "https://psa.example/"} if kind == "invoice" else {"Reference": "somebody's"}
    rig.person_changes(old[IDS[kind]], **unmarked)
    rig.execute("UPDATE document SET xero_id = '4a7c5f5e-1111-4222-8333-444444444444'")
    rig.arrive(anew(rig, kind))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "created")]


@BOTH
@EACH
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_neither_finds_the_old_one_nor_makes_a_third(rig: Rig, kind: str, when: str) -> None:
    old = created(rig, kind)
    rig.person_changes(old[IDS[kind]], Status="DELETED")
    rig.plant({"method": "PUT"}, {"kind": "cut"}, when=when)
    rig.arrive(anew(rig, kind))
    rig.work()
    verify(rig)
    assert rig.outcomes(1, kind)[1:] == [("synced", "created")]
    assert len(rig.copies(1, kind)) == 1
    assert len(rig.marked(1, kind)) == 2


@BOTH
@EACH
def test_the_gone_document_is_not_what_became_of_a_request_that_came_to_nothing(rig: Rig, kind: str) -> None:
    old = created(rig, kind)
    rig.person_changes(old[IDS[kind]], Status="DELETED")
    rig.plant({"method": "PUT"}, {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}})
    rig.arrive(anew(rig, kind))
    rig.work()
    verify(rig)
    assert rig.outcomes(1, kind)[1:] == [("faulted", "PROVIDER_ERROR")]
    rig.arrive(anew(rig, kind, recreate=False))
    rig.work()
    assert rig.outcomes(1, kind)[:2] == [("synced", "created")] * 2
    assert len(rig.copies(1, kind)) == 1


@BOTH
def test_an_automatic_try_after_a_failed_one_makes_the_document_all_the_same(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    bad = anew(rig, "invoice")
    bad["xero"]["lines"][0]["account_code"] = "299999"
    rig.arrive(bad)
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "ACCOUNT_INVALID")]
    rig.arrive(anew(rig, "invoice", recreate=False))
    rig.work()
    assert rig.outcomes(1)[:2] == [("synced", "created")] * 2
    assert len(rig.copies(1)) == 1


def test_a_number_that_our_own_gone_document_has_is_never_taken_for_a_success(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    rig.arrive(anew(rig, "invoice", xero={"number": "INV:1"}))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "NUMBER_CONFLICT")]
    rig.arrive(anew(rig, "invoice"))
    rig.work()
    assert rig.outcomes(1)[:2] == [("synced", "created")] * 2


def test_a_third_document_follows_when_the_second_is_gone_too(rig: Rig) -> None:
    for generation in (1, 2, 3):
        if generation == 1:
            stands = created(rig, "invoice")
        else:
            rig.arrive(anew(rig, "invoice", generation))
            rig.work()
            [stands] = rig.copies(1)
        assert stands["InvoiceNumber"] == ("INV:1" if generation == 1 else f"INV:1-{generation}")
        rig.person_changes(stands["InvoiceID"], Status="DELETED")
    assert rig.outcomes(1) == [("synced", "created")] * 3


def test_a_credit_note_follows_an_invoice_that_is_gone_and_not_one_that_lives(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.arrive(anew(rig, "credit_note"))
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "KIND_CHANGED")]
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    rig.arrive(anew(rig, "credit_note"))
    rig.work()
    assert rig.outcomes(1)[:2] == [("synced", "created")] * 2
    assert rig.last_synced(1)["xero_kind"] == "credit_note"


@BOTH
def test_a_lost_journal_takes_up_the_living_one_of_two_with_our_mark(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    rig.arrive(anew(rig, "invoice"))
    rig.work()
    [new] = rig.copies(1)
    for table in ("intent_element", "intent", "document"):
        rig.execute(f"DELETE FROM {table}")  # noqa: S608  # constant names
    rig.execute("UPDATE tenant SET listed_at = NULL")
    rig.take_over()
    rig.turn()
    assert rig.row("SELECT xero_id FROM document").xero_id == new["InvoiceID"]


def test_a_newer_try_that_nobody_asked_to_make_anew_is_not_made_anew_by_an_older_one(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    rig.arrive(anew(rig, "invoice"))
    with rig.engine.connect() as connection:
        [overtaken] = work.waiting(connection, "acme", Lane.WRITE, 1)
    rig.worker._contacts_read(timedelta(0))
    rig.arrive(anew(rig, "invoice", recreate=False))
    reconcile(rig.session, overtaken, rig.worker._ending)
    rig.work()
    assert rig.outcomes(1)[1:] == [("faulted", "DELETED_IN_XERO")]
    assert rig.copies(1) == []


def test_a_document_that_was_recreated_is_the_one_that_is_voided(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    rig.arrive(anew(rig, "invoice"))
    rig.work()
    [new] = rig.copies(1)
    rig.arrive(rig.void(1))
    rig.work()
    assert rig.last_synced(1)["xero_document_id"] == new["InvoiceID"]
    assert rig.copies(1) == []
