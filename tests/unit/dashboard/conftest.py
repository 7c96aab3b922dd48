"""The dashboard's application before a stand-in for status-api."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from dashboard.api.connection import Connection
from dashboard.server.sessions import Sessions, SignedIn
from invoice_events.identity import utc_now
from tests.unit.dashboard.stand_in import StandIn, standing_in

KEY = "a session key of at least 32 characters"


@pytest.fixture(scope="session")
def _standing_in() -> Iterator[StandIn]:
    with standing_in() as found:
        yield found


@pytest.fixture(scope="session")
def pages(_standing_in: StandIn) -> Flask:
    from dashboard.application import make_application  # noqa: PLC0415  # tests of pure decisions load no pages

    return make_application(Connection(_standing_in.url), Sessions([KEY]), lambda: False)


@pytest.fixture
def status_api(_standing_in: StandIn) -> Iterator[StandIn]:
    yield _standing_in
    _standing_in.forget()


@pytest.fixture
def stranger(pages: Flask, status_api: StandIn) -> FlaskClient:
    """A browser of nobody."""
    return pages.test_client()


@pytest.fixture
def browser(pages: Flask, status_api: StandIn) -> FlaskClient:
    """A browser of somebody who is signed in."""
    client = pages.test_client()
    client.set_cookie("session", sealed(SignedIn("token-of-kim", utc_now() + timedelta(hours=1))))
    return client


def sealed(session: SignedIn, keys: str = KEY) -> str:
    """The value of the cookie of a session."""
    response = Response()
    Sessions(keys.split(",")).begin(response, session, secure=False)
    return response.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
