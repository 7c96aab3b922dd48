"""Sync Logs: of a tenant, or of one of its documents."""

from __future__ import annotations

from typing import Any

from invoice_events.names import KINDS, Document
from invoice_events.plain import to_plain
from status_api.core.views import log_view
from status_api.queries import history
from status_api.queries.history import LogFilter
from status_api.queries.rows import Fields
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request, page_of
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.problems import bad_parameter
from status_api.server.resources.common import as_of, document_named, require_time, tenant_of, time_of

LOG_FILTERS = (
    Parameter("from", "query", {"type": "string", "format": "date-time"}, "At or after this time"),
    Parameter("before", "query", {"type": "string", "format": "date-time"}, "Before this time"),
    Parameter("level", "query", {"enum": ["info", "warning", "error"]}, "Only this level"),
    Parameter("text", "query", {"type": "string", "minLength": 1, "maxLength": 200}, "Part of the message"),
)
LOG_PARAMETERS = (*LOG_FILTERS, *paging_parameters(100, 500))
_BY_PARAMETER = {kind.replace("-", "_"): kind for kind in KINDS}
OF_DOCUMENT = tuple(
    Parameter(
        name,
        "query",
        {"type": "string", "pattern": "^[0-9]{1,19}$"},
        f"Only lines of the {kind.replace('-', ' ')} with this Autotask id",
    )
    for name, kind in _BY_PARAMETER.items()
)


def get_logs(request: Request) -> Answer:
    """Log lines of a tenant, newest first."""
    tenant = tenant_of(request)
    return logs_page(request, tenant.tenant_id, asked_document(request))


def asked_document(request: Request) -> Document | None:
    """The document that `OF_DOCUMENT` names, None if it names none.

    Raises:
        Problem: it names two.
    """
    wanted = [
        document_named(kind, request.query[name])
        for name, kind in _BY_PARAMETER.items()
        if name in request.query
    ]
    if len(wanted) > 1:
        raise bad_parameter(next(iter(_BY_PARAMETER)), f"name one of {', '.join(_BY_PARAMETER)}, not both")
    return wanted[0] if wanted else None


def log_filter(request: Request, document: Document | None) -> LogFilter:
    """What a request with `LOG_FILTERS` asks for, of one document unless it is None.

    Raises:
        Problem: a time can not be read.
    """
    query: dict[str, Any] = dict(request.query)
    return LogFilter(
        document=document,
        first=time_of("from", query["from"]) if "from" in query else None,
        before=time_of("before", query["before"]) if "before" in query else None,
        level=query.get("level"),
        words=query.get("text"),
    )


def logs_page(request: Request, tenant_id: str, document: Document | None) -> Answer:
    """A page of log lines, of one document unless it is None, narrowed by the request's parameters."""
    where = paging(request, keys=(str, str), name="logs")
    if where.after:
        require_time("cursor", where.after[0])
    wanted = log_filter(request, document)
    with request.api.engine.connect() as connection:
        rows = history.logs(connection, tenant_id, wanted, where.after, where.asked)
        age = as_of(connection)
    page, next_cursor = where.page(rows, _time_and_event)
    return Answer({"items": [log_view(row) for row in page], "next_cursor": next_cursor, "as_of": age})


def _time_and_event(row: Fields) -> list[str]:
    return [str(to_plain(row["occurred_at"])), row["event_id"]]


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/tenants/{tenant_id}/logs",
        "getLogs",
        "Sync Logs of a tenant, newest first",
        {200: page_of("LogLine")},
        get_logs,
        (404,),
        (TENANT, *OF_DOCUMENT, *LOG_PARAMETERS),
    ),
)
