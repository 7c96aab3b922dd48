"""A resync of whatever state a person left the document in: at most one write or one fault, never a second document."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.xero_writer.made_up import ORDER, document_of
from tests.integration.xero_writer.rig import TENANT
from tests.integration.xero_writer.xero_hands import IDS, NUMBERS, allocate, created, the_document

if TYPE_CHECKING:
    from tests.integration.xero_writer.rig import Rig

pytestmark = pytest.mark.stack

OPEN, LOCKED, GONE = "open", "locked", "gone"
# what a person (or our own setting) made of the document, and what that means for a change
STATES: dict[str, dict[str, str]] = {
    "invoice": {
        "draft": OPEN,
        "submitted by hand": OPEN,
        "approved by hand": OPEN,
        "approved": OPEN,
        "part-paid": LOCKED,
        "paid": LOCKED,
        "credited": LOCKED,
        "voided": GONE,
        "deleted": GONE,
        "unknown to Xero": GONE,
    },
    "credit_note": {
        "draft": OPEN,
        "approved by hand": OPEN,
        "approved": OPEN,
        "allocated in part": LOCKED,
        "allocated": LOCKED,
        "refunded": LOCKED,
        "voided": GONE,
        "deleted": GONE,
        "unknown to Xero": GONE,
    },
    ORDER: {
        "draft": OPEN,
        "submitted": OPEN,
        "approved by hand": OPEN,
        "billed by hand": LOCKED,
        "deleted": GONE,
        "unknown to Xero": GONE,
    },
}
MODES = ("autotask_id", "autotask_number", "xero")
AT_ONCE = {"approved": "AUTHORISED", "submitted": "SUBMITTED", "draft": "DRAFT", "deleted": "DRAFT"}
BY_HAND = {
    "submitted by hand": "SUBMITTED",
    "approved by hand": "AUTHORISED",
    "billed by hand": "BILLED",
    "voided": "VOIDED",
    "deleted": "DELETED",
}
CASES = [(kind, mode) for kind in STATES for mode in (MODES if kind != ORDER else MODES[:1])]


def number_fields(mode: str, document: int = 1) -> dict[str, Any]:
    """What the numbering mode changes of the document to be."""
    numbers: dict[str, dict[str, Any]] = {
        "autotask_id": {},
        "autotask_number": {"number": f"2025-{document:04}"},
        "xero": {"number": None},
    }
    return numbers[mode]


def brought_into(rig: Rig, kind: str, mode: str, state: str, document: int = 1) -> dict[str, Any]:
    """A document of ours in this state, as it is stored in Xero."""
    rig.numbers_are_ours = mode != "xero"
    by_hand = {"submitted by hand", "approved by hand", "billed by hand", "unknown to Xero"}
    status = AT_ONCE.get(state, "DRAFT" if state in by_hand else "AUTHORISED")
    stands = created(rig, kind, status, document, **number_fields(mode, document))
    other = 100 + document
    if state in BY_HAND:
        rig.person_changes(stands[IDS[kind]], Status=BY_HAND[state])
    elif state in {"part-paid", "paid", "refunded"}:
        rig.person_changes(stands[IDS[kind]], Payment="50.00" if state == "part-paid" else "115.00")
    elif state in {"allocated", "allocated in part"}:
        invoice = created(rig, "invoice", "AUTHORISED", other)
        allocate(rig, stands, invoice, "115.00" if state == "allocated" else "15.00")
    elif state == "credited":
        allocate(rig, created(rig, "credit_note", "AUTHORISED", other), stands)
    elif state == "unknown to Xero":
        rig.execute(
            "UPDATE document SET xero_id = '4a7c5f5e-1111-4222-8333-444444444444' WHERE document = :document",
            document=str(document_of(kind, document)),
        )
    return the_document(rig, kind, document)


def resync(
    rig: Rig,
    kind: str,
    mode: str,
    document: int = 1,
    **changes: Any,  # noqa: ANN401  # any field of the event
) -> tuple[str, str]:
    """Resync a document. Returns what became of it."""
    before = rig.outcomes(document, kind)
    xero = number_fields(mode, document) | changes.pop("xero", {})
    rig.arrive(rig.mapped(document, kind=kind, action="update", priority="interactive", xero=xero, **changes))
    rig.work()
    after = rig.outcomes(document, kind)
    assert len(after) == len(before) + 1
    for one in before:
        after.remove(one)
    return after[0]


@pytest.mark.parametrize(("kind", "mode"), CASES)
def test_an_unchanged_document_is_never_written(rig: Rig, kind: str, mode: str) -> None:
    for document, (state, means) in enumerate(STATES[kind].items(), start=1):
        brought_into(rig, kind, mode, state, document)
        before, writes = rig.documents(), len(rig.calls("PUT", "POST"))
        wanted = ("faulted", "DELETED_IN_XERO") if means == GONE else ("synced", "unchanged")
        assert resync(rig, kind, mode, document) == wanted, state
        assert rig.documents() == before, state
        assert len(rig.calls("PUT", "POST")) == writes, state


@pytest.mark.parametrize(("kind", "mode"), CASES)
def test_a_changed_document_is_updated_in_place_or_left_alone_with_a_fault(
    rig: Rig, kind: str, mode: str
) -> None:
    for document, (state, means) in enumerate(STATES[kind].items(), start=1):
        stands = brought_into(rig, kind, mode, state, document)
        before, writes = rig.documents(), len(rig.calls("PUT", "POST"))
        outcome = resync(rig, kind, mode, document, amount="200.00", tax="30.00")
        assert len(rig.documents()) == len(before), state
        if means == OPEN:
            assert outcome == ("synced", "updated"), state
            assert len(rig.calls("PUT", "POST")) == writes + 1, state
            after = the_document(rig, kind, document)
            kept = (IDS[kind], NUMBERS[kind], "Status")
            assert [after[name] for name in kept] == [stands[name] for name in kept], state
            assert after["Total"] == "230.00", state
            continue
        code = "DELETED_IN_XERO" if means == GONE else "LOCKED_BY_PAYMENT"
        assert outcome == ("faulted", code), state
        assert rig.last_fault(document, kind)["final"] is (means == GONE), state
        assert rig.documents() == before, state
        assert len(rig.calls("PUT", "POST")) == writes, state


@pytest.mark.parametrize(
    ("kind", "state"), [("invoice", "part-paid"), ("invoice", "paid"), ("credit_note", "allocated")]
)
@pytest.mark.parametrize("changed", ["text", "reference", "branding theme"])
def test_not_even_what_xero_would_let_through_is_changed_on_a_settled_document(
    rig: Rig, kind: str, state: str, changed: str
) -> None:
    brought_into(rig, kind, "autotask_id", state)
    before, writes = rig.documents(), len(rig.calls("PUT", "POST"))
    event = rig.mapped(1, kind=kind, action="update")
    if changed == "text":
        event["xero"]["lines"][0]["description"] = "Other work"
    elif changed == "reference":
        event["xero"]["reference"] = event["xero"]["reference"].replace("PO-1", "PO-2")
    else:
        event["xero"]["branding_theme_id"] = themes(rig)["Special"]
    rig.arrive(event)
    rig.work()
    assert rig.outcomes(1, kind)[1:] == [("faulted", "LOCKED_BY_PAYMENT")]
    assert rig.last_fault(1, kind)["text"].startswith("This document cannot be edited")
    assert rig.last_fault(1, kind)["details"]
    assert rig.documents() == before
    assert len(rig.calls("PUT", "POST")) == writes


def themes(rig: Rig) -> dict[str, str]:
    return {theme.name: theme.id for theme in rig.simulator._loaded(TENANT).themes}


@pytest.mark.parametrize("kind", ["invoice", "credit_note", ORDER])
def test_a_changed_branding_theme_goes_over_and_no_theme_leaves_it_alone(rig: Rig, kind: str) -> None:
    created(rig, kind, "AUTHORISED")
    special = themes(rig)["Special"]
    assert resync(rig, kind, "autotask_id", xero={"branding_theme_id": special}) == ("synced", "updated")
    assert resync(rig, kind, "autotask_id", xero={"branding_theme_id": special}) == ("synced", "unchanged")
    assert resync(rig, kind, "autotask_id") == ("synced", "unchanged")
    assert the_document(rig, kind)["Status"] == "AUTHORISED"


def test_neither_the_sent_flag_nor_the_status_follows_a_changed_setting(rig: Rig) -> None:
    created(rig, "invoice", "AUTHORISED", sent_to_contact=True)
    changed = {"status": "DRAFT", "sent_to_contact": False}
    assert resync(rig, "invoice", "autotask_id", xero=changed) == ("synced", "unchanged")
    assert resync(rig, "invoice", "autotask_id", amount="200.00", tax="30.00", xero=changed) == (
        "synced",
        "updated",
    )
    stands = the_document(rig, "invoice")
    assert (stands["Status"], stands["SentToContact"]) == ("AUTHORISED", True)


@pytest.mark.parametrize(
    ("first", "then"), [("xero", "autotask_id"), ("autotask_id", "xero"), ("autotask_id", "autotask_number")]
)
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_another_numbering_mode_never_renames_what_is_there(
    rig: Rig, kind: str, first: str, then: str
) -> None:
    stands = brought_into(rig, kind, first, "draft")
    rig.numbers_are_ours = then != "xero"
    assert resync(rig, kind, then) == ("synced", "unchanged")
    assert resync(rig, kind, then, amount="200.00", tax="30.00") == ("synced", "updated")
    assert the_document(rig, kind)[NUMBERS[kind]] == stands[NUMBERS[kind]]


def test_a_due_date_goes_over_on_an_approved_invoice_and_none_leaves_xeros(rig: Rig) -> None:
    created(rig, "invoice", "AUTHORISED")
    assert resync(rig, "invoice", "autotask_id", due_date=date(2026, 12, 31)) == ("synced", "updated")
    assert the_document(rig, "invoice")["DueDate"] == "2026-12-31"
    assert resync(rig, "invoice", "autotask_id", due_date=None, amount="200.00", tax="30.00") == (
        "synced",
        "updated",
    )
    stands = the_document(rig, "invoice")
    assert (stands["DueDate"], stands["Status"]) == ("2026-12-31", "AUTHORISED")


def test_an_invoice_of_nothing_that_xero_calls_paid_is_no_locked_one(rig: Rig) -> None:
    rig.arrive(rig.mapped(1, amount="0.00", tax="0.00", xero={"status": "AUTHORISED"}))
    rig.work()
    assert the_document(rig, "invoice")["Status"] == "PAID"
    assert resync(rig, "invoice", "autotask_id", amount="0.00", tax="0.00") == ("synced", "unchanged")


def test_amounts_that_xero_ignores_silently_are_no_success(rig: Rig) -> None:
    """The payment comes between the reading and the writing, so that only the re-reading can tell."""
    stands = created(rig, "invoice", "AUTHORISED")

    def pay() -> None:
        rig.client.before_send = None
        rig.person_changes(stands["InvoiceID"], Payment="115.00")

    rig.client.before_send = pay
    topic, _ = resync(rig, "invoice", "autotask_id", amount="200.00", tax="30.00")
    assert topic == "faulted"
    assert the_document(rig, "invoice")["Total"] == "115.00"


def test_a_document_voided_between_reading_and_writing_is_told_as_deleted(rig: Rig) -> None:
    stands = created(rig, "invoice", "AUTHORISED")

    def void() -> None:
        rig.client.before_send = None
        rig.person_changes(stands["InvoiceID"], Status="VOIDED")

    rig.client.before_send = void
    assert resync(rig, "invoice", "autotask_id", amount="200.00", tax="30.00") == (
        "faulted",
        "DELETED_IN_XERO",
    )
