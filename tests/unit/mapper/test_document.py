from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from mapper.core.mapping import UnsupportedWorkError
from mapper.core.outcome import Faulted, Mapped, Skipped
from tests.unit.mapper.conftest import NOW, document_of, invoice, line, mapped, reference

if TYPE_CHECKING:
    from invoice_events.types import InvoiceDiscovered, InvoiceMapped

D = Decimal
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def mapped_event(event: InvoiceDiscovered, **settings: object) -> InvoiceMapped:
    outcome = mapped(event, **settings)
    assert isinstance(outcome, Mapped), outcome
    return outcome.event


def test_an_ordinary_invoice_goes_over_unaltered() -> None:
    event = mapped_event(invoice([line(1, "240.00", quantity=D(2), rate=D(120)), line(2, "99.95")]))
    xero = document_of(event)
    assert event["xero_kind"] == "invoice"
    assert (xero["number"], event["number_is_ours"]) == ("INV:48213", True)
    assert (xero["status"], xero["sent_to_contact"]) == ("DRAFT", False)
    assert (xero["date"], event["due_rule"], event["due_date"]) == (
        date(2026, 5, 14),
        "autotask",
        date(2026, 6, 13),
    )
    assert [(each["quantity"], each["unit_amount"], each["tax_amount"]) for each in xero["lines"]] == [
        (D(2), D(120), D("36.00")),
        (D(1), D("99.95"), D("14.99")),
    ]
    assert event["prediction"] == {
        "sub_total": D("339.95"),
        "total_tax": D("50.99"),
        "total": D("390.94"),
        "lines": [
            {"line_amount": D("240.00"), "tax_amount": D("36.00")},
            {"line_amount": D("99.95"), "tax_amount": D("14.99")},
        ],
    }


def test_the_event_says_whose_try_it_is_and_what_it_was_made_with() -> None:
    source = invoice(
        [line(1, "10")],
        attempt=2,
        command_id="c-1",
        xero_document_id="x-1",
        action="update",
        priority="interactive",
    )
    event = mapped_event(source)
    for field in (
        "tenant_id",
        "document",
        "revision",
        "attempt",
        "command_id",
        "xero_document_id",
        "action",
        "priority",
        "purpose",
    ):
        assert event[field] == source[field]
    assert (event["settings_version"], event["reference_version"]) == (3, 1778740000000)
    assert event["occurred_at"] == NOW
    assert event["event_id"] != source["event_id"]
    assert mapped(source) == mapped(source)


def test_every_outcome_can_be_carried_by_its_topic() -> None:
    outcomes = [
        mapped(invoice([line(1, "10.00"), line(2, "-3.3333"), line(3, "0")])),
        mapped(invoice([line(1, "-10.00")])),
        mapped(invoice([line(1, "10.00")], total=D(11))),
        mapped(invoice([line(1, "10.00")], is_voided=True)),
    ]
    assert [type(outcome) for outcome in outcomes] == [Mapped, Mapped, Faulted, Skipped]
    for outcome in outcomes:
        data = CODEC.encode(outcome.topic, dict(outcome.event))
        assert CODEC.decode(outcome.topic, data) == outcome.event


def test_a_negative_invoice_becomes_a_credit_note_with_every_sign_turned() -> None:
    lines = [line(1, "-100.00", quantity=D(-2), rate=D(50)), line(2, "12.50")]
    event = mapped_event(invoice(lines, order_number="PO 4711"))
    xero = document_of(event)
    assert event["xero_kind"] == "credit_note"
    assert [(each["quantity"], each["unit_amount"], each["tax_amount"]) for each in xero["lines"]] == [
        (D(2), D(50), D("15.00")),
        (D(1), D("-12.50"), D("-1.87")),
    ]
    assert event["prediction"]
    assert (event["prediction"]["sub_total"], event["prediction"]["total"]) == (D("87.50"), D("100.63"))
    assert xero["url"] is None
    assert xero["reference"] == "PO 4711, 20260514-7 [INV 48213]"
    assert event["mark"] == "[INV 48213]"
    assert xero["number"] == "INV:48213"


def test_a_negative_line_does_not_make_an_invoice_a_credit_note() -> None:
    event = mapped_event(invoice([line(1, "100.00"), line(2, "-10.00", quantity=D(-1), rate=D(10))]))
    assert event["xero_kind"] == "invoice"
    assert document_of(event)["lines"][1]["unit_amount"] == D(-10)


def test_a_zero_total_stays_an_invoice() -> None:
    event = mapped_event(invoice([line(1, "50.00"), line(2, "-50.00")]))
    assert event["xero_kind"] == "invoice"
    assert event["prediction"]
    assert event["prediction"]["total"] == 0


def test_covered_work_is_shown_with_nothing_to_pay() -> None:
    covered = line(1, "386.645", total_amount=D(0), quantity=D("3.175"), rate=D("121.7779"), tax=D(0))
    event = mapped_event(invoice([covered, line(2, "100.00")], total=D(100)))
    shown = document_of(event)["lines"][0]
    assert (shown["quantity"], shown["unit_amount"], shown["tax_amount"], shown["tax_type"]) == (
        D(1),
        D("0.00"),
        D(0),
        "ZERORATED",
    )
    assert shown["description"] == "Work item 1\nCovered by contract: 3.175 \N{MULTIPLICATION SIGN} 121.7779"


@pytest.mark.parametrize(
    ("import_as", "status", "sent"),
    [("draft", "DRAFT", False), ("approved", "AUTHORISED", False), ("approved_and_sent", "AUTHORISED", True)],
)
def test_a_draft_is_never_approved_and_an_unsent_one_never_marked_sent(
    import_as: str, status: str, *, sent: bool
) -> None:
    xero = document_of(mapped_event(invoice([line(1, "10")]), invoices_import_as=import_as))
    assert (xero["status"], xero["sent_to_contact"]) == (status, sent)


