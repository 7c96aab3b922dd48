from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from mapper.core.outcome import Mapped, OrderMapped, Skipped
from tests.unit.mapper.conftest import document_of, fault_of, invoice, line, mapped
from tests.unit.mapper.orders import item, mapped_order, order, order_event, order_of

if TYPE_CHECKING:
    from invoice_events.types import AutotaskLine, InvoiceDiscovered, InvoiceMapped

D = Decimal
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def mapped_event(event: InvoiceDiscovered, **settings: object) -> InvoiceMapped:
    outcome = mapped(event, **settings)
    assert isinstance(outcome, Mapped), outcome
    assert CODEC.decode(names.MAPPED, CODEC.encode(names.MAPPED, dict(outcome.event))) == outcome.event
    return outcome.event


@pytest.mark.parametrize(
    ("total", "kind", "mark"),
    [("100", "invoice", "sync=invoice/48213"), ("-100", "credit_note", "[INV 48213]")],
)
def test_a_voided_document_is_named_by_kind_and_mark_and_nothing_is_written(
    total: str, kind: str, mark: str
) -> None:
    event = mapped_event(invoice([line(1, total)], action="void", is_voided=True, xero_document_id="x-1"))
    assert (event["action"], event["xero_kind"], event["mark"]) == ("void", kind, mark)
    assert (event["xero"], event["prediction"], event["warnings"]) == (None, None, [])
    assert (event["contact"]["details"], event["contact"]["create_missing"]) == (None, False)
    assert event["xero_document_id"] == "x-1"


@pytest.mark.parametrize("lines", [[], [line(1, "7", billing_code_id=None, type=9)]])
def test_nothing_about_an_invoice_can_keep_it_from_being_voided(lines: list[AutotaskLine]) -> None:
    event = invoice(
        lines, action="void", is_voided=True, total=D(-100), number="", currency="KWD", contact=None
    )
    found = mapped_event(
        event, invoice_numbers="autotask_number", accounts={}, taxes={}, branding_theme="none", tracking=[
            {"category": "Nothing", "source": "account"},
        ],
    )  # fmt: skip
    assert (found["xero_kind"], found["number_is_ours"]) == ("credit_note", True)
    assert not mapped_event(event, invoice_numbers="xero")["number_is_ours"]


def test_a_voided_invoice_is_skipped_unless_a_void_is_asked_for() -> None:
    outcome = mapped(invoice([line(1, "10")], action="update", is_voided=True))
    assert isinstance(outcome, Skipped)
    assert outcome.topic == names.SKIPPED


def test_a_cancelled_order_is_taken_out_by_its_mark() -> None:
    event = order_event(order([], action="void", status=5, currency="KWD"), tax=None)
    assert (event["xero_kind"], event["mark"], event["xero"]) == ("purchase_order", "[PO 771]", None)
    data = CODEC.encode(names.ORDER_MAPPED, dict(event))
    assert CODEC.decode(names.ORDER_MAPPED, data) == event


def test_a_cancelled_order_is_never_ordered_anew() -> None:
    outcome = mapped_order(order([item(1, "1", "10")], status=5))
    assert isinstance(outcome, Skipped)
    assert (outcome.topic, outcome.event["reason"]) == (names.ORDER_SKIPPED, "voided")


@pytest.mark.parametrize(
    ("mode", "number"),
    [("autotask_id", "INV:48213-3"), ("autotask_number", "20260514-7-3"), ("xero", None)],
)
@pytest.mark.parametrize("total", ["10", "-10"])
def test_a_document_made_anew_never_takes_the_number_of_the_gone_one(
    mode: str, number: str | None, total: str
) -> None:
    event = mapped_event(invoice([line(1, total)], generation=3, recreate=True), invoice_numbers=mode)
    assert (document_of(event)["number"], event["recreate"]) == (number, True)
    assert event["mark"] == ("sync=invoice/48213" if total == "10" else "[INV 48213]")


def test_later_tries_keep_the_number_of_the_generation_but_do_not_recreate_again() -> None:
    event = mapped_event(invoice([line(1, "10")], generation=2))
    assert (document_of(event)["number"], event["recreate"]) == ("INV:48213-2", False)


def test_a_number_that_grows_too_long_by_its_generation_is_a_fault() -> None:
    event = invoice([line(1, "10")], number="9" * 254, generation=2)
    assert fault_of(mapped(event, invoice_numbers="autotask_number"))["code"] == "NUMBER_INVALID"


def test_an_order_made_anew_never_takes_the_number_of_the_gone_one() -> None:
    event = order_event(order([item(1, "1", "10")], generation=2, recreate=True))
    assert (order_of(event)["number"], event["recreate"], event["mark"]) == ("PO:771-2", True, "[PO 771]")
    assert isinstance(mapped_order(order([item(1, "1", "10")])), OrderMapped)
