"""Tenants, their settings and state."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from invoice_events.plain import to_plain
from invoice_events.settings import effective_settings, settings_problems
from status_api.core.access import Role
from status_api.core.cautions import cautions
from status_api.queries import tenants as queries
from status_api.queries.synced import may_have_synced
from status_api.server.bodies import LARGE_BYTES
from status_api.server.operations import (
    IF_MATCH,
    TENANT,
    Answer,
    Operation,
    Request,
    page_of,
    ref,
)
from status_api.server.operations import (
    paging as paging_parameters,
)
from status_api.server.paging import paging
from status_api.server.people_problems import confirmation_needed
from status_api.server.problems import invalid_settings, unknown_tenant, version_stale
from status_api.server.resources.common import as_of, etag, expected_version, tenant_of, who
from status_api.server.schemas import SETTINGS_BODY, STATE_BODY
from status_api.stores.tenants import StaleVersionError, StoredTenant, UnknownTenantError

_BASE = "/api/v1/tenants"
_NOT_FOUND = int(HTTPStatus.NOT_FOUND)
_WRITES = (404, 412, 428)


def tenant_view(tenant: StoredTenant) -> dict[str, Any]:
    """A tenant without its settings."""
    return {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "state": tenant.state,
        **_version_view(tenant),
    }


def _version_view(tenant: StoredTenant) -> dict[str, Any]:
    return {
        "version": tenant.version,
        "updated_at": to_plain(tenant.updated_at),
        "updated_by": tenant.updated_by,
    }


def _settings_view(tenant: StoredTenant) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "settings": tenant.settings,
        "effective": effective_settings(tenant.settings),
        **_version_view(tenant),
    }


def _state_view(tenant: StoredTenant) -> dict[str, Any]:
    return {"tenant_id": tenant.tenant_id, "state": tenant.state, **_version_view(tenant)}


def list_tenants(request: Request) -> Answer:
    """Every tenant at which who asks has a role, by id."""
    where = paging(request, keys=(str,), name="tenants")
    rows = request.api.tenants.page(
        where.after[0] if where.after else "", where.asked, among=request.actor.tenants
    )
    page, next_cursor = where.page(rows, lambda tenant: [tenant.tenant_id])
    with request.api.engine.connect() as connection:
        age = as_of(connection)
    return Answer(
        {"items": [tenant_view(tenant) for tenant in page], "next_cursor": next_cursor, "as_of": age}
    )


def get_tenant(request: Request) -> Answer:
    """One tenant."""
    tenant = tenant_of(request)
    return Answer(tenant_view(tenant), headers=etag(tenant.version))


def get_settings(request: Request) -> Answer:
    """Settings as they were given, and with every default filled in."""
    tenant = tenant_of(request)
    return Answer(_settings_view(tenant), headers=etag(tenant.version))


def put_settings(request: Request) -> Answer:
    """Replace the settings."""
    stored = tenant_of(request)
    version = expected_version(request)
    settings = request.body["settings"]
    problems = settings_problems(settings)
    if problems:
        raise invalid_settings([_placed(problem) for problem in problems])
    if stored.version != version:
        raise version_stale(stored.version)
    tenant = _change(
        request, version, settings=settings, confirmed=_require_confirmed(request, stored, settings)
    )
    return Answer(_settings_view(tenant), headers=etag(tenant.version))


def _require_confirmed(request: Request, stored: StoredTenant, settings: dict[str, Any]) -> list[str]:
    """Names of the settings whose change has to be confirmed, and is.

    Raises:
        Problem: one is not.
    """
    with request.api.engine.connect() as connection:
        anything = may_have_synced(connection, stored.tenant_id)
    needed = cautions(
        effective_settings(stored.settings), effective_settings(settings), anything_synced=anything
    )
    missing = [caution for caution in needed if caution.setting not in request.body.get("confirm", [])]
    if missing:
        raise confirmation_needed(missing)
    return [caution.setting for caution in needed]


def _placed(problem: str) -> dict[str, str]:
    place, _, detail = problem.partition(": ")
    return {"place": place, "detail": detail}


def _change(request: Request, version: int, **change: Any) -> StoredTenant:  # noqa: ANN401  # settings or state
    tenant_id = request.path["tenant_id"]
    try:
        return request.api.tenants.change(tenant_id, version, who(request), **change)
    except UnknownTenantError as error:
        raise unknown_tenant(tenant_id) from error
    except StaleVersionError as error:
        raise version_stale(error.current) from error


def settings_history(request: Request) -> Answer:
    """Versions of settings and state, newest first."""
    tenant = tenant_of(request)
    where = paging(request, keys=(int,), name="settings-history")
    with request.api.engine.connect() as connection:
        before = int(where.after[0]) if where.after else None
        rows = queries.settings_history(connection, tenant.tenant_id, before, where.asked)
        page, next_cursor = where.page(rows, lambda row: [str(row["version"])])
        items = [to_plain(dict(row)) for row in page]
        return Answer({"items": items, "next_cursor": next_cursor, "as_of": as_of(connection)})


def get_state(request: Request) -> Answer:
    """Whether the tenant is synced."""
    tenant = tenant_of(request)
    return Answer(_state_view(tenant), headers=etag(tenant.version))


def put_state(request: Request) -> Answer:
    """Activate or pause."""
    tenant_of(request)
    tenant = _change(request, expected_version(request), state=request.body["state"])
    return Answer(_state_view(tenant), headers=etag(tenant.version))


OPERATIONS = (
    Operation(
        "GET",
        _BASE,
        "listTenants",
        "Every tenant that the token may see, by id",
        {200: page_of("Tenant")},
        list_tenants,
        parameters=paging_parameters(100, 500),
        own=True,
    ),
    Operation(
        "GET",
        f"{_BASE}/{{tenant_id}}",
        "getTenant",
        "One tenant",
        {200: ref("Tenant")},
        get_tenant,
        (_NOT_FOUND,),
        (TENANT,),
    ),
    Operation(
        "GET",
        f"{_BASE}/{{tenant_id}}/settings",
        "getSettings",
        "Settings as given, and with every default filled in",
        {200: ref("SettingsVersion")},
        get_settings,
        (_NOT_FOUND,),
        (TENANT,),
    ),
    Operation(
        "PUT",
        f"{_BASE}/{{tenant_id}}/settings",
        "putSettings",
        "Replace the settings; every service learns of it from Kafka",
        {200: ref("SettingsVersion")},
        put_settings,
        (*_WRITES, 409, 422),
        (TENANT, IF_MATCH),
        SETTINGS_BODY,
        needs=Role.ADMIN,
        most_bytes=LARGE_BYTES,
    ),
    Operation(
        "GET",
        f"{_BASE}/{{tenant_id}}/settings/history",
        "getSettingsHistory",
        "Versions of settings and state, newest first, with who and when",
        {200: page_of("HistoryEntry")},
        settings_history,
        (_NOT_FOUND,),
        (TENANT, *paging_parameters(50, 500)),
    ),
    Operation(
        "GET",
        f"{_BASE}/{{tenant_id}}/state",
        "getState",
        "Active or paused",
        {200: ref("State")},
        get_state,
        (_NOT_FOUND,),
        (TENANT,),
    ),
    Operation(
        "PUT",
        f"{_BASE}/{{tenant_id}}/state",
        "putState",
        "Activate or pause; what is under way is finished",
        {200: ref("State")},
        put_state,
        _WRITES,
        (TENANT, IF_MATCH),
        STATE_BODY,
        needs=Role.ADMIN,
    ),
)
