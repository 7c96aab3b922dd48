"""Creating and updating invoices: numbers, ids, batches, statuses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]

ZERO_GUID = "00000000-0000-0000-0000-000000000000"


def test_put_with_used_number_never_edits_the_other_invoice(xero: Xero, errors_of: Texts) -> None:
    first = xero.made(InvoiceNumber="INV:1", Reference="first")
    second = xero.put("Invoices", xero.invoice(InvoiceNumber="inv:1", Reference="second"))[0]
    assert errors_of(second) == ["Invoice # must be unique."]
    assert (second["InvoiceID"], second["InvoiceNumber"], second["HasErrors"]) == (ZERO_GUID, "inv:1", True)
    assert second["StatusAttributeString"] == "ERROR"
    assert xero.stored(first["InvoiceID"])["Reference"] == "first"


def test_post_with_used_number_silently_edits_that_invoice(xero: Xero) -> None:
    first = xero.made(InvoiceNumber="INV:1", Reference="first")
    edited = xero.post("Invoices", xero.invoice(InvoiceNumber="INV:1", Reference="second"))[0]
    assert edited["InvoiceID"] == first["InvoiceID"]
    assert xero.stored("INV:1")["Reference"] == "second"
    assert xero.counted("invoices_created") == 1


def test_number_of_a_voided_or_deleted_invoice_is_never_free_again(xero: Xero, errors_of: Texts) -> None:
    for number, status, ends_as in (("A", "AUTHORISED", "VOIDED"), ("B", "DRAFT", "DELETED")):
        made = xero.made(InvoiceNumber=number, Status=status)
        ended = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Status": ends_as})[0]
        assert ended["Status"] == ends_as
        again = xero.put("Invoices", xero.invoice(InvoiceNumber=number))[0]
        assert errors_of(again) == ["Invoice # must be unique."]
        edit = xero.post("Invoices", xero.invoice(InvoiceNumber=number))[0]
        assert errors_of(edit) == ["Invoice not of valid status for modification"]


def test_a_renamed_invoice_gives_its_number_up(xero: Xero) -> None:
    made = xero.made(InvoiceNumber="A", Status="AUTHORISED")
    xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "InvoiceNumber": "A~7"})
    assert xero.made(InvoiceNumber="A")["InvoiceID"] != made["InvoiceID"]
    assert xero.stored("A~7")["InvoiceID"] == made["InvoiceID"]


def test_missing_numbers_come_from_the_sequence_and_skip_used_ones(xero: Xero) -> None:
    xero.made(InvoiceNumber="INV-1002")
    assert [xero.made()["InvoiceNumber"] for _ in range(2)] == ["INV-1001", "INV-1003"]
    note = xero.invoice(Type="ACCRECCREDIT", DueDate=None)
    assert xero.put("CreditNotes", note)[0]["CreditNoteNumber"] == "CN-1001"


@pytest.mark.parametrize("number", ["Ä-1", "x" * 256, "tab\there"])
def test_numbers_are_printable_ascii_and_not_too_long(xero: Xero, number: str) -> None:
    assert xero.put("Invoices", xero.invoice(InvoiceNumber=number))[0]["HasErrors"] is True


def test_summarised_batch_saves_nothing_if_one_element_is_bad(xero: Xero, errors_of: Texts) -> None:
    body = {"Invoices": [xero.invoice(InvoiceNumber="A"), xero.invoice(Status="PAID")]}
    for query in ({}, {"summarizeErrors": "true"}):
        answer = xero.request("PUT", "Invoices", body, None, **query)
        assert answer.status_code == 400
        problem = json_text.loads(answer.data)
        assert (problem["ErrorNumber"], problem["Type"]) == (10, "ValidationException")
        assert problem["Message"] == "A validation exception occurred"
        assert [errors_of(element) for element in problem["Elements"]] == [
            ["Invoice not of valid status for creation"]
        ]
    assert xero.books()["invoices"] == []


def test_unsummarised_batch_saves_the_good_and_answers_200(xero: Xero) -> None:
    shown = xero.put("Invoices", xero.invoice(InvoiceNumber="A"), {"InvoiceNumber": "B"}, xero.invoice())
    assert [element["StatusAttributeString"] for element in shown] == ["OK", "ERROR", "OK"]
    assert [element["InvoiceNumber"] for element in shown[:2]] == ["A", "B"]
    assert len(xero.books()["invoices"]) == 2


def test_status_attribute_is_absent_when_errors_are_summarised(xero: Xero) -> None:
    answer = xero.request("PUT", "Invoices", {"Invoices": [xero.invoice()]})
    assert answer.status_code == 200
    assert "StatusAttributeString" not in json_text.loads(answer.data)["Invoices"][0]


def test_one_number_twice_in_a_batch_makes_one_invoice(xero: Xero, errors_of: Texts) -> None:
    shown = xero.put("Invoices", xero.invoice(InvoiceNumber="A"), xero.invoice(InvoiceNumber="A"))
    assert [errors_of(element) for element in shown] == [[], ["Invoice # must be unique."]]


def test_a_value_of_the_wrong_kind_ends_the_call_before_anything_is_saved(xero: Xero) -> None:
    body = {"Invoices": [xero.invoice(), xero.invoice(LineAmountTypes="NO_TAX")]}
    answer = xero.request("PUT", "Invoices", body, summarizeErrors="false")
    assert answer.status_code == 400
    problem = json_text.loads(answer.data)
    assert (problem["ErrorNumber"], problem["Type"]) == (14, "PostDataInvalidException")
    assert problem["Message"].endswith("Path 'Invoices[1].LineAmountTypes'.")
    assert xero.books()["invoices"] == []


@pytest.mark.parametrize(("body", "number"), [({}, 17), ({"Invoices": []}, 17), ("text", 14)])
def test_a_body_without_invoices_is_refused(xero: Xero, body: object, number: int) -> None:
    answer = xero.request("PUT", "Invoices", body)
    assert (answer.status_code, json_text.loads(answer.data)["ErrorNumber"]) == (400, number)


def test_own_ids_for_new_invoices_are_refused(xero: Xero, errors_of: Texts) -> None:
    own = {"InvoiceID": "12345678-1234-4234-8234-123456789012"}
    for write in (xero.put, xero.post):
        shown = write("Invoices", xero.invoice(**own))[0]
        assert errors_of(shown) == ["An existing Invoice with the specified InvoiceID could not be found"]


@pytest.mark.parametrize(
    ("start", "allowed"),
    [
        ("DRAFT", {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
        ("SUBMITTED", {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
        ("AUTHORISED", {"AUTHORISED", "VOIDED"}),
    ],
)
def test_no_status_is_reached_by_a_way_that_xero_forbids(
    xero: Xero, errors_of: Texts, start: str, allowed: set[str]
) -> None:
    for wanted in ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"):
        made = xero.made(Status=start)
        shown = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Status": wanted})[0]
        expected = [] if wanted in allowed else ["Invoice not of valid status for modification"]
        assert errors_of(shown) == expected, wanted
        assert shown["Status"] == wanted  # a refused update echoes the requested value
        assert shown["InvoiceID"] == made["InvoiceID"]
        assert xero.stored(made["InvoiceID"])["Status"] == (wanted if wanted in allowed else start)


@pytest.mark.parametrize("status", ["PAID", "VOIDED", "DELETED"])
def test_new_invoices_have_no_end_status(xero: Xero, errors_of: Texts, status: str) -> None:
    shown = xero.put("Invoices", xero.invoice(Status=status))[0]
    assert errors_of(shown) == ["Invoice not of valid status for creation"]


def test_a_partial_update_keeps_what_was_not_sent(xero: Xero) -> None:
    made = xero.made(Reference="R", Url="https://psa.example.com/1", Status="AUTHORISED")
    xero.post(f"Invoices/{made['InvoiceID']}", {"Reference": "changed"})
    after = xero.stored(made["InvoiceID"])
    assert (after["Reference"], after["Url"], after["Total"]) == ("changed", made["Url"], made["Total"])
    assert after["LineItems"] == made["LineItems"]
    assert after["Status"] == "AUTHORISED"


def test_lines_without_ids_are_replaced_and_lines_not_listed_are_deleted(
    xero: Xero, line_of: Callable[..., dict[str, Any]]
) -> None:
    made = xero.made(line_of(Description="a"), line_of(Description="b"), line_of(Description="c"))
    ids = [entry["LineItemID"] for entry in made["LineItems"]]
    update = {
        "InvoiceID": made["InvoiceID"],
        "LineItems": [{"LineItemID": ids[1], "Description": "b2"}, line_of(Description="new")],
    }
    lines = xero.post("Invoices", update)[0]["LineItems"]
    assert [entry["Description"] for entry in lines] == ["b2", "new"]
    assert lines[0]["LineItemID"] == ids[1]
    assert lines[0]["LineAmount"] == made["LineItems"][1]["LineAmount"]
    assert lines[1]["LineItemID"] not in ids


def test_amounts_of_a_paid_invoice_are_ignored_silently(
    xero: Xero, errors_of: Texts, line_of: Callable[..., dict[str, Any]]
) -> None:
    made = xero.made(Status="AUTHORISED")
    payment = {"Invoice": {"InvoiceID": made["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 10}
    assert errors_of(xero.put("Payments", payment)[0]) == []
    line_id = made["LineItems"][0]["LineItemID"]
    update = {
        "InvoiceID": made["InvoiceID"],
        "Reference": "changed",
        "Date": "2026-01-01",
        "LineItems": [line_of(LineItemID=line_id, UnitAmount=999, Description="new text")],
    }
    shown = xero.post("Invoices", update)[0]
    assert shown["StatusAttributeString"] == "OK"
    after = xero.stored(made["InvoiceID"])
    assert (after["Reference"], after["LineItems"][0]["Description"]) == ("changed", "new text")
    assert (after["Total"], after["DateString"]) == (made["Total"], made["DateString"])
    assert after["AmountDue"] == made["Total"] - 10
    lost = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "LineItems": [line_of()]})[0]
    assert errors_of(lost) == ["To update fields on a paid invoice line item, you must supply a LineItemID"]


def test_an_invoice_with_a_payment_is_never_voided(xero: Xero, errors_of: Texts) -> None:
    made = xero.made(Status="AUTHORISED")
    xero.change(f"invoices/{made['InvoiceID']}", {"Payment": Decimal("1.00")})
    void = {"InvoiceID": made["InvoiceID"], "Status": "VOIDED"}
    assert errors_of(xero.post("Invoices", void)[0]) == [
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
    ]


def test_payments_on_drafts_and_too_large_payments_are_refused(xero: Xero, errors_of: Texts) -> None:
    draft, approved = xero.made(), xero.made(Status="AUTHORISED")
    for made, amount, text in (
        (draft, 1, "Payments can only be made against authorised documents"),
        (approved, 1000, "Payment amount exceeds the amount outstanding on this document"),
    ):
        payment = {"Invoice": {"InvoiceID": made["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": amount}
        shown = xero.put("Payments", payment)[0]
        assert (errors_of(shown), shown["HasValidationErrors"]) == ([text], True)
    whole = {
        "Invoice": {"InvoiceID": approved["InvoiceID"]},
        "Account": {"Code": "090"},
        "Amount": approved["Total"],
    }
    paid = xero.put("Payments", whole)[0]
    assert xero.stored(approved["InvoiceID"])["Status"] == "PAID"
    xero.post(f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    assert xero.stored(approved["InvoiceID"])["Status"] == "AUTHORISED"


def test_sent_to_contact_on_a_draft_warns_and_sets_nothing(xero: Xero) -> None:
    draft = xero.put("Invoices", xero.invoice(SentToContact=True))[0]
    assert draft["StatusAttributeString"] == "WARNING"
    assert draft["Warnings"] == [{"Message": "Only AUTHORISED invoices may have SentToContact updated."}]
    assert draft["SentToContact"] is False
    assert xero.made(Status="AUTHORISED", SentToContact=True)["SentToContact"] is True
    assert xero.counted("mails_sent") == 0


def test_credit_notes_follow_the_same_rules_without_due_date_and_url(xero: Xero) -> None:
    note = xero.invoice(
        Type="ACCRECCREDIT", DueDate=None, Status="AUTHORISED", CreditNoteNumber="CR:9", Url="not a url"
    )
    made = xero.put("CreditNotes", note)[0]
    assert (made["StatusAttributeString"], made["RemainingCredit"], made["Total"]) == (
        "OK",
        Decimal("104.65"),
        Decimal("104.65"),
    )
    assert "Url" not in made
    void = xero.post("CreditNotes", {"CreditNoteID": made["CreditNoteID"], "Status": "VOIDED"})[0]
    assert void["Status"] == "VOIDED"
    wrong = xero.put("CreditNotes", xero.invoice())[0]
    assert wrong["ValidationErrors"] == [{"Message": "Credit Note not of valid type for creation"}]


def test_nothing_in_a_locked_period_is_written_or_edited(xero: Xero, errors_of: Texts) -> None:
    made = xero.made(Status="AUTHORISED")
    xero.change("organisation", {"PeriodLockDate": "2026-11-30"})
    create = xero.put("Invoices", xero.invoice())[0]
    assert errors_of(create) == [
        "The document date cannot be before the period lock date, currently set at 30 November 2026"
    ]
    edit = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Status": "VOIDED"})[0]
    assert errors_of(edit) == [
        "This document cannot be edited as it is currently dated before the period lock date"
    ]


def test_a_person_can_change_a_document_behind_our_back(xero: Xero) -> None:
    made = xero.made(Status="AUTHORISED", InvoiceNumber="A")
    xero.change("invoices/A", {"Status": "PAID"})
    assert xero.stored(made["InvoiceID"])["AmountDue"] == 0
    other = xero.made(Status="AUTHORISED", InvoiceNumber="B")
    xero.change(f"invoices/{other['InvoiceID']}", {"Status": "VOIDED"})
    assert xero.stored("B")["Status"] == "VOIDED"


def test_loaded_documents_keep_their_status_and_count_as_nobodys_work(make_xero: Callable[..., Xero]) -> None:
    base = {
        "Type": "ACCREC",
        "Contact": {"Name": "Contoso Ltd"},
        "Date": "2026-01-01",
        "DueDate": "2026-01-31",
    }
    lines = {"LineItems": [{"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}]}
    loaded = [
        {**base, **lines, "InvoiceNumber": status, "Status": status}
        for status in ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
    ]
    xero = make_xero(invoices=loaded)
    assert [entry["Status"] for entry in xero.books()["invoices"]] == [entry["Status"] for entry in loaded]
    assert xero.counted("documents_created") == 0
    assert xero.stored("PAID")["AmountDue"] == 0
    assert xero.put("Invoices", xero.invoice(InvoiceNumber="VOIDED"))[0]["HasErrors"] is True


def test_edits_of_paid_invoices_can_be_refused_instead(
    make_xero: Callable[..., Xero], errors_of: Texts
) -> None:
    xero = make_xero(switches={"paid_edits": "refuse", "limits_on": False})
    made = xero.made(Status="AUTHORISED")
    xero.change(f"invoices/{made['InvoiceID']}", {"Status": "PAID"})
    shown = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Reference": "x"})[0]
    assert errors_of(shown) == [
        "This document cannot be edited as it has a payment or credit note allocated to it."
    ]


def test_a_plan_that_may_approve_one_invoice_refuses_the_second(
    make_xero: Callable[..., Xero], errors_of: Texts
) -> None:
    xero = make_xero(switches={"approve_limit": 1, "limits_on": False})
    first = xero.made(Status="AUTHORISED")
    second = xero.put("Invoices", xero.invoice(Status="AUTHORISED"))[0]
    assert errors_of(second) == ["You have reached the limit of invoices you can approve"]
    assert errors_of(xero.post("Invoices", {"InvoiceID": first["InvoiceID"], "Reference": "x"})[0]) == []


def test_two_credit_notes_may_share_a_number_unless_the_switch_forbids_it(
    make_xero: Callable[..., Xero], errors_of: Texts
) -> None:
    for unique, expected in ((False, []), (True, ["Credit Note # must be unique."])):
        xero = make_xero(switches={"credit_note_numbers_unique": unique, "limits_on": False})
        note = xero.invoice(Type="ACCRECCREDIT", CreditNoteNumber="CR:1")
        assert [errors_of(shown) for shown in xero.put("CreditNotes", note, note)] == [[], expected]


def test_bills_share_numbers_freely_and_never_block_a_sale(xero: Xero) -> None:
    bill = {"Type": "ACCPAY", "InvoiceNumber": "INV:1"}
    lines = [{"Description": "Parts", "Quantity": 1, "UnitAmount": 10, "AccountCode": "400"}]
    made = [xero.made(**bill, LineItems=lines) for _ in range(2)]
    assert made[0]["InvoiceID"] != made[1]["InvoiceID"]
    sale = xero.made(InvoiceNumber="INV:1")
    assert xero.stored("INV:1")["InvoiceID"] == sale["InvoiceID"]
