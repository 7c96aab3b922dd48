"""What every answer gets at the end: validators, 304, gzip where it tells nothing, and headers for browsers."""

from __future__ import annotations

import gzip
import json

import pytest

from status_api.server.operations import JSON_TYPE, Operation
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import TOKEN, Client, ReadModel
from tests.integration.status_api.people_kit import PASSWORD, Town
from tests.integration.status_api.samples import of

pytestmark = pytest.mark.stack

BEARER = {"Authorization": f"Bearer {TOKEN}"}
READ = (
    "/tenants",
    "/tenants/acme",
    "/tenants/acme/settings",
    "/tenants/acme/invoices",
    "/tenants/acme/invoices/1",
    "/catalogue",
)


def _again(client: Client, path: str, tag: str) -> int:
    return client.call("GET", f"/api/v1{path}", headers={"If-None-Match": tag}).status_code


@pytest.mark.parametrize("path", READ)
def test_what_is_known_is_not_sent_again_and_what_has_changed_is(
    read_model: ReadModel, client: Client, path: str
) -> None:
    read_model.store(of("invoice/1", "discovered"))
    tag = client.get(path).headers["ETag"]
    assert _again(client, path, tag) == 304
    assert _again(client, path, f'"other", {tag}') == 304
    assert _again(client, path, '"other"') == 200
    read_model.store(of("invoice/1", "mapped", minute=1))
    version = client.get("/tenants/acme/settings").headers["ETag"]
    changed = client.call(
        "PUT", "/api/v1/tenants/acme/state", {"state": "paused"}, headers={"If-Match": version}
    )
    assert changed.status_code == 200
    assert _again(client, path, tag) == (304 if path == "/catalogue" else 200)


def test_an_event_of_another_document_does_not_change_this_one(read_model: ReadModel, client: Client) -> None:
    read_model.store(of("invoice/1", "discovered"))
    first = client.get("/tenants/acme/invoices/1")
    read_model.store(of("invoice/2", "discovered", minute=9))
    assert _again(client, "/tenants/acme/invoices/1", first.headers["ETag"]) == 304


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_every_read_in_json_declares_its_validator(client: Client, operation: Operation) -> None:
    described = client.document["paths"][operation.path][operation.method.lower()]
    reads = operation.method == "GET" and operation.media == JSON_TYPE
    assert ("304" in described["responses"]) == reads


def test_the_description_itself_is_sent_once(client: Client) -> None:
    http = client.app.test_client()
    answer = http.get("/openapi.json")
    assert http.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_reads_are_compressed_for_whoever_wants_it(client: Client) -> None:
    http = client.app.test_client()
    plain = http.get("/api/v1/catalogue", headers=BEARER)
    packed = http.get("/api/v1/catalogue", headers={**BEARER, "Accept-Encoding": "gzip, br"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert len(packed.get_data()) < len(plain.get_data()) / 2
    assert json.loads(gzip.decompress(packed.get_data())) == plain.json
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert {"Accept-Encoding", "Authorization"} <= set(packed.headers["Vary"].split(", "))


def test_no_answer_with_a_secret_or_a_version_is_compressed(read_model: ReadModel) -> None:
    """Its length would tell how much the secret and what the caller sent have in common."""
    town = Town.on(read_model)
    http = town.client.app.test_client()
    wants = {**BEARER, "Accept-Encoding": "gzip"}
    body = {
        "email": "kim@example.com",
        "name": "K" * 200,
        "grants": [{"tenant_id": "acme", "role": "viewer"}],
    }
    invited = http.post("/api/v1/people", json=body, headers=wants)
    assert invited.status_code == 201
    accepted = http.post(
        "/api/v1/invitations/accepted",
        json={"invitation": invited.json["invitation"]["token"], "password": PASSWORD},  # type: ignore[index]  # it is JSON
        headers=wants,
    )
    settings = http.get("/api/v1/tenants/acme/settings", headers=wants)
    for answer in (invited, accepted, settings):
        assert "Content-Encoding" not in answer.headers
    assert len(settings.get_data()) > 1_000
    assert settings.headers["ETag"] == '"1"', "fit for If-Match"


def test_no_answer_leaves_a_browser_to_guess(client: Client) -> None:
    for path, kept in (
        ("/tenants", "private, no-cache"),
        ("/nothing", "no-store"),
        ("/tenants/nowhere", "no-store"),
    ):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cache-Control"] == kept
        assert "Set-Cookie" not in headers
