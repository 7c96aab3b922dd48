from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.simulators.autotask.conftest import Api

STAMP = "2026-05-14T08:31:07.000Z"


def invoice(api: Api, number: int) -> dict[str, Any]:
    item: dict[str, Any] = api.call("GET", f"Invoices/{number}").body["item"]
    return item


def test_a_patch_never_touches_what_was_not_sent(api: Api) -> None:
    before = invoice(api, 11)
    result = api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": STAMP})
    assert (result.status, result.body) == (200, {"itemId": 11})
    assert invoice(api, 11) == {**before, "webServiceDate": STAMP}


@pytest.mark.parametrize(
    "field",
    [
        "isVoided",
        "voidedDate",
        "invoiceTotal",
        "comments",
        "dueDate",
        "invoiceStatus",
        "companyID",
        "orderNumber",
    ],
)
def test_a_read_only_field_of_an_invoice_is_never_written(api: Api, field: str) -> None:
    before = invoice(api, 11)
    result = api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": STAMP, field: before[field]})
    assert result.status == 500
    assert field in result.error
    assert invoice(api, 11) == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"invoiceNumber": "x" * 101}, "invoiceNumber"),
        ({"invoiceNumber": 7}, "invoiceNumber"),
        ({"webServiceDate": "today"}, "webServiceDate"),
        ({"webServiceDate": 20260514}, "webServiceDate"),
        ({"currency": "NZD"}, "currency"),
        ({"userDefinedFields": []}, "userdefinedfields"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(api: Api, change: dict[str, Any], named: str) -> None:
    result = api.call("PATCH", "Invoices", {"id": 11, **change})
    assert result.status == 500
    assert named in result.error


def test_a_put_blanks_what_was_left_out_and_a_patch_never_does(api: Api) -> None:
    assert api.call("PUT", "Invoices", {"id": 10, "webServiceDate": STAMP}).status == 200
    assert invoice(api, 10)["invoiceNumber"] is None
    assert invoice(api, 10)["invoiceTotal"] == Decimal("52.7775")


def test_a_paid_date_never_keeps_a_time(api: Api) -> None:
    api.call("PATCH", "Invoices", {"id": 11, "PaidDate": "2026-05-20T14:03:00Z"})
    assert invoice(api, 11)["paidDate"] == "2026-05-20T00:00:00Z"


def test_a_stamp_is_never_changed_on_its_way_in(api: Api) -> None:
    api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": "2026-05-14T08:31:07.1Z"})
    assert invoice(api, 11)["webServiceDate"] == "2026-05-14T08:31:07.1Z"
    api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": "2026-05-14T20:31:07+12:00"})
    assert invoice(api, 11)["webServiceDate"] == "2026-05-14T08:31:07.000Z"


def test_reading_or_patching_never_stamps_by_itself(api: Api) -> None:
    api.query("BillingItems", {"op": "eq", "field": "invoiceID", "value": 11})
    api.call("PATCH", "Invoices", {"id": 11, "invoiceNumber": "A-1"})
    assert invoice(api, 11)["webServiceDate"] is None
    assert api.control("GET", "books/acme").body["stamps"] == []


def test_stamping_an_invoice_never_stamps_its_lines(api: Api) -> None:
    api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": STAMP})
    assert api.ids("BillingItems", {"op": "exist", "field": "webServiceDate"}) == []
    assert api.call("PATCH", "BillingItems", {"id": 100, "webServiceDate": STAMP}).status == 200
    assert "totalAmount" in api.call("PATCH", "BillingItems", {"id": 100, "totalAmount": 1}).error


@pytest.mark.parametrize(
    "body", [{}, {"id": 999, "webServiceDate": STAMP}, {"id": "11"}, {"id": True}, [], "x"]
)
def test_a_write_without_an_existing_record_never_answers_200(api: Api, body: object) -> None:
    assert api.call("PATCH", "Invoices", body).status == 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Invoices"),
        ("DELETE", "Invoices/10"),
        ("PATCH", "Invoices/10"),
        ("PATCH", "BillingCodes"),
        ("PATCH", "Contacts"),
        ("DELETE", "Invoices"),
    ],
)
def test_a_call_that_autotask_does_not_have_never_works(api: Api, method: str, path: str) -> None:
    result = api.call(method, path, {"id": 10})
    assert result.status == 405
    assert list(result.body) == ["Message"]


@pytest.mark.parametrize("path", ["Nothing/query", "Invoices/abc", "Invoices/10/Lines", "/elsewhere"])
def test_an_unknown_path_is_never_a_200(api: Api, path: str) -> None:
    assert api.call("GET", path).status == 404


def test_a_company_takes_a_new_name_and_merges_user_defined_fields(api: Api) -> None:
    change = {"id": 318, "companyName": "New", "userDefinedFields": [{"name": "Ledger", "value": "B2"}]}
    assert api.call("PATCH", "Companies", change).status == 200
    item = api.call("GET", "Companies/318").body["item"]
    assert item["companyName"] == "New"
    assert item["userDefinedFields"] == [{"name": "Ledger", "value": "B2"}, {"name": "Other", "value": None}]
    assert "required" in api.call("PATCH", "Companies", {"id": 318, "companyName": None}).error


def test_a_contact_is_never_written_under_another_company(api: Api) -> None:
    assert api.call("PATCH", "Companies/322/Contacts", {"id": 1, "lastName": "X"}).status == 500
    assert api.call("PATCH", "Companies/318/Contacts", {"id": 1, "lastName": "X"}).status == 200
    names = [item["lastName"] for item in api.call("GET", "Companies/318/Contacts").body["items"]]
    assert names == ["X", "Singh"]


def test_a_missing_record_follows_the_switch(api: Api) -> None:
    assert api.call("GET", "Invoices/999").status == 404
    api.control("POST", "tenants/acme/switches", {"missing_item": "null"})
    result = api.call("GET", "Invoices/999")
    assert (result.status, result.body) == (200, {"item": None})


def test_a_body_that_is_not_declared_as_json_is_never_read(api: Api) -> None:
    api.content_type = "text/plain"
    result = api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": STAMP})
    assert result.status == 415
    assert invoice(api, 11)["webServiceDate"] is None
