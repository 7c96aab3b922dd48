"""Invoices and purchase orders: list, open, timeline, the Autotask original, logs. One implementation, the kind as a parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from invoice_events.names import Document, Kind
from invoice_events.plain import to_plain
from status_api.core.document_views import document_detail, document_item
from status_api.core.statuses import REASONS, STATUSES
from status_api.core.summaries import summary
from status_api.queries import documents, history
from status_api.queries.documents import DEFAULT_ORDER, ORDERS, DocumentFilter
from status_api.server.operations import (
    TENANT,
    Answer,
    JsonSchema,
    Operation,
    Parameter,
    Request,
    page_of,
    ref,
)
from status_api.server.operations import paging as paging_parameters
from status_api.server.paging import paging
from status_api.server.problems import not_read_yet, unknown_document
from status_api.server.resources.common import as_of, date_of, document_named, require_time, tenant_of
from status_api.server.resources.logs import LOG_PARAMETERS, logs_page

_KEYS: dict[str, type] = {"timestamptz": str, "date": str, "bigint": int}
_DATE = {"type": "string", "format": "date"}
_SNAPSHOT = ("invoice", "order", "company", "vendor", "contact", "lines")
_WITH_LOGS = Parameter(
    "logs",
    "query",
    {"enum": ["true", "false"], "default": "false"},
    "Tell the log lines too, each in its place",
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of documents as a resource.

    Attributes:
        kind: of its documents.
        plural: its place below the tenant.
        schema: of an opened document; with `Item` at its end that of a list.
        search: what a search looks into, in words.
    """

    kind: Kind
    plural: str
    schema: str
    search: str

    @property
    def spoken(self) -> str:
        """One of it in words."""
        return self.kind.replace("-", " ")

    @property
    def path_part(self) -> str:
        """Name of the path part with the Autotask id."""
        return f"{self.kind.replace('-', '_')}_id"

    @property
    def identity(self) -> Parameter:
        """That path part."""
        return Parameter(
            self.path_part,
            "path",
            {"type": "string", "pattern": "^[0-9]{1,19}$"},
            f"Autotask id of the {self.spoken}",
            required=True,
        )

    def operations(self) -> tuple[Operation, ...]:
        """Every operation of it."""
        base = f"/api/v1/tenants/{{tenant_id}}/{self.plural}"

        def get(
            below: str,
            name: str,
            words: str,
            answer: JsonSchema,
            handler: Callable[[Request], Answer],
            *parameters: Parameter,
        ) -> Operation:
            one = f"{base}/{{{self.path_part}}}{below}"
            path_parts = (TENANT, self.identity)
            return Operation("GET", one, name, words, {200: answer}, handler, (404,), path_parts + parameters)

        return (
            Operation(
                "GET",
                base,
                f"list{self.schema}s",
                f"{self.spoken.capitalize()}s, filtered and in order",
                {200: page_of(f"{self.schema}Item")},
                self.get_list,
                (404,),
                (TENANT, *self.filters(), *paging_parameters(50, 500)),
            ),
            get(
                "",
                f"get{self.schema}",
                f"One {self.spoken} with everything known of it",
                ref(self.schema),
                self.get_one,
            ),
            get(
                "/timeline",
                f"get{self.schema}Timeline",
                f"Every event of one {self.spoken}, oldest first",
                page_of("TimelineEntry"),
                self.get_timeline,
                _WITH_LOGS,
                *paging_parameters(100, 500),
            ),
            get(
                "/original",
                f"get{self.schema}Original",
                f"One {self.spoken} as Autotask had it when it was last read",
                ref("Original"),
                self.get_original,
            ),
            get(
                "/logs",
                f"get{self.schema}Logs",
                f"Sync Logs of one {self.spoken}, newest first",
                page_of("LogLine"),
                self.get_logs,
                *LOG_PARAMETERS,
            ),
        )

    def filters(self) -> tuple[Parameter, ...]:
        """Parameters that narrow and order a list."""
        return (
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
                f"Part of {self.search}; case does not matter",
            ),
            Parameter("from", "query", _DATE, f"Date of the {self.spoken} at or after this day"),
            Parameter("to", "query", _DATE, f"Date of the {self.spoken} at or before this day"),
            Parameter(
                "cause",
                "query",
                {"type": "string", "maxLength": 100},
                f"Fault code, skip reason, or one of {', '.join(REASONS)}",
            ),
            Parameter(
                "sort",
                "query",
                {"enum": list(ORDERS), "default": DEFAULT_ORDER},
                f"By last change, date of the {self.spoken} or id; - means newest first",
            ),
        )

    def wanted(self, request: Request) -> DocumentFilter:
        """What a request with `filters` asks for."""
        return DocumentFilter(
            self.kind,
            statuses=tuple(request.query.get("status", ())),
            words=request.query.get("text"),
            first=date_of(request, "from"),
            last=date_of(request, "to"),
            cause=request.query.get("cause"),
        )

    def get_list(self, request: Request) -> Answer:
        """Documents, filtered and in order."""
        tenant = tenant_of(request)
        order = request.query["sort"]
        where = paging(request, keys=(_KEYS[ORDERS[order].type], int), name=self.plural)
        if where.after and ORDERS[order].type != "bigint":
            require_time("cursor", where.after[0])
        wanted = self.wanted(request)
        with request.api.engine.connect() as connection:
            rows = documents.list_documents(
                connection, tenant.tenant_id, wanted, order, where.after, where.asked
            )
            age = as_of(connection)
        page, next_cursor = where.page(rows, lambda row: [str(to_plain(row["sort_key"])), str(row["id"])])
        return Answer(
            {"items": [document_item(row) for row in page], "next_cursor": next_cursor, "as_of": age}
        )

    def get_one(self, request: Request) -> Answer:
        """One document with every group of what is known of it."""
        tenant = tenant_of(request)
        document = document_named(self.kind, request.path[self.path_part])
        with request.api.engine.connect() as connection:
            row = documents.open_document(connection, tenant.tenant_id, document)
            if row is None:
                raise unknown_document(self.kind, str(document.id))
            return Answer({**document_detail(row), "as_of": as_of(connection)})

    def get_timeline(self, request: Request) -> Answer:
        """Every event of a document, oldest first."""
        tenant_id, document = self.known(request)
        where = paging(request, keys=(str, str), name="timeline")
        if where.after:
            require_time("cursor", where.after[0])
        with request.api.engine.connect() as connection:
            rows = history.timeline(
                connection,
                tenant_id,
                document,
                where.after,
                where.asked,
                with_logs=request.query["logs"] == "true",
            )
            age = as_of(connection)
        page, next_cursor = where.page(rows, lambda row: [str(to_plain(row["occurred_at"])), row["event_id"]])
        items = [
            to_plain({name: value for name, value in row.items() if name != "payload"})
            | {"summary": summary(row["topic"], row["payload"]), "event": row["payload"]}
            for row in page
        ]
        return Answer({"items": items, "next_cursor": next_cursor, "as_of": age})

    def get_original(self, request: Request) -> Answer:
        """What Autotask said of a document when it was last read."""
        tenant_id, document = self.known(request)
        with request.api.engine.connect() as connection:
            row = history.original(connection, tenant_id, document)
            if row is None:
                raise not_read_yet(self.kind, str(document.id))
            payload = row["payload"]
            return Answer(
                {
                    "document": str(document),
                    "revision": row["revision"],
                    "read_at": to_plain(row["occurred_at"]),
                    "autotask_url": payload["autotask_url"],
                    "snapshot": {name: payload[name] for name in _SNAPSHOT if name in payload},
                    "as_of": as_of(connection),
                }
            )

    def get_logs(self, request: Request) -> Answer:
        """Log lines of one document, newest first."""
        tenant_id, document = self.known(request)
        return logs_page(request, tenant_id, document)

    def known(self, request: Request) -> tuple[str, Document]:
        """Tenant and document of the path.

        Raises:
            Problem: one of them is not known.
        """
        tenant = tenant_of(request)
        document = document_named(self.kind, request.path[self.path_part])
        with request.api.engine.connect() as connection:
            if not documents.is_known(connection, tenant.tenant_id, document):
                raise unknown_document(self.kind, str(document.id))
        return tenant.tenant_id, document


RESOURCES = (
    Resource("invoice", "invoices", "Invoice", "the Autotask id, invoice number, client name or Xero number"),
    Resource(
        "purchase-order",
        "purchase-orders",
        "PurchaseOrder",
        "the Autotask id, a number of the order, the vendor's name or the Xero number",
    ),
)
OPERATIONS = tuple(operation for resource in RESOURCES for operation in resource.operations())
