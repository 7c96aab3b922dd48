"""Who asks: name, password, alert wishes, own tokens."""

from __future__ import annotations

from typing import Any

from status_api.core.access import EVERYWHERE
from status_api.core.people import Person
from status_api.queries import people as queries
from status_api.server.operations import Answer, Operation, Request, ref
from status_api.server.people_problems import session_needed, sign_in_refused, wrong_password
from status_api.server.people_schemas import ME_BODY, PASSWORD_BODY, WISHES_BODY
from status_api.server.problems import bad_body, unknown_tenant
from status_api.server.resources.common import who
from status_api.server.resources.people_views import grants_view, name_in, person_view
from status_api.server.resources.sessions import check_password, hashed
from status_api.stores.tokens import ChangedMeanwhileError
from status_api.stores.wishes import Wish

_BASE = "/api/v1/me"


def person_id_of(request: Request) -> str:
    """Id of the person who asks.

    Raises:
        Problem: the token of the environment is nobody's.
    """
    if request.actor.person_id is None:
        raise session_needed()
    return request.actor.person_id


def require_session(request: Request) -> None:
    """What concerns the person takes the person: a token that was given to a program may be narrower than they are.

    Raises:
        Problem: it was asked with a token.
    """
    if not request.actor.in_session:
        raise session_needed()


def get_me(request: Request) -> Answer:
    """Who asks, and what this token may do."""
    person_id = request.actor.person_id
    return Answer(_view(request, request.api.accounts.people.get(person_id) if person_id else None))


def _view(request: Request, person: Person | None) -> dict[str, Any]:
    return {
        "name": request.actor.name,
        # A token may be narrower than its person: whoever found it learns no more than it opens.
        "person": person_view(person, person.grants if request.actor.in_session else request.actor.grants)
        if person
        else None,
        "token_id": request.actor.token_id,
        "in_session": request.actor.in_session,
        "grants": grants_view(request.actor.grants),
    }


def patch_me(request: Request) -> Answer:
    """Another name."""
    require_session(request)
    name = name_in(request)
    person = request.api.accounts.people.change(
        person_id_of(request), lambda _: None, who(request), name=name
    )
    return Answer(_view(request, person))


def put_password(request: Request) -> Answer:
    """Another password; it takes the old one, and ends every other session."""
    require_session(request)
    person_id, tokens = person_id_of(request), request.api.accounts.tokens
    known = tokens.credentials(person_id=person_id)
    checked = check_password(request, request.actor.name, known, request.body["current"])
    if checked is None:
        raise wrong_password()
    try:
        tokens.change_password(checked, hashed(request, request.body["new"]), who(request))
    except ChangedMeanwhileError as error:
        raise sign_in_refused() from error
    return get_me(request)


def get_alerts(request: Request) -> Answer:
    """What one wants to be told of."""
    with request.api.engine.connect() as connection:
        rows = queries.wishes(connection, person_id_of(request))
    seen = [row for row in rows if row["tenant_id"] is None or request.actor.role_at(row["tenant_id"])]
    return Answer({"items": [dict(row) for row in seen]})


def put_alerts(request: Request) -> Answer:
    """Replace what one wants to be told of; only tenants at which one has a role."""
    require_session(request)
    person_id = person_id_of(request)
    wishes = [Wish(item["tenant_id"], item["on"], item["detailed"]) for item in request.body["items"]]
    places = {wish.tenant_id for wish in wishes}
    if len(places) < len(wishes):
        raise bad_body([{"place": "items", "detail": "two are for the same tenant, wanted one for each"}])
    for place in places - {EVERYWHERE}:
        if place is not None and not _may_see(request, place):
            raise unknown_tenant(place)
    request.api.accounts.wishes.replace(person_id, wishes, who(request))
    return get_alerts(request)


def _may_see(request: Request, tenant_id: str) -> bool:
    if request.actor.role_at(tenant_id) is None:
        return False
    return bool(request.api.tenants.page("", 1, among=frozenset({tenant_id})))


OPERATIONS = (
    Operation(
        "GET", _BASE, "getMe", "Who asks, and what this token may do", {200: ref("Me")}, get_me, own=True
    ),
    Operation(
        "PATCH",
        _BASE,
        "patchMe",
        "Change one's name",
        {200: ref("Me")},
        patch_me,
        (403,),
        body=ME_BODY,
        own=True,
    ),
    Operation(
        "PUT",
        f"{_BASE}/password",
        "putPassword",
        "Change one's password; every other session ends",
        {200: ref("Me")},
        put_password,
        (403, 422, 429),
        body=PASSWORD_BODY,
        own=True,
    ),
    Operation(
        "GET",
        f"{_BASE}/alerts",
        "getAlertWishes",
        "What one wants to be told of by mail",
        {200: ref("AlertWishes")},
        get_alerts,
        (403,),
        own=True,
    ),
    Operation(
        "PUT",
        f"{_BASE}/alerts",
        "putAlertWishes",
        "Replace what one wants to be told of by mail",
        {200: ref("AlertWishes")},
        put_alerts,
        (403, 404),
        body=WISHES_BODY,
        own=True,
    ),
)
