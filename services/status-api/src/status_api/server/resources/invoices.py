"""Invoices: list, open, timeline, logs."""

from __future__ import annotations

from datetime import date
from typing import Any

from invoice_events.plain import to_plain
from status_api.core.statuses import STATUSES
from status_api.core.summaries import summary
from status_api.core.views import invoice_detail, invoice_item, log_view
from status_api.queries import documents, history
from status_api.queries.documents import DEFAULT_ORDER, ORDERS, InvoiceFilter
from status_api.queries.history import LogFilter
from status_api.queries.rows import Fields
from status_api.server.operations import (
    INVOICE,
    TENANT,
    Answer,
    Operation,
    Parameter,
    Request,
    page_of,
    ref,
)
from status_api.server.operations import (
    paging as paging_parameters,
)
from status_api.server.paging import paging
from status_api.server.problems import bad_parameter, unknown_invoice
from status_api.server.resources.common import as_of, invoice_number, tenant_of, time_of

_BASE = "/api/v1/tenants/{tenant_id}"
_KEYS: dict[str, type] = {"timestamptz": str, "date": str, "bigint": int}


def list_invoices(request: Request) -> Answer:
    """Invoices, filtered and in order."""
    tenant = tenant_of(request)
    order = request.query["sort"]
    where = paging(request, keys=(_KEYS[ORDERS[order].type], int), name="invoices")
    if where.after and ORDERS[order].type != "bigint":
        _require_time("cursor", where.after[0])
    wanted = InvoiceFilter(
        statuses=tuple(request.query.get("status", ())),
        words=request.query.get("text"),
        first=_date(request, "from"),
        last=_date(request, "to"),
        cause=request.query.get("cause"),
    )
    with request.api.engine.connect() as connection:
        rows = documents.list_invoices(connection, tenant.tenant_id, wanted, order, where.after, where.asked)
        age = as_of(connection)
    page, next_cursor = where.page(rows, lambda row: [str(to_plain(row["sort_key"])), str(row["id"])])
    return Answer({"items": [invoice_item(row) for row in page], "next_cursor": next_cursor, "as_of": age})


def _require_time(name: str, value: str) -> None:
    """Cursors are opaque, not trusted: what is no date or time must not reach the database."""
    try:
        date.fromisoformat(value[:10])
        if len(value) > len("2026-05-04"):
            time_of(name, value)
    except ValueError as error:
        raise bad_parameter(name, "this is no cursor: take next_cursor as it was given") from error


def _date(request: Request, name: str) -> date | None:
    value = request.query.get(name)
    return None if value is None else date.fromisoformat(value)


def get_invoice(request: Request) -> Answer:
    """One invoice with every group of what is known of it."""
    tenant = tenant_of(request)
    with request.api.engine.connect() as connection:
        row = documents.open_invoice(connection, tenant.tenant_id, invoice_number(request.path["invoice_id"]))
        if row is None:
            raise unknown_invoice(request.path["invoice_id"])
        return Answer({**invoice_detail(row), "as_of": as_of(connection)})


def _known_invoice(request: Request, tenant_id: str) -> int:
    invoice_id = invoice_number(request.path["invoice_id"])
    with request.api.engine.connect() as connection:
        if not documents.is_known(connection, tenant_id, "invoice", invoice_id):
            raise unknown_invoice(request.path["invoice_id"])
    return invoice_id


def get_timeline(request: Request) -> Answer:
    """Every event of an invoice, oldest first."""
    tenant = tenant_of(request)
    invoice_id = _known_invoice(request, tenant.tenant_id)
    where = paging(request, keys=(str, str), name="timeline")
    if where.after:
        _require_time("cursor", where.after[0])
    with request.api.engine.connect() as connection:
        rows = history.timeline(connection, tenant.tenant_id, invoice_id, where.after, where.asked)
        age = as_of(connection)
    page, next_cursor = where.page(rows, _time_and_event)
    items = [
        to_plain({name: value for name, value in row.items() if name != "payload"})
        | {"summary": summary(row["topic"], row["payload"]), "event": row["payload"]}
        for row in page
    ]
    return Answer({"items": items, "next_cursor": next_cursor, "as_of": age})


def _time_and_event(row: Fields) -> list[str]:
    return [str(to_plain(row["occurred_at"])), row["event_id"]]


