"""Lists as files: every row, with the filters and the order of the list, sent while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from status_api.core.access import Role
from status_api.core.spreadsheets import Cells, csv_pieces
from status_api.core.tables import AUDIT, DOCUMENTS, LOGS, Table
from status_api.core.workbooks import workbook_pieces
from status_api.queries.audit import audit_statement
from status_api.queries.documents import list_statement
from status_api.queries.history import logs_statement
from status_api.queries.snapshots import has_more_than, rows_of, snapshot
from status_api.server.operations import TENANT, Answer, Handler, JsonSchema, Operation, Parameter, Request
from status_api.server.problems import too_many_rows
from status_api.server.resources.audit import FILTERS, filters_of
from status_api.server.resources.common import as_of, tenant_of
from status_api.server.resources.documents import RESOURCES, Resource
from status_api.server.resources.logs import LOG_FILTERS, OF_DOCUMENT, asked_document, log_filter
from status_api.server.streaming import Streamed, attachment

AS_OF = "X-As-Of"
Statement = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        suffix: of its name.
        media: its media type.
        schema: of an answer.
        pieces: bytes of a table's rows.
    """

    suffix: str
    media: str
    schema: JsonSchema
    pieces: Callable[[Table, Iterable[Cells]], Iterator[bytes]]


def _csv(table: Table, rows: Iterable[Cells]) -> Iterator[bytes]:
    return csv_pieces(table.columns, rows)


def _xlsx(table: Table, rows: Iterable[Cells]) -> Iterator[bytes]:
    return workbook_pieces(table.title, table.columns, rows)


CSV = Format(
    "csv",
    "text/csv",
    {
        "description": "CSV (RFC 4180) in UTF-8 with a byte order mark; the first line names the columns. Texts that a spreadsheet"
        " could take for a formula have an apostrophe in front"
    },
    _csv,
)
XLSX = Format(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    {
        "description": "Excel workbook; the first line names the columns. No cell is a formula. Numbers of more than 15 digits are texts"
    },
    _xlsx,
)


def export(request: Request, name: str, table: Table, form: Format, statement: Statement) -> Answer:
    """Every row of a statement as a file.

    Args:
        request: whose answer it is.
        name: what is exported.
        table: what it looks like.
        form: which file.
        statement: SQL with the value `limit`.

    Raises:
        Problem: there are more rows than that, or too many exports are being made.
    """
    tenant_id = request.path["tenant_id"]
    sql, values = statement
    limits = request.api.long_answers
    most = limits.most_rows
    with ExitStack() as held:
        held.callback(limits.take())
        connection = held.enter_context(snapshot(request.api.engine))
        if has_more_than(connection, most, sql, values):
            raise too_many_rows(most)
        headers = {AS_OF: as_of(connection) or "never"}
        rows = rows_of(connection, sql, {**values, "limit": most}, request.api.now, limits.longest)
        pieces = form.pieces(table, map(table.cells, rows))
        body = Streamed(pieces, held.pop_all().close, tenant=tenant_id, request_id=request.request_id)
    body.begin()
    made = request.api.now().strftime("%Y-%m-%dT%H%MZ")
    return Answer(body, headers=headers | attachment(f"{tenant_id}-{name}-{made}.{form.suffix}"))


@dataclass(frozen=True, slots=True)
class Export:
    """A list as a file.

    Attributes:
        name: its place below the tenant, and in the file's name.
        operation: end of the operation's name.
        words: what it holds.
        table: what it looks like.
        statement: SQL of what a request asks for.
        parameters: filters and order of the list.
        forms: files that it is offered as.
        needs: the least role.
    """

    name: str
    operation: str
    words: str
    table: Table
    statement: Callable[[Request, str], Statement]
    parameters: tuple[Parameter, ...]
    forms: tuple[Format, ...] = (CSV,)
    needs: Role = Role.VIEWER

    def operations(self) -> tuple[Operation, ...]:
        """One for each kind of file."""
        return tuple(
            Operation(
                "GET",
                f"/api/v1/tenants/{{tenant_id}}/{self.name}.{form.suffix}",
                f"export{self.operation}As{form.suffix.capitalize()}",
                f"{self.words} as {form.suffix.upper()}, with the filters and the order of the list;"
                f" {AS_OF} says how old they are",
                {200: form.schema},
                self.handler(form),
                (404, 422),
                (TENANT, *self.parameters),
                needs=self.needs,
                media=form.media,
            )
            for form in self.forms
        )

    def handler(self, form: Format) -> Handler:
        """What answers."""

        def handle(request: Request) -> Answer:
            tenant = tenant_of(request)
            statement = self.statement(request, tenant.tenant_id)
            return export(request, self.name, self.table, form, statement)

        return handle


def _documents(resource: Resource, request: Request, tenant_id: str) -> Statement:
    return list_statement(tenant_id, resource.wanted(request), request.query["sort"], None, 0)


def _logs(request: Request, tenant_id: str) -> Statement:
    return logs_statement(tenant_id, log_filter(request, asked_document(request)), None, 0)


def _audit(request: Request, tenant_id: str) -> Statement:
    return audit_statement(filters_of(request) | {"tenant": tenant_id}, 0)


EXPORTS = (
    *(
        Export(
            resource.plural,
            f"{resource.schema}s",
            f"{resource.spoken.capitalize()}s",
            DOCUMENTS[resource.kind],
            partial(_documents, resource),
            resource.filters(),
            (CSV, XLSX),
        )
        for resource in RESOURCES
    ),
    Export("logs", "Logs", "Sync Logs of a tenant", LOGS, _logs, (*OF_DOCUMENT, *LOG_FILTERS)),
    Export("audit", "Audit", "Who did what at a tenant", AUDIT, _audit, FILTERS, needs=Role.ADMIN),
)
OPERATIONS = tuple(operation for one in EXPORTS for operation in one.operations())
