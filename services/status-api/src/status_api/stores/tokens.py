"""Tokens and sessions: given, looked up at each request, revoked; and the passwords that sessions are given for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from status_api.core.access import Actor, Role
from status_api.core.people import Person
from status_api.core.tokens import SESSION_LIFE, TokenKind, digest_of, use_is_old
from status_api.queries import people as queries
from status_api.stores.audit import Who, write_audit
from status_api.stores.person_rows import end_everything, known_person
from status_api.stores.secrets import new_secret


class UnknownTokenError(LookupError):
    """No such token, or not of this person."""


class ChangedMeanwhileError(Exception):
    """The password, or the person, is not what was looked at."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against."""

    person_id: str
    password_hash: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made.

    Attributes:
        token_id: names it from now on.
        secret: shown once.
        expires_at: its end.
    """

    token_id: str
    secret: str
    expires_at: datetime


class TokenStore:
    """Gives and knows tokens."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def actor_of(self, secret: str) -> Actor | None:
        """Who has this token, as they are at this moment: a token that was revoked is nobody's at the next request.

        The time of the last use is written at most every ten minutes.
        """
        now = self._now()
        with self._engine.connect() as connection:
            row = queries.holder(connection, digest_of(secret), now)
        if row is None:
            return None
        if use_is_old(row["last_used_at"], now):
            with self._engine.begin() as connection:
                connection.execute(
                    text("UPDATE token SET last_used_at = :now WHERE token_id = :token"),
                    {"now": now, "token": row["token_id"]},
                )
        actor = Actor(
            row["email"],
            queries.grants_of(row["places"], row["roles"]),
            row["person_id"],
            row["token_id"],
            in_session=row["kind"] == "session",
        )
        return actor.narrowed(Role.of(row["most_role"]) if row["most_role"] else None, row["tenants"])

    def credentials(self, *, email: str | None = None, person_id: str | None = None) -> Credentials | None:
        """Of the person with this address or id, None if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT person_id, password_hash, state FROM person WHERE email = :email OR person_id = :person"
                ),
                {"email": email, "person": person_id},
            ).first()
        return None if row is None else Credentials(row.person_id, row.password_hash, row.state == "active")

    def open_session(self, checked: Credentials, better_hash: str | None, who: Who) -> NewToken:
        """A session for somebody whose password was right.

        Args:
            checked: what the password was held against.
            better_hash: of the same password with today's parameters, None if the stored one is good.
            who: the person.

        Raises:
            ChangedMeanwhileError: password or state changed since.
        """
        with self._engine.begin() as connection:
            self._set_password(connection, checked, better_hash or checked.password_hash)
            token = self._insert(connection, checked.person_id, "session", "sign-in")
            write_audit(connection, who, self._now(), "sign-in", None, who.actor)
            return token

    def change_password(self, checked: Credentials, new_hash: str, who: Who) -> None:
        """Another password; every session but the one that asks ends. Tokens of machines go on.

        Raises:
            ChangedMeanwhileError: password or state changed since the old one was checked.
        """
        with self._engine.begin() as connection:
            now = self._now()
            self._set_password(connection, checked, new_hash)
            connection.execute(
                text(
                    "UPDATE token SET revoked_at = :now WHERE person_id = :person AND kind = 'session'"
                    " AND revoked_at IS NULL AND token_id IS DISTINCT FROM :mine"
                ),
                {"now": now, "person": checked.person_id, "mine": who.token_id},
            )
            connection.execute(
                text("DELETE FROM invitation WHERE person_id = :person"), {"person": checked.person_id}
            )
            write_audit(connection, who, now, "change-password", None, who.actor)

    def is_invitation(self, secret: str) -> bool:
        """Whether an invitation can be used now: looked at before a password is hashed for it."""
        with self._engine.connect() as connection:
            return self._invited(connection, secret) is not None

    def accept(
        self, secret: str, password_hash: str, who: Callable[[Person], Who]
    ) -> tuple[Person, NewToken]:
        """Use an invitation: the password is set, whatever was open before ends, a session begins.

        Raises:
            UnknownTokenError: it was used, replaced, ended, or its person is disabled.
        """
        with self._engine.begin() as connection:
            person_id = self._invited(connection, secret)
            connection.execute(
                text("SELECT 1 FROM person WHERE person_id = :person FOR UPDATE"), {"person": person_id}
            )
            used = connection.execute(
                text("DELETE FROM invitation WHERE digest = :digest"), {"digest": digest_of(secret)}
            ).rowcount
            if person_id is None or not used or not known_person(connection, person_id).active:
                raise UnknownTokenError  # the second of two that came at once finds it gone
            now = self._now()
            end_everything(connection, person_id, now)
            connection.execute(
                text("UPDATE person SET password_hash = :hash WHERE person_id = :person"),
                {"hash": password_hash, "person": person_id},
            )
            person = known_person(connection, person_id)
            write_audit(connection, who(person), now, "accept-invitation", None, person.email)
            return person, self._insert(connection, person_id, "session", "invitation")

    def create(
        self,
        person_id: str,
        name: str,
        expires_at: datetime,
        who: Who,
        *,
        most: Role | None = None,
        tenants: Sequence[str] | None = None,
    ) -> NewToken:
        """A token for a machine.

        Raises:
            UnknownPersonError: there is no such person.
            ChangedMeanwhileError: the person is disabled, perhaps since a moment.
        """
        with self._engine.begin() as connection:
            connection.execute(
                text("SELECT 1 FROM person WHERE person_id = :person FOR SHARE"), {"person": person_id}
            )
            person = known_person(connection, person_id)
            if not person.active:
                raise ChangedMeanwhileError
            token = self._insert(
                connection, person_id, "token", name, expires_at=expires_at, most=most, tenants=tenants
            )
            write_audit(
                connection, who, self._now(), "create-token", None, f"{token.token_id} of {person.email}"
            )
            return token

    def revoke(self, token_id: str, who: Who, *, of: str | None = None) -> None:
        """End a token or session; it may have ended already.

        Args:
            token_id: which.
            who: for the audit.
            of: only if it is this person's.

        Raises:
            UnknownTokenError: there is none.
        """
        with self._engine.begin() as connection:
            row = queries.token_by_id(connection, token_id)
            if row is None or (of is not None and row["person_id"] != of):
                raise UnknownTokenError(token_id)
            now = self._now()
            ended = connection.execute(
                text("UPDATE token SET revoked_at = :now WHERE token_id = :token AND revoked_at IS NULL"),
                {"now": now, "token": token_id},
            ).rowcount
            if ended:
                action = "revoke-token" if token_id != who.token_id else "sign-out"
                write_audit(connection, who, now, action, None, f"{token_id} of {row['email']}")

    def _set_password(self, connection: Connection, checked: Credentials, new_hash: str | None) -> None:
        """Set the hash if the old one is still the one that was checked; holds the person's row until the end."""
        done = connection.execute(
            text(
                "UPDATE person SET password_hash = :new WHERE person_id = :person AND state = 'active' AND password_hash = :old"
            ),
            {"new": new_hash, "person": checked.person_id, "old": checked.password_hash},
        ).rowcount
        if not done:
            raise ChangedMeanwhileError

    def _invited(self, connection: Connection, secret: str) -> str | None:
        found: str | None = connection.execute(
            text(
                "SELECT p.person_id FROM invitation i JOIN person p ON p.person_id = i.person_id"
                " WHERE i.digest = :digest AND i.expires_at > :now AND p.state = 'active'"
            ),
            {"digest": digest_of(secret), "now": self._now()},
        ).scalar()
        return found

    def _insert(
        self,
        connection: Connection,
        person_id: str,
        kind: TokenKind,
        name: str,
        *,
        expires_at: datetime | None = None,
        most: Role | None = None,
        tenants: Sequence[str] | None = None,
    ) -> NewToken:
        secret, digest = new_secret(kind)
        now = self._now()
        token = NewToken(str(uuid.uuid4()), secret, expires_at or now + SESSION_LIFE)
        connection.execute(
            text(
                "INSERT INTO token (token_id, person_id, name, digest, kind, most_role, tenants, created_at, expires_at) VALUES"
                " (:token, :person, :name, :digest, :kind, :most, :tenants, :now, :expires_at)"
            ),
            {
                "token": token.token_id,
                "person": person_id,
                "name": name,
                "digest": digest,
                "kind": kind,
                "most": most.word if most else None,
                "tenants": None if tenants is None else list(tenants),
                "now": now,
                "expires_at": token.expires_at,
            },
        )
        return token
