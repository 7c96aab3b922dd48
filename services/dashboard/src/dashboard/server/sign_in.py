"""Signing in and out, and accepting an invitation: plain forms that need no script."""

from __future__ import annotations

import logging
from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.api.connection import (
    Json,
    ProblemError,
    SessionEndedError,
    StatusApi,
    StatusApiError,
    UnreachableError,
    below,
)
from dashboard.core.addresses import href
from dashboard.core.places import inside
from dashboard.names import INVITATION, SIGN_IN, SIGN_OUT
from dashboard.server.current import connection, sessions, signed_in
from dashboard.server.protection import address_of, is_secure
from dashboard.server.sessions import SignedIn

log = logging.getLogger(__name__)

_AWAY = "The service behind this page does not answer. Nothing was changed: try again in a minute."
_LEFT = "You are signed out in this browser. The service did not answer, so your session there ends by itself within 12 hours."
_AGAIN = "Your session is over. Sign in to go on where you were."


def sign_in_routes() -> Blueprint:
    """The routes."""
    routes = Blueprint("sign_in", __name__)

    @routes.get(SIGN_IN)
    def ask() -> AnyResponse:
        wished, again = inside(request.args.get("next", "")), bool(request.args.get("again"))
        if signed_in() is not None and not again:
            return redirect(wished)
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return _come_again(wished)
        told = _AGAIN if again else _LEFT if request.args.get("left") else None
        return _form("sign_in.html", told=told)

    @routes.post(SIGN_IN)
    def sign_in() -> AnyResponse:
        body = {"email": request.form.get("email", ""), "password": request.form.get("password", "")}
        return _begun("sign_in.html", below("sessions"), body)

    @routes.get(INVITATION)
    def invited() -> AnyResponse:
        return _form("invitation.html")

    @routes.post(INVITATION)
    def accept() -> AnyResponse:
        password = request.form.get("password", "")
        if password != request.form.get("repeated", ""):
            return _form("invitation.html", wrong="The two passwords differ.", status=422)
        body = {"invitation": _code(request.form.get("invitation", "")), "password": password}
        return _begun("invitation.html", below("invitations", "accepted"), body)

    @routes.post(SIGN_OUT)
    def sign_out() -> AnyResponse:
        answer = redirect(href(SIGN_IN.strip("/"), left=None if _end_session() else "yes"), 303)
        answer.headers["Clear-Site-Data"] = '"storage"'
        sessions().end(_flask(answer), secure=is_secure(request))
        return answer

    return routes


def _come_again(wished: str) -> Response:
    """A page that asks for the sign-in page once more.

    Somebody who follows a link in a mail or another site comes without our cookie, signed in or not: it is sent only with
    what our own pages ask for. This page is one, so that the next request shows who it is.
    """
    return make_response(render_template("come_again.html", to=href(SIGN_IN.strip("/"), next=wished)))


def _begun(template: str, path: str, body: Json) -> AnyResponse:
    """A session from status-api's answer, or the form again with what was wrong."""
    try:
        answer = _as(None).call("POST", path, body=body).body
    except ProblemError as problem:
        return _form(template, wrong=problem.detail, status=problem.status)
    except SessionEndedError as refused:
        return _form(template, wrong=str(refused), status=401)
    except UnreachableError:
        return _form(template, wrong=_AWAY, status=503)
    session = SignedIn(answer["token"], datetime.fromisoformat(answer["expires_at"]))
    _end_session()
    entered = redirect(inside(request.form.get("next", "")), 303)
    sessions().begin(_flask(entered), session, secure=is_secure(request))
    return entered


def _end_session() -> bool:
    """End the session that the browser has had until now, in status-api; whether none is left there."""
    before = signed_in()
    if before is None:
        return True
    try:
        _as(before.token).call("DELETE", below("sessions", "current"))
    except SessionEndedError:
        return True  # it was over already
    except StatusApiError as error:
        log.warning(
            "a session could not be ended in status-api and ends by its age: %s", type(error).__name__
        )
        return False
    return True


def _as(token: str | None) -> StatusApi:
    return connection().as_person(token, address_of(request))


def _code(given: str) -> str:
    """The code of an invitation, also where somebody pasted the whole link."""
    return given.rpartition("#")[2].strip()


def _form(template: str, *, told: str | None = None, wrong: str | None = None, status: int = 200) -> Response:
    page = render_template(
        template,
        told=told,
        wrong=wrong,
        next=inside(request.values.get("next", "")),
        email=request.form.get("email", ""),
        invitation=_code(request.form.get("invitation", "")),
    )
    return make_response(page, status)


def _flask(answer: AnyResponse) -> Response:
    """`redirect` makes a Flask response, but says less."""
    assert isinstance(answer, Response)  # noqa: S101  # for the type checker
    return answer
