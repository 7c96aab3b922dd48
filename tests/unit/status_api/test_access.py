"""Roles decide what may be done where, and tell nothing of tenants that are somebody else's."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from status_api.core.access import EVERYWHERE, Actor, Grant, Role
from status_api.server.auth import require_role
from status_api.server.operations import Answer, Operation
from status_api.server.problems import Problem

OPERATOR_OF_ACME = Actor("anna@example.com", (Grant("acme", Role.OPERATOR),))
TENANTS = "/api/v1/tenants/{tenant_id}/x"


def _operation(path: str, needs: Role = Role.VIEWER, *, own: bool = False) -> Operation:
    return Operation("GET", path, "x", "x", {200: {}}, lambda _: Answer({}), needs=needs, own=own)


def _refusal(operation: Operation, actor: Actor, **path: str) -> Problem | None:
    try:
        require_role(operation, actor, path)
    except Problem as problem:
        return problem
    return None


@pytest.mark.parametrize("needs", [Role.VIEWER, Role.OPERATOR])
def test_no_role_is_refused_what_it_or_a_lower_one_may(needs: Role) -> None:
    assert _refusal(_operation(TENANTS, needs), OPERATOR_OF_ACME, tenant_id="acme") is None


def test_no_role_may_do_what_only_a_higher_one_may() -> None:
    refusal = _refusal(_operation(TENANTS, Role.ADMIN), OPERATOR_OF_ACME, tenant_id="acme")
    assert refusal is not None
    assert refusal.status == HTTPStatus.FORBIDDEN
    assert "admin" in refusal.detail


def test_a_foreign_tenant_is_not_told_apart_from_none() -> None:
    refusal = _refusal(_operation(TENANTS), OPERATOR_OF_ACME, tenant_id="other")
    assert refusal is not None
    assert refusal.slug == "unknown-tenant"


def test_a_role_at_one_tenant_never_opens_what_is_about_all() -> None:
    refusal = _refusal(_operation("/api/v1/everything"), OPERATOR_OF_ACME)
    assert refusal is not None
    assert refusal.status == HTTPStatus.FORBIDDEN
    assert (
        _refusal(_operation("/api/v1/everything"), Actor("root", (Grant(EVERYWHERE, Role.VIEWER),))) is None
    )


def test_what_is_ones_own_needs_no_role() -> None:
    assert _refusal(_operation("/api/v1/me", own=True), Actor("new@example.com")) is None


def test_a_grant_everywhere_holds_at_each_tenant_and_the_highest_counts() -> None:
    actor = Actor("both", (Grant(EVERYWHERE, Role.VIEWER), Grant("acme", Role.ADMIN)))
    assert actor.role_at("acme") is Role.ADMIN
    assert actor.role_at("other") is Role.VIEWER
    assert actor.tenants is None


def test_a_narrowed_token_can_do_no_more_than_its_person_and_its_bounds() -> None:
    person = Actor("both", (Grant(EVERYWHERE, Role.OPERATOR), Grant("acme", Role.ADMIN)))
    narrow = person.narrowed(Role.OPERATOR, ["acme"])
    assert narrow.role_at("acme") is Role.OPERATOR
    assert narrow.role_at("other") is None
    assert narrow.tenants == frozenset({"acme"})
    assert person.narrowed(Role.ADMIN, ["other"]).role_at("other") is Role.OPERATOR
