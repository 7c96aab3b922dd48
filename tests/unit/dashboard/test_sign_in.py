"""Signing in and out, and invitations: what goes to status-api, what comes back to the browser, and what never does."""

from __future__ import annotations

import logging
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.api.connection import Connection
from dashboard.application import make_application
from dashboard.core.places import inside
from dashboard.server.sessions import Sessions
from tests.unit.dashboard.conftest import KEY
from tests.unit.dashboard.stand_in import StandIn

SESSIONS, CURRENT = "/api/v1/sessions", "/api/v1/sessions/current"
ACCEPTED = "/api/v1/invitations/accepted"
SESSION = {"token": "iss_new-token", "expires_at": "2999-01-01T00:00:00Z", "person": {}}
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
ODD = "1 < 2 % & \"quoted\" 'é' + \N{SNOWMAN}  "
ATTACK = '"><script>alert(1)</script>{{ 7*7 }}'


def posted(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(path, data=form, headers=FROM_HERE)


def test_signing_in_gives_the_session_and_leads_on(stranger: FlaskClient, status_api: StandIn) -> None:
    status_api.tell("POST", SESSIONS, SESSION, 201)
    answer = posted(stranger, "/sign-in", email="kim@example.com", password=ODD, next="/t/acme?text=a%26b")
    assert (answer.status_code, answer.location) == (303, "/t/acme?text=a%26b")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "iss_new-token" not in str(answer.headers) + answer.text
    [asked] = status_api.asked
    assert asked.body == {"email": "kim@example.com", "password": ODD}
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "sign-in-refused"), (429, "too-many-sign-ins"), (503, "busy"), (400, "bad-body")],
)
def test_a_refusal_is_told_in_its_own_words_and_focused(
    stranger: FlaskClient, status_api: StandIn, status: int, kind: str
) -> None:
    status_api.refuse("POST", SESSIONS, status, kind)
    answer = posted(stranger, "/sign-in", email="kim@example.com", password="wrong", next="/people")
    assert answer.status_code == status
    assert 'role="alert" tabindex="-1" autofocus' in answer.text
    assert f"Detail of {kind}" in answer.text
    assert answer.text.count("autofocus") == 1
    assert 'value="kim@example.com"' in answer.text
    assert 'value="/people"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_nothing_typed_comes_back_unescaped_and_no_password_at_all(
    stranger: FlaskClient, status_api: StandIn
) -> None:
    status_api.refuse("POST", SESSIONS, 401, "sign-in-refused")
    status_api.refuse("POST", ACCEPTED, 404, "unknown-invitation")
    for answer in (
        posted(stranger, "/sign-in", email=ATTACK, password=f"secret {ATTACK}", next=f"/t/{ATTACK}"),
        posted(
            stranger,
            "/invitation",
            invitation=ATTACK,
            password=f"secret {ATTACK}",
            repeated=f"secret {ATTACK}",
        ),
        stranger.get("/sign-in", query_string={"next": f"/t/{ATTACK}"}),
    ):
        assert "<script>alert" not in answer.text
        assert ATTACK in unescape(answer.text)
        assert "secret" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_invitation_is_accepted_from_its_code_or_its_link(
    stranger: FlaskClient, status_api: StandIn
) -> None:
    status_api.tell("POST", ACCEPTED, SESSION, 201)
    for given in ("isi_abc-1", "  isi_abc-1\n", "https://pages.example/invitation#isi_abc-1"):
        answer = posted(stranger, "/invitation", invitation=given, password=ODD, repeated=ODD)
        assert (answer.status_code, answer.location) == (303, "/")
        assert status_api.asked.pop().body == {"invitation": "isi_abc-1", "password": ODD}
        stranger.delete_cookie("session")


def test_passwords_that_differ_go_nowhere(stranger: FlaskClient, status_api: StandIn) -> None:
    answer = posted(stranger, "/invitation", invitation="isi_abc", password=ODD, repeated=ODD.strip())
    assert answer.status_code == 422
    assert "The two passwords differ." in answer.text
    assert 'value="isi_abc"' in answer.text
    assert status_api.asked == []


def test_a_service_that_is_away_is_said_so() -> None:
    nowhere = make_application(Connection("http://127.0.0.1:9"), Sessions([KEY]), lambda: False)
    answer = posted(nowhere.test_client(), "/sign-in", email="kim@example.com", password="x")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_signing_out_ends_the_session_in_status_api(browser: FlaskClient, status_api: StandIn) -> None:
    status_api.tell("DELETE", CURRENT, {})
    answer = browser.post("/sign-out", headers=FROM_HERE)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Set-Cookie"].startswith("session=;")
    [asked] = status_api.asked
    assert asked.headers["Authorization"] == "Bearer token-of-kim"


def test_a_session_that_could_not_be_ended_is_told(
    browser: FlaskClient, status_api: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    status_api.refuse("DELETE", CURRENT, 503, "unavailable")
    with caplog.at_level(logging.WARNING):
        answer = browser.post("/sign-out", headers=FROM_HERE, follow_redirects=False)
    assert "ends by its age" in caplog.text
    assert "token-of-kim" not in caplog.text
    assert "by itself within 12 hours" in browser.get(answer.location).text


def test_signing_in_anew_ends_the_session_before(browser: FlaskClient, status_api: StandIn) -> None:
    status_api.tell("POST", SESSIONS, SESSION, 201)
    status_api.refuse("DELETE", CURRENT, 401, "unauthorized")
    answer = posted(browser, "/sign-in", email="kim@example.com", password="x")
    assert answer.status_code == 303
    assert [(asked.method, asked.headers.get("Authorization")) for asked in status_api.asked] == [
        ("POST", None),
        ("DELETE", "Bearer token-of-kim"),
    ]


def test_whoever_is_signed_in_is_led_on_but_may_sign_in_again(browser: FlaskClient) -> None:
    assert browser.get("/sign-in?next=/people").location == "/people"
    again = browser.get("/sign-in?again=1&next=/people")
    assert "Your session is over" in again.text
    assert 'value="/people"' in again.text


def test_a_link_from_another_site_asks_once_more_so_that_the_cookie_comes_along(
    stranger: FlaskClient,
) -> None:
    first = stranger.get(
        "/sign-in", query_string={"next": "/t/acme?a=1&b=2"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert 'http-equiv="refresh"' in first.text
    assert "/sign-in?next=%2Ft%2Facme%3Fa%3D1%26b%3D2" in first.text
    assert "<form" not in first.text


@pytest.mark.parametrize(
    "wished",
    [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\\..\\..",
        "https://evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "/sign-in?next=/",
        "/sign-out",
        "/invitation",
        "//[",
    ],
)
def test_nothing_but_a_path_of_this_site_is_gone_to(wished: str, pages: Flask, status_api: StandIn) -> None:
    assert inside(wished) == "/"
    status_api.tell("POST", SESSIONS, SESSION, 201)
    answer = posted(pages.test_client(), "/sign-in", email="k", password="x", next=wished)
    assert answer.location == "/"


@pytest.mark.parametrize("wished", ["/", "/t/acme/sync/invoices?text=a%26b&open=1", "/people?text=Zo%C3%AB"])
def test_the_page_that_was_asked_for_is_kept(wished: str, stranger: FlaskClient) -> None:
    assert inside(wished) == wished
    led = stranger.get(wished)
    assert urlsplit(led.location).path == "/sign-in"
    form = stranger.get(led.location)
    assert f'name="next" value="{wished}"' in unescape(form.text)
