"""The client of the control API against real servers: what people do by hand in both services."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local_stack.control import SimulatorControl
from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit.app import SimulatorApp
from simulators.kit.server import start
from simulators.xero.simulator import XeroSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_stack.control import AutotaskPages, XeroPages
    from simulators.kit.simulator import Simulator

AUTOTASK: dict[str, Any] = {
    "tenant": "acme",
    "username": "u",
    "secret": "s",
    "integration_code": "c",
    "entities": {
        "Invoices": [{"id": 10, "isVoided": False, "webServiceDate": "2026-05-14T09:00:00Z"}],
        "BillingItems": [{"id": 100, "invoiceID": 10}],
        "Contacts": [{"id": 1, "companyID": 318, "isActive": 1}],
        "PurchaseOrders": [{"id": 771, "vendorID": 400, "status": 1}],
        "PurchaseOrderItems": [{"id": 5, "orderID": 771, "quantity": 1, "unitCost": Decimal(5)}],
    },
}
XERO: dict[str, Any] = {
    "tenant": "acme",
    "client_id": "a",
    "client_secret": "b",
    "organisation": {
        "OrganisationID": "11111111-2222-4333-8444-555555555555",
        "Name": "Acme",
        "BaseCurrency": "NZD",
        "CountryCode": "NZ",
    },
    "accounts": [{"Code": "200", "Name": "Sales", "Type": "REVENUE", "TaxType": "NONE"}],
    "contacts": [{"Name": "Contoso Ltd"}, {"Name": "Fabrikam Inc"}],
    "branding_themes": ["Standard"],
}
LINE = {"Description": "x", "Quantity": Decimal("1.5"), "UnitAmount": Decimal("10.10"), "AccountCode": "200"}


def served(stack: ExitStack, simulator: Simulator, document: dict[str, Any]) -> SimulatorControl:
    simulator.load_tenant(document)
    server = start(SimulatorApp(simulator))
    stack.callback(server.stop)
    return SimulatorControl(f"http://127.0.0.1:{server.port}")


@pytest.fixture
def autotask() -> Iterator[AutotaskPages]:
    with ExitStack() as stack:
        yield served(stack, AutotaskSimulator(), AUTOTASK).in_autotask("acme")


@pytest.fixture
def xero() -> Iterator[XeroPages]:
    with ExitStack() as stack:
        yield served(stack, XeroSimulator(), XERO).in_xero("acme")


def documents(xero: XeroPages, collection: str) -> dict[str, dict[str, Any]]:
    number = {"invoices": "InvoiceNumber", "credit_notes": "CreditNoteNumber"}.get(
        collection, "PurchaseOrderNumber"
    )
    return {entry[number]: entry for entry in xero.control.books(xero.tenant)[collection]}


def document(number: str, kind: str = "ACCREC", **members: object) -> dict[str, Any]:
    named = {"InvoiceNumber": number} if kind == "ACCREC" else {"CreditNoteNumber": number}
    dates = {"Date": "2026-11-03", **({"DueDate": "2026-12-03"} if kind == "ACCREC" else {})}
    contact = {"Name": "Contoso Ltd"}
    return {"Type": kind, "Contact": contact, "LineItems": [LINE], **named, **dates, **members}


def test_an_invoice_is_voided_paid_and_cleared_by_hand(autotask: AutotaskPages) -> None:
    at = datetime(2026, 5, 20, 10, tzinfo=UTC)
    autotask.void_invoice(10, at=at, lines="detached", resource=4)
    autotask.clear_stamp(10)
    autotask.set_paid(10, date(2026, 5, 21))
    (invoice,) = autotask.records("Invoices")
    assert datetime.fromisoformat(invoice["voidedDate"]) == at
    assert (invoice["isVoided"], invoice["webServiceDate"]) == (True, None)
    assert invoice["paidDate"] == "2026-05-21T00:00:00Z"
    assert autotask.records("BillingItems")[0]["invoiceID"] == 0
    autotask.set_paid(10, None)
    assert autotask.records("Invoices")[0]["paidDate"] is None


def test_an_order_is_changed_and_cancelled_by_hand(autotask: AutotaskPages) -> None:
    autotask.change_order(771, status=2, freight=Decimal("12.50"))
    autotask.put("PurchaseOrderItems", {"id": 6, "orderID": 771, "quantity": 2, "unitCost": Decimal("0.1")})
    autotask.remove("PurchaseOrderItems", 5)
    assert [item["id"] for item in autotask.records("PurchaseOrderItems")] == [6]
    autotask.cancel_order(771)
    (order,) = autotask.control.books("acme")["entities"]["PurchaseOrders"]
    assert (order["status"], order["freight"]) == (5, "12.5")
    assert order["submitDateTime"] is not None
    assert order["cancelDateTime"] is not None


def test_people_picklists_and_switches_are_changed_by_hand(autotask: AutotaskPages) -> None:
    autotask.deactivate_contact(1)
    autotask.set_picklist("Companies.territoryID", {"1": "North Island"})
    autotask.switch(missing_udfs="null")
    assert autotask.records("Contacts")[0]["isActive"] == 0
    with pytest.raises(requests.HTTPError, match="colour"):
        autotask.put("Contacts", {"id": 1, "colour": "red"})
    with pytest.raises(requests.HTTPError, match="99"):
        autotask.clear_stamp(99)


def test_documents_are_made_paid_credited_and_released_by_hand(xero: XeroPages) -> None:
    xero.make("invoices", **document("A", Status="AUTHORISED"))
    xero.make("credit_notes", **document("C", "ACCRECCREDIT", Status="AUTHORISED"))
    xero.pay("A", Decimal("5.00"))
    xero.allocate("C", "A", Decimal("1.00"))
    invoice = documents(xero, "invoices")["A"]
    assert (invoice["AmountPaid"], invoice["AmountCredited"], invoice["AmountDue"]) == (
        "5.00",
        "1.00",
        "9.15",
    )
    xero.pay("A")
    assert documents(xero, "invoices")["A"]["Status"] == "PAID"
    xero.release("A")
    assert documents(xero, "invoices")["A"]["AmountDue"] == "15.15"
    assert documents(xero, "credit_notes")["C"]["AmountDue"] == "15.15"
    xero.change("A", Status="VOIDED", Reference="gone")
    assert documents(xero, "invoices")["A"]["Reference"] == "gone"


def test_orders_are_made_billed_and_deleted_by_hand(xero: XeroPages) -> None:
    contact = xero.put_contact(Name="Vendor", ContactNumber="V-1")
    made = xero.make(
        "purchase_orders",
        PurchaseOrderNumber="PO:771",
        Contact={"ContactID": contact},
        LineItems=[LINE],
        DeliveryDate="2026-11-17",
    )
    xero.change("PO:771", Status="BILLED")
    order = documents(xero, "purchase_orders")["PO:771"]
    assert (order["PurchaseOrderID"], order["Status"], order["Total"]) == (made, "BILLED", "15.15")
    xero.change(made, Status="DELETED")
    assert documents(xero, "purchase_orders")["PO:771"]["Status"] == "DELETED"
    for members in ({"Payment": "1.00"}, {"Status": "VOIDED"}, {"Release": True}):
        with pytest.raises(requests.HTTPError):
            xero.change("PO:771", **members)


def test_an_organisation_is_changed_by_hand(xero: XeroPages) -> None:
    xero.put_contact(Name="Fabrikam Inc", ContactStatus="ARCHIVED")
    xero.merge_contact("Fabrikam Inc", "Contoso Ltd")
    xero.put_account(Code="200", Status="ARCHIVED")
    xero.put_tax_rate(TaxType="INPUT2", Name="GST", EffectiveRate=15)
    xero.put_tracking_category("Region", ["North", {"Name": "South", "Status": "ARCHIVED"}])
    xero.put_branding_theme("Special")
    xero.put_branding_theme("Special", remove=True)
    xero.lock_until(date(2026, 3, 31))
    xero.lock_until(date(2026, 3, 31), year=True)
    xero.switch(billed_orders="refuse")
    books = xero.control.books("acme")
    assert [account["Status"] for account in books["accounts"]] == ["ARCHIVED"]
    assert {contact["Name"]: contact["ContactStatus"] for contact in books["contacts"]} == {
        "Contoso Ltd": "ACTIVE",
        "Fabrikam Inc": "ARCHIVED",
    }
    assert json.dumps(books)
