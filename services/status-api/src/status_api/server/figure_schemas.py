"""JSON Schemas of figures: of one tenant, of all, and over time."""

from __future__ import annotations

from invoice_events.names import KINDS
from status_api.core.periods import PERS
from status_api.core.statuses import STATUSES
from status_api.server.operations import JsonSchema, ref
from status_api.server.shapes import MONEY, NUMBER, TEXT, TIME, YES_NO, or_null, record

CATALOGUE_ENTRY = record(
    code=TEXT,
    side={"enum": ["autotask", "xero", "us"]},
    text=TEXT,
    remedy=TEXT,
    retry_can_help=YES_NO,
)

_GLANCE: dict[str, JsonSchema] = {
    "counts": record(**dict.fromkeys(STATUSES, NUMBER)),
    "month": record(
        name=TEXT | {"description": "year and month in the tenant's time zone"},
        first_synced=NUMBER | {"description": "how many got into Xero for the first time in this month"},
    ),
    "oldest_pending": or_null(record(id=NUMBER, status=ref("Status"), changed_at=TIME)),
}
FIGURES: dict[str, JsonSchema] = {
    **_GLANCE,
    "totals": {
        "type": "array",
        "items": record(currency=TEXT, documents=NUMBER, total=MONEY, total_tax=MONEY),
        "description": "what is in Xero, as Xero returned it; credit notes count negative, what was voided does not count",
    },
}

_SECONDS = {"type": ["number", "null"], "minimum": 0}
_DURATIONS = record(
    documents=NUMBER | {"description": "how many of the synced ones tell when they were found"},
    p50=_SECONDS,
    p90=_SECONDS,
    p99=_SECONDS,
) | {
    "description": "seconds from the first time a document was found in Autotask to the first time it was in Xero, estimated from"
    " classes of doubling length: at most a factor of two away"
}
_DAY: JsonSchema = {"type": "string", "format": "date"}
_SPAN: dict[str, JsonSchema] = {
    "from": _DAY | {"description": "first day that is told"},
    "before": _DAY | {"description": "first day that is not told any more"},
}

FIGURE_SCHEMAS: dict[str, JsonSchema] = {
    "FleetLine": record(
        tenant=ref("Tenant"),
        invoices=record(**_GLANCE),
        purchase_orders=record(**_GLANCE),
        connections={"type": "array", "items": ref("Connection")},
    ),
    "Analytics": record(
        kind={"enum": list(KINDS)},
        per={"enum": list(PERS)},
        time_zone=TEXT,
        **_SPAN,
        synced=NUMBER | {"description": "documents that got into Xero for the first time; each counts once"},
        time_to_xero=_DURATIONS,
        periods={
            "type": "array",
            "items": record(
                name=TEXT | {"description": "2026-05-04 or 2026-05, in the tenant's time zone"},
                synced=NUMBER,
                change=NUMBER | {"description": "how many more than in the period before"},
                failed_tries=NUMBER,
                time_to_xero=_DURATIONS,
            ),
        },
        faults={
            "type": "array",
            "items": record(
                cause=ref("CatalogueEntry"),
                tries=NUMBER | {"description": "tries that failed with it; a document may have several"},
                by_period={"type": "array", "items": NUMBER, "description": "in the order of periods"},
            ),
        },
        as_of=ref("AsOf"),
    ),
}
