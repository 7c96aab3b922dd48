"""Signing in and out, and choosing the first password."""

from __future__ import annotations

import logging
from dataclasses import replace

from invoice_events.plain import to_plain
from service_runtime import metrics
from status_api.core.passwords import BadPasswordError, new_password
from status_api.core.people import BadTextError, email_of
from status_api.core.tokens import is_secret
from status_api.server.hashing import BusyError
from status_api.server.operations import Answer, Operation, Request, ref
from status_api.server.people_problems import (
    bad_password,
    busy_with_passwords,
    session_needed,
    sign_in_refused,
    too_many_tries,
    unknown_invitation,
)
from status_api.server.people_schemas import ACCEPT_BODY, SIGN_IN_BODY
from status_api.server.resources.common import who
from status_api.server.resources.people_views import person_view
from status_api.stores.tokens import (
    ChangedMeanwhileError,
    Credentials,
    NewToken,
    UnknownTokenError,
)

log = logging.getLogger(__name__)

_BASE = "/api/v1/sessions"


def sign_in(request: Request) -> Answer:
    """A session for an e-mail address and password.

    Nothing tells whether an account exists: words, status, work and throttling are the same for an unknown address.
    """
    try:
        email = email_of(request.body["email"])
    except BadTextError:
        email = request.body["email"]  # counted like any other, and nobody's
        known = None
    else:
        known = request.api.accounts.tokens.credentials(email=email)
    checked = check_password(request, email, known, request.body["password"])
    if checked is None:
        raise _refused("refused")
    hasher, accounts = request.api.hasher, request.api.accounts
    stored = checked.password_hash or ""
    try:
        better = hasher.hash(new_password(request.body["password"])) if hasher.is_old(stored) else None
    except (BusyError, BadPasswordError):
        better = None  # another time
    me = replace(who(request), actor=email)
    try:
        session = accounts.tokens.open_session(checked, better, me)
    except ChangedMeanwhileError as error:
        raise _refused("refused") from error
    metrics.sign_ins.labels("success").inc()
    return _session(request, session, checked.person_id)


def check_password(
    request: Request, account: str, known: Credentials | None, password: str
) -> Credentials | None:
    """Hold a password against what is stored, counted before it is looked at; None if it is not theirs.

    Raises:
        Problem: too many were tried, or too many are being looked at.
    """
    tries = request.api.accounts.tries
    wait = tries.count(request.address, account)
    if wait is not None:
        log.warning("too many tries to sign in from one address or for one account")
        metrics.sign_ins.labels("throttled").inc()
        raise too_many_tries(wait)
    try:
        fits = request.api.hasher.fits(known.password_hash if known else None, password)
    except BusyError as error:
        tries.not_made(request.address, account)
        metrics.sign_ins.labels("busy").inc()
        raise busy_with_passwords() from error
    if known is None or not fits or not known.active:
        return None
    tries.succeeded(request.address, account)
    return known


def _refused(outcome: str) -> Exception:
    metrics.sign_ins.labels(outcome).inc()
    return sign_in_refused()


def hashed(request: Request, password: str) -> str:
    """Hash of a new password.

    Raises:
        Problem: it can not be one, or too many are being looked at.
    """
    try:
        return request.api.hasher.hash(new_password(password))
    except BadPasswordError as error:
        raise bad_password(str(error)) from error
    except BusyError as error:
        raise busy_with_passwords() from error


def _session(request: Request, session: NewToken, person_id: str) -> Answer:
    person = request.api.accounts.people.get(person_id)
    return Answer(
        {
            "token": session.secret,
            "expires_at": to_plain(session.expires_at),
            "person": person_view(person, person.grants),
        },
        201,
    )


def accept_invitation(request: Request) -> Answer:
    """Choose a password by invitation; it signs in as well."""
    secret, tokens = request.body["invitation"], request.api.accounts.tokens
    if not is_secret(secret, "invitation") or not tokens.is_invitation(secret):
        metrics.sign_ins.labels("refused").inc()
        raise unknown_invitation()
    password_hash = hashed(request, request.body["password"])
    try:
        person, session = tokens.accept(
            secret, password_hash, lambda person: replace(who(request), actor=person.email)
        )
    except UnknownTokenError as error:
        raise unknown_invitation() from error
    metrics.sign_ins.labels("success").inc()
    return _session(request, session, person.person_id)


def sign_out(request: Request) -> Answer:
    """End the session that asks."""
    if request.actor.token_id is None or not request.actor.in_session:
        raise session_needed()
    request.api.accounts.tokens.revoke(request.actor.token_id, who(request))
    return Answer({})


OPERATIONS = (
    Operation(
        "POST",
        _BASE,
        "signIn",
        "Sign in with e-mail address and password; the token in the answer is a session of 12 hours",
        {201: ref("Session")},
        sign_in,
        (401, 429),
        body=SIGN_IN_BODY,
        open=True,
    ),
    Operation(
        "DELETE",
        f"{_BASE}/current",
        "signOut",
        "End the session that asks",
        {200: {"type": "object"}},
        sign_out,
        (403,),
        own=True,
    ),
    Operation(
        "POST",
        "/api/v1/invitations/accepted",
        "acceptInvitation",
        "Choose a password with an invitation, and sign in",
        {201: ref("Session")},
        accept_invitation,
        (404, 422),
        body=ACCEPT_BODY,
        open=True,
    ),
)
