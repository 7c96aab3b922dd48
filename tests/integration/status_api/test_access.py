"""Who is let in, and how refusals look."""

from __future__ import annotations

import re

import pytest

from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import TOKEN, Client

pytestmark = pytest.mark.stack

_CLOSED = [operation for operation in OPERATIONS if not operation.open]


def _path(template: str) -> str:
    return re.sub(r"\{\w+\}", "1", template)


@pytest.mark.parametrize(
    "header",
    [None, "Bearer ", "Bearer forged", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN],
)
def test_nothing_is_told_or_done_without_the_token(client: Client, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for operation in _CLOSED:
        answer = client.call(
            operation.method, _path(operation.path), {"kind": "sync-now"}, headers=headers, token=None
        )
        assert answer.status_code == 401, operation.operation_id
        assert answer.mimetype == "application/problem+json"
        assert answer.json["type"] == "urn:invoice-sync:problem:unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert TOKEN not in answer.text


def test_the_description_and_the_probe_are_open(client: Client) -> None:
    assert client.call("GET", "/openapi.json", token=None).json["openapi"] == "3.1.0"
    assert client.call("GET", "/healthz", token=None).json == {"alive": True, "stalled": []}


def test_an_unknown_path_and_method_are_problems_too(client: Client) -> None:
    unknown = client.call("GET", "/api/v1/nothing")
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    wrong = client.call("DELETE", "/api/v1/tenants")
    assert (wrong.status_code, wrong.json["type"]) == (405, "urn:invoice-sync:problem:method-not-allowed")
    assert "GET" in wrong.headers["Allow"]


def test_a_request_id_is_kept_if_it_is_one_and_made_if_not(client: Client) -> None:
    kept = client.call("GET", "/api/v1/catalogue", headers={"X-Request-Id": "mine-1"})
    assert kept.headers["X-Request-Id"] == "mine-1"
    made = client.call("GET", "/api/v1/catalogue", headers={"X-Request-Id": "two words"})
    assert made.headers["X-Request-Id"] != "two words"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tenants/acme/invoices?limit=0", "limit"),
        ("/tenants/acme/invoices?limit=ten", "limit"),
        ("/tenants/acme/invoices?limit=1&limit=2", "limit"),
        ("/tenants/acme/invoices?status=Done", "status"),
        ("/tenants/acme/invoices?from=2026-13-01", "from"),
        ("/tenants/acme/invoices?sort=name", "sort"),
        ("/tenants/acme/invoices?colour=blue", "colour"),
        ("/tenants/acme/invoices?cursor=nonsense", "cursor"),
        ("/tenants/acme/invoices?cursor=WyJ4Il0", "cursor"),
        ("/tenants/acme/invoices/INV:1", "invoice_id"),
        ("/tenants/acme/logs?from=yesterday", "from"),
        ("/tenants/acme/logs?from=2026-05-04T10:00:00", "from"),
    ],
)
def test_a_parameter_that_can_not_be_read_is_named(client: Client, path: str, name: str) -> None:
    answer = client.call("GET", f"/api/v1{path}")
    assert answer.status_code == 400
    assert answer.json["parameter"] == name


def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    answer = client.call(
        "POST", "/api/v1/tenants/acme/commands", None, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415
