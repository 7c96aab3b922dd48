"""All tenants at a glance, one line for each that somebody may see."""

from __future__ import annotations

from typing import Any

from invoice_events.names import KINDS, Kind
from status_api.core.commands import SIDES
from status_api.core.views import connection_view, told
from status_api.queries import tenants as queries
from status_api.server.operations import Answer, Operation, Request, page_of
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.resources.common import as_of
from status_api.server.resources.overview import glances_of
from status_api.server.resources.tenants import tenant_view

_MEMBERS: dict[Kind, str] = {kind: f"{kind.replace('-', '_')}s" for kind in KINDS}


def fleet(request: Request) -> Answer:
    """Each tenant's counts, volume, oldest that waits, and connections, by id."""
    where = paging(request, keys=(str,), name="fleet")
    rows = request.api.tenants.page(
        where.after[0] if where.after else "", where.asked, among=request.actor.tenants
    )
    page, next_cursor = where.page(rows, lambda tenant: [tenant.tenant_id])
    with request.api.engine.connect() as connection:
        glances = glances_of(connection, page, request.api.now())
        connections = queries.connections_of(connection, [tenant.tenant_id for tenant in page])
        age = as_of(connection)
    items: list[dict[str, Any]] = [
        {
            "tenant": tenant_view(tenant),
            **{member: glances[tenant.tenant_id, kind] for kind, member in _MEMBERS.items()},
            "connections": [
                connection_view(side, connections.get((tenant.tenant_id, side))) for side in SIDES
            ],
        }
        for tenant in page
    ]
    return Answer(told({"items": items, "next_cursor": next_cursor, "as_of": age}))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/overview",
        "getFleet",
        "Every tenant that the token may see at a glance: counts, volume of the month, what waits longest, connections",
        {200: page_of("FleetLine")},
        fleet,
        parameters=paging_parameters(100, 500),
        own=True,
    ),
)
