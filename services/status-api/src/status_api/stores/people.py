"""People and their grants. Whoever changes them waits for each other, so that every rule is checked against what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from status_api.core.access import EVERYWHERE, Grant, Role
from status_api.core.people import Person, merged
from status_api.queries.people import person_by
from status_api.stores.audit import Who
from status_api.stores.person_rows import (
    Invitation,
    about_person,
    add_person,
    end_everything,
    keep_an_admin,
    known_person,
    new_invitation,
    store_grants,
)

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('status-api people', 0))")
Check = Callable[[Person], None]
"""Refuses, by raising, what may not be done with a person as they are stored."""


class PeopleStore:
    """Reads and changes people."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def get(self, person_id: str) -> Person:
        """One person.

        Raises:
            UnknownPersonError: there is none.
        """
        with self._engine.connect() as connection:
            return known_person(connection, person_id)

    def invite(
        self, email: str, name: str, grants: Sequence[Grant], who: Who, *, invited: bool = True
    ) -> tuple[Person, bool, Invitation | None]:
        """Give roles to the person with this address, who is made if there is none.

        Somebody who is known keeps name, state and password, and gets no invitation: whoever gives a role at one tenant must not
        get at an account that opens others.

        Returns:
            The person, whether they are new, and the invitation of a new one; None if `invited` is False (a machine).

        Raises:
            UnknownGrantTenantError: a grant is at a tenant that does not exist.
            LastAdminError: the grant would take the last admin's role.
        """
        with self._changing() as connection:
            now = self._now()
            known = person_by(connection, "email", email)
            if known is not None:
                return store_grants(connection, known, merged(known.grants, grants), who, now), False, None
            person = add_person(connection, email, name, grants, who, now)
            return person, True, new_invitation(connection, person, now) if invited else None

    def set_grants(self, person_id: str, grants: Callable[[Person], Sequence[Grant]], who: Who) -> Person:
        """Replace the grants of a person by those that `grants` makes of the stored person; it refuses by raising.

        Raises:
            UnknownPersonError: there is no such person.
            UnknownGrantTenantError: a grant is at a tenant that does not exist.
            LastAdminError: nobody would be left.
        """
        with self._changing() as connection:
            person = known_person(connection, person_id)
            return store_grants(connection, person, grants(person), who, self._now())

    def change(
        self, person_id: str, check: Check, who: Who, *, name: str | None = None, active: bool | None = None
    ) -> Person:
        """Rename, disable or enable a person. Disabling ends every session, token and invitation for good.

        Raises:
            UnknownPersonError: there is no such person.
            LastAdminError: nobody would be left.
        """
        with self._changing() as connection:
            person, now = known_person(connection, person_id), self._now()
            check(person)
            changed = replace(
                person,
                name=person.name if name is None else name,
                active=person.active if active is None else active,
            )
            keep_an_admin(connection, changed)
            _store(connection, changed)
            if changed.name != person.name:
                about_person(connection, who, now, "rename-person", changed)
            if changed.active != person.active:
                action = "enable-person" if changed.active else "disable-person"
                about_person(connection, who, now, action, changed)
            if not changed.active:
                end_everything(connection, person_id, now)
            return changed

    def renew_invitation(self, person_id: str, check: Check, who: Who) -> Invitation:
        """Let a person choose a (new) password. The old one goes on until they do.

        Raises:
            UnknownPersonError: there is no such person.
        """
        with self._changing() as connection:
            person, now = known_person(connection, person_id), self._now()
            check(person)
            about_person(connection, who, now, "invite-person", person)
            return new_invitation(connection, person, now)

    def make_admin(
        self, email: str, name: str, password_hash: str | None, who: Who
    ) -> tuple[Person, Invitation | None]:
        """An active admin of every tenant with this address, new or not: the way back in for whoever has the database.

        Args:
            email: of the person.
            name: of a new person; somebody who is known keeps theirs.
            password_hash: of the password, which ends what was open with the old one; None makes an invitation instead.
            who: for the audit.

        Returns:
            The person, and the invitation if there was no password.
        """
        grant = Grant(EVERYWHERE, Role.ADMIN)
        with self._changing() as connection:
            now = self._now()
            person = person_by(connection, "email", email)
            if person is None:
                person = add_person(connection, email, name, [grant], who, now)
            person = store_grants(connection, person, merged(person.grants, [grant]), who, now)
            person = replace(person, active=True)
            _store(connection, person)
            about_person(connection, who, now, "create-admin", person)
            if password_hash is None:
                return person, new_invitation(connection, person, now)
            connection.execute(
                text("UPDATE person SET password_hash = :hash WHERE person_id = :person"),
                {"hash": password_hash, "person": person.person_id},
            )
            end_everything(connection, person.person_id, now)
            return replace(person, can_sign_in=True), None

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction that is the only one to change people."""
        with self._engine.begin() as connection:
            connection.execute(_LOCK)
            yield connection


def _store(connection: Connection, person: Person) -> None:
    connection.execute(
        text("UPDATE person SET name = :name, state = :state WHERE person_id = :person"),
        {
            "name": person.name,
            "state": "active" if person.active else "disabled",
            "person": person.person_id,
        },
    )
