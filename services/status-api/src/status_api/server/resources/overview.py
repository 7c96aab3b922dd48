"""A tenant at a glance: figures, connections, reference, faults by cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from invoice_events.catalogue import catalogue
from invoice_events.names import KINDS, Kind
from invoice_events.plain import to_plain
from invoice_events.settings import effective_settings, zone
from status_api.core.commands import SIDES
from status_api.core.periods import month_of
from status_api.core.statuses import STATUSES
from status_api.core.views import connection_view, told
from status_api.queries import figures
from status_api.queries import tenants as queries
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request, ref
from status_api.server.problems import no_data_yet
from status_api.server.resources.common import as_of, tenant_of
from status_api.server.resources.tenants import tenant_view
from status_api.stores.tenants import StoredTenant

_BASE = "/api/v1/tenants/{tenant_id}"


def overview(request: Request) -> Answer:
    """Counts, volume of the month, totals, connections, the oldest that waits."""
    tenant = tenant_of(request)
    with request.api.engine.connect() as connection:
        glances = glances_of(connection, [tenant], request.api.now())
        view = {
            "tenant": tenant_view(tenant),
            **_figures(connection, glances, tenant.tenant_id, "invoice"),
            "purchase_orders": {
                **_figures(connection, glances, tenant.tenant_id, "purchase-order"),
                "changed_since": figures.count_changed_since(connection, tenant.tenant_id, "purchase-order"),
            },
            "connections": _connections(connection, tenant.tenant_id),
            "search": "indexed" if queries.search_is_indexed(connection) else "plain",
            "as_of": as_of(connection),
        }
    return Answer(told(view))


def glances_of(
    connection: Connection, tenants: Sequence[StoredTenant], now: datetime
) -> dict[tuple[str, Kind], dict[str, Any]]:
    """What each kind of a tenant's documents shows at a glance: counts, volume of the running month in its time zone, the oldest that waits.

    The number of statements does not depend on how many tenants there are.
    """
    months = {
        tenant.tenant_id: month_of(now, zone(effective_settings(tenant.settings))) for tenant in tenants
    }
    counts = figures.count_by_status(connection, list(months))
    seen = figures.glances(
        connection, {name: (month.bounds[0], month.bounds[1]) for name, month in months.items()}, KINDS
    )
    glances: dict[tuple[str, Kind], dict[str, Any]] = {}
    for place, row in seen.items():
        of_kind = counts.get(place, {})
        oldest = {name: row[name] for name in ("id", "status", "changed_at")}
        glances[place] = {
            "counts": {status: of_kind.get(status, 0) for status in STATUSES},
            "month": {"name": months[place[0]].names[0], "first_synced": row["first_synced"]},
            "oldest_pending": None if row["id"] is None else oldest,
        }
    return glances


def _figures(
    connection: Connection, glances: dict[tuple[str, Kind], dict[str, Any]], tenant_id: str, kind: Kind
) -> dict[str, Any]:
    """What is told of each kind of document apart."""
    totals = [dict(row) for row in figures.totals_in_xero(connection, tenant_id, kind)]
    return {**glances[tenant_id, kind], "totals": totals}


def _connections(connection: Connection, tenant_id: str) -> list[dict[str, Any]]:
    known = queries.connections(connection, tenant_id)
    return [connection_view(side, known.get(side)) for side in SIDES]


def get_connections(request: Request) -> Answer:
    """Both connections, with the next step."""
    tenant = tenant_of(request)
    with request.api.engine.connect() as connection:
        return Answer({"items": _connections(connection, tenant.tenant_id), "as_of": as_of(connection)})


def get_reference(request: Request) -> Answer:
    """What the mapper knows of the tenant's Xero organisation."""
    tenant = tenant_of(request)
    with request.api.engine.connect() as connection:
        found = queries.reference(connection, tenant.tenant_id)
    if found is None:
        raise no_data_yet("The reference data (accounts, tax rates, currencies)")
    return Answer(found)


def get_faults(request: Request) -> Answer:
    """Documents at fault or waiting after a fault, by kind and cause."""
    tenant = tenant_of(request)
    kinds: tuple[Kind, ...] = (request.query["kind"],) if "kind" in request.query else KINDS
    with request.api.engine.connect() as connection:
        rows = figures.faults(connection, tenant.tenant_id, kinds)
        age = as_of(connection)
    items = []
    for row in rows:
        rest = {name: value for name, value in row.items() if name != "cause"}
        items.append(to_plain({"cause": entry_of(row["cause"]), **rest}))
    return Answer({"items": items, "as_of": age})


def entry_of(code: str) -> dict[str, Any]:
    """What the catalogue says of a fault code; one that it does not know is an unknown fault."""
    entries = catalogue_items()
    return entries.get(code) or entries["UNKNOWN"] | {"code": code}


@cache
def catalogue_items() -> dict[str, dict[str, Any]]:
    """Every known fault by its code."""
    return {
        code: {
            "code": code,
            "side": entry.side,
            "text": entry.text,
            "remedy": entry.remedy,
            "retry_can_help": entry.retry_can_help,
        }
        for code, entry in catalogue().items()
    }


def get_catalogue(request: Request) -> Answer:  # noqa: ARG001  # every handler takes the request
    """Every known fault."""
    return Answer({"items": list(catalogue_items().values())})


OPERATIONS = (
    Operation(
        "GET",
        f"{_BASE}/overview",
        "getOverview",
        "Counts per status, volume of the month, totals per currency, connections",
        {200: ref("Overview")},
        overview,
        (404,),
        (TENANT,),
    ),
    Operation(
        "GET",
        f"{_BASE}/connections",
        "getConnections",
        "The connections to Autotask and Xero, with the next step for each",
        {200: ref("Connections")},
        get_connections,
        (404,),
        (TENANT,),
    ),
    Operation(
        "GET",
        f"{_BASE}/reference",
        "getReference",
        "Accounts, tax rates, currencies, tracking and branding of the Xero organisation",
        {200: {"type": "object"}},
        get_reference,
        (404,),
        (TENANT,),
    ),
    Operation(
        "GET",
        f"{_BASE}/faults",
        "getFaults",
        "Documents at fault or waiting after a fault, by kind and cause, with the remedy",
        {200: ref("Faults")},
        get_faults,
        (404,),
        (TENANT, Parameter("kind", "query", {"enum": list(KINDS)}, "Only this kind of documents")),
    ),
    Operation(
        "GET",
        "/api/v1/catalogue",
        "getCatalogue",
        "Every known fault: code, words, whose fault, remedy, whether trying again can help",
        {200: ref("Catalogue")},
        get_catalogue,
        own=True,
    ),
)