def get_invoice_logs(request: Request) -> Answer:
    """Log lines of one invoice, newest first."""
    tenant = tenant_of(request)
    return _logs(request, tenant.tenant_id, _known_invoice(request, tenant.tenant_id))


def get_logs(request: Request) -> Answer:
    """Log lines of a tenant, newest first."""
    tenant = tenant_of(request)
    sent = request.query.get("invoice")
    return _logs(request, tenant.tenant_id, None if sent is None else invoice_number(sent))


def _logs(request: Request, tenant_id: str, invoice_id: int | None) -> Answer:
    query: dict[str, Any] = dict(request.query)
    where = paging(request, keys=(str, str), name="logs")
    if where.after:
        _require_time("cursor", where.after[0])
    wanted = LogFilter(
        invoice_id=invoice_id,
        first=time_of("from", query["from"]) if "from" in query else None,
        before=time_of("before", query["before"]) if "before" in query else None,
        level=query.get("level"),
        words=query.get("text"),
    )
    with request.api.engine.connect() as connection:
        rows = history.logs(connection, tenant_id, wanted, where.after, where.asked)
        age = as_of(connection)
    page, next_cursor = where.page(rows, _time_and_event)
    return Answer({"items": [log_view(row) for row in page], "next_cursor": next_cursor, "as_of": age})


_DATE = {"type": "string", "format": "date"}
_LOG_FILTERS = (
    Parameter("from", "query", {"type": "string", "format": "date-time"}, "At or after this time"),
    Parameter("before", "query", {"type": "string", "format": "date-time"}, "Before this time"),
    Parameter("level", "query", {"enum": ["info", "warning", "error"]}, "Only this level"),
    Parameter("text", "query", {"type": "string", "minLength": 1, "maxLength": 200}, "Part of the message"),
)

OPERATIONS = (
    Operation(
        "GET",
        f"{_BASE}/invoices",
        "listInvoices",
        "Invoices, filtered and in order",
        {200: page_of("InvoiceItem")},
        list_invoices,
        (404,),
        (
            TENANT,
            Parameter(
                "status",
                "query",
                {"type": "array", "items": {"enum": list(STATUSES)}},
                "Only these statuses; repeat for several",
            ),
            Parameter(
                "text",
                "query",
                {"type": "string", "minLength": 1, "maxLength": 200},
                "Part of the Autotask id, invoice number, client name or Xero number; case does not matter",
            ),
            Parameter("from", "query", _DATE, "Invoice date at or after this day"),
            Parameter("to", "query", _DATE, "Invoice date at or before this day"),
            Parameter("cause", "query", {"type": "string", "maxLength": 100}, "Fault code or skip reason"),
            Parameter(
                "sort",
                "query",
                {"enum": list(ORDERS), "default": DEFAULT_ORDER},
                "By last change, invoice date or id; - means newest first",
            ),
            *paging_parameters(50, 500),
        ),
    ),
    Operation(
        "GET",
        f"{_BASE}/invoices/{{invoice_id}}",
        "getInvoice",
        "One invoice with everything known of it",
        {200: ref("Invoice")},
        get_invoice,
        (404,),
        (TENANT, INVOICE),
    ),
    Operation(
        "GET",
        f"{_BASE}/invoices/{{invoice_id}}/timeline",
        "getTimeline",
        "Every event of an invoice, oldest first",
        {200: page_of("TimelineEntry")},
        get_timeline,
        (404,),
        (TENANT, INVOICE, *paging_parameters(100, 500)),
    ),
    Operation(
        "GET",
        f"{_BASE}/invoices/{{invoice_id}}/logs",
        "getInvoiceLogs",
        "Sync Logs of one invoice, newest first",
        {200: page_of("LogLine")},
        get_invoice_logs,
        (404,),
        (TENANT, INVOICE, *_LOG_FILTERS, *paging_parameters(100, 500)),
    ),
    Operation(
        "GET",
        f"{_BASE}/logs",
        "getLogs",
        "Sync Logs of a tenant, newest first",
        {200: page_of("LogLine")},
        get_logs,
        (404,),
        (
            TENANT,
            Parameter(
                "invoice",
                "query",
                {"type": "string", "pattern": "^[0-9]{1,19}$"},
                "Autotask id of an invoice",
            ),
            *_LOG_FILTERS,
            *paging_parameters(100, 500),
        ),
    ),
)
