"""OpenAPI links: where the values in an answer can be used next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from status_api.server.operations import Operation

_BODY = "$response.body#"
_TENANT_OF_PATH = {"tenant_id": "$request.path.tenant_id"}


@dataclass(frozen=True, slots=True)
class Link:
    """A value in an answer that is a parameter of another operation.

    Attributes:
        source: operation whose answer has it.
        target: operation that takes it.
        parameters: runtime expression by parameter of the target.
        status: of the answer.
    """

    source: str
    target: str
    parameters: dict[str, str] = field(default_factory=dict)
    status: int = 200


def _documents(schema: str, path_part: str) -> tuple[Link, ...]:
    """From a list to what there is of its first document."""
    found = _TENANT_OF_PATH | {path_part: f"{_BODY}/items/0/id"}
    same = _TENANT_OF_PATH | {path_part: f"$request.path.{path_part}"}
    below = ("Timeline", "Original", "Logs", "Bundle")
    return (
        Link(f"list{schema}s", f"get{schema}", found),
        *(Link(f"list{schema}s", f"get{schema}{part}", found) for part in below),
        Link(f"get{schema}", f"get{schema}Timeline", same),
        Link(f"get{schema}", f"get{schema}Original", same),
    )


_OF_TENANT = (
    "getTenant",
    "getSettings",
    "getSettingsHistory",
    "getState",
    "getOverview",
    "getConnections",
    "getReference",
    "getFaults",
    "getAnalytics",
    "listInvoices",
    "listPurchaseOrders",
    "getLogs",
    "listCommands",
    "giveCommand",
    "getTenantAudit",
)
_COMMAND = _TENANT_OF_PATH | {"command_id": f"{_BODY}/command_id"}
_BULK = _TENANT_OF_PATH | {"bulk_id": f"{_BODY}/bulk_id"}
_PERSON = {"person_id": f"{_BODY}/person_id"}
_FIRST_PERSON = {"person_id": f"{_BODY}/items/0/person_id"}
_SAME_PERSON = {"person_id": "$request.path.person_id"}
_IF_MATCH = _TENANT_OF_PATH | {"If-Match": "$response.header.ETag"}

LINKS: tuple[Link, ...] = (
    *(Link("listTenants", name, {"tenant_id": f"{_BODY}/items/0/tenant_id"}) for name in _OF_TENANT),
    *_documents("Invoice", "invoice_id"),
    *_documents("PurchaseOrder", "purchase_order_id"),
    Link("getSettings", "putSettings", _IF_MATCH),
    Link("getState", "putState", _IF_MATCH),
    Link("giveCommand", "getCommand", _COMMAND, 202),
    Link("giveCommand", "getCommand", _COMMAND),
    Link("listCommands", "getCommand", _TENANT_OF_PATH | {"command_id": f"{_BODY}/items/0/command_id"}),
    Link("giveBulkCommand", "getBulkCommand", _BULK, 202),
    Link("giveBulkCommand", "getBulkCommand", _BULK),
    *(
        Link("invitePerson", name, _PERSON, 201)
        for name in ("getPerson", "getGrants", "putGrants", "putPerson", "renewInvitation", "disablePerson")
    ),
    *(Link("listPeople", name, _FIRST_PERSON) for name in ("getPerson", "getGrants")),
    Link("getPerson", "getGrants", _SAME_PERSON),
    Link("createMyToken", "revokeMyToken", {"token_id": f"{_BODY}/token_id"}, 201),
    Link("createMachineToken", "revokeToken", {"token_id": f"{_BODY}/token_id"}, 201),
)


def links_of(operation: Operation, status: int, operations: Sequence[Operation]) -> dict[str, Any]:
    """Links of one answer, by name. A target that is not in the route table is left out."""
    there = {known.operation_id: known for known in operations}
    return {
        link.target: {
            "operationId": link.target,
            "description": there[link.target].summary,
            "parameters": dict(link.parameters),
        }
        for link in LINKS
        if link.source == operation.operation_id and link.status == status and link.target in there
    }
