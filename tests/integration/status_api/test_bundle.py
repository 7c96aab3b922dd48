"""The support bundle: complete, of one document, and without what must not leave the house."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.people_kit import Town
from tests.integration.status_api.samples import event, example, of

pytestmark = pytest.mark.stack

_PATH = "/api/v1/tenants/acme/invoices/48213/bundle"
_CUSTOMER = "Zahnarzt Überbiss GmbH"


def _get(client: Client, path: str = _PATH, token: str = TOKEN) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return client.app.test_client().get(path, headers=headers, buffered=True)


def _members(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    return {
        name: archive.read(name).decode() if name.endswith(".txt") else json.loads(archive.read(name))
        for name in archive.namelist()
    }


def _fill(read_model: ReadModel) -> None:
    company = example("invoice.discovered")["company"] | {"name": _CUSTOMER, "city": "Hinterzarten"}
    read_model.store(
        of("invoice/48213", "discovered", company=company, settings_version=1),
        of("invoice/48213", "mapped", minute=1, settings_version=1, reference_version=7),
        of("invoice/48213", "faulted", minute=2, text=f"Can't find Xero Contact with Account Name: {_CUSTOMER}"),
        of("invoice/999", "discovered", company=company),
        ("sync.logs", event("sync.logs", "invoice/48213", message=f"asked bo@else.example about {_CUSTOMER}")),
        ("sync.logs", event("sync.logs", "invoice/999", 2, message="of another one")),
        ("xero.reference", example("xero.reference")),
        ("connection.health", example("connection.health")),
    )  # fmt: skip


def test_it_holds_everything_about_the_document_and_nothing_about_another(
    client: Client, read_model: ReadModel
) -> None:
    _fill(read_model)
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/48213"})
    client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "resync", "document": "invoice/999"})
    answer = _get(client)
    assert answer.headers["Content-Type"] == "application/zip"
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename=acme-invoice-48213-2026-05-20T1200Z.zip"
    )
    members = _members(answer)
    assert members["document.json"]["document"] == "invoice/48213"
    events = [entry for entry in members["timeline.json"] if entry["topic"].startswith("invoice.")]
    assert [entry["topic"] for entry in events] == ["invoice.discovered", "invoice.mapped", "invoice.faulted"]
    assert [members[entry["file"]]["event_id"] for entry in events] == [entry["event_id"] for entry in events]
    assert [line["document"] for line in members["logs.json"]] == ["invoice/48213"]
    assert [(asked["kind"], asked["document"]) for asked in members["commands.json"]] == [
        ("resync", "invoice/48213")
    ]
    assert [version["version"] for version in members["settings.json"]] == [1]
    assert members["reference.json"]["versions_used"] == [7]
    assert members["reference.json"]["newest"]["accounts"]
    assert [connection["side"] for connection in members["connections.json"]] == ["autotask", "xero"]
    assert members["versions.json"]["migration"]
    assert members["contents.json"]["log_lines"] == 1
    assert "invoice/48213" in members["README.txt"]
    assert all("/999" not in json.dumps(content) for content in members.values())


def test_names_are_hidden_in_every_file_and_amounts_are_not(client: Client, read_model: ReadModel) -> None:
    _fill(read_model)
    members = _members(_get(client))
    told = json.dumps(members, ensure_ascii=False)
    assert not any(name in told for name in (_CUSTOMER, "Hinterzarten", "bo@else.example"))
    company = members["document.json"]["company"]["name"]
    assert company.startswith("[name ")
    assert members["document.json"]["fault"]["text"].endswith(company)
    assert members["logs.json"][0]["message"] == f"asked [email] about {company}"
    assert members["document.json"]["total"] == client.get("/tenants/acme/invoices/48213").json["total"]


def test_names_are_told_to_an_admin_who_asks_and_it_stands_in_the_audit(read_model: ReadModel) -> None:
    town = Town.on(read_model)
    _fill(read_model)
    operator = town.machine("op@example.com", ("acme", "operator"))
    admin = town.machine("ad@example.com", ("acme", "admin"))
    assert town.client.call("GET", f"{_PATH}?detailed=true", token=operator).status_code == 403
    assert _CUSTOMER not in json.dumps(_members(_get(town.client, _PATH, operator)), ensure_ascii=False)
    assert _CUSTOMER in json.dumps(
        _members(_get(town.client, f"{_PATH}?detailed=true", admin)), ensure_ascii=False
    )
    assert ("ad@example.com", "detailed-bundle", "acme") in town.audit()
    assert ("op@example.com", "bundle", "acme") in town.audit()
    assert ("op@example.com", "detailed-bundle", "acme") not in town.audit()


def test_it_takes_the_role_operator_at_the_tenant(read_model: ReadModel) -> None:
    town = Town.on(read_model)
    _fill(read_model)
    viewer = town.machine("v@example.com", ("acme", "viewer"))
    stranger = town.machine("s@example.com", ("beta", "admin"))
    assert town.client.call("GET", _PATH, token=viewer).status_code == 403
    assert town.client.call("GET", _PATH, token=stranger).status_code == 404
    for path in ("invoices.csv", "invoices.xlsx", "logs.csv"):
        assert _get(town.client, f"/api/v1/tenants/acme/{path}", viewer).status_code == 200
        assert town.client.call("GET", f"/api/v1/tenants/acme/{path}", token=stranger).status_code == 404
    assert town.client.call("GET", "/api/v1/tenants/acme/audit.csv", token=viewer).status_code == 403


def test_a_purchase_order_has_one_too(client: Client, read_model: ReadModel) -> None:
    read_model.store(of("purchase-order/771", "discovered"))
    members = _members(_get(client, "/api/v1/tenants/acme/purchase-orders/771/bundle"))
    assert members["document.json"]["document"] == "purchase-order/771"
    assert members["document.json"]["vendor"]["name"].startswith("[name ")


def test_an_unknown_document_has_none_and_no_place_is_kept(client: Client) -> None:
    for _ in range(3):
        assert client.call("GET", _PATH).status_code == 404
    assert client.call("GET", "/api/v1/tenants/acme/logs.csv").status_code == 200
