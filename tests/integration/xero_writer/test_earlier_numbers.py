"""A request that Xero finishes late, after nobody expected it any more, and a document that is to have another number by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.made_up import ORDER, document_of
from tests.integration.xero_writer.xero_hands import IDS, NUMBERS, created, foreign, verify
from xero_writer.core.body import Call

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

TIMED_OUT = {"kind": "status", "status": 504, "body": {"ErrorNumber": 500}}
ANEW: dict[str, Any] = {"recreate": True}
CASES = {
    "invoice made anew": ("invoice", "INV:1-2", ANEW),
    "invoice with Autotask's number": ("invoice", "A-1001", {}),
    "invoice numbered by Xero": ("invoice", None, {}),
    "order made anew": (ORDER, "PO:1-2", ANEW),
    "order with another number": (ORDER, "A-1001", {}),
}
EACH = pytest.mark.parametrize(("kind", "number", "changes"), CASES.values(), ids=CASES)
BY_KIND = pytest.mark.parametrize("kind", ["invoice", ORDER])


def believed_absent(rig: Rig, kind: str, document: int = 1) -> Call:
    """A create that Xero broke on and whose number one lookup did not find. Returns what was sent."""
    rig.plant({"method": "PUT"}, TIMED_OUT)
    rig.arrive(rig.mapped(document, kind=kind))
    rig.work()
    rig.pass_time(5)
    rig.work()
    assert rig.outcomes(document, kind) == [("faulted", "PROVIDER_ERROR")]
    assert rig.copies(document, kind) == []
    sent = rig.row("SELECT method, path, body FROM intent ORDER BY created_at DESC")
    return Call(sent.method, sent.path, bytes(sent.body))


def finished_late(rig: Rig, sent: Call) -> None:
    """Xero finishes a request that it had given up on."""
    rig.client.write(sent, "late", lambda: True)


def renumbered(rig: Rig, kind: str, number: str | None, changes: dict[str, Any]) -> dict[str, Any]:
    return rig.mapped(1, kind=kind, xero={"number": number}, **changes)


def last_look(rig: Rig) -> None:
    rig.pass_time(901)
    rig.work()


def puts(rig: Rig) -> int:
    return len(rig.calls("PUT"))


@EACH
def test_a_request_finished_before_the_document_is_asked_for_again_makes_no_second_one(
    rig: Rig, kind: str, number: str | None, changes: dict[str, Any]
) -> None:
    finished_late(rig, believed_absent(rig, kind))
    before = puts(rig)
    rig.arrive(renumbered(rig, kind, number, changes))
    rig.work()
    verify(rig)
    last_look(rig)
    [stands] = rig.copies(1, kind)
    assert stands[NUMBERS[kind]] == ("PO:1" if kind == ORDER else "INV:1")
    assert rig.outcomes(1, kind)[0] == ("synced", "adopted")
    assert puts(rig) == before


@EACH
def test_a_request_finished_while_the_document_waits_makes_no_second_one(
    rig: Rig, kind: str, number: str | None, changes: dict[str, Any]
) -> None:
    sent = believed_absent(rig, kind)
    rig.arrive(renumbered(rig, kind, number, changes))
    rig.work()
    verify(rig)
    finished_late(rig, sent)
    last_look(rig)
    assert len(rig.copies(1, kind)) == 1
    assert rig.outcomes(1, kind)[0] == ("synced", "adopted")


@EACH
def test_a_request_that_is_never_finished_keeps_the_document_waiting_for_the_last_look_and_no_longer(
    rig: Rig, kind: str, number: str | None, changes: dict[str, Any]
) -> None:
    believed_absent(rig, kind)
    before = puts(rig)
    rig.arrive(renumbered(rig, kind, number, changes))
    rig.work()
    rig.pass_time(880)
    rig.work()
    assert puts(rig) == before
    last_look(rig)
    assert rig.outcomes(1, kind)[0] == ("synced", "created")
    [stands] = rig.copies(1, kind)
    assert number is None or stands[NUMBERS[kind]] == number


@EACH
def test_a_request_finished_after_the_last_look_is_found_by_its_number_before_another_is_made(
    rig: Rig, kind: str, number: str | None, changes: dict[str, Any]
) -> None:
    sent = believed_absent(rig, kind)
    last_look(rig)
    finished_late(rig, sent)
    before = puts(rig)
    rig.arrive(renumbered(rig, kind, number, changes))
    rig.work()
    assert rig.outcomes(1, kind)[0] == ("synced", "adopted")
    assert len(rig.copies(1, kind)) == 1
    assert puts(rig) == before


@BY_KIND
def test_under_the_same_number_nothing_has_to_wait(rig: Rig, kind: str) -> None:
    finished_late(rig, believed_absent(rig, kind))
    rig.arrive(rig.mapped(1, kind=kind))
    rig.work()
    assert rig.outcomes(1, kind)[0] == ("synced", "adopted")
    assert len(rig.copies(1, kind)) == 1


def test_a_credit_note_of_the_same_number_is_no_protection_from_a_late_invoice(rig: Rig) -> None:
    sent = believed_absent(rig, "invoice")
    before = puts(rig)
    rig.arrive(rig.mapped(1, kind="credit_note"))
    rig.work()
    assert puts(rig) == before
    finished_late(rig, sent)
    last_look(rig)
    assert len(rig.copies(1)) == 1
    assert rig.outcomes(1)[-1] == ("faulted", "KIND_CHANGED")


@BY_KIND
def test_a_void_waits_for_the_last_look_and_removes_what_was_finished_late(rig: Rig, kind: str) -> None:
    sent = believed_absent(rig, kind)
    rig.arrive(rig.void(1, kind))
    rig.work()
    assert rig.outcomes(1, kind) == [("faulted", "PROVIDER_ERROR")]
    finished_late(rig, sent)
    last_look(rig)
    assert rig.outcomes(1, kind)[0] == ("synced", "voided")
    assert rig.copies(1, kind) == []


def test_what_waits_for_a_last_look_holds_up_no_other_lane(rig: Rig) -> None:
    created(rig, "invoice", document=2)
    believed_absent(rig, "invoice")
    rig.arrive(renumbered(rig, "invoice", "A-1001", {}), rig.void(2), rig.mapped(3, kind=ORDER))
    rig.work()
    assert rig.outcomes(2)[-1] == ("synced", "voided")
    assert rig.outcomes(3, ORDER) == [("synced", "created")]


@BY_KIND
def test_somebody_elses_document_under_an_earlier_number_is_not_adopted(rig: Rig, kind: str) -> None:
    believed_absent(rig, kind)
    last_look(rig)
    theirs = foreign(rig, kind, "PO:1" if kind == ORDER else "INV:1")
    rig.arrive(renumbered(rig, kind, "A-1001", {}))
    rig.work()
    [stands] = rig.copies(1, kind)
    assert (stands[NUMBERS[kind]], stands[IDS[kind]] == theirs) == ("A-1001", False)


def test_an_earlier_number_that_can_not_be_looked_up_is_this_documents_fault_and_no_loop(rig: Rig) -> None:
    believed_absent(rig, "invoice")
    last_look(rig)
    refused = {"kind": "status", "status": 400, "body": {"Message": "no"}}
    rig.plant({"method": "GET", "path": ".*/Invoices"}, refused, times=None)
    rig.arrive(renumbered(rig, "invoice", "A-1001", {}))
    rig.work()
    assert len(rig.outcomes(1)) == 2
    assert rig.copies(1) == []
    rig.server.app.faults.clear()
    rig.arrive(renumbered(rig, "invoice", "A-1001", {}))
    rig.work()
    assert rig.outcomes(1)[0] == ("synced", "created")


def test_earlier_numbers_are_looked_up_once_for_a_try(rig: Rig) -> None:
    old = created(rig, "invoice")
    rig.person_changes(old["InvoiceID"], Status="DELETED")
    before = len(rig.calls("GET"))
    rig.arrive(renumbered(rig, "invoice", "INV:1-2", ANEW))
    rig.work()
    assert rig.outcomes(1) == [("synced", "created")] * 2
    asked = [call["query"].get("InvoiceNumbers") for call in rig.calls("GET")[before:]]
    assert asked.count("INV:1") == 1
    assert rig.row("SELECT document FROM work") is None
    assert str(document_of("invoice", 1)) in rig.session.looked_for
