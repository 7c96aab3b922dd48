"""Signing in and out, and accepting an invitation: plain forms that need no script."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.api.connection import Json, ProblemError, SessionEndedError, UnreachableError, below
from dashboard.names import INVITATION, SIGN_IN, SIGN_OUT
from dashboard.server.current import connection, sessions, signed_in, status_api
from dashboard.server.protection import address_of, is_secure
from dashboard.server.sessions import SignedIn

log = logging.getLogger(__name__)

_AWAY = "The service behind this page does not answer. Nothing was changed: try again in a minute."


def sign_in_routes() -> Blueprint:
    """The routes."""
    routes = Blueprint("sign_in", __name__)

    @routes.get(SIGN_IN)
    def ask() -> AnyResponse:
        if signed_in() is not None and not request.args.get("again"):
            return redirect(_inside(request.args.get("next", "")))
        return _form("sign_in.html")

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
            return _form("invitation.html", "The two passwords differ.", 422)
        body = {"invitation": request.form.get("invitation", ""), "password": password}
        return _begun("invitation.html", below("invitations", "accepted"), body)

    @routes.post(SIGN_OUT)
    def sign_out() -> AnyResponse:
        try:
            status_api().call("DELETE", below("sessions", "current"))
        except SessionEndedError:
            pass  # it was over already
        except (ProblemError, UnreachableError) as error:
            log.warning(
                "a session could not be ended in status-api and ends by its age: %s", type(error).__name__
            )
        answer = redirect(SIGN_IN, 303)
        answer.headers["Clear-Site-Data"] = '"storage"'
        sessions().end(_flask(answer), secure=is_secure(request))
        return answer

    return routes


def _begun(template: str, path: str, body: Json) -> AnyResponse:
    """A session from status-api's answer, or the form again with what was wrong."""
    api = connection().as_person(None, address_of(request))
    try:
        answer = api.call("POST", path, body=body).body
    except ProblemError as problem:
        return _form(template, problem.detail, problem.status)
    except SessionEndedError as refused:
        return _form(template, str(refused), 401)
    except UnreachableError:
        return _form(template, _AWAY, 503)
    session = SignedIn(answer["token"], datetime.fromisoformat(answer["expires_at"]))
    inside = redirect(_inside(request.form.get("next", "")), 303)
    sessions().begin(_flask(inside), session, secure=is_secure(request))
    return inside


def _form(template: str, wrong: str | None = None, status: int = 200) -> Response:
    page = render_template(
        template,
        wrong=wrong,
        next=request.values.get("next", ""),
        email=request.form.get("email", ""),
        invitation=request.form.get("invitation", ""),
    )
    return make_response(page, status)


def _inside(wished: str) -> str:
    """A path of this site, never another one: whoever sends a link to the sign-in page chooses `next`."""
    parts = urlsplit(wished)
    if parts.scheme or parts.netloc or not wished.startswith("/") or wished.startswith(("//", "/\\")):
        return "/"
    return wished


def _flask(answer: AnyResponse) -> Response:
    """`redirect` makes a Flask response, but says less."""
    assert isinstance(answer, Response)  # noqa: S101  # for the type checker
    return answer
