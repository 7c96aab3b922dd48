"""What each call answers. By now the caller is known and within the limits."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from simulators.autotask import markup, metadata
from simulators.autotask.errors import ApiError, RefusalError, WrongMethodError
from simulators.autotask.limits import TIMEFRAME_MINUTES
from simulators.autotask.query import address, first_page, project, read_cursor, read_query, run
from simulators.autotask.writes import check_order, may_write, patch, put, target
from simulators.kit import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.autotask.database import Database
    from simulators.autotask.entities import EntityType
    from simulators.autotask.query import Cursor, Query
    from simulators.autotask.routes import Route
    from simulators.kit.call import Call
    from simulators.kit.clock import Clock

# Longer addresses do not pass; `in` lists go by POST.
LONGEST_QUERY_STRING = 2_000


class Endpoints:
    """The calls of one database."""

    def __init__(self, database: Database, clock: Clock, base: str) -> None:
        self._database = database
        self._clock = clock
        self._base = base

    def answer(self, route: Route, call: Call) -> dict[str, Any]:
        """The JSON body of a 200.

        Raises:
            ApiError: Any other answer.
        """
        handlers: dict[str, Callable[[Route, Call], dict[str, Any]]] = {
            "versions": lambda _route, _call: {"apiVersions": ["1.0"]},
            "version": self._version,
            "threshold": self._threshold,
            "query": self._query,
            "count": self._count,
            "next": self._next,
            "information": lambda route, _call: metadata.information(_entity(route)),
            "fields": lambda route, _call: metadata.fields(_entity(route), self._database),
            "user_defined_fields": self._user_defined_fields,
            "write": self._write,
            "item": self._item,
            "markup": self._markup,
            "children": self._children,
        }
        with self._database.lock:
            return handlers[route.kind](route, call)

    def _version(self, _route: Route, _call: Call) -> dict[str, Any]:
        return {"majorVersion": 1, "minorVersion": 0, "build": "simulated", "customerType": "production"}

    def _threshold(self, _route: Route, _call: Call) -> dict[str, Any]:
        switches = self._database.switches
        used = self._database.quota.used(self._clock.monotonic()) + switches.external_usage
        return {
            "externalRequestThreshold": switches.hourly_limit,
            "requestThresholdTimeframe": TIMEFRAME_MINUTES,
            "currentTimeframeRequestCount": used,
        }

    def _user_defined_fields(self, route: Route, _call: Call) -> dict[str, Any]:
        return metadata.user_defined_fields(_entity(route), self._database)

    def _query(self, route: Route, call: Call) -> dict[str, Any]:
        query, search = _read(route, call)
        return self._page(_entity(route), query, first_page(query), search)

    def _count(self, route: Route, call: Call) -> dict[str, Any]:
        kind = _entity(route)
        query, _ = _read(route, call)
        found = self._database.tables[kind.name].find(
            query.filter, null_is_different=self._database.switches.null_is_different
        )
        return {"queryCount": sum(1 for _ in found)}

    def _next(self, route: Route, call: Call) -> dict[str, Any]:
        # The cursor of a POST query knows no search: only the body, sent again, does.
        if call.method == "GET" and "search" not in call.query:
            raise WrongMethodError("GET")
        query, search = _read(route, call)
        return self._page(_entity(route), query, read_cursor(call.query.get("paging", "")), search)

    def _page(self, kind: EntityType, query: Query, cursor: Cursor, search: str | None) -> dict[str, Any]:
        page = run(
            self._database.tables[kind.name],
            query,
            cursor,
            null_is_different=self._database.switches.null_is_different,
        )
        missing = self._database.switches.missing_udfs
        return {
            "items": [project(kind, record, query.fields, missing) for record in page.records],
            "pageDetails": {
                "count": len(page.records),
                "requestCount": cursor.page_size,
                "prevPageUrl": address(self._base, kind, page.previous, search),
                "nextPageUrl": address(self._base, kind, page.next, search),
            },
        }

    def _item(self, route: Route, _call: Call) -> dict[str, Any]:
        kind = _entity(route)
        record = self._database.tables[kind.name].get(route.number or 0)
        if record is not None:
            return {"item": project(kind, record, None, self._database.switches.missing_udfs)}
        if self._database.switches.missing_item == "null":
            return {"item": None}
        raise RefusalError("No matching records found.", status=HTTPStatus.NOT_FOUND)

    def _children(self, route: Route, call: Call) -> dict[str, Any]:
        if call.method != "GET":
            return self._write(route, call)
        search = json_text.dumps(
            {"filter": [{"op": "eq", "field": route.parent_field, "value": route.number}]}
        )
        query = read_query(_entity(route), json_text.loads(search))
        return self._page(_entity(route), query, first_page(query), search)

    def _write(self, route: Route, call: Call) -> dict[str, Any]:
        kind = _entity(route)
        may_write(kind, call.method, below_parent=route.kind == "children")
        body = _body(call)
        number = target(body)
        before = self._database.tables[kind.name].get(number)
        if before is None or (route.parent_field and before.get(route.parent_field) != route.number):
            raise RefusalError(f"No matching records found: {kind.name} {number} does not exist.")
        if kind.name == "PurchaseOrderItems":
            check_order(self._database.tables["PurchaseOrders"].get(before.get("orderID") or 0))
        change = patch if call.method == "PATCH" else put
        self._database.write(kind, number, change(kind, before, body), self._clock.now())
        return {"itemId": number}

    def _markup(self, route: Route, _call: Call) -> dict[str, Any]:
        tables = self._database.tables
        invoice = tables["Invoices"].get(route.number or 0)
        if invoice is None:
            raise RefusalError("No matching records found.", status=HTTPStatus.NOT_FOUND)
        lines_query = read_query(
            tables["BillingItems"].entity,
            {"filter": [{"op": "eq", "field": "invoiceID", "value": route.number}]},
        )
        company = tables["Companies"].get(invoice.get("companyID") or 0)
        lines = tables["BillingItems"].find(lines_query.filter)
        return {"invoiceMarkup": markup.html(invoice, lines, company, self._database.switches)}


def _entity(route: Route) -> EntityType:
    if route.entity is None:
        raise LookupError(route.kind)
    return route.entity


def _read(route: Route, call: Call) -> tuple[Query, str | None]:
    """The query of a call, and its search if it came by GET."""
    if call.method == "POST":
        return read_query(_entity(route), _body(call)), None
    if len(call.query_string) > LONGEST_QUERY_STRING:
        raise ApiError(HTTPStatus.REQUEST_URI_TOO_LONG, {"Message": "The request URI is too long."})
    search = call.query.get("search")
    if search is None:
        raise RefusalError("A filter is required: the search parameter is missing.")
    return read_query(_entity(route), _json(search)), search


def _body(call: Call) -> object:
    media_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if call.body and media_type != "application/json":
        text = f"The request entity's media type '{media_type}' is not supported for this resource."
        raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"Message": text})
    return _json(call.body)


def _json(text: bytes | str) -> object:
    try:
        return json_text.loads(text)
    except ValueError:
        raise RefusalError("The query or body is not valid JSON.") from None
