"""What differs between the kinds of documents: marks, links, lanes, how they leave Xero, what is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import event_id
from tests.unit.xero_writer.samples import NOW, XERO_ID, in_xero, mapped, mapped_order, order_in_xero
from xero_writer.core.endpoints import ENDPOINTS, xero_link
from xero_writer.core.events import (
    Fault,
    Resolved,
    faulted,
    nothing_to_void,
    number_conflict,
    processing,
    synced,
)
from xero_writer.core.gone import keeps_from_voiding, kept_words, removal, stays_paid
from xero_writer.core.kinds import Kind, kinds_of, wanted_of
from xero_writer.core.lanes import Lane, lane_of
from xero_writer.core.marks import marked_document
from xero_writer.core.refusals import code_of


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("credit_note", {"Reference": "x [PO 771]"}),
        ("purchase_order", {"Reference": "x [INV 771]"}),
        ("invoice", {"Url": "https://psa.example/#sync=purchase-order/771"}),
        ("purchase_order", {"Reference": "x [PO 771]", "Type": "ACCPAYCREDIT"}),
    ],
)
def test_the_mark_of_one_kind_never_claims_a_document_of_another(
    kind: Kind, document: dict[str, Any]
) -> None:
    assert marked_document(kind, document) is None


def test_an_order_is_recognised_by_the_end_of_its_reference() -> None:
    assert str(marked_document("purchase_order", order_in_xero())) == "purchase-order/771"


def test_links_lead_to_the_page_of_the_kind() -> None:
    assert {kind: xero_link(kind, "!a", "id") for kind in ENDPOINTS} == {
        "invoice": "https://go.xero.com/app/!a/invoicing/view/id",
        "credit_note": "https://go.xero.com/organisationlogin/default.aspx?shortcode=!a"
        "&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=id",
        "purchase_order": "https://go.xero.com/organisationlogin/default.aspx?shortcode=!a"
        "&redirecturl=/Accounts/Payable/PurchaseOrders/View/id/",
    }


def test_voids_go_after_creates_and_orders_after_invoices() -> None:
    lanes = [
        lane_of(event)
        for event in (
            mapped(),
            mapped(kind="credit_note", action="update"),
            mapped(action="void", priority="interactive", xero=None),
            mapped_order(priority="interactive"),
            mapped_order(action="void", xero=None),
        )
    ]
    assert lanes == [Lane.WRITE, Lane.WRITE, Lane.VOID, Lane.WRITE_ORDER, Lane.VOID_ORDER]
    assert lanes == sorted(lanes)


@pytest.mark.parametrize(
    ("kind", "status", "wanted"),
    [
        *(("invoice", status, "DELETED") for status in ("DRAFT", "SUBMITTED")),
        *(("credit_note", status, "VOIDED") for status in ("AUTHORISED", "PAID")),
        *(("purchase_order", status, "DELETED") for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED")),
    ],
)
def test_a_removal_changes_the_status_and_nothing_else(kind: Kind, status: str, wanted: str) -> None:
    endpoint = ENDPOINTS[kind]
    document = {endpoint.id_field: "id", endpoint.number_field: "n", "Status": status, "Reference": "r"}
    assert removal(kind, document) == {endpoint.id_field: "id", "Status": wanted}


def test_money_keeps_a_document_from_being_voided_in_the_words_that_xero_would_use() -> None:
    words = keeps_from_voiding("invoice", in_xero(Status="PAID"))
    assert words is not None
    assert code_of([words]) == "LOCKED_BY_PAYMENT"
    assert keeps_from_voiding("credit_note", {"Status": "AUTHORISED", "Allocations": [{"Amount": 1}]})


def test_nothing_keeps_an_open_a_gone_or_an_ordered_document_from_being_voided() -> None:
    assert keeps_from_voiding("invoice", in_xero(Status="AUTHORISED")) is None
    assert keeps_from_voiding("invoice", in_xero(Status="VOIDED", Payments=[{"Amount": 1}])) is None
    assert keeps_from_voiding("purchase_order", order_in_xero(Status="BILLED")) is None


def test_only_a_paid_invoice_or_credit_note_of_nothing_stays_paid() -> None:
    nothing = in_xero(Status="PAID", Total=0)
    assert stays_paid("invoice", nothing)
    assert stays_paid("credit_note", nothing)
    assert not stays_paid("invoice", in_xero(Status="PAID"))
    assert not stays_paid("invoice", nothing | {"AmountCredited": 1})
    assert not stays_paid("invoice", nothing | {"Status": "AUTHORISED"})
    assert not stays_paid("purchase_order", order_in_xero(Status="BILLED", Total=0))
    assert kept_words("invoice") == "Xero keeps a paid invoice of 0.00; nothing is owed on it"


def test_a_voided_invoice_is_looked_for_as_either_sign_and_an_order_never_among_invoices() -> None:
    assert kinds_of(mapped(kind="credit_note")) == ("credit_note", "invoice")
    assert kinds_of(mapped_order()) == ("purchase_order",)


def test_a_document_that_is_not_to_be_is_never_made_up() -> None:
    with pytest.raises(ValueError, match="without a document"):
        wanted_of(mapped_order(xero=None))


@pytest.mark.parametrize(
    "words",
    [
        "Order number must be unique",
        "Deleted PurchaseOrders cannot be updated",
        "PurchaseOrder status change is invalid",
    ],
)
def test_xeros_words_about_orders_are_known(words: str) -> None:
    assert code_of([words]) == "NUMBER_CONFLICT"


@pytest.mark.parametrize("kind", list(ENDPOINTS))
def test_a_taken_number_names_who_has_it(kind: Kind) -> None:
    endpoint = ENDPOINTS[kind]
    holder = {endpoint.id_field: XERO_ID, "Contact": {"Name": "Contoso"}, "Status": "AUTHORISED"}
    words = number_conflict(kind, "N-1", [holder]).words
    assert code_of([words]) == "NUMBER_CONFLICT"
    assert all(part in words for part in ("N-1", XERO_ID, "Contoso", "AUTHORISED", endpoint.label))
    assert "N-1" in number_conflict(kind, "N-1", []).words


def test_every_event_about_an_order_fits_its_own_topic_and_has_that_topics_id() -> None:
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    order, resolved = mapped_order(), Resolved("!a", "Contoso", None)
    told = {
        names.ORDER_SYNCED: synced(order, "purchase_order", "created", order_in_xero(), resolved, NOW),
        names.ORDER_FAULTED: faulted(order, Fault("UNKNOWN", "x"), NOW),
    }
    for topic, event in told.items():
        assert codec.decode(topic, codec.encode(topic, dict(event)))["document"] == "purchase-order/771"
        assert event["event_id"] == event_id("acme", "purchase-order/771", 7, topic)
    writing = processing(order, "r", "writing", NOW, None)
    assert codec.encode(names.ORDER_PROCESSING, dict(writing))


@pytest.mark.parametrize("event", [mapped(xero=None, action="void"), mapped_order(xero=None, action="void")])
def test_a_void_that_found_nothing_says_so_and_invents_no_document(event: Any) -> None:  # noqa: ANN401  # either kind
    told = nothing_to_void(event, NOW)
    topic = names.topic_of(names.SYNCED, event["document"])
    codec = Codec(SingleObjectFraming(), NoForeignSchemas())
    decoded = codec.decode(topic, codec.encode(topic, dict(told)))
    assert decoded["outcome"] == "voided"
    assert (decoded["xero_document_id"], decoded["xero_number"], decoded["total"]) == (None, "", 0)
    assert decoded["warnings"]


def test_a_void_tells_the_kind_that_stands_in_xero() -> None:
    note = {"CreditNoteID": XERO_ID, "CreditNoteNumber": "INV:1", "Status": "VOIDED"}
    event = synced(mapped(xero=None), "credit_note", "voided", note, Resolved("!a", "Contoso", None), NOW)
    assert (event["xero_kind"], event["xero_number"], event["xero_status"]) == (
        "credit_note",
        "INV:1",
        "VOIDED",
    )
