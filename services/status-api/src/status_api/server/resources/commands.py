"""Commands: given, listed, followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invoice_events.names import BadDocumentNameError, Document, Kind
from invoice_events.plain import to_plain
from status_api.core.access import Role
from status_api.core.commands import ABOUT_ANY_ID, BOTH, KINDS, STATES, Asked, names_of, wrong_with
from status_api.core.views import command_view
from status_api.queries import commands as queries
from status_api.queries import documents
from status_api.queries.commands import CommandFilter
from status_api.server.operations import (
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
from status_api.server.problems import (
    bad_body,
    bad_parameter,
    nothing_to_recreate,
    unknown_command,
    unknown_document,
)
from status_api.server.resources.common import as_of, tenant_of, time_of, who
from status_api.server.schemas import COMMAND_BODY
from status_api.server.shapes import DOCUMENT_NAME

_BASE = "/api/v1/tenants/{tenant_id}/commands"
_FILTERS = (
    Parameter(
        "state", "query", {"type": "array", "items": {"enum": list(STATES)}}, "Only these; repeat for several"
    ),
    Parameter(
        "kind", "query", {"type": "array", "items": {"enum": list(KINDS)}}, "Only these; repeat for several"
    ),
    Parameter("document", "query", DOCUMENT_NAME, "Only those about this document"),
    Parameter(
        "actor", "query", {"type": "string", "minLength": 1, "maxLength": 200}, "Only those of this actor"
    ),
    Parameter(
        "bulk", "query", {"type": "string", "minLength": 1, "maxLength": 100}, "Only those of this bulk act"
    ),
)
_COMMAND = Parameter("command_id", "path", {"type": "string", "maxLength": 100}, "The command", required=True)


def give_command(request: Request) -> Answer:
    """Store a command; the same one again while it is open returns that one."""
    tenant = tenant_of(request)
    kind, named = request.body["kind"], request.body.get("document")
    options = request.body.get("options", {})
    recreate, side = options.get("recreate", False), options.get("side")
    wrong = wrong_with(kind, named, recreate=recreate, side=side)
    if wrong:
        place, detail = wrong
        raise bad_body([{"place": place, "detail": detail}])
    document = None if named is None else _document(request, tenant.tenant_id, kind, named, recreate=recreate)
    asked = Asked(kind, document, recreate, None if side == BOTH else side)
    command_id, is_new = request.api.commands.give(tenant.tenant_id, asked, who(request))
    place = f"/api/v1/tenants/{tenant.tenant_id}/commands/{command_id}"
    return Answer(
        _with_results(request, tenant.tenant_id, command_id), 202 if is_new else 200, {"Location": place}
    )


def _document(request: Request, tenant_id: str, command_kind: str, name: str, *, recreate: bool) -> Document:
    """The document that a command names.

    Raises:
        Problem: it has no row; a command about it could never be carried out, unless it asks why.
    """
    kind, _, number = name.partition("/")
    try:
        document = Document.parse(name)
    except BadDocumentNameError:  # the pattern lets through what is longer than any id
        document = None
    if document is not None and command_kind in ABOUT_ANY_ID:
        return document
    with request.api.engine.connect() as connection:
        if document is not None and documents.is_known(connection, tenant_id, document):
            return document
    of_kind: Kind = "invoice" if kind == "invoice" else "purchase-order"
    raise nothing_to_recreate(of_kind, number) if recreate else unknown_document(of_kind, number)


def _with_results(request: Request, tenant_id: str, command_id: str) -> dict[str, Any]:
    with request.api.engine.connect() as connection:
        row = queries.command(connection, tenant_id, command_id)
        if row is None:
            raise unknown_command(command_id)
        results = queries.results(connection, tenant_id, command_id)
    return {**command_view(row), "results": [to_plain(dict(result)) for result in results]}


def get_command(request: Request) -> Answer:
    """A command and its fate."""
    tenant = tenant_of(request)
    return Answer(_with_results(request, tenant.tenant_id, request.path["command_id"]))


def list_commands(request: Request) -> Answer:
    """Commands of a tenant, newest first."""
    tenant = tenant_of(request)
    where = paging(request, keys=(str, str), name="commands")
    if where.after:
        time_of("cursor", where.after[0])
    with request.api.engine.connect() as connection:
        rows = queries.commands(
            connection, tenant.tenant_id, _wanted(request.query), where.after, where.asked
        )
        age = as_of(connection)
    page, next_cursor = where.page(rows, lambda row: [str(to_plain(row["issued_at"])), row["command_id"]])
    return Answer({"items": [command_view(row) for row in page], "next_cursor": next_cursor, "as_of": age})


def _wanted(query: Mapping[str, Any]) -> CommandFilter:
    """What the list is narrowed by.

    Raises:
        Problem: the document is none that there can be.
    """
    try:
        document = Document.parse(query["document"]) if "document" in query else None
    except BadDocumentNameError as error:
        raise bad_parameter("document", str(error)) from error
    stored = (name for kind in query.get("kind", ()) for name in names_of(kind))
    return CommandFilter(
        tuple(query.get("state", ())), tuple(stored), document, query.get("actor"), query.get("bulk")
    )


OPERATIONS = (
    Operation(
        "POST",
        _BASE,
        "giveCommand",
        "Resync, skip, unskip or explain a document, look for new ones now, or test the connections; 200 if the same command is still open",
        {202: ref("CommandWithResults"), 200: ref("CommandWithResults")},
        give_command,
        (404, 422),
        (TENANT,),
        COMMAND_BODY,
        needs=Role.OPERATOR,
    ),
    Operation(
        "GET",
        _BASE,
        "listCommands",
        "Commands of a tenant, newest first",
        {200: page_of("Command")},
        list_commands,
        (404,),
        (TENANT, *_FILTERS, *paging_parameters(50, 500)),
    ),
    Operation(
        "GET",
        f"{_BASE}/{{command_id}}",
        "getCommand",
        "A command and its fate",
        {200: ref("CommandWithResults")},
        get_command,
        (404,),
        (TENANT, _COMMAND),
    ),
)
