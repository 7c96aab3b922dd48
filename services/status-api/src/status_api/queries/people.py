"""People with their grants, and their tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from status_api.core.access import Grant, Role
from status_api.core.people import Person
from status_api.queries.rows import Fields, fetch_all

_PERSON = (
    "SELECT p.person_id, p.email, p.name, p.state, p.password_hash IS NOT NULL AS can_sign_in,"
    " ARRAY(SELECT coalesce(g.tenant_id, '') FROM person_grant g WHERE g.person_id = p.person_id ORDER BY g.tenant_id) AS places,"
    " ARRAY(SELECT g.role FROM person_grant g WHERE g.person_id = p.person_id ORDER BY g.tenant_id) AS roles"
    " FROM person p"
)
_ADMIN_EVERYWHERE = " WHERE EXISTS (SELECT 1 FROM person_grant g WHERE g.person_id = p.person_id AND g.tenant_id IS NULL AND g.role = 'admin')"
_AMONG = (
    " WHERE p.email > :after AND (:everybody OR EXISTS (SELECT 1 FROM person_grant g WHERE g.person_id = p.person_id"
    " AND g.tenant_id = ANY(:at))) AND (CAST(:tenant AS text) IS NULL OR EXISTS (SELECT 1 FROM person_grant g"
    " WHERE g.person_id = p.person_id AND g.tenant_id = :tenant)) ORDER BY p.email LIMIT :limit"
)
_TOKENS = (
    "SELECT t.token_id, t.person_id, p.email, t.name, t.kind, t.most_role, t.tenants, t.created_at, t.expires_at,"
    " t.last_used_at, t.revoked_at FROM token t JOIN person p ON p.person_id = t.person_id"
)


def grants_of(places: Sequence[str], roles: Sequence[str]) -> tuple[Grant, ...]:
    """Grants from two columns; no place is every place."""
    return tuple(Grant(place or None, Role.of(role)) for place, role in zip(places, roles, strict=True))


def _person(row: Fields) -> Person:
    return Person(
        row["person_id"],
        row["email"],
        row["name"],
        row["can_sign_in"],
        row["state"] == "active",
        grants_of(row["places"], row["roles"]),
    )


def person_by(connection: Connection, column: Literal["person_id", "email"], value: str) -> Person | None:
    """One person, None if there is none."""
    found = fetch_all(connection.execute(text(f"{_PERSON} WHERE p.{column} = :value"), {"value": value}))
    return next(map(_person, found), None)


def admins_everywhere(connection: Connection) -> list[Person]:
    """Everybody with the role admin at every tenant."""
    rows = connection.execute(text(_PERSON + _ADMIN_EVERYWHERE))
    return [_person(row) for row in fetch_all(rows)]


def people(
    connection: Connection, after: str, limit: int, *, at: Collection[str] | None, tenant: str | None
) -> list[Person]:
    """People by e-mail address.

    Args:
        connection: to the database.
        after: address of the last one before.
        limit: how many at most.
        at: only people with a grant at one of these tenants itself; None = everybody.
        tenant: only people with a grant at this tenant itself.
    """
    rows = connection.execute(
        text(_PERSON + _AMONG),
        {
            "after": after,
            "limit": limit,
            "everybody": at is None,
            "at": sorted(at or ()),
            "tenant": tenant,
        },
    )
    return [_person(row) for row in fetch_all(rows)]


def tokens(
    connection: Connection, person_id: str | None, after: Sequence[str] | None, limit: int
) -> list[Fields]:
    """Tokens and sessions, the newest first, also those that ended; of one person, or of everybody."""
    values: dict[str, Any] = {"limit": limit, "person": person_id}
    wanted = ["true"]
    if person_id is not None:
        wanted.append("t.person_id = :person")
    if after is not None:
        wanted.append("(t.created_at, t.token_id) < (CAST(:after_at AS timestamptz), :after_id)")
        values |= {"after_at": after[0], "after_id": after[1]}
    return fetch_all(
        connection.execute(
            text(
                f"{_TOKENS} WHERE {' AND '.join(wanted)} ORDER BY t.created_at DESC, t.token_id DESC LIMIT :limit"
            ),
            values,
        )
    )


def token_by_id(connection: Connection, token_id: str) -> Fields | None:
    """One token, None if there is none."""
    return next(
        iter(
            fetch_all(connection.execute(text(f"{_TOKENS} WHERE t.token_id = :token"), {"token": token_id}))
        ),
        None,
    )


def wishes(connection: Connection, person_id: str) -> list[Fields]:
    """What a person wants to be told of."""
    return fetch_all(
        connection.execute(
            text(
                'SELECT tenant_id, "on", detailed FROM alert_wish WHERE person_id = :person ORDER BY tenant_id NULLS FIRST'
            ),
            {"person": person_id},
        )
    )


def holder(connection: Connection, digest: bytes, now: datetime) -> Fields | None:
    """Whose live token this is, with grants, in one round trip; None if it is nobody's, ended, or its person is disabled."""
    return next(
        iter(
            fetch_all(
                connection.execute(
                    text(
                        "SELECT t.token_id, t.kind, t.most_role, t.tenants, t.last_used_at, p.person_id, p.email,"
                        " ARRAY(SELECT coalesce(g.tenant_id, '') FROM person_grant g WHERE g.person_id = p.person_id"
                        " ORDER BY g.tenant_id) AS places,"
                        " ARRAY(SELECT g.role FROM person_grant g WHERE g.person_id = p.person_id ORDER BY g.tenant_id) AS roles"
                        " FROM token t JOIN person p ON p.person_id = t.person_id WHERE t.digest = :digest"
                        " AND t.revoked_at IS NULL AND t.expires_at > :now AND p.state = 'active'"
                    ),
                    {"digest": digest, "now": now},
                )
            )
        ),
        None,
    )
