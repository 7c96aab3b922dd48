"""No other site acts for a person, no answer goes out without its protection, no stranger sees a page."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.unit.dashboard.stand_in import StandIn

HERE = {"Origin": "http://localhost"}
UNSAFE = ("/sign-in", "/sign-out", "/invitation", "/_dash-update-component")
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
    {"Referer": "http://localhost/"},
    {"Sec-Fetch-Site": ""},
)


def test_no_route_that_changes_something_is_missing_below(pages: Flask) -> None:
    safe = {"GET", "HEAD", "OPTIONS"}
    unsafe = {rule.rule for rule in pages.url_map.iter_rules() if (rule.methods or set()) - safe}
    assert set(UNSAFE) <= unsafe
    # The page framework answers every path; whatever is posted there is refused by the same check.
    assert unsafe <= {*UNSAFE, "/", "/<path:path>", "/_dash-mcp", "/_dash-mcp/<path:path>"}


@pytest.mark.parametrize("path", [*UNSAFE, "/", "/t/acme", "/files/acme/invoices.csv", "/assets/page.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_request_of_another_site_is_carried_out(
    browser: FlaskClient, status_api: StandIn, path: str, method: str, headers: dict[str, str]
) -> None:
    answer = browser.open(path, method=method, headers=headers, data={"email": "kim@example.com"})
    assert answer.status_code == 403
    assert status_api.asked == []


@pytest.mark.parametrize(
    "headers", [HERE, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}], ids=str
)
def test_a_request_of_our_own_page_is_carried_out(
    browser: FlaskClient, status_api: StandIn, headers: dict[str, str]
) -> None:
    status_api.tell("DELETE", "/api/v1/sessions/current", b"", 204)
    answer = browser.post("/sign-out", headers=headers)
    assert answer.status_code == 303
    [asked] = status_api.asked
    assert asked.headers["Authorization"] == "Bearer token-of-kim"
    assert "session=;" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/invitation", "/t/acme", "/assets/page.css", "/assets/none", "/_dash-layout", "/live"],
)
def test_no_answer_goes_out_without_its_protection(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path)
    headers = answer.headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == rules["form-action"] == "'self'"
    for source in rules["script-src"].split():
        assert source == "'self'" or re.fullmatch(r"'sha256-[A-Za-z0-9+/=]{44}'", source), source
    for name, sources in rules.items():
        for source in sources.split():
            assert source.startswith("'") or (source == "data:" and name in {"img-src", "font-src"}), source
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers


def test_what_is_a_persons_own_is_stored_nowhere_and_https_is_demanded_once_it_was_used(
    browser: FlaskClient,
) -> None:
    answer = browser.get("/t/acme", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_page_loads_nothing_from_elsewhere(browser: FlaskClient) -> None:
    page = browser.get("/").get_data(as_text=True)
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert len(loaded) > 5
    assert [each for each in loaded if not each.startswith("/") or each.startswith("//")] == []
    for path in loaded:
        if "favicon" not in path:
            assert browser.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path", ["/", "/t/acme/sync/invoices?status=Fault&text=a%26b", "/profile", "/nowhere"]
)
def test_a_stranger_is_asked_to_sign_in_and_led_back(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 302
    place = urlsplit(answer.headers["Location"])
    assert place.path == "/sign-in"
    assert parse_qs(place.query).get("next", ["/"]) == [path]


def test_a_stranger_is_told_nothing_by_what_a_page_asks(stranger: FlaskClient, status_api: StandIn) -> None:
    asked = {
        "output": "..view.children...header.children...person-place.children...navigation.children...title.data..",
        "outputs": [
            {"id": name, "property": member}
            for name, member in (
                ("view", "children"),
                ("header", "children"),
                ("person-place", "children"),
                ("navigation", "children"),
                ("title", "data"),
            )
        ],
        "inputs": [{"id": "address", "property": "data", "value": {"path": "/t/acme", "search": "", "n": 1}}],
        "changedPropIds": ["address.data"],
        "parsedChangedPropsIds": ["address"],
    }
    answer = stranger.post("/_dash-update-component", json=asked, headers=HERE)
    assert answer.status_code in {200, 204}
    assert status_api.asked == []
    told = answer.get_json()
    assert told["response"] == {} or set(told["response"]) <= {"leave"}
    assert told["sideUpdate"]["leave"]["data"] == {"to": "/sign-in", "again": True}


def test_the_way_here_is_told_to_the_service_that_counts_tries(
    stranger: FlaskClient, status_api: StandIn
) -> None:
    status_api.refuse("POST", "/api/v1/sessions", 401, "sign-in-refused")
    answer = stranger.post(
        "/sign-in",
        data={"email": "kim@example.com", "password": "not-mine"},
        headers=HERE | {"X-Forwarded-For": "203.0.113.9"},
    )
    assert answer.status_code == 401
    page = answer.get_data(as_text=True)
    assert "Detail of sign-in-refused" in page
    assert "not-mine" not in page
    [asked] = status_api.asked
    assert asked.headers["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    "wished", ["//evil.example", "https://evil.example/", "/\\evil.example", "/sign-out"]
)
def test_signing_in_leads_into_the_site_alone(
    stranger: FlaskClient, status_api: StandIn, wished: str
) -> None:
    session = {"token": "fresh", "expires_at": "2999-01-01T00:00:00Z"}
    status_api.tell("POST", "/api/v1/sessions", session, 201)
    form = {"email": "kim@example.com", "password": "right", "next": wished}
    answer = stranger.post("/sign-in", data=form, headers=HERE)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "fresh" not in cookie


def test_a_body_too_large_is_refused_before_it_is_read(browser: FlaskClient) -> None:
    answer = browser.post(
        "/_dash-update-component", data=b"x" * 2_200_000, headers=HERE, content_type="application/json"
    )
    assert answer.status_code == 413
