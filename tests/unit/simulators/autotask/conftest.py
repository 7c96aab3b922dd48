from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from werkzeug.test import Client

from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit import json_text
from simulators.kit.app import SimulatorApp

if TYPE_CHECKING:
    from collections.abc import Callable

CREDENTIALS = {"UserName": "api@acme.example", "Secret": "right", "ApiIntegrationCode": "CODE"}
ROOT = "/zone14/ATServicesRest/v1.0"


@dataclass
class Result:
    status: int
    body: Any
    text: str

    @property
    def error(self) -> str:
        assert list(self.body) == ["errors"]
        return str(self.body["errors"][0])


@dataclass
class Api:
    """Calls the simulator in process, with the right credentials unless a test changes them."""

    simulator: AutotaskSimulator
    app: SimulatorApp
    credentials: dict[str, str] = field(default_factory=lambda: dict(CREDENTIALS))
    content_type: str = "application/json; charset=utf-8"

    def call(self, method: str, path: str, body: object = None, **query: str) -> Result:
        parts = urlsplit(path)
        address = parts.path if parts.path.startswith("/") else f"{ROOT}/{parts.path}"
        string = "&".join(filter(None, (parts.query, urlencode(query))))
        response = Client(self.app).open(
            address,
            method=method,
            query_string=string,
            data=None if body is None else json_text.dumps(body),
            headers=self.credentials,
            content_type=None if body is None else self.content_type,
        )
        text = response.get_data(as_text=True)
        return Result(response.status_code, json_text.loads(text) if text else None, text)

    def query(self, entity: str, *conditions: dict[str, Any], **members: object) -> Result:
        return self.call("POST", f"{entity}/query", {"filter": list(conditions), **members})

    def ids(self, entity: str, *conditions: dict[str, Any]) -> list[int]:
        result = self.query(entity, *conditions)
        assert result.status == 200, result.text
        return [item["id"] for item in result.body["items"]]

    def control(self, method: str, path: str, body: object = None) -> Result:
        return self.call(method, f"/_control/{path}", body)


def make(entities: dict[str, list[dict[str, Any]]], **switches: object) -> Api:
    simulator = AutotaskSimulator()
    simulator.load_tenant(
        {
            "tenant": "acme",
            "username": CREDENTIALS["UserName"],
            "secret": CREDENTIALS["Secret"],
            "integration_code": CREDENTIALS["ApiIntegrationCode"],
            "switches": switches,
            "entities": entities,
        }
    )
    return Api(simulator, SimulatorApp(simulator))


INVOICES: list[dict[str, Any]] = [
    {
        "id": 10,
        "companyID": 318,
        "invoiceNumber": "INV-10",
        "invoiceTotal": Decimal("52.7775"),
        "isVoided": False,
        "createDateTime": "2026-05-14T07:58:41.113Z",
        "webServiceDate": "2026-05-14T09:00:00Z",
    },
    {
        "id": 11,
        "companyID": 318,
        "invoiceNumber": "inv-11",
        "invoiceTotal": Decimal(1240),
        "isVoided": True,
        "createDateTime": "2026-05-15T00:00:00Z",
    },
    {
        "id": 12,
        "companyID": 322,
        "invoiceNumber": None,
        "invoiceTotal": Decimal("-10.5"),
        "isVoided": False,
        "createDateTime": "2026-05-16T00:00:00.5Z",
        "dueDate": "2026-06-15T00:00:00Z",
    },
]
COMPANIES: list[dict[str, Any]] = [
    {
        "id": 318,
        "companyName": "Harbour Dental Ltd",
        "userDefinedFields": [{"name": "Ledger", "value": "A1"}, {"name": "Other", "value": None}],
    },
    {"id": 322, "companyName": "O'Brien & Sons", "userDefinedFields": []},
]
LINES: list[dict[str, Any]] = [
    {"id": 100 + each, "invoiceID": 10 + each % 3, "quantity": Decimal("3.175"), "itemName": f"Line <{each}>"}
    for each in range(9)
]


@pytest.fixture
def api() -> Api:
    contacts = [
        {"id": 1, "companyID": 318, "isActive": 1, "lastName": "Walker"},
        {"id": 2, "companyID": 318, "isActive": 0, "lastName": "Singh"},
        {"id": 3, "companyID": 322, "isActive": 1, "lastName": "Rossi"},
    ]
    terms = [{"id": 3, "name": "Net 30 days", "paymentDueInDays": 30}]
    return make(
        {
            "Invoices": INVOICES,
            "Companies": COMPANIES,
            "BillingItems": LINES,
            "Contacts": contacts,
            "PaymentTerms": terms,
        }
    )


@pytest.fixture
def make_api() -> Callable[..., Api]:
    return make
