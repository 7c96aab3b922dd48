from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hypothesis import given

from tests.support.avro_strategies import decimals
from tests.unit.xero_writer.samples import CONTACT_ID, XERO_ID, document, line, mapped, mapped_order, order
from xero_writer.core.body import change_call, create_call, element, update, wrap

DUE = date(2026, 12, 20)


@given(decimals(28, 8), decimals(28, 8), decimals(19, 4))
def test_no_digit_of_an_amount_is_lost_or_added_on_the_way_to_the_bytes(
    quantity: Decimal, unit: Decimal, tax: Decimal
) -> None:
    one = document(lines=[line(quantity=quantity, unit_amount=unit, tax_amount=tax)])
    body = wrap("Invoices", [element(mapped(xero=one), CONTACT_ID, DUE)]).decode()
    sent = json.loads(body, parse_float=str, parse_int=str)["Invoices"][0]["LineItems"][0]
    for name, value in (("Quantity", quantity), ("UnitAmount", unit), ("TaxAmount", tax)):
        assert Decimal(sent[name]) == value
        assert "E" not in sent[name].upper()
        assert sent[name] != "-0"
        assert not ("." in sent[name] and sent[name].endswith("0"))


def test_a_create_carries_exactly_what_was_mapped_and_nothing_that_changes_a_contact() -> None:
    one = document(lines=[line(tracking=[{"name": "Region", "option": "North"}])])
    assert json.loads(wrap("Invoices", [element(mapped(xero=one), CONTACT_ID, DUE)]))["Invoices"][0] == {
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
    body = element(mapped(kind="credit_note", xero=document(number=None, url=None)), CONTACT_ID, DUE)
    assert body["Type"] == "ACCRECCREDIT"
    assert not {"CreditNoteNumber", "InvoiceNumber", "DueDate", "Url"} & body.keys()


def test_a_description_only_line_carries_no_zero_amounts() -> None:
    bare = line(quantity=None, unit_amount=None, account_code=None, tax_type=None, tax_amount=None)
    body = element(mapped(xero=document(lines=[bare])), CONTACT_ID, DUE)
    assert body["LineItems"] == [{"Description": "Work"}]


def test_an_update_goes_by_id_and_never_touches_number_status_or_sent_flag() -> None:
    wanted = mapped(xero=document(status="AUTHORISED", sent_to_contact=True))
    body = update(wanted, XERO_ID, CONTACT_ID, DUE)
    assert body["InvoiceID"] == XERO_ID
    assert not {"InvoiceNumber", "Status", "SentToContact"} & body.keys()


def test_a_create_can_not_edit_a_document_that_holds_the_number() -> None:
    call = create_call("credit_note", 4, [{}])
    assert (call.method, call.path) == ("PUT", "/CreditNotes?summarizeErrors=false&unitdp=4")
    assert change_call("invoice", {}).method == "POST"


def test_texts_are_sent_as_they_are_and_not_escaped() -> None:
    assert wrap("Invoices", [{"Reference": "Öl & 茶"}]) == '{"Invoices":[{"Reference":"Öl & 茶"}]}'.encode()


def test_an_order_carries_its_delivery_and_nothing_that_orders_do_not_have() -> None:
    assert json.loads(wrap("PurchaseOrders", [element(mapped_order(), CONTACT_ID, DUE)]))[
        "PurchaseOrders"
    ] == [
        {
            "Contact": {"ContactID": CONTACT_ID},
            "Date": "2026-11-20",
            "LineAmountTypes": "Exclusive",
            "CurrencyCode": "NZD",
            "Reference": "PO-2025-0031 [PO 771]",
            "Status": "SUBMITTED",
            "PurchaseOrderNumber": "PO:771",
            "DeliveryDate": "2026-11-28",
            "DeliveryAddress": "Example MSP\n1 Example Street",
            "AttentionTo": "Example Person",
            "Telephone": "+64 9 555 0100",
            "LineItems": [
                {
                    "Description": "Work",
                    "Quantity": 1,
                    "UnitAmount": 100,
                    "AccountCode": "300",
                    "TaxType": "INPUT2",
                    "TaxAmount": 15,
                }
            ],
        }
    ]


def test_what_is_not_known_of_a_delivery_is_not_sent_as_empty() -> None:
    bare = order(delivery_date=None, delivery_address="", attention_to="", telephone="")
    body = element(mapped_order(xero=bare), CONTACT_ID, None)
    assert not {"DeliveryDate", "DeliveryAddress", "AttentionTo", "Telephone"} & body.keys()


def test_orders_are_created_by_put_and_changed_by_id_alone_so_that_no_number_hits_another_order() -> None:
    created = create_call("purchase_order", 4, [{}])
    assert (created.method, created.path) == ("PUT", "/PurchaseOrders?summarizeErrors=false")
    assert change_call("purchase_order", {}).path == "/PurchaseOrders?summarizeErrors=false"
    body = update(mapped_order(), XERO_ID, CONTACT_ID, None)
    assert body["PurchaseOrderID"] == XERO_ID
    assert not {"PurchaseOrderNumber", "Status", "SentToContact"} & body.keys()


def test_a_branding_theme_goes_over_on_create_and_update() -> None:
    theme = "0f3f6a7c-0000-4000-8000-000000000001"
    wanted = mapped(xero=document(branding_theme_id=theme))
    assert element(wanted, CONTACT_ID, DUE)["BrandingThemeID"] == theme
    assert update(wanted, XERO_ID, CONTACT_ID, DUE)["BrandingThemeID"] == theme
