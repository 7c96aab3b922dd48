"""The cookie: nobody but the dashboard makes or reads one, and none lasts longer than it may."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from dashboard.server.sessions import Sessions, SignedIn
from invoice_events.identity import utc_now
from service_runtime.config import ConfigurationError, Environment
from tests.unit.dashboard.conftest import KEY, sealed

OLD_KEY = "an older session key of 32 characters"
SESSION = SignedIn("secret-token", utc_now() + timedelta(hours=12))


def asking(cookie: str | None) -> Request:
    headers = [] if cookie is None else [("Cookie", f"session={cookie}")]
    return Request(EnvironBuilder(headers=headers).get_environ())


def environment(**values: str) -> Environment:
    told: Mapping[str, str] = values
    return Environment(told)


def test_a_session_is_read_back() -> None:
    assert Sessions([KEY]).of(asking(sealed(SESSION))) == SESSION


def test_a_session_that_is_over_is_none() -> None:
    over = SignedIn("secret-token", utc_now() - timedelta(seconds=1))
    assert Sessions([KEY]).of(asking(sealed(over))) is None


def test_no_changed_or_foreign_or_made_up_cookie_is_a_session() -> None:
    good = sealed(SESSION)
    foreign = Fernet(Fernet.generate_key()).encrypt(b'{"token": "x", "expires_at": "2999-01-01T00:00:00Z"}')
    wrong = [good[:40] + ("A" if good[40] != "A" else "B") + good[41:], good[:-4], f"A{good}", "", "x", "é"]
    wrong += [foreign.decode(), base64.urlsafe_b64encode(b"{}").decode(), "." * 5_000]
    for cookie in [None, *wrong]:
        assert Sessions([KEY]).of(asking(cookie)) is None, cookie


def test_a_new_key_does_not_sign_anybody_out_while_the_old_one_is_kept() -> None:
    before = sealed(SESSION, OLD_KEY)
    assert Sessions([KEY, OLD_KEY]).of(asking(before)) == SESSION
    assert Sessions([KEY]).of(asking(before)) is None
    after = sealed(SESSION, f"{KEY},{OLD_KEY}")
    assert Sessions([KEY]).of(asking(after)) == SESSION
    assert Sessions([OLD_KEY]).of(asking(after)) is None


def test_a_cookie_tells_nothing_and_is_kept_from_scripts_and_other_sites() -> None:
    response = Response()
    Sessions([KEY]).begin(response, SESSION, secure=True)
    cookie = response.headers["Set-Cookie"]
    assert "secret-token" not in cookie
    attributes = {
        part.strip().partition("=")[0].lower(): part.partition("=")[2] for part in cookie.split(";")
    }
    assert {"httponly", "secure", "expires"} <= set(attributes)
    assert attributes["samesite"] == "Strict"
    assert attributes["path"] == "/"
    assert len(cookie) < 4_000
    Sessions([KEY]).begin(plain := Response(), SESSION, secure=False)
    assert "secure" not in plain.headers["Set-Cookie"].lower()


def test_an_ended_session_is_taken_away_under_the_same_attributes() -> None:
    Sessions([KEY]).end(response := Response(), secure=True)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("session=;")
    assert "Max-Age=0" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize("value", ["", "short", f"{KEY},short", " , "])
def test_a_missing_or_short_key_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(ConfigurationError, match="DASHBOARD_SESSION_KEY") as refused:
        Sessions.from_environment(environment(DASHBOARD_SESSION_KEY=value))
    assert KEY not in str(refused.value)


def test_several_keys_are_taken_with_blanks_around_them() -> None:
    found = Sessions.from_environment(environment(DASHBOARD_SESSION_KEY=f" {KEY} , {OLD_KEY}"))
    assert found.of(asking(sealed(SESSION, OLD_KEY))) == SESSION
