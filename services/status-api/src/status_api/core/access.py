"""Who may do what: roles per tenant, and what they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum


class Role(IntEnum):
    """What somebody may do at a tenant; each role may do what those below it may.

    Members are ordered so that `needed <= held` is the whole question.
    """

    VIEWER = 1
    """Read."""
    OPERATOR = 2
    """Give commands: resync, skip, sync now."""
    ADMIN = 3
    """Change settings and state, and give roles."""

    @property
    def word(self) -> str:
        """As people and the API call it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Role:
        """The role with this name.

        Raises:
            KeyError: there is none.
        """
        return cls[word.upper()]


ROLES = tuple(role.word for role in Role)
EVERYWHERE = None
"""Tenant of a grant that holds at every tenant, those that come later included."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at one tenant, or at every tenant."""

    tenant_id: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks.

    Attributes:
        name: as it stands in histories and in the audit.
        grants: roles at tenants.
        person_id: of the person whose token it is; None for the token of the environment.
        token_id: of the token; None for the token of the environment.
        in_session: whether the token was given for a password, not made for a machine.
    """

    name: str
    grants: tuple[Grant, ...] = ()
    person_id: str | None = None
    token_id: str | None = None
    in_session: bool = False

    def role_at(self, tenant_id: str | None) -> Role | None:
        """The highest role that holds at a tenant (None: at every tenant); None if there is none."""
        held = [grant.role for grant in self.grants if grant.tenant_id in {EVERYWHERE, tenant_id}]
        return max(held, default=None)

    @property
    def highest(self) -> Role | None:
        """The highest role at any tenant; None if there is none at all."""
        return max((grant.role for grant in self.grants), default=None)

    @property
    def tenants(self) -> frozenset[str] | None:
        """Tenants at which there is any role; None = every one."""
        if any(grant.tenant_id is EVERYWHERE for grant in self.grants):
            return None
        return frozenset(grant.tenant_id for grant in self.grants if grant.tenant_id is not None)

    def narrowed(self, most: Role | None, tenants: Iterable[str] | None) -> Actor:
        """The same with no role above `most`, and at these tenants only; None leaves either as it is."""
        grants = self.grants
        if tenants is not None:
            grants = tuple(
                Grant(tenant, role)
                for tenant in sorted(tenants)
                if (role := self.role_at(tenant)) is not None
            )
        if most is not None:
            grants = tuple(Grant(grant.tenant_id, min(grant.role, most)) for grant in grants)
        return replace(self, grants=grants)


NOBODY = Actor("anybody")
"""Who asks an operation that needs no token."""
