"""Asks every operation once with good sense, and keeps what was sent and answered: the examples of the OpenAPI document."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.integration.status_api.conftest import TOKEN, ReadModel
from tests.integration.status_api.people_kit import PASSWORD, Town
from tests.integration.status_api.samples import event, example, of

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SECRET = re.compile(r"\b(is[a-z]*_)[A-Za-z0-9_-]{30,}")
_TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_HEX = re.compile(r"\b[0-9a-f]{32}\b")
_FIXED_YEARS = ("2026-05", "2026-06", "2026-07", "2026-08")


@dataclass
class Asking:
    """Asks, and keeps examples by operation.

    Attributes:
        town: the interface.
        kept: `request` and `answers` by operation.
    """

    town: Town
    kept: dict[str, Any] = field(default_factory=dict)

    def ask(
        self,
        operation_id: str,
        body: object = None,
        *,
        token: str | None = TOKEN,
        query: str = "",
        if_match: str | None = None,
        **path: object,
    ) -> Any:  # noqa: ANN401  # JSON
        """Ask one operation, successfully; the answer."""
        client = self.town.client
        for template, methods in client.document["paths"].items():
            for method, operation in methods.items():
                if operation["operationId"] == operation_id:
                    address = template.format(tenant_id="acme", **path) + query
                    headers = {} if if_match is None else {"If-Match": if_match}
                    answer = client.call(method.upper(), address, body, headers=headers, token=token)
                    assert answer.status_code < 300, answer.text
                    told = self.kept.setdefault(operation_id, {"answers": {}})
                    if body is not None:
                        told.setdefault("request", body)
                    told["answers"].setdefault(str(answer.status_code), answer.json)
                    return answer.json
        raise AssertionError(operation_id)


def ask_everything(read_model: ReadModel) -> dict[str, Any]:
    """Examples of every operation that answers in JSON."""
    asking = Asking(Town.on(read_model))
    read_model.store(
        of("invoice/1", "discovered"),
        of("invoice/1", "mapped"),
        of("invoice/1", "synced"),
        of("invoice/2", "discovered", minute=3),
        of("invoice/2", "faulted", minute=4),
        of("purchase-order/5", "discovered", minute=5),
        *(
            (topic, example(topic) | {"tenant_id": "acme"})
            for topic in ("sync.logs", "xero.reference", "connection.health")
        ),
        ("sync.logs", event("sync.logs", "invoice/1", minute=2)),
    )
    _tenants(asking)
    _documents(asking)
    _commands(asking)
    _people(asking)
    return _settled(asking.kept)


def _tenants(asking: Asking) -> None:
    asking.ask("listTenants")
    asking.ask("getTenant")
    asking.ask("getSettings")
    wanted = {
        "time_zone": "Pacific/Auckland",
        "accounts": {"default": "200"},
        "taxes": {"default": "OUTPUT2", "zero_rated": "ZERORATED"},
    }
    asking.ask("putSettings", {"settings": wanted}, if_match='"1"')
    asking.ask("getSettingsHistory")
    asking.ask("getState")
    asking.ask("putState", {"state": "active"}, if_match='"2"')
    for name in ("getOverview", "getConnections", "getReference", "getFaults", "getCatalogue", "getFleet"):
        asking.ask(name)
    asking.ask("getAnalytics", query="?from=2026-05-01&to=2026-05-20")
    asking.ask("getHealth", token=None)


def _documents(asking: Asking) -> None:
    asking.ask("listInvoices")
    asking.ask("listPurchaseOrders")
    for name in ("getInvoice", "getInvoiceTimeline", "getInvoiceOriginal", "getInvoiceLogs"):
        asking.ask(name, invoice_id=1)
    for name in (
        "getPurchaseOrder",
        "getPurchaseOrderTimeline",
        "getPurchaseOrderOriginal",
        "getPurchaseOrderLogs",
    ):
        asking.ask(name, purchase_order_id=5)
    asking.ask("getLogs")


def _commands(asking: Asking) -> None:
    given = asking.ask("giveCommand", {"kind": "resync", "document": "invoice/2"})
    asking.ask("giveCommand", {"kind": "resync", "document": "invoice/2"})
    asking.ask("getCommand", command_id=given["command_id"])
    asking.ask("listCommands")
    bulk = asking.ask("giveBulkCommand", {"kind": "skip", "documents": ["invoice/1", "invoice/404"]})
    asking.ask("getBulkCommand", bulk_id=bulk["bulk_id"])


def _people(asking: Asking) -> None:
    asking.town.join("boss@example.com", (None, "admin"))
    grants = [{"tenant_id": "acme", "role": "operator"}]
    invited = asking.ask("invitePerson", {"email": "kim@example.com", "name": "Kim Doe", "grants": grants})
    person = {"person_id": invited["person_id"]}
    asking.ask("renewInvitation", **person)
    invitation = asking.kept["renewInvitation"]["answers"]["201"]["token"]
    asking.ask("acceptInvitation", {"invitation": invitation, "password": PASSWORD}, token=None)
    session = asking.ask("signIn", {"email": "kim@example.com", "password": PASSWORD}, token=None)["token"]
    asking.ask("getMe", token=session)
    asking.ask("patchMe", {"name": "Kim D."}, token=session)
    asking.ask("putPassword", {"current": PASSWORD, "new": f"{PASSWORD}!"}, token=session)
    wishes = [{"tenant_id": "acme", "on": True, "detailed": False}]
    asking.ask("putAlertWishes", {"items": wishes}, token=session)
    asking.ask("getAlertWishes", token=session)
    ends = "2026-08-18T12:00:00Z"
    body = {"name": "month-end report", "expires_at": ends, "most_role": "viewer", "tenants": ["acme"]}
    mine = asking.ask("createMyToken", body, token=session)
    asking.ask("listMyTokens", token=session)
    asking.ask("revokeMyToken", token=session, token_id=mine["token_id"])
    for name in ("getPerson", "getGrants"):
        asking.ask(name, **person)
    asking.ask("putPerson", {"name": "Kim Doe"}, **person)
    asking.ask("putGrants", {"grants": grants}, **person)
    asking.ask("listPeople")
    asking.ask("signOut", token=session)
    asking.ask("disablePerson", **person)
    machine = asking.town.invite("reports@example.com", ("acme", "viewer"), machine=True)
    made = asking.ask(
        "createMachineToken", {"person_id": machine["person_id"], "name": "nightly", "expires_at": ends}
    )
    asking.ask("listTokens")
    asking.ask("revokeToken", token_id=made["token_id"])
    asking.ask("getAudit")
    asking.ask("getTenantAudit")


def _settled(kept: dict[str, Any]) -> dict[str, Any]:
    """The same without what differs from run to run, and without any secret."""
    text = json.dumps(kept, ensure_ascii=False)
    text = text.replace(PASSWORD, "correct horse battery staple")
    text = _SECRET.sub(lambda found: found[1] + "shown-once", text)
    known: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"{len(known) + 1:08x}-0000-4000-8000-000000000000")

    def moment(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith(_FIXED_YEARS) else "2026-05-20T12:00:00Z"

    text = _HEX.sub(lambda found: known.setdefault(found[0], f"{len(known) + 1:032x}"), text)
    settled: dict[str, Any] = json.loads(_TIME.sub(moment, _UUID.sub(number, text)))
    settled["getCatalogue"]["answers"]["200"]["items"] = settled["getCatalogue"]["answers"]["200"]["items"][
        :2
    ]
    return dict(sorted(settled.items()))
