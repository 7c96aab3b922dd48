"""The judge of demo and end-to-end tests must be able to say no: each planted anomaly is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local_stack.demo.comparison import TenantComparison, compare

DOCUMENT: dict[str, Any] = {
    "kind": "ACCREC",
    "number": "INV:1",
    "contact": "Harbour Dental Ltd",
    "currency": "NZD",
    "date": "2026-11-20",
    "due_date": "2026-12-20",
    "status": "DRAFT",
    "sub_total": "100.00",
    "total_tax": "15.00",
    "total": "115.00",
    "lines": [
        {
            "account": "200",
            "tax_type": "OUTPUT2",
            "amount": "100.00",
            "tax": "15.00",
            "tracking": ["Region: North"],
        }
    ],
    "basis": "net",
    "texts": ["14 May 2026: ", "\nTechnician: Mei Tanaka"],
}
ORDER: dict[str, Any] = DOCUMENT | {
    "kind": "PURCHASEORDER",
    "number": "PO:7",
    "due_date": None,
    "lines": [{"account": "310", "tax_type": "INPUT2", "amount": "100.00", "tax": "15.00", "tracking": []}],
    "texts": [],
}
STAYS: dict[str, Any] = {"outcome": "synced", "cause": "new", "later": None, "gone": False}
FAULT: dict[str, Any] = {
    "outcome": "fault",
    "cause": "NO_LINES",
    "later": None,
    "gone": False,
    "document": None,
}
FATES: dict[str, dict[str, Any]] = {
    "invoice/1": STAYS | {"document": DOCUMENT},
    "invoice/2": FAULT,
    "purchase-order/7": STAYS | {"document": ORDER},
    "purchase-order/8": FAULT,
}
AUTOTASK: dict[str, Any] = {
    "entities": {
        "Currencies": [{"id": 1, "name": "NZD"}],
        "Companies": [{"id": 9, "currencyID": 1}],
        "Invoices": [
            {"id": 1, "companyID": 9, "invoiceTotal": "100.00", "totalTaxValue": "15.00"},
            {"id": 2, "companyID": 9, "invoiceTotal": "0", "totalTaxValue": "0"},
        ],
        "PurchaseOrders": [
            {"id": 7, "vendorID": 9, "freight": "10.00"},
            {"id": 8, "vendorID": 9, "freight": "0.0"},
        ],
        "PurchaseOrderItems": [{"id": 70, "orderID": 7, "quantity": 3, "unitCost": "30.0"}],
    },
    "stamps": [{"entity": "Invoices", "id": 1, "first_set_at": "2026-11-22T00:00:00Z"}],
}
XERO: dict[str, Any] = {
    "invoices": [
        {
            "InvoiceID": "a",
            "InvoiceNumber": "INV:1",
            "Type": "ACCREC",
            "Status": "DRAFT",
            "Contact": {"Name": "Harbour Dental Ltd"},
            "Date": "2026-11-20",
            "DueDate": "2026-12-20",
            "Reference": "",
            "Url": "https://psa.example/1#sync=invoice/1",
            "CurrencyCode": "NZD",
            "SubTotal": "100.00",
            "TotalTax": "15.00",
            "Total": "115.00",
            "LineItems": [
                {
                    "AccountCode": "200",
                    "TaxType": "OUTPUT2",
                    "LineAmount": "100.00",
                    "Tracking": [{"Name": "Region", "Option": "North"}],
                    "Description": "14 May 2026: New starter\nTechnician: Mei",
                },
                {"AccountCode": None, "Description": "Tanaka"},
            ],
        }
    ],
    "credit_notes": [],
    "purchase_orders": [
        {
            "PurchaseOrderID": "b",
            "PurchaseOrderNumber": "PO:7",
            "Type": "PURCHASEORDER",
            "Status": "DRAFT",
            "Contact": {"Name": "Harbour Dental Ltd"},
            "Date": "2026-11-20",
            "DueDate": None,
            "Reference": "V7 [PO 7]",
            "Url": "",
            "CurrencyCode": "NZD",
            "SubTotal": "100.00",
            "TotalTax": "15.00",
            "Total": "115.00",
            "LineItems": [
                {
                    "AccountCode": "310",
                    "TaxType": "INPUT2",
                    "LineAmount": "100.00",
                    "Tracking": [],
                    "Description": "Switch",
                }
            ],
        }
    ],
}


def _compare(autotask: dict[str, Any], xero: dict[str, Any]) -> TenantComparison:
    return compare(tenant="acme", autotask=autotask, xero=xero, fates=FATES)


def test_books_as_they_should_be_have_no_problem() -> None:
    found = _compare(AUTOTASK, XERO)
    assert found.problems == []
    assert found.autotask_totals == found.xero_totals == {"NZD": Decimal("115.00")}
    assert found.autotask_orders == found.xero_orders == {"NZD": Decimal("100.00")}
    assert (found.documents, found.orders, found.gone, found.stamped) == (1, 1, 0, 1)
    assert found.outcomes == found.order_outcomes == {"synced": 1, "fault: NO_LINES": 1}


def _set(
    place: str, value: object, kind: str = "invoices"
) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def plant(_: dict[str, Any], xero: dict[str, Any]) -> None:
        xero[kind][0][place] = value

    return plant


def _line(place: str, value: object) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def plant(_: dict[str, Any], xero: dict[str, Any]) -> None:
        xero["invoices"][0]["LineItems"][0][place] = value

    return plant


def _double(_: dict[str, Any], xero: dict[str, Any]) -> None:
    xero["invoices"].append(xero["invoices"][0] | {"InvoiceID": "b", "InvoiceNumber": "INV-9"})


def _foreign(_: dict[str, Any], xero: dict[str, Any]) -> None:
    xero["invoices"].append(xero["invoices"][0] | {"InvoiceID": "b", "Url": None})


def _unstamped(autotask: dict[str, Any], _: dict[str, Any]) -> None:
    autotask["stamps"].clear()


def _stamped_without_document(autotask: dict[str, Any], _: dict[str, Any]) -> None:
    autotask["stamps"].append({"entity": "Invoices", "id": 2, "first_set_at": "2026-11-22T00:00:00Z"})


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_set("Status", "VOIDED"), "has 0 documents in Xero, wanted one"),
        (_double, "has 2 documents in Xero, wanted one"),
        (_foreign, "belongs to nothing in Autotask"),
        (_set("Url", "https://psa.example/2#sync=invoice/2"), "is in Xero though it had to end as fault"),
        (_unstamped, "was not stamped"),
        (_stamped_without_document, "is stamped though it had to end as fault"),
        (_set("Total", "115.01"), "has total 115.01 in Xero, wanted 115.00"),
        (_set("TotalTax", "15.01"), "has tax 15.01"),
        (_set("Contact", {"Name": "Harbour Dental Limited"}), "has contact Harbour Dental Limited"),
        (_line("AccountCode", "201"), "has amounts by account"),
        (_line("TaxType", "NONE"), "has amounts by account"),
        (_line("Tracking", []), "has amounts by account"),
        (_line("Description", "14 May 2026: New starter"), "has the text 'Technician: Mei Tanaka' 0 times"),
        (_line("Description", "New starter\nTechnician: Mei"), "has the text '14 May 2026:' 0 times"),
        (_set("CurrencyCode", "AUD"), "has currency AUD"),
        (_set("InvoiceNumber", "INV:2"), "has number INV:2"),
        (_set("DueDate", "2026-12-21"), "has due date"),
        (_set("Total", "115.01"), "invoices in Xero add up to 115.01 NZD, in Autotask to 115.00"),
        (_set("Status", "DELETED", "purchase_orders"), "purchase-order 7 has 0 documents"),
        (_set("Reference", "[PO 8]", "purchase_orders"), "purchase-order 8 is in Xero though it had to end"),
        (_set("Reference", "V7", "purchase_orders"), "PO:7 in Xero belongs to nothing"),
        (_set("Reference", "[INV 7]", "purchase_orders"), "PO:7 in Xero belongs to nothing"),
        (_set("SubTotal", "99.00", "purchase_orders"), "purchase orders in Xero add up to 99.00 NZD"),
    ],
)
def test_no_anomaly_goes_unnamed(plant: Callable[[dict[str, Any], dict[str, Any]], None], words: str) -> None:
    autotask, xero = copy.deepcopy(AUTOTASK), copy.deepcopy(XERO)
    plant(autotask, xero)
    assert any(words in problem for problem in _compare(autotask, xero).problems)


GONE = FATES | {
    "invoice/1": FATES["invoice/1"] | {"later": "voided", "gone": True},
    "purchase-order/7": FATES["purchase-order/7"] | {"later": "cancelled", "gone": True},
}


def _after_voids(xero: dict[str, Any], status: str = "AUTHORISED", *, later_done: bool = True) -> list[str]:
    invoice = FATES["invoice/1"]["document"] | {"status": status}
    fates = GONE | {"invoice/1": GONE["invoice/1"] | {"document": invoice}}
    found = compare(tenant="acme", autotask=AUTOTASK, xero=xero, fates=fates, later_done=later_done)
    return list(found.problems)


def _ended(invoice: str, order: str) -> dict[str, Any]:
    xero = copy.deepcopy(XERO)
    xero["invoices"][0]["Status"] = invoice
    xero["purchase_orders"][0]["Status"] = order
    return xero


def test_a_void_is_no_problem_if_the_document_is_gone_as_its_status_asked_for() -> None:
    assert _after_voids(_ended("VOIDED", "DELETED")) == []
    assert _after_voids(_ended("DELETED", "DELETED"), "DRAFT") == []
    assert _after_voids(_ended("AUTHORISED", "DRAFT"), later_done=False) == []


@pytest.mark.parametrize(
    ("xero", "words"),
    [
        (_ended("AUTHORISED", "DELETED"), "invoice 1 still has 1 documents in Xero, wanted none"),
        (_ended("VOIDED", "DRAFT"), "purchase-order 7 still has 1 documents"),
        (_ended("DELETED", "DELETED"), "has status DELETED in Xero, wanted VOIDED"),
        (_ended("VOIDED", "DELETED") | {"invoices": []}, "has 0 deleted or voided documents"),
    ],
)
def test_no_document_that_had_to_go_stays_unnoticed(xero: dict[str, Any], words: str) -> None:
    assert any(words in problem for problem in _after_voids(xero))


def test_a_document_that_went_too_early_is_noticed() -> None:
    assert _after_voids(_ended("VOIDED", "DELETED"), later_done=False)
