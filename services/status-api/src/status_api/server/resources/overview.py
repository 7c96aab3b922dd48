"""A tenant at a glance: figures, connections, reference, faults by cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from invoice_events.catalogue import catalogue
from invoice_events.names import KINDS, Kind
from invoice_events.plain import to_plain
from invoice_events.settings import effective_settings, zone
from status_api.core.statuses import STATUSES
from status_api.core.views import connection_view, told
from status_api.queries import documents
from status_api.queries import tenants as queries
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request, ref
from status_api.server.problems import no_data_yet
from status_api.server.resources.common import as_of, tenant_of
from status_api.server.resources.tenants import tenant_view
from status_api.stores.tenants import StoredTenant

_BASE = "/api/v1/tenants/{tenant_id}"
_SIDES = ("autotask", "xero")
_DECEMBER = 12


def overview(request: Request) -> Answer:
    """Counts, volume of the month, totals, connections, the oldest that waits."""
    tenant = tenant_of(request)
    now = request.api.now()
    with request.api.engine.connect() as connection:
        view = {
            "tenant": tenant_view(tenant),
            **_figures(connection, tenant, "invoice", now),
            "purchase_orders": {
                **_figures(connection, tenant, "purchase-order", now),
                "changed_since": documents.count_changed_since(
                    connection, tenant.tenant_id, "purchase-order"
                ),
            },
            "connections": _connections(connection, tenant.tenant_id),
            "search": "indexed" if queries.search_is_indexed(connection) else "plain",
            "as_of": as_of(connection),
        }
    return Answer(told(view))


def _figures(connection: Connection, tenant: StoredTenant, kind: Kind, now: datetime) -> dict[str, Any]:
    """What is counted of each kind of document apart."""
    counts = documents.count_by_status(connection, tenant.tenant_id, kind)
    oldest = queries.oldest_pending(connection, tenant.tenant_id, kind)
    return {
        "counts": {status: counts.get(status, 0) for status in STATUSES},
        "month": _month(connection, tenant, kind, now),
        "totals": [dict(row) for row in queries.totals_in_xero(connection, tenant.tenant_id, kind)],
        "oldest_pending": None if oldest is None else dict(oldest),
    }


def _month(connection: Connection, tenant: StoredTenant, kind: Kind, now: datetime) -> dict[str, Any]:
    """The running month in the tenant's time zone."""
    first = now.astimezone(zone(effective_settings(tenant.settings))).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    following = (
        first.replace(year=first.year + 1, month=1)
        if first.month == _DECEMBER
        else first.replace(month=first.month + 1)
    )
    volume = queries.first_synced_between(connection, tenant.tenant_id, kind, first, following)
    return {"name": first.strftime("%Y-%m"), "first_synced": volume}


def _connections(connection: Connection, tenant_id: str) -> list[dict[str, Any]]:
    known = queries.connections(connection, tenant_id)
    return [connection_view(side, known.get(side)) for side in _SIDES]


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
    entries = _catalogue_items()
    with request.api.engine.connect() as connection:
        rows = documents.faults(connection, tenant.tenant_id, kinds)
        age = as_of(connection)
    items = []
    for row in rows:
        rest = {name: value for name, value in row.items() if name != "cause"}
        known = entries.get(row["cause"]) or entries["UNKNOWN"] | {"code": row["cause"]}
        items.append(to_plain({"cause": known, **rest}))
    return Answer({"items": items, "as_of": age})


def _catalogue_items() -> dict[str, dict[str, Any]]:
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
    return Answer({"items": list(_catalogue_items().values())})


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
