from __future__ import annotations

from decimal import Decimal

import pytest

from invoice_events.catalogue import catalogue
from tests.unit.xero_writer.samples import (
    NOW,
    XERO_ID,
    in_xero,
    mapped,
    mapped_order,
    order_in_xero,
    prediction,
)
from xero_writer.core.events import (
    Fault,
    Resolved,
    deleted_in_xero,
    faulted,
    number_conflict,
    processing,
    synced,
)
from xero_writer.core.marks import marked_document
from xero_writer.core.taking_back import (
    kept_reason,
    next_change,
    reason_kept,
    reason_to_take_back,
    refused_to_take_back,
)


def test_a_document_as_predicted_is_never_taken_back() -> None:
    assert reason_to_take_back(mapped(), in_xero(), XERO_ID) is None


def test_a_wrong_amount_is_told_as_such_even_beside_a_warning() -> None:
    wrong = mapped(prediction=prediction(total=Decimal("115.01")))
    reason = reason_to_take_back(wrong, in_xero(Warnings=[{"Message": "w"}]), XERO_ID)
    assert reason is not None
    assert (reason.code, reason.words) == ("XERO_AMOUNTS_DIFFER", "Invoice Amounts do not match")
    assert "w" in reason.details


def test_a_warning_is_told_in_xeros_words() -> None:
    text = "Account code '476' has been removed as it does not match a recognised account."
    reason = reason_to_take_back(mapped(), in_xero(Warnings=[{"Message": text}]), XERO_ID)
    assert reason == Fault("ACCOUNT_INVALID", text, [text], xero_id=XERO_ID)


def test_mark_and_number_are_given_up_before_the_document_is() -> None:
    change = next_change("invoice", mapped(), in_xero())
    assert change == {
        "InvoiceID": XERO_ID,
        "Url": "https://psa.example/invoice?id=1#sync=invoice/1~7",
        "InvoiceNumber": "INV:1~7",
    }
    assert marked_document("invoice", in_xero() | change) is None


def test_a_number_of_xeros_is_left_alone() -> None:
    assert "InvoiceNumber" not in next_change("invoice", mapped(number_is_ours=False), in_xero())


def test_a_credit_note_loses_the_mark_in_its_reference() -> None:
    note = {
        "Type": "ACCRECCREDIT",
        "CreditNoteID": XERO_ID,
        "Reference": "PO-1 [INV 1]",
        "CreditNoteNumber": "INV:1",
    }
    change = next_change("credit_note", mapped(kind="credit_note"), note)
    assert change["Reference"] == "PO-1 [INV 1]~7"
    assert marked_document("credit_note", note | change) is None


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("DRAFT", "DELETED"), ("SUBMITTED", "DELETED"), ("AUTHORISED", "VOIDED"), ("PAID", "VOIDED")],
)
def test_a_draft_is_deleted_and_an_approved_document_voided(status: str, wanted: str) -> None:
    stands = in_xero(Url="https://psa.example/#sync=invoice/1~7", Status=status)
    assert next_change("invoice", mapped(), stands) == {"InvoiceID": XERO_ID, "Status": wanted}


def test_the_reason_survives_a_restart_word_for_word() -> None:
    reason = Fault("UNKNOWN", "Ünusual \x00 words", ["a", "b"], xero_id=XERO_ID)
    assert reason_kept(kept_reason(reason), XERO_ID) == reason


def test_what_xero_does_not_let_go_is_final_and_linked() -> None:
    fault = refused_to_take_back(Fault("XERO_AMOUNTS_DIFFER", "wrong", ["total"], xero_id=XERO_ID), ["no"])
    assert (fault.code, fault.final, fault.xero_id) == ("CAN_NOT_TAKE_BACK", True, XERO_ID)
    assert fault.words == "no"
    assert fault.details == ["wrong", "total"]


def test_every_fault_that_can_be_published_is_in_the_catalogue() -> None:
    for fault in (
        deleted_in_xero({"Status": "VOIDED"}, XERO_ID),
        number_conflict("invoice", "INV:1", [in_xero()]),
        Fault("PROVIDER_ERROR", ""),
        Fault("KIND_CHANGED", ""),
        Fault("LOCKED_BY_PAYMENT", ""),
        Fault("CONTACT_NOT_FOUND", ""),
        Fault("CONTACT_ARCHIVED", ""),
        Fault("CAN_NOT_TAKE_BACK", ""),
        Fault("XERO_AMOUNTS_DIFFER", ""),
        Fault("EVENT_UNREADABLE", ""),
    ):
        assert fault.code in catalogue()


def test_an_event_repeats_with_the_same_id_and_another_request_has_another() -> None:
    assert (
        faulted(mapped(), Fault("UNKNOWN", "a"), NOW)["event_id"]
        == faulted(mapped(), Fault("UNKNOWN", "b"), NOW)["event_id"]
    )
    ids = {
        processing(mapped(), request, phase, NOW, None)["event_id"]
        for request in ("r1", "r2")
        for phase in ("writing", "verifying")
    }
    assert len(ids) == 4


def test_synced_tells_xeros_amounts_and_not_the_prediction() -> None:
    event = synced(
        mapped(),
        "invoice",
        "created",
        in_xero(Total=Decimal("115.02")),
        Resolved("!a", "Contoso", None),
        NOW,
    )
    assert event["total"] == Decimal("115.02")
    assert event["xero_url"] == f"https://go.xero.com/app/!a/invoicing/view/{XERO_ID}"
    assert str(event.get("due_date")) == "2026-12-20"


def test_an_order_gives_up_number_and_mark_and_is_deleted_whatever_its_status() -> None:
    change = next_change("purchase_order", mapped_order(), order_in_xero(Status="BILLED"))
    assert change == {
        "PurchaseOrderID": XERO_ID,
        "Reference": "PO-2025-0031 [PO 771]~7",
        "PurchaseOrderNumber": "PO:771~7",
    }
    bare = order_in_xero(Status="BILLED") | change
    assert marked_document("purchase_order", bare) is None
    assert next_change("purchase_order", mapped_order(), bare) == {
        "PurchaseOrderID": XERO_ID,
        "Status": "DELETED",
    }


def test_an_order_on_other_accounts_than_wanted_is_taken_back() -> None:
    lines = [order_in_xero()["LineItems"][0] | {"AccountCode": ""}]
    assert reason_to_take_back(mapped_order(), order_in_xero(), XERO_ID) is None
    assert reason_to_take_back(mapped_order(), order_in_xero(LineItems=lines), XERO_ID) is not None


@pytest.mark.parametrize(
    "code", ["CAN_NOT_TAKE_BACK", "DELETED_IN_XERO", "INVOICE_TOO_LARGE", "ACCOUNT_INVALID"]
)
def test_no_fault_counts_against_what_the_catalogue_says(code: str) -> None:
    event = faulted(mapped(), Fault(code, "words"), NOW)
    assert event["strike"] is (code == "ACCOUNT_INVALID")
