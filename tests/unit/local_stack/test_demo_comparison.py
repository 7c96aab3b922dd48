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
    "lines": [{"account": "200", "tax_type": "OUTPUT2", "amount": "100.00", "tax": "15.00"}],
}
FATES: dict[str, dict[str, Any]] = {
    "1": {"outcome": "synced", "cause": "new", "document": DOCUMENT},
    "2": {"outcome": "fault", "cause": "NO_LINES", "document": None},
}
AUTOTASK = {
    "entities": {
        "Currencies": [{"id": 1, "name": "NZD"}],
        "Companies": [{"id": 9, "currencyID": 1}],
        "Invoices": [
            {"id": 1, "companyID": 9, "invoiceTotal": "100.00", "totalTaxValue": "15.00"},
            {"id": 2, "companyID": 9, "invoiceTotal": "0", "totalTaxValue": "0"},
        ],
    },
    "stamps": [{"entity": "Invoices", "id": 1, "first_set_at": "2026-11-22T00:00:00Z"}],
}
XERO = {
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
            "LineItems": [{"AccountCode": "200", "TaxType": "OUTPUT2", "LineAmount": "100.00"}],
        }
    ],
    "credit_notes": [],
}


def _compare(autotask: dict[str, Any], xero: dict[str, Any]) -> TenantComparison:
    return compare(tenant="acme", autotask=autotask, xero=xero, fates=FATES, invoice_total="net")


def test_books_as_they_should_be_have_no_problem() -> None:
    found = _compare(AUTOTASK, XERO)
    assert found.problems == []
    assert found.autotask_totals == found.xero_totals == {"NZD": Decimal("115.00")}


def _set(place: str, value: object) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def plant(_: dict[str, Any], xero: dict[str, Any]) -> None:
        xero["invoices"][0][place] = value

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
        (_foreign, "belongs to no invoice"),
        (_set("Url", "https://psa.example/2#sync=invoice/2"), "is in Xero though it had to end as fault"),
        (_unstamped, "was not stamped"),
        (_stamped_without_document, "is stamped though it had to end as fault"),
        (_set("Total", "115.01"), "has total 115.01 in Xero, wanted 115.00"),
        (_set("TotalTax", "15.01"), "has tax 15.01"),
        (_set("Contact", {"Name": "Harbour Dental Limited"}), "has contact Harbour Dental Limited"),
        (
            _set("LineItems", [{"AccountCode": "201", "TaxType": "OUTPUT2", "LineAmount": "100.00"}]),
            "has amounts by account",
        ),
        (
            _set("LineItems", [{"AccountCode": "200", "TaxType": "NONE", "LineAmount": "100.00"}]),
            "has amounts by account",
        ),
        (_set("CurrencyCode", "AUD"), "has currency AUD"),
        (_set("InvoiceNumber", "INV:2"), "has number INV:2"),
        (_set("DueDate", "2026-12-21"), "has due date"),
    ],
)
def test_no_anomaly_goes_unnamed(plant: Callable[[dict[str, Any], dict[str, Any]], None], words: str) -> None:
    autotask, xero = copy.deepcopy(AUTOTASK), copy.deepcopy(XERO)
    plant(autotask, xero)
    assert any(words in problem for problem in _compare(autotask, xero).problems)
