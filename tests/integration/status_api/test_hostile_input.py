"""What only somebody who means harm, or a broken program, would send: a documented 4xx, never a 5xx, and nothing is lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from status_api.server.bodies import LARGE_BYTES, MOST_BYTES
from status_api.server.operations import Operation
from status_api.server.rates import Rates
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import TOKEN, Client, ReadModel, make_client
from tests.integration.status_api.samples import of

pytestmark = pytest.mark.stack

TEXTS = {
    "sql": "'; DROP TABLE document; --",
    "sql comment": "1) OR 1=1 /*",
    "html": "<script>alert(1)</script>",
    "nul": "a\0b",
    "half a character": "a\ud800b",
    "right to left": "\u202egnp.exe",
    "wildcards": "%_\\%",
    "long": "x" * 5_000,
    "nineteen digits": "9223372036854775808",
    "many digits": "9" * 400,
    "negative": "-1",
    "float": "1e400",
    "newlines": "a\r\nSet-Cookie: a=b",
    "empty": "",
    "path": "../../etc/passwd",
    "template": "{{7*7}}${7*7}",
}
WITH_BODY = [operation for operation in OPERATIONS if operation.body is not None]
BODIES = {
    "null": b"null",
    "list": b"[]",
    "text": b'"x"',
    "number": b"1",
    "not json": b"{",
    "empty": b"",
    "not a number": b'{"kind": NaN}',
    "infinite": b'{"kind": 1e999}',
    "huge number": b'{"kind": ' + b"9" * 10_000 + b"}",
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "balanced and deep": b"[" * 500 + b"]" * 500,
    "twice": b'{"kind": "skip", "kind": "resync"}',
    "latin-1": '{"kind": "é"}'.encode("latin-1"),
    "utf-16": '{"kind": "sync-now"}'.encode("utf-16"),
    "nul": b'{"kind": "\\u0000"}',
    "half a character": b'{"kind": "\\ud800"}',
    "half a character as a name": b'{"\\ud800": 1}',
    "many items": b'{"kind": [' + b"1," * 30_000 + b"1]}",
    "many mixed items": b'{"items": [' + b'1,"a",{},' * 5_000 + b"1]}",
    "many members": json.dumps({f"m{number}": number for number in range(10_000)}).encode(),
}


@pytest.fixture(scope="module")
def client(module_engine: Any) -> Client:  # noqa: ANN401  # the fixture of the conftest
    model = ReadModel(module_engine)
    model.clear_everything()
    made = make_client(model)
    model.store(of("invoice/1", "discovered"), of("purchase-order/1", "discovered"))
    return made


@pytest.fixture(autouse=True)
def nothing_is_lost(client: Client) -> Any:  # noqa: ANN401  # a generator
    before = _kept(client.read_model)
    yield
    assert _kept(client.read_model) == before


def _kept(model: ReadModel) -> list[dict[str, Any]]:
    return model.rows(
        "SELECT (SELECT count(*) FROM document) AS documents, (SELECT count(*) FROM tenant) AS tenants,"
        " (SELECT count(*) FROM command) AS commands, (SELECT count(*) FROM person) AS people, (SELECT max(version) FROM tenant) AS version"
    )


def _path(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", "1", operation.path.replace("{tenant_id}", "acme"))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_no_text_in_a_parameter_breaks_an_operation(client: Client, operation: Operation, name: str) -> None:
    if operation.method != "GET" or operation.path == "/api/v1/stream":
        return
    text = TEXTS[name].encode("utf-8", "surrogatepass")
    http = client.app.test_client()
    for parameter in operation.parameters:
        path, query, headers = _path(operation), {}, {"Authorization": f"Bearer {TOKEN}"}
        if parameter.where == "path":
            sent = text.decode("latin-1").replace("/", "%2F")
            path = operation.path.replace("{" + parameter.name + "}", sent or "%20")
            path = re.sub(r"\{\w+\}", "1", path.replace("{tenant_id}", "acme"))
        elif parameter.where == "query":
            query = {parameter.name: text.decode("latin-1")}
        answer = http.get(path, query_string=query, headers=headers)
        _require_documented(client, operation, answer)


def _require_documented(client: Client, operation: Operation, answer: Any) -> None:  # noqa: ANN401  # werkzeug's answer
    declared = client.document["paths"][operation.path][operation.method.lower()]["responses"]
    allowed = {int(status) for status in declared} | {404}  # an address that is none of the operation's
    assert answer.status_code in allowed, (
        f"{operation.operation_id}: {answer.status_code} {answer.text[:200]}"
    )
    assert answer.status_code < 500, answer.text
    answer.close()


def _kind(answer: Any) -> str:  # noqa: ANN401  # werkzeug's answer
    return str(answer.json["type"])


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.operation_id)
def test_no_body_breaks_an_operation(client: Client, operation: Operation, name: str) -> None:
    answer = client.app.test_client().open(
        _path(operation),
        method=operation.method,
        data=BODIES[name],
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    _require_documented(client, operation, answer)
    assert 400 <= answer.status_code < 500
    assert len(answer.get_data()) < 40_000, "what was sent is not sent back"


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.operation_id)
def test_no_body_is_read_that_is_larger_than_the_operation_takes(
    client: Client, operation: Operation
) -> None:
    assert operation.most_bytes in {MOST_BYTES, LARGE_BYTES}
    answer = client.app.test_client().open(
        _path(operation),
        method=operation.method,
        data=b'{"kind": "' + b"x" * operation.most_bytes + b'"}',
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    assert (answer.status_code, _kind(answer)) == (413, "urn:invoice-sync:problem:body-too-large")


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/xml"}, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, {}],
)
def test_a_body_that_is_no_json_is_told_so(client: Client, headers: dict[str, str]) -> None:
    answer = client.app.test_client().post(
        "/api/v1/tenants/acme/commands", data=b"<a/>", headers={"Authorization": f"Bearer {TOKEN}", **headers}
    )
    assert (answer.status_code, _kind(answer)) == (415, "urn:invoice-sync:problem:no-json")


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/tenants",
        "/api/v1//tenants",
        "/api/v1/tenants/",
        "/api/v1/tenants/acme/../beta",
        "/api/v1/tenants/acme%2F..%2Fbeta/settings",
        "/api/v1/tenants/acme/invoices/1/",
        "/api/v1/tenants/%2e%2e/x",
        "/API/V1/tenants",
        "/openapi.json/",
        "/%00",
        "/",
    ],
)
def test_no_trick_with_a_path_leads_anywhere(client: Client, path: str) -> None:
    answer = client.app.test_client().get(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "x" * 7_000,
        "ist_" + "x" * 43,
        "\xff\xfe",
        "a b",
        "null",
        "' OR 1=1",
        TOKEN[:-1],
        TOKEN + "0",
        TOKEN.upper(),
    ],
)
def test_no_made_up_token_lets_anybody_in(client: Client, token: str) -> None:
    answer = client.app.test_client().get("/api/v1/tenants", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", TOKEN, "bearer", "Digest x", f"Token {TOKEN}"])
def test_no_other_scheme_lets_anybody_in(client: Client, header: str) -> None:
    answer = client.app.test_client().get("/api/v1/tenants", headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "name",
    [
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
        "X-Request-Id",
        "traceparent",
        "X-Forwarded-For",
        "Host",
        "Accept",
        "Accept-Encoding",
        "Range",
        "Content-Length",
    ],
)
@pytest.mark.parametrize("value", ["", "\xff", "a" * 3_000, "W/", '"', ",,,,", "-1", "*", "gzip;q=x"])
def test_no_header_breaks_an_answer(client: Client, name: str, value: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", name: value}
    for path in ("/api/v1/tenants", "/api/v1/tenants/acme/settings", "/openapi.json"):
        assert client.app.test_client().get(path, headers=headers).status_code in {200, 304, 400}, path
    answer = client.app.test_client().put(
        "/api/v1/tenants/acme/state",
        json={"state": "none"},
        headers={name: value, "Authorization": f"Bearer {TOKEN}"},
    )
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("text", ["a@b.example\0", "ha1f \ud83d of it"])
@pytest.mark.parametrize("member", ["email", "password"])
def test_a_sign_in_with_what_is_no_text_is_refused_and_not_repeated(
    client: Client, member: str, text: str
) -> None:
    body = {"email": "a@b.example", "password": "correct horse"} | {member: text}
    answer = client.call("POST", "/api/v1/sessions", body, token=None)
    assert (answer.status_code, answer.json["problems"][0]["place"]) == (400, member)
    assert text[:4] not in answer.text


def test_an_address_longer_than_any_is_refused(client: Client) -> None:
    answer = client.app.test_client().get(f"/api/v1/tenants?x={'x' * 9_000}")
    assert (answer.status_code, _kind(answer)) == (414, "urn:invoice-sync:problem:address-too-long")


def test_more_parameters_than_any_list_takes_are_refused(client: Client) -> None:
    answer = client.call("GET", "/api/v1/tenants/acme/invoices?" + "&".join(["status=Fault"] * 300))
    assert (answer.status_code, answer.json["parameter"]) == (400, "query")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_options_does_nothing_and_tells_the_methods(client: Client, operation: Operation) -> None:
    answer = client.app.test_client().options(_path(operation))
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert {operation.method, "OPTIONS"} <= set(re.split(", *", answer.headers["Allow"]))
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")], (
        "no other site may ask"
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_no_method_is_taken_that_is_not_declared(client: Client, operation: Operation) -> None:
    known = {"OPTIONS"} | {
        known.method
        for known in OPERATIONS
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known.path), _path(operation))
    }
    known |= {"HEAD"} if "GET" in known else set()
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - known:
        answer = client.app.test_client().open(
            _path(operation), method=method, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        assert answer.status_code == 405, method
        assert set(re.split(", *", answer.headers["Allow"])) <= known


def test_head_is_get_without_a_body(client: Client) -> None:
    for path in (
        "/api/v1/tenants",
        "/api/v1/tenants/acme",
        "/openapi.json",
        "/api/v1/tenants/acme/invoices.csv",
        "/healthz",
    ):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        got = client.app.test_client().get(path, headers=headers)
        head = client.app.test_client().head(path, headers=headers)
        assert (head.status_code, head.get_data()) == (200, b"")
        assert (head.mimetype, head.headers.get("ETag")) == (got.mimetype, got.headers.get("ETag"))
        got.close()
        head.close()


def test_nobody_asks_more_often_than_they_may(module_engine: Any) -> None:  # noqa: ANN401  # the fixture of the conftest
    client = make_client(ReadModel(module_engine))
    client = Client(replace(client.api, rates=Rates(20)), client.read_model)
    answers = [client.get("/tenants") for _ in range(25)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 5
    assert answers[-1].json["type"] == "urn:invoice-sync:problem:too-many-requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 120
    strangers = [client.call("GET", "/api/v1/tenants", token="made up") for _ in range(4)]
    assert [answer.status_code for answer in strangers] == [401, 401, 429, 429]
    assert client.call("GET", "/healthz", token=None).status_code == 200
