"""Bulk acts: one wish about many documents, named one by one or taken by their cause."""

from __future__ import annotations

import re
from typing import Any

from invoice_events.names import BadDocumentNameError, Document
from invoice_events.plain import to_plain
from status_api.core.access import Role
from status_api.core.bulk import BulkAct, of_cause
from status_api.core.commands import ANSWERED_AT_ONCE, OPEN_STATES, STATES
from status_api.core.views import PAUSED
from status_api.queries import bulk as queries
from status_api.server.bulk_schemas import BULK_BODY
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request, ref
from status_api.server.problems import (
    Problem,
    bad_body,
    bad_parameter,
    idempotency_key_reused,
    on_hold,
    unknown_bulk_act,
    unknown_document,
)
from status_api.server.resources.common import tenant_of, who
from status_api.stores.bulk import KeyReusedError

_BASE = "/api/v1/tenants/{tenant_id}/commands/bulk"
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "pattern": r"^[\x21-\x7e]{1,100}$"},
    "Chosen by whoever asks, for 24 hours: a repeat with the same key and the same body does nothing and gets the first answer",
)
_BULK = Parameter("bulk_id", "path", {"type": "string", "maxLength": 100}, "The bulk act", required=True)


def give_bulk(request: Request) -> Answer:
    """Store a command for each document; a repeat with the same key gets the same answer."""
    tenant = tenant_of(request)
    act, key = _act(request.body), _key(request)
    try:
        given = request.api.commands.bulk.give(tenant.tenant_id, act, who(request), key)
    except KeyReusedError as error:
        raise idempotency_key_reused() from error
    answer = given.answer
    items = [_item(request, item) for item in answer["items"]]
    waits = tenant.state == "paused" and act.kind not in ANSWERED_AT_ONCE and answer["counts"]["accepted"]
    told = {
        **{name: answer[name] for name in ("bulk_id", "kind", "issued_at")},
        **answer["counts"],
        "remaining": answer["remaining"],
        "reason": PAUSED if waits else None,
        "items": items,
    }
    place = f"/api/v1/tenants/{tenant.tenant_id}/commands/bulk/{answer['bulk_id']}"
    return Answer(told, 202 if given.is_new else 200, {"Location": place})


def _act(body: dict[str, Any]) -> BulkAct:
    """The act that a body asks for.

    Raises:
        Problem: a document has an id that Autotask can not give.
    """
    if "documents" not in body:
        wanted = of_cause(
            body["kind"],
            body["cause"],
            document_kind=body.get("document_kind"),
            statuses=body.get("status"),
            limit=body.get("limit"),
        )
        return BulkAct(body["kind"], of_cause=wanted)
    documents, wrong = [], []
    for place, name in enumerate(body["documents"]):
        try:
            documents.append(Document.parse(name))
        except BadDocumentNameError as error:  # the pattern lets through what is longer than any id
            wrong.append({"place": f"documents.{place}", "detail": str(error)})
    if wrong:
        raise bad_body(wrong)
    return BulkAct(body["kind"], documents=tuple(documents))


def _key(request: Request) -> str | None:
    """The Idempotency-Key.

    Raises:
        Problem: it is none.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise bad_parameter("Idempotency-Key", "wanted 1 to 100 visible ASCII characters without spaces")
    return key


def _item(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """What became of one document, with the problem if there is one."""
    kind, _, number = item["document"].partition("/")
    problem: Problem | None = None
    if item["fate"] == "unknown":
        problem = unknown_document("invoice" if kind == "invoice" else "purchase-order", number)
    elif item["fate"] == "refused":
        problem = on_hold(item["hold"])
    return {
        "document": item["document"],
        "fate": item["fate"],
        "command_id": item["command_id"],
        "problem": None if problem is None else problem.body(item["document"], request.request_id),
    }


def get_bulk(request: Request) -> Answer:
    """A bulk act and how far its commands have come."""
    tenant, bulk_id = tenant_of(request), request.path["bulk_id"]
    with request.api.engine.connect() as connection:
        act = queries.bulk_act(connection, tenant.tenant_id, bulk_id)
        if act is None:
            raise unknown_bulk_act(bulk_id)
        states = queries.progress(connection, tenant.tenant_id, bulk_id)
    commands = dict.fromkeys(STATES, 0) | states
    open_ones = sum(commands[state] for state in OPEN_STATES)
    waits = tenant.state == "paused" and act["kind"] not in ANSWERED_AT_ONCE and open_ones
    return Answer(
        to_plain({**act, "commands": commands, "open": open_ones, "reason": PAUSED if waits else None})
    )


OPERATIONS = (
    Operation(
        "POST",
        _BASE,
        "giveBulkCommand",
        "Resync, skip or unskip many documents at once: named one by one, or all that have one cause; each is told by itself",
        {202: ref("BulkGiven"), 200: ref("BulkGiven")},
        give_bulk,
        (404, 422),
        (TENANT, _IDEMPOTENCY_KEY),
        BULK_BODY,
        needs=Role.OPERATOR,
    ),
    Operation(
        "GET",
        f"{_BASE}/{{bulk_id}}",
        "getBulkCommand",
        "A bulk act, and how many of its commands are in which state",
        {200: ref("BulkAct")},
        get_bulk,
        (404,),
        (TENANT, _BULK),
    ),
)
