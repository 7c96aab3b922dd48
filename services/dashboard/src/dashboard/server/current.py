"""What belongs to the request that is being answered: whose it is, and in which time zone that person lives."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request

from dashboard.api.connection import Connection, SessionEndedError, StatusApi
from dashboard.core.times import zone_named
from dashboard.names import ZONE_COOKIE
from dashboard.server.protection import address_of
from dashboard.server.sessions import Sessions, SignedIn

_CONNECTION, _SESSIONS = "dashboard.connection", "dashboard.sessions"


def install(application: Flask, connection: Connection, sessions: Sessions) -> None:
    """Let requests of an application find what they need."""
    application.extensions[_CONNECTION] = connection
    application.extensions[_SESSIONS] = sessions


def connection() -> Connection:
    """Where status-api is."""
    found: Connection = current_app.extensions[_CONNECTION]
    return found


def sessions() -> Sessions:
    """What opens cookies."""
    found: Sessions = current_app.extensions[_SESSIONS]
    return found


def signed_in() -> SignedIn | None:
    """The session of this request."""
    if "signed_in" not in g:
        g.signed_in = sessions().of(request)
    found: SignedIn | None = g.signed_in
    return found


def status_api() -> StatusApi:
    """Calls as the person of this request.

    Raises:
        SessionEndedError: nobody is signed in.
    """
    session = signed_in()
    if session is None:
        raise SessionEndedError("You are not signed in, or your session is over.")
    return connection().as_person(session.token, address_of(request))


def person_zone() -> ZoneInfo:
    """The time zone of the person's browser, as it told by a cookie; UTC if it told none that exists."""
    return zone_named(request.cookies.get(ZONE_COOKIE, ""))
