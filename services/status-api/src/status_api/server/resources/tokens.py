"""Tokens: one's own, and for admins of every tenant all of them."""

from __future__ import annotations

from typing import Any

from invoice_events.plain import to_plain
from status_api.core.access import Actor, Role
from status_api.core.tokens import beyond, wrong_expiry
from status_api.queries import people as queries
from status_api.server.operations import Answer, Operation, Parameter, Request, ref
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.people_problems import (
    not_a_machine,
    unknown_person,
    unknown_token,
)
from status_api.server.people_schemas import ID, MACHINE_TOKEN_BODY, TOKEN_BODY, lines_of
from status_api.server.problems import Problem, bad_body, unknown_tenant
from status_api.server.resources.common import time_of, who
from status_api.server.resources.me import person_id_of, require_session
from status_api.server.resources.people_views import name_in, token_view
from status_api.stores.person_rows import UnknownPersonError
from status_api.stores.tokens import ChangedMeanwhileError, UnknownTokenError

_TOKEN = Parameter("token_id", "path", ID, "The token or session", required=True)
_PERSON = Parameter("person_id", "query", ID, "Only tokens of this person")


def list_my_tokens(request: Request) -> Answer:
    """One's own tokens and sessions, the newest first."""
    return _page(request, person_id_of(request), "my-tokens")


def list_tokens(request: Request) -> Answer:
    """Everybody's tokens and sessions, the newest first."""
    return _page(request, request.query.get("person_id"), "tokens")


def _page(request: Request, person_id: str | None, name: str) -> Answer:
    where = paging(request, keys=(str, str), name=name)
    if where.after:
        time_of("cursor", where.after[0])
    with request.api.engine.connect() as connection:
        rows = queries.tokens(connection, person_id, where.after, where.asked)
    page, next_cursor = where.page(rows, lambda row: [str(to_plain(row["created_at"])), row["token_id"]])
    return Answer({"items": [token_view(row) for row in page], "next_cursor": next_cursor})


def create_my_token(request: Request) -> Answer:
    """A token for one's own programs.

    Only out of a session: a token that could make tokens would never end, and could reach further than it does itself.
    """
    require_session(request)
    return _create(request, request.actor, person_id_of(request))


def create_machine_token(request: Request) -> Answer:
    """A token for a machine: somebody with roles and without a password."""
    person_id = request.body["person_id"]
    try:
        person = request.api.accounts.people.get(person_id)
    except UnknownPersonError as error:
        raise unknown_person(person_id) from error
    if person.can_sign_in or not person.active:
        raise not_a_machine(person.email)
    return _create(request, Actor(person.email, person.grants, person_id), person_id)


def _create(request: Request, owner: Actor, person_id: str) -> Answer:
    body = request.body
    most = Role.of(body["most_role"]) if body.get("most_role") else None
    tenants = body.get("tenants")
    outside = beyond(owner, most, tuple(tenants) if tenants else None)
    if outside is not None:
        raise unknown_tenant(outside)
    expires_at = time_of_body("expires_at", body["expires_at"])
    wrong = wrong_expiry(expires_at, request.api.now())
    if wrong:
        raise bad_body([{"place": "expires_at", "detail": wrong}])
    name, tokens = name_in(request), request.api.accounts.tokens
    try:
        token = tokens.create(person_id, name, expires_at, who(request), most=most, tenants=tenants)
    except ChangedMeanwhileError as error:
        raise not_a_machine(owner.name) from error
    with request.api.engine.connect() as connection:
        row = queries.token_by_id(connection, token.token_id)
    view: dict[str, Any] = {} if row is None else token_view(row)
    return Answer({"token": token.secret, **view}, 201)


def time_of_body(place: str, value: str) -> Any:  # noqa: ANN401  # a datetime
    """A time in a body.

    Raises:
        Problem: it is none.
    """
    try:
        return time_of(place, value)
    except Problem as problem:
        raise bad_body([{"place": place, "detail": problem.detail}]) from problem


def revoke_my_token(request: Request) -> Answer:
    """End one of one's own tokens or sessions. Out of a token only that one itself: it may have been found by somebody."""
    if request.path["token_id"] != request.actor.token_id:
        require_session(request)
    return _revoke(request, person_id_of(request))


def revoke_token(request: Request) -> Answer:
    """End anybody's token or session."""
    return _revoke(request, None)


def _revoke(request: Request, of: str | None) -> Answer:
    token_id = request.path["token_id"]
    try:
        request.api.accounts.tokens.revoke(token_id, who(request), of=of)
    except UnknownTokenError as error:
        raise unknown_token(token_id) from error
    return Answer({})


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/me/tokens",
        "listMyTokens",
        "One's own tokens and sessions, the newest first; those that ended are listed for 90 days",
        {200: lines_of("Token")},
        list_my_tokens,
        (403,),
        paging_parameters(50, 500),
        own=True,
    ),
    Operation(
        "POST",
        "/api/v1/me/tokens",
        "createMyToken",
        "A token for one's own programs, perhaps narrowed to a role and to tenants; takes a session",
        {201: ref("NewToken")},
        create_my_token,
        (403, 404, 409),
        body=TOKEN_BODY,
        own=True,
    ),
    Operation(
        "DELETE",
        "/api/v1/me/tokens/{token_id}",
        "revokeMyToken",
        "End one of one's own tokens or sessions; it is refused from the next request on",
        {200: {"type": "object"}},
        revoke_my_token,
        (403, 404),
        (_TOKEN,),
        own=True,
    ),
    Operation(
        "GET",
        "/api/v1/tokens",
        "listTokens",
        "Everybody's tokens and sessions, the newest first",
        {200: lines_of("Token")},
        list_tokens,
        parameters=(_PERSON, *paging_parameters(50, 500)),
        needs=Role.ADMIN,
    ),
    Operation(
        "POST",
        "/api/v1/tokens",
        "createMachineToken",
        "A token for a machine: a person with roles and without a password",
        {201: ref("NewToken")},
        create_machine_token,
        (404, 409),
        body=MACHINE_TOKEN_BODY,
        needs=Role.ADMIN,
    ),
    Operation(
        "DELETE",
        "/api/v1/tokens/{token_id}",
        "revokeToken",
        "End anybody's token or session",
        {200: {"type": "object"}},
        revoke_token,
        (404,),
        (_TOKEN,),
        needs=Role.ADMIN,
    ),
)