def test_an_approved_invoice_never_lacks_the_due_date_xero_demands() -> None:
    undated = invoice([line(1, "10")], due_date=None)
    assert mapped_event(undated)["due_date"] is None
    approved = mapped_event(undated, invoices_import_as="approved")
    assert approved["due_date"] == date(2026, 5, 14)
    assert any("due date" in decision for decision in approved["decisions"])


def test_the_contact_is_named_by_every_criterion_and_never_resolved_here() -> None:
    pinned = "430fa14a-f945-44d3-9f97-5df5e28441b8"
    event = mapped_event(
        invoice([line(1, "10")]), contact_links={"318": pinned}, contact_match_by="account_number"
    )
    assert event["contact"] == {
        "company_id": 318,
        "name": "Contoso Ltd",
        "account_number": "CONT01",
        "match_by": "account_number",
        "ignore_case": True,
        "pinned_contact_id": pinned,
        "create_missing": False,
        "refresh": False,
        "details": None,
    }


def test_a_voided_invoice_is_skipped_whatever_else_is_wrong_with_it() -> None:
    outcome = mapped(invoice([], is_voided=True, contact=None))
    assert isinstance(outcome, Skipped)
    assert outcome.event["reason"] == "voided"


def test_an_invoice_without_lines_faults_or_is_skipped_as_the_settings_say() -> None:
    empty = invoice([], total=D(5))
    outcome = mapped(empty)
    assert isinstance(outcome, Faulted)
    assert (outcome.event["code"], outcome.event["strike"], outcome.event["final"]) == (
        "NO_LINES",
        True,
        False,
    )
    skipped = mapped(empty, fault_when_no_lines=False)
    assert isinstance(skipped, Skipped)
    assert (skipped.event["reason"], skipped.event["text"]) == (
        "no_lines",
        "Invoice contains no line items skipping over",
    )


@pytest.mark.parametrize("change", [{"purpose": "guess"}, {"document": "invoice/1"}])
def test_work_that_is_not_understood_is_refused_loudly(change: dict[str, str]) -> None:
    with pytest.raises(UnsupportedWorkError):
        mapped(invoice([line(1, "10")], **change))


def test_four_decimals_go_over_only_if_the_setting_is_on() -> None:
    metered = invoice([line(1, "164.80", quantity=D(1000), rate=D("0.1648"), tax=D(0), tax_category_id=None)])
    plain = document_of(mapped_event(metered))
    assert (plain["unit_decimals"], plain["lines"][0]["unit_amount"]) == (2, D("164.80"))
    assert plain["lines"][0]["description"].endswith("1000 \N{MULTIPLICATION SIGN} 0.1648")
    fine = document_of(mapped_event(metered, four_decimal_rounding=True))
    assert (fine["unit_decimals"], fine["lines"][0]["quantity"], fine["lines"][0]["unit_amount"]) == (
        4,
        D(1000),
        D("0.1648"),
    )


def test_the_quantity_is_not_lost_where_the_tax_is_more_than_the_price_of_one_piece() -> None:
    many = invoice([line(1, "546.00", quantity=D(12), rate=D("45.50"))])  # 81.90 tax, above 45.50
    shown = document_of(mapped_event(many))["lines"][0]
    assert (shown["quantity"], shown["unit_amount"], shown["tax_amount"]) == (D(12), D("45.50"), D("81.90"))


def test_tax_left_to_xero_is_predicted_and_compared() -> None:
    lines = [line(1, "10.01", tax=D("1.50")), line(2, "10.01", tax=D("1.50"))]
    good = mapped_event(invoice(lines), tax_amounts="xero")
    assert good["prediction"]
    assert good["prediction"]["total_tax"] == D("3.00")
    off = mapped(invoice([line(1, "10.05", tax=D("1.50"))]), tax_amounts="xero")  # Xero makes 1.51
    assert isinstance(off, Faulted)
    assert off.event["code"] == "AMOUNTS_DO_NOT_MATCH"
    within = mapped(invoice([line(1, "10.05", tax=D("1.50"))]), tax_amounts="xero", amount_tolerance="0.01")
    assert isinstance(within, Mapped)


def test_lines_stand_in_autotasks_order_on_every_read() -> None:
    lines = [line(4, "4"), line(3, "3", sort_order=7), line(2, "2", sort_order=1), line(1, "1")]
    texts = [each["description"] for each in document_of(mapped_event(invoice(lines)))["lines"]]
    assert texts == ["Work item 2", "Work item 3", "Work item 1", "Work item 4"]
    again = [each["description"] for each in document_of(mapped_event(invoice(lines[::-1])))["lines"]]
    assert again == texts


def test_every_choice_is_told_in_words() -> None:
    decisions = mapped_event(invoice([line(1, "10"), line(2, "20", billing_code_id=None, tax=D(0))]))[
        "decisions"
    ]
    assert (
        "line 1: code 29682801 → account 200 by billing code; tax type OUTPUT2 by default; sent as 1 \N{MULTIPLICATION SIGN} 10"
        in decisions
    )
    assert any(
        "line 2: account 260 by default; tax type ZERORATED since" in decision for decision in decisions
    )
    assert any("extendedPrice" in decision for decision in decisions)
    assert any("INV:48213" in decision for decision in decisions)


def test_newer_reference_data_are_named_in_the_event() -> None:
    outcome = mapped(invoice([line(1, "10")]), reference(version=5))
    assert isinstance(outcome, Mapped)
    assert outcome.event["reference_version"] == 5
    assert outcome.topic == names.MAPPED
    assert outcome.event["occurred_at"] - NOW == timedelta(0)
