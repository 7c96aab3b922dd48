"""Payments and credit notes applied to documents: what they lock, and how they are read and taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.simulators.xero.conftest import Xero

    Texts = Callable[[dict[str, Any]], list[str]]

LOCKED = "This document cannot be edited as it has a payment or credit note allocated to it."
NOT_MODIFIED = "Invoice not of valid status for modification"


def not_voided(label: str) -> str:
    return (
        f"The status VOIDED cannot be applied to the {label} "
        "because it has payments or credit notes allocated to it."
    )


def credit_note(xero: Xero, **members: object) -> dict[str, Any]:
    element = xero.invoice(Type="ACCRECCREDIT", DueDate=None, **{"Status": "AUTHORISED", **members})
    shown = xero.put("CreditNotes", element)[0]
    assert shown["StatusAttributeString"] == "OK", shown
    return shown


def allocate(xero: Xero, note: dict[str, Any], invoice: dict[str, Any], amount: object) -> dict[str, Any]:
    body = {"Allocations": [{"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": amount}]}
    path = f"CreditNotes/{note['CreditNoteID']}/Allocations"
    answer = xero.request("PUT", path, body, None, summarizeErrors="false")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json_text.loads(answer.data)["Allocations"][0]
    return found


def pay(xero: Xero, invoice: dict[str, Any], amount: object, **members: object) -> dict[str, Any]:
    payment = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Amount": amount,
        **members,
    }
    return xero.put("Payments", payment)[0]


def test_an_allocation_locks_invoice_and_credit_note(xero: Xero, errors_of: Texts) -> None:
    invoice, note = xero.made(Status="AUTHORISED"), credit_note(xero)
    shown = allocate(xero, note, invoice, Decimal("10.00"))
    assert shown["Invoice"]["InvoiceID"] == invoice["InvoiceID"]
    stored = xero.stored(invoice["InvoiceID"])
    assert (stored["AmountCredited"], stored["AmountDue"]) == (Decimal("10.00"), Decimal("94.65"))
    assert [entry["CreditNoteID"] for entry in stored["CreditNotes"]] == [note["CreditNoteID"]]
    other = xero.get(f"CreditNotes/{note['CreditNoteID']}")["CreditNotes"][0]
    assert other["RemainingCredit"] == Decimal("94.65")
    assert [entry["Amount"] for entry in other["Allocations"]] == [Decimal("10.00")]
    void = xero.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})[0]
    assert errors_of(void) == [not_voided("invoice")]
    void = xero.post("CreditNotes", {"CreditNoteID": note["CreditNoteID"], "Status": "VOIDED"})[0]
    assert errors_of(void) == [not_voided("credit note")]


def test_what_is_settled_completely_is_paid_on_both_sides(xero: Xero, errors_of: Texts) -> None:
    invoice, note = xero.made(Status="AUTHORISED", InvoiceNumber="A"), credit_note(xero)
    allocate(xero, note, invoice, Decimal("104.65"))
    assert xero.stored("A")["Status"] == "PAID"
    assert xero.get(f"CreditNotes/{note['CreditNoteID']}")["CreditNotes"][0]["Status"] == "PAID"
    void = xero.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})[0]
    assert errors_of(void) == [not_voided("invoice")]
    for status in ("DRAFT", "AUTHORISED", "DELETED"):
        shown = xero.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": status})[0]
        assert errors_of(shown) == [NOT_MODIFIED]


@pytest.mark.parametrize("amount", [0, -1, Decimal("104.66")])
def test_no_more_is_allocated_than_there_is(xero: Xero, errors_of: Texts, amount: object) -> None:
    invoice, note = xero.made(Status="AUTHORISED"), credit_note(xero)
    assert len(errors_of(allocate(xero, note, invoice, amount))) == 1
    assert xero.stored(invoice["InvoiceID"])["AmountCredited"] == 0


def test_credit_goes_to_approved_invoices_of_the_same_contact_only(xero: Xero, errors_of: Texts) -> None:
    note = credit_note(xero)
    draft = xero.made()
    other = xero.made(Status="AUTHORISED", Contact={"ContactNumber": "AT-7"})
    for invoice in (draft, other, {"InvoiceID": "12345678-1234-4234-8234-123456789012"}):
        assert len(errors_of(allocate(xero, note, invoice, 1))) == 1


def test_the_contact_of_an_invoice_that_a_credit_note_paid_is_fixed(xero: Xero, errors_of: Texts) -> None:
    other = {"ContactNumber": "AT-7"}
    paid, credited = xero.made(Status="AUTHORISED"), xero.made(Status="AUTHORISED")
    pay(xero, paid, 10)
    allocate(xero, credit_note(xero), credited, 10)
    assert errors_of(xero.post(f"Invoices/{paid['InvoiceID']}", {"Contact": other})[0]) == []
    assert errors_of(xero.post(f"Invoices/{credited['InvoiceID']}", {"Contact": other})[0]) == [LOCKED]


def test_what_a_person_took_off_locks_nothing_any_more(xero: Xero) -> None:
    invoice, note = xero.made(Status="AUTHORISED", InvoiceNumber="A"), credit_note(xero, CreditNoteNumber="C")
    xero.change("documents/C", {"Allocate": {"Invoice": "A", "Amount": "10.00"}})
    pay(xero, invoice, Decimal("94.65"))
    assert xero.stored("A")["Status"] == "PAID"
    xero.change("documents/A", {"Release": True})
    stored = xero.stored("A")
    assert (stored["Status"], stored["AmountDue"]) == ("AUTHORISED", Decimal("104.65"))
    assert xero.get(f"CreditNotes/{note['CreditNoteID']}")["CreditNotes"][0]["Allocations"] == []
    assert (
        xero.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})[0]["Status"]
        == "VOIDED"
    )


def test_a_part_payment_leaves_the_invoice_approved_and_locked(xero: Xero, errors_of: Texts) -> None:
    invoice = xero.made(Status="AUTHORISED")
    payment = pay(xero, invoice, 10)
    stored = xero.stored(invoice["InvoiceID"])
    assert (stored["Status"], stored["AmountPaid"], stored["AmountDue"]) == (
        "AUTHORISED",
        Decimal(10),
        Decimal("94.65"),
    )
    void = {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"}
    assert errors_of(xero.post("Invoices", void)[0]) == [not_voided("invoice")]
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    assert xero.post("Invoices", void)[0]["Status"] == "VOIDED"


def test_an_invoice_over_nothing_is_paid_without_money_and_not_voided(xero: Xero, errors_of: Texts) -> None:
    invoice = xero.made({"Description": "x", "UnitAmount": 0, "AccountCode": "200"}, Status="AUTHORISED")
    assert invoice["Status"] == "PAID"
    void = xero.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})[0]
    assert errors_of(void) == [NOT_MODIFIED]


def test_payments_are_read_by_filter_page_and_id_deleted_ones_too(xero: Xero) -> None:
    first, second = xero.made(Status="AUTHORISED"), xero.made(Status="AUTHORISED")
    kept = pay(xero, first, 10, Reference="bank", Date="2026-11-04")
    gone = pay(xero, second, 20)
    xero.post(f"Payments/{gone['PaymentID']}", {"Status": "DELETED"})
    where = f'Invoice.InvoiceID==guid("{first["InvoiceID"]}") AND Status=="AUTHORISED"'
    found = xero.get("Payments", where=where)["Payments"]
    assert [entry["PaymentID"] for entry in found] == [kept["PaymentID"]]
    assert (found[0]["PaymentType"], found[0]["Amount"]) == ("ACCRECPAYMENT", Decimal(10))
    by_date = xero.get("Payments", where="Date>=DateTime(2026, 11, 04)", page=1)
    assert by_date["pagination"]["itemCount"] == 2
    assert xero.get(f"Payments/{gone['PaymentID']}")["Payments"][0]["Status"] == "DELETED"
    assert xero.request("GET", "Payments/12345678-1234-4234-8234-123456789012").status_code == 404
    assert xero.request("GET", "Payments", where='Amount=="1"').status_code == 400


def test_only_deletion_changes_a_payment_and_only_once(xero: Xero) -> None:
    payment = pay(xero, xero.made(Status="AUTHORISED"), 10)
    path = f"Payments/{payment['PaymentID']}"
    assert xero.request("POST", path, {"Amount": 5}).status_code == 400
    assert xero.request("POST", path, {"Status": "DELETED"}).status_code == 200
    assert xero.request("POST", path, {"Status": "DELETED"}).status_code == 404


def test_allocations_exist_below_credit_notes_only(xero: Xero) -> None:
    invoice = xero.made(Status="AUTHORISED")
    body = {"Allocations": [{"Amount": 1}]}
    assert xero.request("PUT", f"Invoices/{invoice['InvoiceID']}/Allocations", body).status_code == 501
    assert xero.request("PUT", "CreditNotes/nobody/Allocations", body).status_code == 404
