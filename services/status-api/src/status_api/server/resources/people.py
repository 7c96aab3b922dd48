"""People: invited, renamed, disabled, given roles. An admin of some tenants sees and changes what belongs to these alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from invoice_events.plain import to_plain
from status_api.core.access import EVERYWHERE, Grant, Role
from status_api.core.people import Person, is_visible, may_change, may_grant, shown_grants
from status_api.queries import people as queries
from status_api.server.operations import Answer, Operation, Parameter, Request, ref
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.people_problems import last_admin, not_yours_alone, unknown_person
from status_api.server.people_schemas import GRANTS_BODY, ID, INVITE_BODY, PERSON_BODY, lines_of
from status_api.server.problems import forbidden, unknown_tenant
from status_api.server.resources.common import who
from status_api.server.resources.people_views import (
    email_in,
    grants_in,
    grants_view,
    name_in,
    person_view,
)
from status_api.stores.person_rows import (
    Invitation,
    LastAdminError,
    UnknownGrantTenantError,
    UnknownPersonError,
)

T = TypeVar("T")

_BASE = "/api/v1/people"
_PERSON = Parameter("person_id", "path", ID, "The person", required=True)
_TENANT = Parameter("tenant", "query", ID, "Only people with a role at this tenant itself")


def list_people(request: Request) -> Answer:
    """People by e-mail address: all of them, or those with a role at the tenants that who asks administers."""
    actor, tenant = request.actor, request.query.get("tenant")
    at = None
    if not may_grant(actor, EVERYWHERE):
        at = {place for place in actor.tenants or () if may_grant(actor, place)}
        if tenant is not None and tenant not in at:
            raise unknown_tenant(tenant)
    where = paging(request, keys=(str,), name="people")
    with request.api.engine.connect() as connection:
        after = where.after[0] if where.after else ""
        rows = queries.people(connection, after, where.asked, at=at, tenant=tenant)
    page, next_cursor = where.page(rows, lambda person: [person.email])
    return Answer({"items": [_view(request, person) for person in page], "next_cursor": next_cursor})


def _view(request: Request, person: Person) -> dict[str, Any]:
    return person_view(person, shown_grants(request.actor, person))


def invite(request: Request) -> Answer:
    """Give roles to somebody by mail address, known or new."""
    email, name, grants = email_in(request), name_in(request), grants_in(request)
    _require_may_grant(request, grants)
    machine = request.body.get("machine", False)
    person, is_new, invitation = _tried(
        request,
        lambda: request.api.accounts.people.invite(email, name, grants, who(request), invited=not machine),
    )
    view = _view(request, person) | {"invitation": _invitation_view(invitation) if invitation else None}
    return Answer(view, 201 if is_new else 200, {"Location": f"{_BASE}/{person.person_id}"})


def _require_may_grant(request: Request, grants: Sequence[Grant]) -> None:
    """Check that who asks may give roles at all these places.

    Raises:
        Problem: they are no admin there; a tenant at which they have no role is not told apart from none.
    """
    for grant in grants:
        if not may_grant(request.actor, grant.tenant_id):
            if grant.tenant_id is not EVERYWHERE and request.actor.role_at(grant.tenant_id) is None:
                raise unknown_tenant(grant.tenant_id)
            raise forbidden(Role.ADMIN.word, grant.tenant_id or "every tenant")


def _tried(request: Request, act: Callable[[], T]) -> T:
    try:
        return act()
    except UnknownPersonError as error:
        raise unknown_person(request.path["person_id"]) from error
    except UnknownGrantTenantError as error:
        raise unknown_tenant(error.tenant_id) from error
    except LastAdminError as error:
        raise last_admin() from error


def _invitation_view(invitation: Invitation) -> dict[str, Any]:
    return {"token": invitation.secret, "expires_at": to_plain(invitation.expires_at)}


def get_person(request: Request) -> Answer:
    """One person."""
    return Answer(_view(request, _visible(request)))


def _visible(request: Request) -> Person:
    person_id = request.path["person_id"]
    person = _tried(request, lambda: request.api.accounts.people.get(person_id))
    _require_visible(request, person)
    return person


def _require_visible(request: Request, person: Person) -> None:
    if not is_visible(request.actor, person):
        raise unknown_person(request.path["person_id"])


def _require_may_change(request: Request, person: Person) -> None:
    _require_visible(request, person)
    if not may_change(request.actor, person):
        raise not_yours_alone(person.email)


def put_person(request: Request) -> Answer:
    """Rename, disable or enable."""
    name = name_in(request) if "name" in request.body else None
    active = request.body["state"] == "active" if "state" in request.body else None
    return _change(request, name=name, active=active)


def disable_person(request: Request) -> Answer:
    """Disable: nobody is deleted, histories name them."""
    return _change(request, active=False)


def _change(request: Request, *, name: str | None = None, active: bool | None = None) -> Answer:
    person = _tried(
        request,
        lambda: request.api.accounts.people.change(
            request.path["person_id"],
            lambda stored: _require_may_change(request, stored),
            who(request),
            name=name,
            active=active,
        ),
    )
    return Answer(_view(request, person))


def get_grants(request: Request) -> Answer:
    """Roles of a person at the places that who asks administers."""
    return Answer({"items": grants_view(shown_grants(request.actor, _visible(request)))})


def put_grants(request: Request) -> Answer:
    """Replace the roles of a person at the places that who asks administers; those elsewhere stay."""
    grants = grants_in(request)
    _require_may_grant(request, grants)

    def all_grants(stored: Person) -> Sequence[Grant]:
        _require_visible(request, stored)
        ours = shown_grants(request.actor, stored)
        return [*(grant for grant in stored.grants if grant not in ours), *grants]

    person = _tried(
        request,
        lambda: request.api.accounts.people.set_grants(request.path["person_id"], all_grants, who(request)),
    )
    return Answer({"items": grants_view(shown_grants(request.actor, person))})


def renew_invitation(request: Request) -> Answer:
    """A new invitation: for somebody who lost theirs, or the password."""
    invitation = _tried(
        request,
        lambda: request.api.accounts.people.renew_invitation(
            request.path["person_id"],
            lambda stored: _require_may_change(request, stored),
            who(request),
        ),
    )
    return Answer(_invitation_view(invitation), 201)


OPERATIONS = (
    Operation(
        "GET",
        _BASE,
        "listPeople",
        "People by e-mail address; an admin of some tenants sees those with a role there",
        {200: lines_of("Person")},
        list_people,
        (404,),
        (_TENANT, *paging_parameters(100, 500)),
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "POST",
        _BASE,
        "invitePerson",
        "Give roles to somebody by mail address; 201 with an invitation if they were not known, 200 if they were",
        {201: ref("InvitedPerson"), 200: ref("InvitedPerson")},
        invite,
        (404, 409),
        body=INVITE_BODY,
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "GET",
        f"{_BASE}/{{person_id}}",
        "getPerson",
        "One person",
        {200: ref("Person")},
        get_person,
        (404,),
        (_PERSON,),
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "PUT",
        f"{_BASE}/{{person_id}}",
        "putPerson",
        "Rename, disable or enable a person all of whose roles one administers",
        {200: ref("Person")},
        put_person,
        (404, 409),
        (_PERSON,),
        PERSON_BODY,
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "DELETE",
        f"{_BASE}/{{person_id}}",
        "disablePerson",
        "Disable a person: every session and token of theirs ends",
        {200: ref("Person")},
        disable_person,
        (404, 409),
        (_PERSON,),
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "GET",
        f"{_BASE}/{{person_id}}/grants",
        "getGrants",
        "Roles of a person at the places that one administers",
        {200: ref("Grants")},
        get_grants,
        (404,),
        (_PERSON,),
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "PUT",
        f"{_BASE}/{{person_id}}/grants",
        "putGrants",
        "Replace the roles of a person at the places that one administers",
        {200: ref("Grants")},
        put_grants,
        (404, 409),
        (_PERSON,),
        GRANTS_BODY,
        needs=Role.ADMIN,
        somewhere=True,
    ),
    Operation(
        "POST",
        f"{_BASE}/{{person_id}}/invitation",
        "renewInvitation",
        "Let a person choose a password (again); the invitation before it ends",
        {201: ref("Invitation")},
        renew_invitation,
        (404,),
        (_PERSON,),
        needs=Role.ADMIN,
        somewhere=True,
    ),
)
