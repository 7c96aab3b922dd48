"""Who asks: bearer tokens."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from service_runtime.config import ConfigurationError, Environment
from service_runtime.logs import secrets_of_this_process
from status_api.core.access import EVERYWHERE, Actor, Grant, Role
from status_api.server.operations import Operation
from status_api.server.problems import forbidden, unauthorized, unknown_tenant

_VARIABLE = "STATUS_API_ADMIN_TOKEN"
_SHORTEST = 16
_ADMIN = Actor("admin-token", (Grant(EVERYWHERE, Role.ADMIN),))


class Authenticator:
    """Knows the bootstrap token, and keeps only its digest: digests have one length, so comparing tells nothing about it."""

    def __init__(self, admin_token: str | None) -> None:
        self._admin = None if admin_token is None else _digest(admin_token)

    @classmethod
    def from_environment(cls, env: Environment) -> Authenticator:
        """By STATUS_API_ADMIN_TOKEN; without it nobody is let in.

        Raises:
            ConfigurationError: the token is too short. It is never repeated.
        """
        token = env.optional(_VARIABLE)
        if token is not None:
            if len(token) < _SHORTEST:
                raise ConfigurationError(
                    f"{_VARIABLE} has {len(token)} characters: wanted at least {_SHORTEST}, chosen at random"
                )
            secrets_of_this_process.hide(token)
        return cls(token)

    @property
    def admits_anybody(self) -> bool:
        """Whether there is any token to sign in with."""
        return self._admin is not None

    def actor(self, authorization: str | None) -> Actor:
        """Who sent this Authorization header.

        Raises:
            Problem: it is missing, of another scheme, or carries a token that is not known.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("Send the header Authorization: Bearer <token>.")
        if self._admin is None or not hmac.compare_digest(_digest(token.strip()), self._admin):
            raise unauthorized("This token is not known here.")
        return _ADMIN


def require_role(operation: Operation, actor: Actor, path: Mapping[str, str]) -> None:
    """Check that an actor may use an operation.

    Raises:
        Problem: no role at the tenant in the path: it is not told apart from a tenant that does not exist. Or too low a role.
    """
    if operation.open or operation.own:
        return
    tenant_id = path["tenant_id"] if operation.is_of_a_tenant else EVERYWHERE
    held = actor.role_at(tenant_id)
    if held is None and tenant_id is not EVERYWHERE:
        raise unknown_tenant(tenant_id)
    if held is None or held < operation.needs:
        raise forbidden(operation.needs.word, "this tenant" if operation.is_of_a_tenant else "every tenant")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
