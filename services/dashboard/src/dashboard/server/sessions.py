"""Who a browser is signed in as: the person's token, sealed in a cookie that only this service can open.

The token never reaches a page's scripts, and nothing is stored here: every replica with the same key knows every session,
a restart ends none. Ending one (signing out, a new password, a disabled person) is status-api's doing: it refuses the token.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Request, Response

from dashboard.names import SESSION_COOKIE
from invoice_events.identity import utc_now
from service_runtime.config import ConfigurationError, Environment

_VARIABLE = "DASHBOARD_SESSION_KEY"
_SHORTEST = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session.

    Attributes:
        token: the bearer token that status-api gave.
        expires_at: when it ends, in UTC.
    """

    token: str
    expires_at: datetime


class Sessions:
    """Seals sessions into cookies and opens them."""

    def __init__(self, keys: list[str]) -> None:
        """Make it from secrets, the newest first: it seals, all open."""
        self._box = MultiFernet([Fernet(_key(secret)) for secret in keys])

    @classmethod
    def from_environment(cls, env: Environment) -> Sessions:
        """Keys of `DASHBOARD_SESSION_KEY`; several, comma separated, while one replaces another.

        Raises:
            ConfigurationError: it is missing, or one of them is short.
        """
        wanted = (
            f"a secret of at least {_SHORTEST} characters, several separated by commas (the newest first)"
        )
        keys = [key.strip() for key in env.text(_VARIABLE, wanted).split(",")]
        if any(len(key) < _SHORTEST for key in keys):
            raise ConfigurationError(f"{_VARIABLE} is too short: wanted {wanted}")
        return cls(keys)

    def of(self, request: Request) -> SignedIn | None:
        """The session of a request; None without one, or if it is over or not ours."""
        sealed = request.cookies.get(SESSION_COOKIE)
        if not sealed:
            return None
        try:
            told = json.loads(self._box.decrypt(sealed.encode("ascii", "replace")))
        except InvalidToken:
            return None
        session = SignedIn(told["token"], datetime.fromisoformat(told["expires_at"]))
        return session if session.expires_at > utc_now() else None

    def begin(self, response: Response, session: SignedIn, *, secure: bool) -> None:
        """Give a browser its session."""
        told = json.dumps({"token": session.token, "expires_at": session.expires_at.isoformat()})
        response.set_cookie(
            SESSION_COOKIE,
            self._box.encrypt(told.encode()).decode(),
            expires=session.expires_at,
            httponly=True,
            samesite="Strict",
            secure=secure,
            path="/",
        )

    def end(self, response: Response, *, secure: bool) -> None:
        """Take it away."""
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict", secure=secure, path="/")


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())
