"""Every operation there is, asked by everybody there may be: who gets in stands in a table, and nothing is missing from it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from invoice_events import names
from service_runtime.tenants import Tenant
from status_api.server.operations import Operation
from status_api.server.routes import OPERATIONS
from tests.integration.status_api.conftest import TOKEN, Answered, ReadModel
from tests.integration.status_api.people_kit import Town
from tests.integration.status_api.samples import event

pytestmark = pytest.mark.stack

IN, WHO, NO, NOT_THERE = "in", "401", "403", "404"

# Each column is who asks. "own" and "foreign": somebody with that one role at acme asks for acme, or for beta.
ASKERS = (
    "nobody", "forged", "expired", "revoked", "disabled", "no role", "viewer", "operator", "admin",
    "every viewer", "every operator", "every admin", "narrowed", "environment",
)  # fmt: skip
DEAD = (WHO, WHO, WHO, WHO, WHO)
EXPECTED = {
    # door, where: dead tokens, then no role, viewer, operator, admin (of acme), the same everywhere, an admin everywhere whose token
    # is narrowed to a viewer of acme, the token of the environment
    ("open", "any"): (*[IN] * 14,),
    ("whoever", "any"): (*DEAD, IN, IN, IN, IN, IN, IN, IN, IN, IN),
    ("admin somewhere", "any"): (*DEAD, NO, NO, NO, IN, NO, NO, IN, NO, IN),
    ("admin everywhere", "any"): (*DEAD, NO, NO, NO, NO, NO, NO, IN, NO, IN),
    ("viewer", "acme"): (*DEAD, NOT_THERE, IN, IN, IN, IN, IN, IN, IN, IN),
    ("operator", "acme"): (*DEAD, NOT_THERE, NO, IN, IN, NO, IN, IN, NO, IN),
    ("admin", "acme"): (*DEAD, NOT_THERE, NO, NO, IN, NO, NO, IN, NO, IN),
    ("viewer", "beta"): (*DEAD, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, IN, IN, IN, NOT_THERE, IN),
    ("operator", "beta"): (*DEAD, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, NO, IN, IN, NOT_THERE, IN),
    ("admin", "beta"): (*DEAD, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, NO, NO, IN, NOT_THERE, IN),
}

# Which door each operation has. An operation that is not here fails the test: decide who may use it, then write it down.
DOORS = {
    "open": "getHealth signIn acceptInvitation",
    "whoever": """
        listTenants getCatalogue getFleet streamChanges signOut getMe patchMe putPassword getAlertWishes putAlertWishes
        listMyTokens createMyToken revokeMyToken
    """,
    "admin somewhere": """
        listPeople invitePerson getPerson putPerson disablePerson getGrants putGrants renewInvitation
    """,
    "admin everywhere": "listTokens createMachineToken revokeToken getAudit",
    "viewer": """
        getTenant getSettings getSettingsHistory getState getOverview getConnections getReference getFaults getAnalytics
        listInvoices getInvoice getInvoiceTimeline getInvoiceOriginal getInvoiceLogs
        listPurchaseOrders getPurchaseOrder getPurchaseOrderTimeline getPurchaseOrderOriginal getPurchaseOrderLogs
        getLogs listCommands getCommand getBulkCommand
        exportInvoicesAsCsv exportInvoicesAsXlsx exportPurchaseOrdersAsCsv exportPurchaseOrdersAsXlsx exportLogsAsCsv
    """,
    "operator": "giveCommand giveBulkCommand getInvoiceBundle getPurchaseOrderBundle",
    "admin": "putSettings putState getTenantAudit exportAuditAsCsv",
}
DOOR_OF = {name: door for door, listed in DOORS.items() for name in listed.split()}
TENANT_DOORS = {"viewer", "operator", "admin"}
TELLTALE = "Telltale"
_STREAM = "/api/v1/stream"


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


def _path(operation: Operation, tenant: str) -> str:
    return re.sub(r"\{\w+\}", "1", operation.path.replace("{tenant_id}", tenant))


def _outcome(answer: Answered) -> str:
    if answer.status_code == 401:
        return WHO
    if answer.status_code == 403:
        return NO
    if answer.status_code == 404 and answer.json["type"].endswith(":unknown-tenant"):
        return NOT_THERE
    return IN if answer.status_code == 400 else f"{answer.status_code}"


def _tokens(town: Town) -> dict[str, str | None]:
    """A token of each asker."""
    soon = (town.clock() + timedelta(days=1)).isoformat()
    tokens: dict[str, str | None] = {
        "nobody": None,
        "forged": "ist_" + "x" * 43,
        "expired": town.machine("expired@example.com", (None, "admin"), expires_at=soon),
        "revoked": town.machine("revoked@example.com", (None, "admin")),
        "disabled": town.machine("disabled@example.com", (None, "admin")),
        "no role": town.machine("none@example.com", ("acme", "viewer")),
        "narrowed": town.machine(
            "narrowed@example.com", (None, "admin"), most_role="viewer", tenants=["acme"]
        ),
        "environment": TOKEN,
    }
    for role in ("viewer", "operator", "admin"):
        tokens[role] = town.machine(f"{role}@acme.example", ("acme", role))
        tokens[f"every {role}"] = town.machine(f"{role}@example.com", (None, role))
    for item in town.did("GET", f"/tokens?person_id={town.person_id('revoked@example.com')}")["items"]:
        town.did("DELETE", f"/tokens/{item['token_id']}")
    town.did("DELETE", f"/people/{town.person_id('disabled@example.com')}")
    town.did("PUT", f"/people/{town.person_id('none@example.com')}/grants", {"grants": []})
    town.clock.move(days=2)
    return tokens


def test_no_operation_is_missing_from_the_table_or_in_it_twice() -> None:
    listed = [name for names_of in DOORS.values() for name in names_of.split()]
    assert [name for name, count in Counter(listed).items() if count > 1] == []
    there = {operation.operation_id for operation in OPERATIONS}
    assert there - set(listed) == set(), "decide who may use it, and write it into DOORS"
    assert {name for name in set(listed) - there if name != "streamChanges"} == set(), "no such operation"
    for operation in OPERATIONS:
        assert operation.is_of_a_tenant == (DOOR_OF[operation.operation_id] in TENANT_DOORS), operation.path


def test_nobody_gets_through_a_door_that_is_not_theirs(town: Town) -> None:
    """Each request has a parameter that no operation knows: whoever is let in hears of that, and nothing is done."""
    tokens = _tokens(town)
    wrong = []
    for operation in OPERATIONS:
        door = DOOR_OF[operation.operation_id]
        for tenant in ("acme", "beta") if operation.is_of_a_tenant else ("any",):
            path = f"{_path(operation, tenant)}?no-such-parameter=1"
            for asker, expected in zip(ASKERS, EXPECTED[door, tenant], strict=True):
                answer = town.client.call(operation.method, path, {}, token=tokens[asker])
                if _outcome(answer) != expected:
                    wrong.append((operation.operation_id, tenant, asker, _outcome(answer), expected))
    assert wrong == []


def test_no_answer_tells_a_tenant_from_one_that_does_not_exist(town: Town) -> None:
    token = town.machine("admin@acme.example", ("acme", "admin"))
    for operation in OPERATIONS:
        if not operation.is_of_a_tenant:
            continue
        told = []
        for tenant in ("beta", "nowhere"):
            answer = town.client.call(operation.method, _path(operation, tenant), {}, token=token)
            told.append(re.sub(r'"request_id": "[^"]*"', "", answer.text).replace(tenant, "it"))
        assert told[0] == told[1], operation.operation_id


def test_nothing_of_a_foreign_tenant_is_in_any_answer(town: Town) -> None:
    model = town.client.read_model
    town.client.api.tenants.first_seen(Tenant("beta", f"{TELLTALE} Ltd", None, None, {}, "active"))
    for topic in (names.DISCOVERED, names.SYNCED, names.FAULTED):
        model.store((topic, event(topic, tenant_id="beta")))
    town.invite(f"{TELLTALE}@example.com", ("beta", "admin"))
    town.did("POST", "/tenants/beta/commands", {"kind": "sync-now"})
    token = town.machine("admin@acme.example", ("acme", "admin"))
    seen = 0
    foreign = re.compile(f"{TELLTALE}|beta", re.IGNORECASE)
    for operation in OPERATIONS:
        if operation.method != "GET" or operation.path == _STREAM:
            continue  # it has no end; its own tests check each event
        assert not foreign.search(_told(town, _path(operation, "acme"), token)), operation.operation_id
        if operation.operation_id in {"listTenants", "listPeople"} or operation.is_of_a_tenant:
            seen += bool(foreign.search(_told(town, _path(operation, "beta"), TOKEN)))
    assert seen > 10, "there is something to be found"


def _told(town: Town, path: str, token: str) -> str:
    """Everything an answer tells, unpacked."""
    data = town.client.app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).get_data()
    if not data.startswith(b"PK"):
        return data.decode()
    with ZipFile(BytesIO(data)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())
