"""Where a document in doubt is looked for, kind by kind, and what a look proves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import pytest

from invoice_events.names import Document
from tests.unit.xero_writer.samples import NOW, in_xero, order_in_xero
from xero_writer.adapters.answers import NotFoundError
from xero_writer.adapters.intents import Element, Intent
from xero_writer.adapters.items import Item
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.body import Call
from xero_writer.core.kinds import Kind
from xero_writer.worker.lookups import by_number, find_documents, goes_by_number

Documents = list[dict[str, Any]]


class StubXero:
    """Lists that hold what they are told to, and documents that can be asked for by number; remembers what was asked."""

    def __init__(self, changed: Documents | None = None, numbered: Documents | None = None) -> None:
        self.changed = changed or []
        self.numbered = {one.get("PurchaseOrderNumber", ""): one for one in numbered or []}
        self.asked: list[str] = []

    def pages(
        self, path: str, query: dict[str, str], modified_since: datetime | None = None
    ) -> Iterator[dict[str, Any]]:
        self.asked.append(f"{path} {sorted(query)}" + (" changed" if modified_since else ""))
        return iter(self.changed)

    def document(self, path: str, key: str, query: dict[str, str]) -> dict[str, Any]:
        self.asked.append(f"{path}/{key} {sorted(query)}")
        if key not in self.numbered:
            raise NotFoundError("none")
        return self.numbered[key]

    def rest_for_limits(self) -> None:
        self.asked.append("rest")


def intent(kind: Kind, *numbers: int, number: str | None = "{}:{}", purpose: str = "create") -> Intent:
    document, prefix = ("purchase-order", "PO") if kind == "purchase_order" else ("invoice", "INV")
    elements = tuple(
        Element(
            Item("acme", f"{document}/{one}", 1, 1, b"", "", 50, NOW),
            None if number is None else number.format(prefix, one),
            "Contoso",
            None,
            None,
            place,
        )
        for place, one in enumerate(numbers)
    )
    return Intent(
        id="i",
        purpose=purpose,  # type: ignore[arg-type]  # one of the purposes
        xero_kind=kind,
        call=Call("PUT", "/", b""),
        idempotency_key="k",
        created_at=NOW,
        last_sent_at=NOW,
        state="unknown",
        may_resend=False,
        answered_since=False,
        looked_up_at=None,
        absent_since=None,
        cause="cut",
        words="",
        carried=len(numbers),
        elements=elements,
    )


def find(stub: StubXero, wanted: Intent) -> list[str]:
    """The documents that were found, by our name."""
    found = find_documents(cast("XeroClient", stub), wanted, lambda: NOW, by_this_app=True)
    return sorted(str(document) for document in found.ours)


def test_one_order_is_asked_for_by_its_number_alone() -> None:
    stub = StubXero(numbered=[order_in_xero(1)])
    assert find(stub, intent("purchase_order", 1)) == ["purchase-order/1"]
    assert stub.asked == ["rest", "PurchaseOrders/PO:1 []"]


def test_of_several_orders_only_those_that_did_not_change_are_asked_for_one_by_one() -> None:
    stub = StubXero(changed=[order_in_xero(1), order_in_xero(2)], numbered=[order_in_xero(3)])
    assert find(stub, intent("purchase_order", 1, 2, 3)) == [f"purchase-order/{one}" for one in (1, 2, 3)]
    assert stub.asked == ["PurchaseOrders ['order'] changed", "rest", "PurchaseOrders/PO:3 []"]


def test_a_gone_order_with_our_mark_does_not_save_the_look_by_number() -> None:
    stub = StubXero(changed=[order_in_xero(1, Status="DELETED"), order_in_xero(2)], numbered=[])
    find(stub, intent("purchase_order", 1, 2))
    assert "PurchaseOrders/PO:1 []" in stub.asked


def test_orders_are_never_filtered_by_where_or_by_app() -> None:
    stub = StubXero()
    find(stub, intent("purchase_order", 1, number=None))
    assert stub.asked == ["PurchaseOrders ['order'] changed"]


def test_who_else_has_the_number_is_told() -> None:
    stub = StubXero(numbered=[order_in_xero(1, Reference="theirs")])
    found = find_documents(
        cast("XeroClient", stub), intent("purchase_order", 1), lambda: NOW, by_this_app=True
    )
    assert found.ours == {}
    assert found.foreign["PO:1"]["Reference"] == "theirs"


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        ("invoice", in_xero(1, Url="", Type="ACCPAY")),
        (
            "credit_note",
            {
                "CreditNoteNumber": "INV:1",
                "CreditNoteID": "x",
                "Type": "ACCPAYCREDIT",
                "Status": "AUTHORISED",
            },
        ),
    ],
)
def test_what_a_supplier_has_sent_keeps_no_number_from_us(kind: Kind, theirs: dict[str, Any]) -> None:
    stub = StubXero(changed=[theirs])
    found = find_documents(cast("XeroClient", stub), intent(kind, 1), lambda: NOW, by_this_app=True)
    assert (found.ours, found.foreign) == ({}, {})


def test_invoices_are_asked_for_by_number_forty_at_a_time_and_credit_notes_by_what_changed() -> None:
    invoices = StubXero(changed=[in_xero(1)])
    assert find(invoices, intent("invoice", *range(1, 42))) == ["invoice/1"]
    assert invoices.asked == ["Invoices ['InvoiceNumbers', 'unitdp']"] * 2
    notes = StubXero()
    find(notes, intent("credit_note", 1))
    assert notes.asked == ["CreditNotes ['order', 'unitdp'] changed"]


@pytest.mark.parametrize("by_this_app", [True, False])
def test_only_what_the_present_app_sent_is_looked_for_among_its_own_documents(*, by_this_app: bool) -> None:
    stub = StubXero()
    wanted = intent("invoice", 1, number=None)
    find_documents(cast("XeroClient", stub), wanted, lambda: NOW, by_this_app=by_this_app)
    assert stub.asked == [f"Invoices {['createdByMyApp'] * by_this_app + ['order', 'unitdp']} changed"]


@pytest.mark.parametrize(
    ("wanted", "proves"),
    [
        (intent("invoice", 1), True),
        (intent("purchase_order", 1), True),
        (intent("credit_note", 1), False),
        (intent("invoice", 1, number=None), False),
        (intent("invoice", 1, number="A,{1}"), False),
        (intent("purchase_order", 1, purpose="void"), False),
        (intent("invoice", 1, purpose="update"), False),
    ],
)
def test_only_a_number_that_xero_refuses_twice_proves_that_nothing_is_there(
    wanted: Intent, *, proves: bool
) -> None:
    assert goes_by_number(wanted) is proves


@pytest.mark.parametrize("recreate", [False, True])
def test_a_gone_copy_counts_unless_a_person_asked_for_a_new_document(*, recreate: bool) -> None:
    stub = StubXero(changed=[in_xero(1, Status="VOIDED")])
    wanted = intent("invoice", 1)
    found = find_documents(cast("XeroClient", stub), wanted, lambda: NOW, by_this_app=True)
    assert len(found.copies_of(wanted.elements[0], recreate=recreate)) == (0 if recreate else 1)


def test_a_living_copy_goes_before_a_gone_one() -> None:
    stub = StubXero(changed=[in_xero(1, Status="DELETED"), in_xero(1, InvoiceID="live")])
    found = find_documents(cast("XeroClient", stub), intent("invoice", 1), lambda: NOW, by_this_app=True)
    copies = found.copies_of(intent("invoice", 1).elements[0], recreate=False)
    assert copies[0]["InvoiceID"] == "live"
    assert Document("invoice", 1) in found.ours


def test_a_number_that_nobody_has_is_no_error() -> None:
    assert by_number(cast("XeroClient", StubXero()), "purchase_order", "PO:9") == []
