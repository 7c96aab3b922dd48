"""Who did what."""

from __future__ import annotations

from typing import Any

from invoice_events.plain import to_plain
from status_api.core.access import Role
from status_api.queries import audit as queries
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.people_schemas import lines_of
from status_api.server.resources.common import tenant_of, time_of

_TEXT = {"type": "string", "minLength": 1, "maxLength": 254, "pattern": r"^[^\x00]*$"}
_TIME = {"type": "string", "format": "date-time"}
FILTERS = (
    Parameter("actor", "query", _TEXT, "Only acts of this one: an e-mail address, or admin-token"),
    Parameter("action", "query", _TEXT, "Only acts of this kind, such as change-settings"),
    Parameter("from", "query", _TIME, "Not before this time, with its offset"),
    Parameter("before", "query", _TIME, "Before this time, with its offset"),
)
_OF_TENANT = Parameter("tenant", "query", _TEXT, "Only acts at this tenant")


def get_audit(request: Request) -> Answer:
    """Acts in the whole installation."""
    return _page(request, {})


def get_tenant_audit(request: Request) -> Answer:
    """Acts at one tenant."""
    return _page(request, {"tenant": tenant_of(request).tenant_id})


def filters_of(request: Request) -> dict[str, Any]:
    """Filters of the request as `queries.audit` takes them.

    Raises:
        Problem: a time can not be read.
    """
    asked = {name: request.query[name] for name in ("actor", "action", "tenant") if name in request.query}
    times = {name: time_of(name, request.query[name]) for name in ("from", "before") if name in request.query}
    return asked | times


def _page(request: Request, fixed: dict[str, Any]) -> Answer:
    where = paging(request, keys=(int,), name="audit")
    filters = filters_of(request) | fixed
    if where.after:
        filters["after"] = int(where.after[0])
    with request.api.engine.connect() as connection:
        rows = queries.audit(connection, filters, where.asked)
    page, next_cursor = where.page(rows, lambda row: [str(row["id"])])
    return Answer({"items": [to_plain(dict(row)) for row in page], "next_cursor": next_cursor})


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/audit",
        "getAudit",
        "Who did what, the newest first",
        {200: lines_of("AuditLine")},
        get_audit,
        parameters=(_OF_TENANT, *FILTERS, *paging_parameters(100, 500)),
        needs=Role.ADMIN,
    ),
    Operation(
        "GET",
        "/api/v1/tenants/{tenant_id}/audit",
        "getTenantAudit",
        "Who did what at the tenant, the newest first",
        {200: lines_of("AuditLine")},
        get_tenant_audit,
        (404,),
        (TENANT, *FILTERS, *paging_parameters(100, 500)),
        needs=Role.ADMIN,
    ),
)
