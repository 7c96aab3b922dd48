"""The event names a document in Xero that the journal does not know: it is read before another one is made."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.integration.xero_writer.xero_hands import IDS, KINDS, created

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack
XERO_NUMBERS = pytest.mark.parametrize("rig", ["xero"], indirect=True)
EACH_KIND = pytest.mark.parametrize("kind", KINDS)
NOWHERE = "4a7c5f5e-1111-4222-8333-444444444444"


def lose_journal(rig: Rig) -> None:
    """Everything that is known of documents is gone. The lists count as read: they would tell of marks only."""
    for table in ("intent_element", "intent", "work", "document"):
        rig.execute(f"DELETE FROM {table}")  # noqa: S608  # our own tables


@EACH_KIND
@XERO_NUMBERS
def test_a_document_whose_mark_a_person_removed_is_not_made_again_after_a_lost_journal(
    rig: Rig, kind: str
) -> None:
    xero_id = created(rig, kind)[IDS[kind]]
    rig.person_changes(xero_id, **{"Url" if kind == "invoice" else "Reference": "https://psa.example/"})
    lose_journal(rig)
    rig.arrive(rig.mapped(1, kind=kind, action="update", xero_document_id=xero_id))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("synced", "updated")]
    assert [one[IDS[kind]] for one in rig.documents()] == [xero_id]


@pytest.mark.parametrize("recreate", [False, True])
@EACH_KIND
@XERO_NUMBERS
def test_what_a_person_deleted_is_made_anew_only_if_somebody_asks_for_it(
    rig: Rig, kind: str, *, recreate: bool
) -> None:
    xero_id = created(rig, kind)[IDS[kind]]
    rig.person_changes(xero_id, Status="DELETED")
    lose_journal(rig)
    number = {"xero": {"number": "PO:1-2"}} if kind == "purchase_order" else {}
    rig.arrive(rig.mapped(1, kind=kind, xero_document_id=xero_id, recreate=recreate, **number))
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [
        ("synced", "created") if recreate else ("faulted", "DELETED_IN_XERO")
    ]
    assert len(rig.copies(1, kind)) == int(recreate)


def test_what_was_taken_back_is_made_anew_although_the_fault_named_it(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, total=Decimal("115.01")))
    rig.work()
    xero_id = rig.last_fault(1)["xero_document_id"]
    assert xero_id is not None
    rig.arrive(rig.mapped(1, xero_document_id=xero_id, action="update"))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created"), ("faulted", "XERO_AMOUNTS_DIFFER")]
    assert len(rig.copies(1)) == 1


@XERO_NUMBERS
def test_a_document_of_another_one_or_of_nobody_is_never_taken_for_it(rig: Rig) -> None:
    other = created(rig, "invoice", document=2)
    rig.arrive(rig.mapped(1, xero_document_id=other["InvoiceID"]), rig.mapped(3, xero_document_id=NOWHERE))
    rig.work()
    assert rig.outcomes(1) == rig.outcomes(3) == [("synced", "created")]
    assert rig.copies(2) == [other]


@XERO_NUMBERS
def test_while_it_can_not_be_read_nothing_is_made(rig: Rig) -> None:
    xero_id = created(rig, "invoice")["InvoiceID"]
    rig.person_changes(xero_id, Url="https://psa.example/")
    lose_journal(rig)
    broken = {"kind": "status", "status": 500, "body": {"ErrorNumber": 500}}
    rig.plant({"method": "GET", "path": f".*{xero_id}"}, broken, times=2)
    rig.arrive(rig.mapped(1, xero_document_id=xero_id), rig.mapped(2))
    rig.work()
    assert len(rig.documents()) == 2
    assert rig.outcomes(2) == [("synced", "created")]
    for _ in range(2):
        rig.pass_time(60)
        rig.work()
    assert rig.outcomes(1)[1:] == [("synced", "updated")]
    assert len(rig.documents()) == 2
