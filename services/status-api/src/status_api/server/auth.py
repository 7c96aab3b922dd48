"""Who asks: bearer tokens."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from service_runtime.config import ConfigurationError, Environment
from service_runtime.logs import secrets_of_this_process
from status_api.core.access import EVERYWHERE, Actor, Grant, Role
from status_api.core.tokens import digest_of, is_secret
from status_api.server.operations import Operation
from status_api.server.problems import forbidden, unauthorized, unknown_tenant

_VARIABLE = "STATUS_API_ADMIN_TOKEN"
_SHORTEST = 16
_ADMIN = Actor("admin-token", (Grant(EVERYWHERE, Role.ADMIN),))


FindActor = Callable[[str], Actor | None]
"""Whose token this is at this moment."""


class Authenticator:
    """Knows people's tokens and the bootstrap token.

    Of the bootstrap token it keeps only the digest: digests have one length, so comparing tells nothing about it.
    """

    def __init__(self, admin_token: str | None, find: FindActor = lambda _: None) -> None:
        """`find` looks up people's tokens; without it only the bootstrap token lets in."""
        self._admin = None if admin_token is None else digest_of(admin_token)
        self._find = find

    @classmethod
    def from_environment(cls, env: Environment) -> Authenticator:
        """By STATUS_API_ADMIN_TOKEN; without it only people are let in.

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

    def finding(self, find: FindActor) -> None:
        """Let people's tokens in from now on."""
        self._find = find

    def actor(self, authorization: str | None) -> Actor:
        """Who sent this Authorization header.

        Raises:
            Problem: it is missing, of another scheme, or carries a token that is not known.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("Send the header Authorization: Bearer <token>.")
        actor = self._actor_of(token.strip())
        if actor is None:
            raise unauthorized(
                "This token is not known here: it is wrong, has ended, or its person is disabled."
            )
        return actor

    def _actor_of(self, token: str) -> Actor | None:
        if self._admin is not None and hmac.compare_digest(digest_of(token), self._admin):
            return _ADMIN
        if is_secret(token, "token") or is_secret(token, "session"):
            return self._find(token)
        return None


def require_role(operation: Operation, actor: Actor, path: Mapping[str, str]) -> None:
    """Check that an actor may use an operation.

    Raises:
        Problem: no role at the tenant in the path: it is not told apart from a tenant that does not exist. Or too low a role;
            of an operation for a role somewhere, at every tenant.
    """
    if operation.open or operation.own:
        return
    if operation.somewhere:
        if actor.highest is None or actor.highest < operation.needs:
            raise forbidden(operation.needs.word, "a tenant at least")
        return
    tenant_id = path["tenant_id"] if operation.is_of_a_tenant else EVERYWHERE
    held = actor.role_at(tenant_id)
    if held is None and tenant_id is not EVERYWHERE:
        raise unknown_tenant(tenant_id)
    if held is None or held < operation.needs:
        raise forbidden(operation.needs.word, "this tenant" if operation.is_of_a_tenant else "every tenant")
