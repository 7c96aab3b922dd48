"""People, grants and tokens as they are answered and taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from invoice_events.plain import to_plain
from status_api.core.access import Grant, Role
from status_api.core.people import BadTextError, Person, email_of, name_of
from status_api.queries.rows import Fields
from status_api.server.operations import Request
from status_api.server.problems import bad_body


def person_view(person: Person, grants: Sequence[Grant]) -> dict[str, Any]:
    """A person with those of their grants that the asker may see."""
    return {
        "person_id": person.person_id,
        "email": person.email,
        "name": person.name,
        "state": "active" if person.active else "disabled",
        "can_sign_in": person.can_sign_in,
        "grants": grants_view(grants),
    }


def grants_view(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """Grants, everywhere first."""
    ordered = sorted(grants, key=lambda grant: grant.tenant_id or "")
    return [{"tenant_id": grant.tenant_id, "role": grant.role.word} for grant in ordered]


def token_view(row: Fields) -> dict[str, Any]:
    """A token without its secret."""
    view: dict[str, Any] = to_plain(dict(row))
    return view


def grants_in(request: Request) -> list[Grant]:
    """Grants of the body.

    Raises:
        Problem: two for one place.
    """
    grants = [Grant(grant["tenant_id"], Role.of(grant["role"])) for grant in request.body["grants"]]
    if len({grant.tenant_id for grant in grants}) < len(grants):
        raise bad_body(
            [{"place": "grants", "detail": "two are for the same tenant, wanted one role at each"}]
        )
    return grants


def email_in(request: Request) -> str:
    """E-mail address of the body.

    Raises:
        Problem: it is none.
    """
    try:
        return email_of(request.body["email"])
    except BadTextError as error:
        raise bad_body([{"place": "email", "detail": str(error)}]) from error


def name_in(request: Request) -> str:
    """Name of the body.

    Raises:
        Problem: it is none.
    """
    try:
        return name_of(request.body["name"])
    except BadTextError as error:
        raise bad_body([{"place": "name", "detail": str(error)}]) from error
