"""Rows of people, written inside a transaction that somebody else began."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text

from status_api.core.access import EVERYWHERE, Grant, Role
from status_api.core.people import Person, loses_last_admin
from status_api.core.tokens import INVITATION_LIFE
from status_api.queries.people import admins_everywhere, person_by
from status_api.stores.audit import Who, write_audit
from status_api.stores.secrets import new_secret


class UnknownPersonError(LookupError):
    """No such person."""


class UnknownGrantTenantError(LookupError):
    """A grant at a tenant that does not exist."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(tenant_id)
        self.tenant_id = tenant_id


class LastAdminError(Exception):
    """Nobody would be left who can administer the installation."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Lets its holder choose a password once.

    Attributes:
        secret: shown once.
        expires_at: not after this time.
    """

    secret: str
    expires_at: datetime


def add_person(
    connection: Connection, email: str, name: str, grants: Sequence[Grant], who: Who, now: datetime
) -> Person:
    """A new person, active and without a password.

    Raises:
        UnknownGrantTenantError: a grant is at a tenant that does not exist.
    """
    person = Person(str(uuid.uuid4()), email, name, can_sign_in=False, active=True, grants=())
    connection.execute(
        text(
            "INSERT INTO person (person_id, email, name, state, created_at, created_by)"
            " VALUES (:person, :email, :name, 'active', :now, :by)"
        ),
        {"person": person.person_id, "email": email, "name": name, "now": now, "by": who.actor},
    )
    person = store_grants(connection, person, grants, who, now)
    about_person(connection, who, now, "add-person", person)
    return person


def store_grants(
    connection: Connection, person: Person, grants: Sequence[Grant], who: Who, now: datetime
) -> Person:
    """Make these the grants of a person, with an audit line at the place of each one that changes.

    Raises:
        UnknownGrantTenantError: a grant is at a tenant that does not exist.
        LastAdminError: nobody would be left.
    """
    changed = replace(person, grants=tuple(grants))
    _require_tenants(connection, changed.grants)
    keep_an_admin(connection, changed)
    before = {grant.tenant_id: grant.role for grant in person.grants}
    after = {grant.tenant_id: grant.role for grant in changed.grants}
    for place in sorted(before.keys() | after.keys(), key=str):
        if before.get(place) is after.get(place):
            continue
        _store_grant(connection, person, place, after.get(place), who, now)
        if (after.get(place) or 0) > (before.get(place) or 0):
            _end_invitation(connection, person)
        told = f"{_word(before.get(place))} to {_word(after.get(place))}"
        write_audit(connection, who, now, "change-grant", place, f"{person.email}: {told}")
    return changed


def _store_grant(
    connection: Connection, person: Person, place: str | None, role: Role | None, who: Who, now: datetime
) -> None:
    values = {"person": person.person_id, "tenant": place, "now": now, "by": who.actor}
    connection.execute(
        text("DELETE FROM person_grant WHERE person_id = :person AND tenant_id IS NOT DISTINCT FROM :tenant"),
        values,
    )
    if role is not None:
        connection.execute(
            text(
                "INSERT INTO person_grant (person_id, tenant_id, role, granted_at, granted_by)"
                " VALUES (:person, :tenant, :role, :now, :by)"
            ),
            values | {"role": role.word},
        )


def _end_invitation(connection: Connection, person: Person) -> None:
    """Whoever made an invitation holds it, and may not administer what is given now: it must not open that."""
    connection.execute(text("DELETE FROM invitation WHERE person_id = :person"), {"person": person.person_id})


def new_invitation(connection: Connection, person: Person, now: datetime) -> Invitation:
    """An invitation; one that was given before is none any more."""
    secret, digest = new_secret("invitation")
    expires_at = now + INVITATION_LIFE
    connection.execute(
        text(
            "INSERT INTO invitation (digest, person_id, expires_at) VALUES (:digest, :person, :expires_at)"
            " ON CONFLICT (person_id) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at"
        ),
        {"digest": digest, "person": person.person_id, "expires_at": expires_at},
    )
    return Invitation(secret, expires_at)


def about_person(connection: Connection, who: Who, at: datetime, action: str, person: Person) -> None:
    """An audit line at every tenant where the person has a role, so that its admins see it."""
    for place in sorted({grant.tenant_id for grant in person.grants} or {EVERYWHERE}, key=str):
        write_audit(connection, who, at, action, place, person.email)


def end_everything(connection: Connection, person_id: str, now: datetime) -> None:
    """Revoke sessions, tokens and invitation of a person."""
    connection.execute(
        text("UPDATE token SET revoked_at = :now WHERE person_id = :person AND revoked_at IS NULL"),
        {"person": person_id, "now": now},
    )
    connection.execute(text("DELETE FROM invitation WHERE person_id = :person"), {"person": person_id})


def known_person(connection: Connection, person_id: str) -> Person:
    """One person.

    Raises:
        UnknownPersonError: there is none.
    """
    person = person_by(connection, "person_id", person_id)
    if person is None:
        raise UnknownPersonError(person_id)
    return person


def keep_an_admin(connection: Connection, changed: Person) -> None:
    """Check that a changed person leaves somebody to administer the installation.

    Raises:
        LastAdminError: nobody would be left.
    """
    before = admins_everywhere(connection)
    after = [changed if person.person_id == changed.person_id else person for person in before]
    if loses_last_admin(before, after):
        raise LastAdminError


def _require_tenants(connection: Connection, grants: Sequence[Grant]) -> None:
    wanted = {grant.tenant_id for grant in grants if grant.tenant_id is not None}
    found = connection.execute(
        text("SELECT tenant_id FROM tenant WHERE tenant_id = ANY(:wanted)"), {"wanted": sorted(wanted)}
    )
    missing = wanted - set(found.scalars())
    if missing:
        raise UnknownGrantTenantError(min(missing))


def _word(role: Role | None) -> str:
    return role.word if role is not None else "none"
