from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hypothesis import given

from tests.support.avro_strategies import decimals
from tests.unit.xero_writer.samples import CONTACT_ID, XERO_ID, document, line, mapped
from xero_writer.core.body import change_call, create_call, element, update, wrap

DUE = date(2026, 12, 20)


@given(decimals(28, 8), decimals(28, 8), decimals(19, 4))
def test_no_digit_of_an_amount_is_lost_or_added_on_the_way_to_the_bytes(
    quantity: Decimal, unit: Decimal, tax: Decimal
) -> None:
    one = document(lines=[line(quantity=quantity, unit_amount=unit, tax_amount=tax)])
    body = wrap("Invoices", [element(mapped(), one, CONTACT_ID, DUE)]).decode()
    sent = json.loads(body, parse_float=str, parse_int=str)["Invoices"][0]["LineItems"][0]
    for name, value in (("Quantity", quantity), ("UnitAmount", unit), ("TaxAmount", tax)):
        assert Decimal(sent[name]) == value
        assert "E" not in sent[name].upper()
        assert sent[name] != "-0"
        assert not ("." in sent[name] and sent[name].endswith("0"))


def test_a_create_carries_exactly_what_was_mapped_and_nothing_that_changes_a_contact() -> None:
    one = document(lines=[line(tracking=[{"name": "Region", "option": "North"}])])
    assert json.loads(wrap("Invoices", [element(mapped(), one, CONTACT_ID, DUE)]))["Invoices"][0] == {
        "Type": "ACCREC",
        "Contact": {"ContactID": CONTACT_ID},
        "Date": "2026-11-20",
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": "NZD",
        "Reference": "PO-1",
        "Status": "DRAFT",
        "InvoiceNumber": "INV:1",
        "DueDate": "2026-12-20",
        "Url": "https://psa.example/invoice?id=1#sync=invoice/1",
        "LineItems": [
            {
                "Description": "Work",
                "Quantity": 1,
                "UnitAmount": 100,
                "AccountCode": "200",
                "TaxType": "OUTPUT2",
                "TaxAmount": 15,
                "Tracking": [{"Name": "Region", "Option": "North"}],
            }
        ],
    }


def test_no_number_is_sent_where_xero_numbers_and_no_due_date_on_a_credit_note() -> None:
    body = element(mapped(kind="credit_note"), document(number=None, url=None), CONTACT_ID, DUE)
    assert body["Type"] == "ACCRECCREDIT"
    assert not {"CreditNoteNumber", "InvoiceNumber", "DueDate", "Url"} & body.keys()


def test_a_description_only_line_carries_no_zero_amounts() -> None:
    bare = line(quantity=None, unit_amount=None, account_code=None, tax_type=None, tax_amount=None)
    body = element(mapped(), document(lines=[bare]), CONTACT_ID, DUE)
    assert body["LineItems"] == [{"Description": "Work"}]


def test_an_update_goes_by_id_and_never_touches_number_status_or_sent_flag() -> None:
    body = update(mapped(), document(status="AUTHORISED", sent_to_contact=True), XERO_ID, CONTACT_ID, DUE)
    assert body["InvoiceID"] == XERO_ID
    assert not {"InvoiceNumber", "Status", "SentToContact"} & body.keys()


def test_a_create_can_not_edit_a_document_that_holds_the_number() -> None:
    call = create_call("credit_note", 4, [{}])
    assert (call.method, call.path) == ("PUT", "/CreditNotes?summarizeErrors=false&unitdp=4")
    assert change_call("invoice", {}).method == "POST"


def test_texts_are_sent_as_they_are_and_not_escaped() -> None:
    assert wrap("Invoices", [{"Reference": "Öl & 茶"}]) == '{"Invoices":[{"Reference":"Öl & 茶"}]}'.encode()
