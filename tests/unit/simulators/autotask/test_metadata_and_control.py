from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from simulators.autotask.database import Database
from simulators.autotask.entities import all_entities
from simulators.kit.documents import BadDocumentError

if TYPE_CHECKING:
    from tests.unit.simulators.autotask.conftest import Api

TENANT: dict[str, Any] = {"tenant": "t", "username": "u", "secret": "s", "integration_code": "c"}


def test_the_fields_of_invoices_never_hide_what_a_poller_must_know(api: Api) -> None:
    fields = {
        each["name"]: each for each in api.call("GET", "Invoices/entityInformation/fields").body["fields"]
    }
    writable = {name for name, each in fields.items() if not each["isReadOnly"]}
    assert writable == {"invoiceNumber", "paidDate", "webServiceDate"}
    assert {name for name, each in fields.items() if not each["isQueryable"]} == {"dueDate", "taxGroup"}
    assert fields["paymentTerm"]["picklistValues"][0]["value"] == "3"
    assert fields["companyID"]["referenceEntityType"] == "Companies"
    assert fields["batchID"]["dataType"] == "integer"


def test_entity_information_never_promises_a_write_that_fails(api: Api) -> None:
    info = api.call("GET", "Invoices/entityInformation").body["info"]
    assert (info["canUpdate"], info["canCreate"], info["userAccessForUpdate"]) == (True, False, 1)
    assert api.call("GET", "BillingCodes/entityInformation").body["info"]["canUpdate"] is False


def test_user_defined_fields_are_listed_by_name(api: Api) -> None:
    fields = api.call("GET", "Companies/entityInformation/userDefinedFields").body["fields"]
    assert [each["name"] for each in fields] == ["Ledger", "Other"]


def test_billing_items_never_offer_another_field_for_writing() -> None:
    lines = all_entities()["billingitems"]
    assert [field.name for field in lines.fields if field.writable] == ["webServiceDate"]
    assert {field.name for field in lines.fields if not field.queryable} == {
        "lineItemFullDescription",
        "lineItemGroupDescription",
    }


def test_versions_are_told(api: Api) -> None:
    assert api.call("GET", "/zone14/ATServicesRest/VersionInformation").body == {"apiVersions": ["1.0"]}
    assert api.call("GET", "Version").body["majorVersion"] == 1


def test_the_markup_of_an_invoice_never_carries_unescaped_text(api: Api) -> None:
    markup = api.call("GET", "Invoices/10/InvoiceMarkupHtml").body["invoiceMarkup"]
    assert "Line &lt;0&gt;" in markup
    assert "Line <" not in markup
    assert api.call("GET", "Invoices/99/InvoiceMarkupHtml").status == 404


@pytest.mark.parametrize(("reading", "total"), [("net", "62.7775"), ("gross", "52.7775")])
def test_the_total_of_the_markup_is_always_with_tax(api: Api, reading: str, total: str) -> None:
    change = [{"id": 10, "totalTaxValue": Decimal("10.0")}]
    api.control("POST", "tenants/acme/entities/Invoices", change)
    api.control("POST", "tenants/acme/switches", {"invoice_total": reading})
    assert total in api.call("GET", "Invoices/10/InvoiceMarkupHtml").body["invoiceMarkup"].split("Total")[-1]


def test_clearing_a_stamp_never_loses_its_history(api: Api) -> None:
    stamp = "2026-05-14T08:31:07Z"
    api.call("PATCH", "Invoices", {"id": 11, "webServiceDate": stamp})
    assert api.control("POST", "tenants/acme/invoices/11/clear-stamp").status == 200
    assert 11 in api.ids("Invoices", {"op": "notExist", "field": "webServiceDate"})
    (history,) = api.control("GET", "books/acme").body["stamps"]
    assert (history["entity"], history["id"]) == ("Invoices", 11)
    assert [write["value"] for write in history["writes"]] == [stamp, None]
    assert history["first_set_at"] == history["writes"][0]["at"]


@pytest.mark.parametrize(("lines", "left"), [("kept", 3), ("detached", 0)])
def test_a_void_sets_what_autotask_sets(api: Api, lines: str, left: int) -> None:
    assert api.control("POST", "tenants/acme/invoices/10/void", {"lines": lines}).status == 200
    item = api.call("GET", "Invoices/10").body["item"]
    assert item["isVoided"] is True
    since = {"op": "gte", "field": "voidedDate", "value": "2026-01-01T00:00:00Z"}
    assert api.ids("Invoices", since) == [10]
    assert len(api.ids("BillingItems", {"op": "eq", "field": "invoiceID", "value": 10})) == left


def test_an_upsert_never_blanks_what_it_does_not_name(api: Api) -> None:
    answer = api.control(
        "POST", "tenants/acme/entities/Invoices", [{"id": 12, "invoiceNumber": "N"}, {"id": 13}]
    )
    assert answer.body == {"records": 2}
    records = api.control("GET", "tenants/acme/entities/invoices").body["items"]
    assert [record["id"] for record in records] == [10, 11, 12, 13]
    assert records[2]["companyID"] == 322


def test_the_books_never_pass_money_as_a_binary_fraction(api: Api) -> None:
    books = api.control("GET", "books/acme").body
    assert books["entities"]["Invoices"][0]["invoiceTotal"] == "52.7775"
    assert books["entities"]["BillingItems"][0]["quantity"] == "3.175"


@pytest.mark.parametrize(
    "path",
    ["tenants/nobody/invoices/10/void", "tenants/acme/invoices/99/void", "tenants/acme/entities/Nothing"],
)
def test_a_control_call_to_nothing_is_never_a_200(api: Api, path: str) -> None:
    method = "GET" if "entities" in path else "POST"
    assert api.control(method, path).status == 404


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"username": ""}, "username"),
        ({"switches": {"hourly": 5}}, "hourly"),
        ({"switches": {"hourly_limit": -1}}, "hourly_limit"),
        ({"switches": {"invoice_total": "both"}}, "invoice_total"),
        ({"switches": {"usage_latency": 1}}, "usage_latency"),
        ({"entities": {"Invoice": []}}, "Invoice"),
        ({"entities": {"Invoices": [{"id": 1, "currency": "NZD"}]}}, "currency"),
        ({"entities": {"Invoices": [{"id": 1, "invoiceTotal": 1.5}]}}, "invoiceTotal"),
        ({"entities": {"Invoices": [{"id": 1, "invoiceTotal": Decimal("0.12345")}]}}, "invoiceTotal"),
        ({"entities": {"Invoices": [{"id": 1, "isVoided": 0}]}}, "isVoided"),
        ({"entities": {"Invoices": [{"id": 1, "paidDate": "soon"}]}}, "paidDate"),
        ({"entities": {"Invoices": [{"companyID": 1}]}}, "id"),
        (
            {"entities": {"Companies": [{"id": 1, "userDefinedFields": [{"name": "x", "value": 1}]}]}},
            "text or null",
        ),
    ],
)
def test_a_wrong_tenant_document_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(BadDocumentError, match=named):
        Database({**TENANT, **change})
