"""The token endpoint and who may do what with a token (custom connections: client credentials only)."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus

from simulators.kit.call import Answer
from simulators.xero.problems import refused_access

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from simulators.kit.call import Call

TOKEN_LIFETIME = timedelta(minutes=30)
_FAMILIES = {
    "accounting.invoices": ("accounting.transactions",),
    "accounting.payments": ("accounting.transactions",),
    "accounting.contacts": (),
    "accounting.settings": (),
}
_KNOWN_SCOPES = frozenset(
    {
        name
        for family, broad in _FAMILIES.items()
        for base in (family, *broad)
        for name in (base, f"{base}.read")
    }
    | {"accounting.attachments", "accounting.attachments.read", "accounting.reports.read", "app.connections"}
    | {
        "offline_access",
        "openid",
        "profile",
        "email",
        "accounting.banktransactions",
        "accounting.manualjournals",
    }
)
SCOPE_OF_COLLECTION = {
    "Invoices": "accounting.invoices",
    "CreditNotes": "accounting.invoices",
    "PurchaseOrders": "accounting.invoices",
    "Payments": "accounting.payments",
    "Contacts": "accounting.contacts",
    "Accounts": "accounting.settings",
    "TaxRates": "accounting.settings",
    "Currencies": "accounting.settings",
    "TrackingCategories": "accounting.settings",
    "BrandingThemes": "accounting.settings",
    "Organisation": "accounting.settings",
}


@dataclass(frozen=True, slots=True)
class Token:
    """An opaque access token. `scopes` None = everything the connection holds."""

    client_id: str
    expires: datetime
    scopes: frozenset[str] | None

    def allows(self, collection: str, method: str) -> bool:
        """Whether the scopes cover this method of an endpoint; reading also works with the `.read` scope."""
        family = SCOPE_OF_COLLECTION.get(collection)
        if self.scopes is None or family is None:
            return True
        names = (family, *_FAMILIES[family])
        return any(
            name in self.scopes or (method == "GET" and f"{name}.read" in self.scopes) for name in names
        )


def credentials(call: Call) -> tuple[str, str, dict[str, str]]:
    """Client id and secret by HTTP Basic or from the form, and the form."""
    form = {name: values[0] for name, values in parse_qs(call.body_text()).items()}
    scheme, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", "", form
        client_id, _, secret = text.partition(":")
        return unquote_plus(client_id), unquote_plus(secret), form
    return form.get("client_id", ""), form.get("client_secret", ""), form


class Tokens:
    """The issued tokens."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def issue(self, call: Call, secrets_by_client: Mapping[str, str]) -> Answer:
        """Answers POST /connect/token: 30 minutes, no refresh token; 400 with the OAuth error otherwise."""
        if call.method != "POST":
            return Answer(405)
        client_id, secret, form = credentials(call)
        known = secrets_by_client.get(client_id)
        if known is None or not secrets.compare_digest(known.encode(), secret.encode()):
            return Answer.json(400, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials":
            return Answer.json(400, {"error": "unsupported_grant_type"})
        scopes = form.get("scope", "").split()
        if not set(scopes) <= _KNOWN_SCOPES:
            return Answer.json(
                400,
                {"error": "invalid_scope", "error_description": "Client credentials scope validation failed"},
            )
        value = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[value] = Token(
                client_id, self._now() + TOKEN_LIFETIME, frozenset(scopes) if scopes else None
            )
        granted = " ".join(scopes) if scopes else " ".join(sorted(_FAMILIES))
        return Answer.json(
            200,
            {
                "access_token": value,
                "expires_in": int(TOKEN_LIFETIME.total_seconds()),
                "token_type": "Bearer",
                "scope": granted,
            },
        )

    def revoke(self, client_id: str) -> None:
        """Makes every token of a client unknown (its app was disconnected, or its secret changed)."""
        with self._lock:
            self._tokens = {
                value: token for value, token in self._tokens.items() if token.client_id != client_id
            }

    def check(self, call: Call) -> Token | Answer:
        """The token of a call, or the 401 for a missing, unknown or expired one."""
        scheme, _, value = call.headers.get("Authorization", "").partition(" ")
        with self._lock:
            token = self._tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            return refused_access(
                401, "Unauthorized", "AuthenticationUnsuccessful", {"WWW-Authenticate": "Bearer"}
            )
        if self._now() >= token.expires:
            detail = f"TokenExpired: token expired at {token.expires:%m/%d/%Y %H:%M:%S}"
            return refused_access(401, "Unauthorized", detail, {"WWW-Authenticate": "Bearer"})
        return token


def insufficient_scope() -> Answer:
    """The 401 for a token that lacks the scope of the endpoint; a refresh does not help."""
    return refused_access(
        401,
        "Unauthorized",
        "AuthorizationUnsuccessful",
        {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
    )
