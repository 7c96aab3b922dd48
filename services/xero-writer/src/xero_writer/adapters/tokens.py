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
_EARLY_SECONDS = 60.0
_OK, _BAD_REQUEST, _UNAUTHORISED, _SERVER_ERROR = 200, 400, 401, 500


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
        self._good_until = 0.0
        secrets_of_this_process.hide(credentials.client_secret)

    def get(self) -> str:
        """A token that is good for at least another minute.

        Raises:
            RefusedError: Xero refuses the credentials.
            DownError: the identity server does not answer.
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

    def _fetch(self) -> None:
        reason = ""
        for scope in _SCOPES:
            status, body = self._ask(scope)
            if status == _OK and isinstance(body.get("access_token"), str):
                self._keep(str(body["access_token"]), body.get("expires_in"))
                return
            reason = str(body.get("error") or f"HTTP {status}")
            if reason != "invalid_scope":
                break
        raise RefusedError(f"Xero refuses the client credentials: {reason}")

    def _ask(self, scope: str) -> tuple[int, dict[str, object]]:
        try:
            with deadline(self._deadline):
                answer = self._session.post(
                    self._url,
                    data={"grant_type": "client_credentials", "scope": scope},
                    auth=(self._credentials.client_id, self._credentials.client_secret),
                    timeout=self._deadline,
                )
                body = answer.json()
        except requests.RequestException as error:
            raise DownError(f"Xero's identity server does not answer: {type(error).__name__}") from error
        if answer.status_code not in {_OK, _BAD_REQUEST, _UNAUTHORISED} or not isinstance(body, dict):
            raise DownError(f"Xero's identity server answers HTTP {answer.status_code}")
        return answer.status_code, body

    def _keep(self, token: str, lifetime: object) -> None:
        secrets_of_this_process.hide(token)
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 0.0
        self._token = token
        self._good_until = time.monotonic() + max(seconds - _EARLY_SECONDS, seconds / 2)
