"""Access tokens of a custom connection: client credentials, half an hour, no refresh token."""

from __future__ import annotations

import threading
import time

import requests

from service_runtime.deadline import deadline
from service_runtime.logs import secrets_of_this_process
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters.answers import DownError, RefusedError

_SCOPES = (
    "accounting.invoices accounting.payments.read accounting.contacts accounting.settings.read",  # apps made since March 2026
    "accounting.transactions accounting.contacts accounting.settings.read",  # older apps
)
_HIDDEN_TOKENS = 2  # the present one and the one before: older ones have run out
_EARLY_SECONDS = 60.0
_DEFAULT_LIFETIME_SECONDS = 300.0  # an answer that does not say; Xero's tokens live 1800 s
_OK, _BAD_REQUEST, _UNAUTHORISED = 200, 400, 401
_TRANSIENT = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


class Tokens:
    """One tenant's access token; asked for once at a time, again before it runs out."""

    def __init__(
        self, session: requests.Session, identity_url: str, credentials: XeroCredentials, call_deadline: float
    ) -> None:
        self._session = session
        self._url = f"{identity_url}/connect/token"
        self._credentials = credentials
        self._deadline = call_deadline
        self._lock = threading.Lock()
        self._token: str | None = None
        self._hidden: list[str] = []
        self._good_until = 0.0
        secrets_of_this_process.hide(credentials.client_secret)

    def get(self) -> str:
        """A token that is good for at least another minute.

        Raises:
            RefusedError: Xero refuses the credentials.
            DownError: the identity server does not answer, or not sensibly.
        """
        with self._lock:
            if self._token is None or time.monotonic() >= self._good_until:
                self._fetch()
            return self._token or ""

    def drop(self, token: str) -> None:
        """Xero said that this token has expired: the next `get` asks for a new one."""
        with self._lock:
            if self._token == token:
                self._token = None

    def forget(self) -> None:
        """The next `get` asks for a new one, however good the present one may be."""
        with self._lock:
            self._token = None

    def _fetch(self) -> None:
        error = ""
        for scope in _SCOPES:
            status, body = self._ask(scope)
            if status == _OK:
                self._keep(body)
                return
            error = str(body.get("error") or f"HTTP {status}")
            if error in _TRANSIENT:
                raise DownError(f"Xero's identity server answers {error}")
            if error != "invalid_scope":
                break
        raise RefusedError(f"Xero refuses the client credentials: {error}")

    def _ask(self, scope: str) -> tuple[int, dict[str, object]]:
        try:
            with deadline(self._deadline):
                answer = self._session.post(
                    self._url,
                    data={"grant_type": "client_credentials", "scope": scope},
                    auth=(self._credentials.client_id, self._credentials.client_secret),
                    timeout=self._deadline,
                    allow_redirects=False,
                )
                body = answer.json()
        except requests.RequestException as error:
            raise DownError(f"Xero's identity server does not answer: {type(error).__name__}") from error
        if answer.status_code not in {_OK, _BAD_REQUEST, _UNAUTHORISED} or not isinstance(body, dict):
            raise DownError(f"Xero's identity server answers HTTP {answer.status_code}")
        return answer.status_code, body

    def _keep(self, body: dict[str, object]) -> None:
        token = body.get("access_token")
        if not isinstance(token, str) or not token:
            raise DownError("Xero's identity server answers without a token")
        secrets_of_this_process.hide(token)
        self._hidden = [*(known for known in self._hidden if known != token), token]
        while len(self._hidden) > _HIDDEN_TOKENS:
            secrets_of_this_process.forget(self._hidden.pop(0))
        seconds = _seconds(body.get("expires_in"))
        self._token = token
        self._good_until = time.monotonic() + max(seconds - _EARLY_SECONDS, seconds / 2)


def _seconds(lifetime: object) -> float:
    """`expires_in`: a number, or a number as text."""
    try:
        return float(lifetime) if isinstance(lifetime, int | float | str) else _DEFAULT_LIFETIME_SECONDS
    except ValueError:
        return _DEFAULT_LIFETIME_SECONDS
