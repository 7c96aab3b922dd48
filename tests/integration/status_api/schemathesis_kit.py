"""The whole application under Schemathesis: its data, its askers, and what every answer is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import schemathesis
from schemathesis import Case, Response
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client as Http

from invoice_events import names
from status_api.server.rates import Rates
from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.people_kit import Town
from tests.integration.status_api.samples import event, example, of

AnyCase = Case[Any]


def no_defect(_: object, response: Response, case: AnyCase) -> None:
    """No answer is a failure on our side; only the stream, which nothing feeds here, is away and says so."""
    if response.status_code == 503 and case.path == "/api/v1/stream":
        return
    assert response.status_code < 500, response.text


CHECKS: list[CheckFunction] = [
    no_defect,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("viewer", "operator", "admin", "foreign", "every admin", "environment", "nobody")
KNOWN: dict[str, list[str]] = {
    "tenant_id": ["acme", "beta", "no-such"],
    "invoice_id": ["1", "2", "7", "9223372036854775807", "9223372036854775808", "0"],
    "purchase_order_id": ["5", "7", "0"],
}
"""Values of path parts that lead somewhere: made-up ones alone would never get past the first look."""


@dataclass
class Subject:
    """The application, filled, and who may ask it."""

    town: Town
    tokens: dict[str, str | None]
    schema: Any

    @classmethod
    def on(cls, read_model: ReadModel) -> Subject:
        """With two invoices, a purchase order, a fault, a command and people of every role at acme, and one at beta."""
        town = Town.on(read_model)
        api = replace(town.client.api, rates=Rates(0))
        town = Town(Client(api, read_model), town.clock)
        read_model.store(
            of("invoice/1", "discovered"),
            of("invoice/1", "mapped"),
            of("invoice/1", "synced"),
            of("invoice/2", "discovered"),
            of("invoice/2", "faulted"),
            of("purchase-order/5", "discovered"),
            (names.DISCOVERED, event(names.DISCOVERED, "invoice/7", tenant="beta")),
            *((topic, example(topic) | {"tenant_id": "acme"}) for topic in (names.LOGS, names.REFERENCE)),
        )
        town.did("POST", "/tenants/acme/commands", {"kind": "sync-now"})
        tokens: dict[str, str | None] = {"nobody": None, "environment": TOKEN}
        for role in ("viewer", "operator", "admin"):
            tokens[role] = town.join(f"{role}@acme.example", ("acme", role))
        tokens["foreign"] = town.join("admin@beta.example", ("beta", "admin"))
        tokens["every admin"] = town.join("admin@example.com", (None, "admin"))
        schema = schemathesis.openapi.from_wsgi("/openapi.json", town.client.app)
        return cls(town, tokens, schema)

    def headers(self, role: str) -> dict[str, str]:
        """The token of somebody."""
        token = self.tokens[role]
        plain = {"Accept-Encoding": "identity"}  # what calls in this process unpacks nothing
        return plain if token is None else plain | {"Authorization": f"Bearer {token}"}

    def ask(self, case: AnyCase, role: str) -> Response:
        """Send a case as somebody and hold the answer against the document."""
        case.headers.pop("Authorization", None)
        return case.call_and_validate(headers=self.headers(role), checks=CHECKS)

    def works(self) -> None:
        """Whether everything is still there: whatever was asked, nothing was lost and nobody was locked out."""
        http = Http(self.town.client.app)
        for path in (
            "/tenants/acme",
            "/tenants/acme/invoices/1",
            "/tenants/acme/purchase-orders/5",
            "/tenants/acme/overview",
        ):
            assert http.get(f"/api/v1{path}", headers=self.headers("environment")).status_code == 200, path


def lead_somewhere(case: AnyCase, choice: int) -> None:
    """Put known values into the path, most of the time."""
    for name in case.path_parameters:
        if name in KNOWN and choice % 4:
            case.path_parameters[name] = KNOWN[name][choice % len(KNOWN[name]) if choice % 3 else 0]
