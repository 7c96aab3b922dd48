"""A Xero simulator with one organisation, called through WSGI."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from simulators.kit import json_text
from simulators.kit.app import SimulatorApp
from simulators.xero.simulator import XeroSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

SECRET = "s3cret"
ORGANISATION_ID = "11111111-2222-4333-8444-555555555555"


def tenant_document(**members: object) -> dict[str, Any]:
    document: dict[str, Any] = {
        "tenant": "acme",
        "client_id": "app-1",
        "client_secret": SECRET,
        "organisation": {
            "OrganisationID": ORGANISATION_ID,
            "Name": "Acme Managed IT",
            "BaseCurrency": "NZD",
            "CountryCode": "NZ",
            "Timezone": "NEWZEALANDSTANDARDTIME",
            "ShortCode": "!aB3dE",
        },
        "currencies": ["NZD", "AUD"],
        "accounts": [
            {"Code": "200", "Name": "Sales", "Type": "REVENUE", "TaxType": "OUTPUT2"},
            {"Code": "210", "Name": "No default tax", "Type": "REVENUE"},
            {"Code": "299", "Name": "Old", "Type": "REVENUE", "TaxType": "OUTPUT2", "Status": "ARCHIVED"},
            {"Code": "400", "Name": "Costs", "Type": "EXPENSE", "TaxType": "INPUT2"},
            {"Code": "090", "Name": "Bank", "Type": "BANK"},
            {"Code": "610", "Name": "Receivable", "Type": "CURRENT", "SystemAccount": "DEBTORS"},
        ],
        "tax_rates": [
            {"TaxType": "OUTPUT2", "Name": "GST on income", "EffectiveRate": 15, "CanApplyToExpenses": False},
            {"TaxType": "INPUT2", "Name": "GST on expenses", "EffectiveRate": 15, "CanApplyToRevenue": False},
            {"TaxType": "ZERORATED", "Name": "Zero rated", "EffectiveRate": "0.0000"},
            {"TaxType": "OLD", "Name": "Old", "EffectiveRate": Decimal("12.5"), "Status": "DELETED"},
        ],
        "tracking_categories": [{"Name": "Region", "Options": ["North", "South"]}],
        "branding_themes": ["Standard", "Special"],
        "contacts": [
            {"Name": "Contoso Ltd", "AccountNumber": "CONT01", "EmailAddress": "ap@contoso.example"},
            {"Name": "Fabrikam Inc", "ContactNumber": "AT-7"},
            {"Name": "Gone Ltd", "ContactStatus": "ARCHIVED"},
        ],
        "switches": {"limits_on": False},
    }
    return document | members


class Xero:
    """Calls the simulator as an app would, and its control routes."""

    def __init__(self, **members: object) -> None:
        self.simulator = XeroSimulator()
        self.app = SimulatorApp(self.simulator)
        self.client = Client(self.app)
        self.simulator.load_tenant(json_text.loads(json_text.dumps(tenant_document(**members))))
        self.token = self.new_token()

    def ask_token(self, secret: str = SECRET, **form: str) -> TestResponse:
        return self.client.post(
            "/connect/token", data={"grant_type": "client_credentials", **form}, auth=("app-1", secret)
        )

    def new_token(self, **form: str) -> str:
        return str(self.ask_token(**form).json["access_token"])  # type: ignore[index]  # a token answer is an object

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        **query: object,
    ) -> TestResponse:
        sent = {
            "Authorization": f"Bearer {self.token}",
            "xero-tenant-id": ORGANISATION_ID,
            "Accept": "application/json",
            **(headers or {}),
        }
        data = None if body is None else json_text.dumps(body)
        content_type = None if body is None else "application/json"
        target = path if path.startswith("/") else f"/api.xro/2.0/{path}"
        return self.client.open(
            target, method=method, data=data, content_type=content_type, headers=sent, query_string=query
        )

    def get(self, path: str, **query: object) -> dict[str, Any]:
        answer = self.request("GET", path, None, None, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json_text.loads(answer.data)
        return found

    def put(self, collection: str, *elements: dict[str, Any], **query: object) -> list[dict[str, Any]]:
        """Writes with summarizeErrors=false and returns the elements."""
        return self._write("PUT", collection, collection, elements, query)

    def post(self, path: str, *elements: dict[str, Any], **query: object) -> list[dict[str, Any]]:
        return self._write("POST", path, path.partition("/")[0], elements, query)

    def _write(
        self,
        method: str,
        path: str,
        collection: str,
        elements: tuple[dict[str, Any], ...],
        query: dict[str, object],
    ) -> list[dict[str, Any]]:
        answer = self.request(
            method, path, {collection: list(elements)}, None, **{"summarizeErrors": "false", **query}
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = json_text.loads(answer.data)[collection]
        return found

    def control(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        data = None if document is None else json_text.dumps(document)
        answer = self.client.open(f"/_control/{path}", method=method, data=data)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json_text.loads(answer.data)
        return found

    def books(self) -> dict[str, Any]:
        return self.control("GET", "books/acme")

    def change(self, path: str, document: object) -> dict[str, Any]:
        return self.control("POST", f"tenants/acme/{path}", document)

    def contact_id(self, name: str = "Contoso Ltd") -> str:
        contacts = self.simulator._organisations["acme"].ledger.contacts
        return next(entry.id for entry in contacts.values() if entry.name == name)

    def counted(self, counter: str) -> int:
        return int(self.books()["counters"][counter])

    def invoice(self, *lines: dict[str, Any], **members: object) -> dict[str, Any]:
        """A request element that Xero accepts, with the given changes; None removes a member."""
        element = {
            "Type": "ACCREC",
            "Contact": {"ContactID": self.contact_id()},
            "Date": "2026-11-03",
            "DueDate": "2026-12-03",
            "LineAmountTypes": "Exclusive",
            "LineItems": list(lines) or [line()],
            **members,
        }
        return {name: value for name, value in element.items() if value is not None}

    def made(self, *lines: dict[str, Any], **members: object) -> dict[str, Any]:
        """An invoice that was created."""
        shown = self.put("Invoices", self.invoice(*lines, **members))[0]
        assert shown["StatusAttributeString"] == "OK", shown
        return shown

    def order(self, *lines: dict[str, Any], **members: object) -> dict[str, Any]:
        """A purchase order that Xero accepts, with the given changes; None removes a member."""
        element = {
            "Contact": {"ContactID": self.contact_id("Fabrikam Inc")},
            "Date": "2026-11-03",
            "LineAmountTypes": "Exclusive",
            "LineItems": list(lines) or [line(AccountCode="400", TaxType="INPUT2")],
            **members,
        }
        return {name: value for name, value in element.items() if value is not None}

    def ordered(self, *lines: dict[str, Any], **members: object) -> dict[str, Any]:
        """A purchase order that was created."""
        shown = self.put("PurchaseOrders", self.order(*lines, **members))[0]
        assert shown["StatusAttributeString"] == "OK", shown
        return shown

    def stored_order(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"PurchaseOrders/{key}")["PurchaseOrders"][0]
        return found

    def stored(self, invoice_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"Invoices/{invoice_id}")["Invoices"][0]
        return found


def line(**members: object) -> dict[str, Any]:
    return {
        "Description": "Managed support",
        "Quantity": 2,
        "UnitAmount": Decimal("45.50"),
        "AccountCode": "200",
        **members,
    }


def texts(element: dict[str, Any]) -> list[str]:
    return [message["Message"] for message in element.get("ValidationErrors", [])]


@pytest.fixture
def xero() -> Xero:
    return Xero()


@pytest.fixture
def make_xero() -> Callable[..., Xero]:
    return Xero


@pytest.fixture
def line_of() -> Callable[..., dict[str, Any]]:
    return line


@pytest.fixture
def errors_of() -> Callable[[dict[str, Any]], list[str]]:
    return texts


@pytest.fixture
def make_document() -> Callable[..., dict[str, Any]]:
    return tenant_document
