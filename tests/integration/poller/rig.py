"""One tenant's worker on a real database and an Autotask simulator, turned by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from invoice_events import names
from invoice_events.codec import Codec, Event
from invoice_events.identity import new_traceparent, utc_now
from invoice_events.names import Kind
from invoice_events.settings import effective_settings
from poller.adapters.autotask.client import AutotaskClient
from poller.adapters.inbox import ReceivedCommand, ReceivedOutcome, store_commands, store_outcomes
from poller.adapters.tenants import TenantRules
from poller.core.entry import Entry
from poller.core.look import LONGEST_FLIGHT
from poller.core.messages import Command
from poller.core.transitions import Outcome, OutcomeKind
from poller.core.xero_health import XeroHealth
from poller.work.connection import Connection
from poller.work.refused import KeptRefusals
from poller.work.store import Store
from poller.work.worker import PollerWorker, WorkerParts
from service_runtime.deadline import make_session
from service_runtime.leases import Lease, Leases
from service_runtime.outbox import Outbox
from service_runtime.tenants import AutotaskCredentials
from simulators.autotask.simulator import AutotaskSimulator
from simulators.kit.server import RunningServer

TENANT = "acme"
CREDENTIALS = AutotaskCredentials("api@acme.example", "s3cret", "CODE")
MASTER_DATA: dict[str, list[dict[str, Any]]] = {
    "Currencies": [{"id": 1, "name": "NZD", "isInternalCurrency": True, "isActive": True}],
    "PaymentTerms": [{"id": 3, "name": "Net 30 days", "isActive": True}],
    "TaxRegions": [{"id": 5, "name": "New Zealand GST", "isActive": True}],
    "BillingCodes": [{"id": 901, "name": "Remote support", "taxCategoryID": 2, "isActive": True}],
    "Contracts": [{"id": 71, "contractName": "Managed services"}],
    "Tickets": [{"id": 88, "ticketNumber": "T20260101.0001", "title": "Mailbox migration"}],
    "Products": [{"id": 55, "name": "Switch, 24 port"}],
    "Companies": [
        {"id": 402, "companyName": "Example Vendor", "companyNumber": "V-402"},
        {"id": 318, "companyName": "Harbour Dental Ltd", "companyNumber": "C-0318", "currencyID": 1, "taxRegionID": 5}
    ],
    "Contacts": [
        {"id": 12, "companyID": 318, "firstName": "Ana", "lastName": "Lee", "isActive": 1, "emailAddress": "ana@harbour.example"}
    ],
}  # fmt: skip


@dataclass
class StubTenants:
    """What the worker sees of the tenant; a test changes it."""

    current: TenantRules | None = field(
        default_factory=lambda: TenantRules(version=1, paused=False, settings=effective_settings({}))
    )
    reference: bool = True
    api_user: AutotaskCredentials | None = CREDENTIALS
    xero: XeroHealth | None = None

    def rules(self, tenant_id: str) -> TenantRules | None:
        return self.current if tenant_id == TENANT else None

    def has_reference(self, tenant_id: str) -> bool:
        return self.reference and tenant_id == TENANT

    def xero_health(self, tenant_id: str) -> XeroHealth | None:
        return self.xero if tenant_id == TENANT else None

    def credentials(self, tenant_id: str) -> AutotaskCredentials | None:
        return self.api_user if tenant_id == TENANT else None

    def choose(self, **settings: Any) -> None:  # noqa: ANN401  # any settings
        """Change the tenant's settings: a new version with these, the rest by default."""
        assert self.current is not None
        version, chosen = self.current.version + 1, effective_settings(settings)
        self.current = replace(self.current, version=version, settings=chosen)

    def pause(self, *, paused: bool = True) -> None:
        assert self.current is not None
        self.current = replace(self.current, paused=paused)


@dataclass
class Rig:
    """One tenant's worker on a real database and an Autotask simulator, turned by hand."""

    engine: Engine
    server: RunningServer
    simulator: AutotaskSimulator
    codec: Codec
    tenants: StubTenants
    lease_seconds: float = 60.0
    longest_flight: timedelta = LONGEST_FLIGHT
    offset: timedelta = timedelta()
    worker: PollerWorker = field(init=False)
    lease: Lease = field(init=False)

    def now(self) -> datetime:
        return utc_now() + self.offset

    def take_over(self) -> PollerWorker:
        """A worker of a new lease holder, as after a restart or a lost lease."""
        with self.engine.begin() as connection:
            connection.execute(text("UPDATE lease SET expires_at = clock_timestamp()"))
        lease = Leases(self.engine, self.lease_seconds).acquire(TENANT)
        assert lease is not None
        self.lease = lease

        def credentials() -> AutotaskCredentials:
            assert self.tenants.api_user is not None
            return self.tenants.api_user

        root = f"http://127.0.0.1:{self.server.port}/atservicesrest"
        client = AutotaskClient(TENANT, root, make_session(1), credentials)
        store = Store(lease, self.engine, Outbox(self.codec, lambda: None), self.now)
        refusals = KeptRefusals(store)
        autotask = Connection(TENANT, client, lambda: self.tenants.api_user, self.now, refusals)
        self.worker = PollerWorker(WorkerParts(store, autotask, self.tenants, 300.0, self.longest_flight))
        return self.worker

    def turn(self) -> None:
        """One turn of the worker; a cycle is due in it."""
        self.worker._next_cycle = 0.0
        self.worker._next_cleared = float("inf")
        self.worker.wake()
        self.worker.turn()

    def add_invoice(
        self,
        number: int,
        *,
        lines: Sequence[dict[str, Any]] = ({},),
        age: timedelta = timedelta(hours=1),
        **changes: object,
    ) -> None:
        """An invoice of 240.00 plus 36.00 tax with one line, made an hour ago."""
        today = utc_now().date().isoformat()
        line = {
            "id": number * 10, "billingItemType": 1, "subType": 1, "invoiceID": number, "companyID": 318,
            "itemName": "Remote support", "description": "Mailbox migration", "itemDate": f"{today}T00:00:00Z",
            "quantity": Decimal("2.0"), "rate": Decimal("120.0"), "extendedPrice": Decimal("240.0"),
            "totalAmount": Decimal("240.0"), "taxDollars": Decimal("36.0"), "nonBillable": 0, "billingCodeID": 901,
            "ticketID": 88, "contractID": 71, "sortOrderID": 1, "lineItemFullDescription": "Mailbox migration",
        }  # fmt: skip
        created = utc_now() - age
        invoice = {
            "id": number, "companyID": 318, "createDateTime": as_text(created),
            "invoiceDateTime": f"{today}T00:00:00Z", "dueDate": f"{today}T00:00:00Z", "invoiceNumber": f"INV-{number}",
            "invoiceTotal": Decimal("240.0"), "totalTaxValue": Decimal("36.0"), "taxRegionName": "New Zealand GST",
            "isVoided": False, "paymentTerm": 3, "orderNumber": "", "webServiceDate": None,
        } | changes  # fmt: skip
        database = self.simulator.database(TENANT)
        database.upsert("BillingItems", [{**line, **each} for each in lines])
        database.upsert("Invoices", [invoice])

    def change_invoice(self, number: int, **changes: object) -> None:
        """What a person changes in Autotask's own pages."""
        self._change("Invoices", number, changes)

    def void_invoice(self, number: int, **changes: object) -> None:
        """A person voids an invoice; its lines go back to those that are still to be invoiced."""
        lines = [each["id"] for each in self._records("BillingItems") if each["invoiceID"] == number]
        for line in lines:
            self._change("BillingItems", line, {"invoiceID": 0})
        self.change_invoice(number, **{"isVoided": True, "voidedDate": as_text(self.now())} | changes)

    def add_order(
        self,
        number: int,
        *,
        items: Sequence[dict[str, Any]] = ({},),
        age: timedelta = timedelta(hours=1),
        **changes: object,
    ) -> None:
        """A purchase order of two switches, submitted an hour ago."""
        made = as_text(utc_now() - age)
        item = {
            "id": number * 10, "orderID": number, "productID": 55, "quantity": 2, "unitCost": Decimal("310.2575"),
            "memo": "", "inventoryLocationID": 1,
        }  # fmt: skip
        order = {
            "id": number, "vendorID": 402, "status": 2, "purchaseOrderNumber": f"PO-{number}", "freight": Decimal("15.0"),
            "createDateTime": made, "submitDateTime": made, "shipToName": "Example MSP", "shipToAddress1": "1 Example St",
            "taxRegionID": 5, "paymentTerm": 3,
        } | changes  # fmt: skip
        database = self.simulator.database(TENANT)
        database.upsert("PurchaseOrderItems", [{**item, **each} for each in items])
        database.upsert("PurchaseOrders", [order])

    def change_order(self, number: int, **changes: object) -> None:
        """What a person changes in Autotask's own pages."""
        self._change("PurchaseOrders", number, changes)

    def change_item(self, number: int, **changes: object) -> None:
        """The same for an item of an order."""
        self._change("PurchaseOrderItems", number, changes)

    def _change(self, entity: str, number: int, changes: dict[str, object]) -> None:
        database = self.simulator.database(TENANT)
        with database.lock:
            database.tables[entity].change(number, changes)

    def _records(self, entity: str) -> list[dict[str, Any]]:
        database = self.simulator.database(TENANT)
        with database.lock:
            return list(database.tables[entity])

    def stamp_of(self, number: int) -> str | None:
        record = self.simulator.database(TENANT).tables["Invoices"].get(number)
        assert record is not None
        stamp: str | None = record.get("webServiceDate")
        return stamp

    def calls(self, method: str | None = None, path: str = "") -> list[dict[str, Any]]:
        """Calls that reached the simulator so far."""
        return [
            call
            for call in self.server.app.calls.since(0)
            if (method is None or call["method"] == method) and path.lower() in call["path"].lower()
        ]

    def plant(
        self, match: dict[str, str], action: dict[str, Any], times: int | None = 1, when: str = "before"
    ) -> None:
        """A fault of Autotask; `times` None: until faults are cleared."""
        self.server.app.faults.plant({"match": match, "action": action, "times": times, "when": when})

    def reads(self, entity: str) -> int:
        """Queries of an entity so far."""
        return len(self.calls("POST", f"/{entity}/query"))

    def events(self, topic: str) -> list[Event]:
        """What waits in the outbox for a topic, in order."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT payload FROM outbox WHERE topic = :topic ORDER BY id"), {"topic": topic}
            )
            return [self.codec.decode(topic, bytes(row.payload)) for row in rows]

    def results(self, command_id: str) -> list[tuple[str, str | None]]:
        """States and reasons of a command, in order."""
        return [
            (event["state"], event["reason"])
            for event in self.events(names.COMMAND_RESULTS)
            if event["command_id"] == command_id
        ]

    def logs(self) -> list[str]:
        return [event["message"] for event in self.events(names.LOGS)]

    def entry(self, number: int, kind: Kind = "invoice") -> Entry | None:
        with self.engine.connect() as connection:
            return self.worker._store.ledger.entry(connection, f"{kind}/{number}")

    def known(self, number: int, kind: Kind = "invoice") -> Entry:
        entry = self.entry(number, kind)
        assert entry is not None
        return entry

    def order(self, number: int) -> Entry:
        """A purchase order as the ledger knows it."""
        return self.known(number, "purchase-order")

    def arrive(self, outcome: Outcome) -> None:
        """A terminal event arrives from Kafka."""
        event_id = f"{outcome.kind}/{outcome.document}/{outcome.revision}"
        with self.engine.begin() as connection:
            store_outcomes(connection, [ReceivedOutcome(TENANT, event_id, outcome)])

    def synced(
        self, number: int, revision: int | None = None, kind: Kind = "invoice", result: str = "created"
    ) -> None:
        """The document is in Xero; by default the newest revision."""
        outcome = self._ended(number, revision, "synced", kind)
        self.arrive(replace(outcome, xero_document_id=f"xero-{number}", result=result))

    def voided(self, number: int, kind: Kind = "invoice") -> None:
        """The newest try has taken the document out of Xero."""
        self.synced(number, kind=kind, result="voided")

    def faulted(
        self,
        number: int,
        revision: int | None = None,
        *,
        strike: bool = True,
        final: bool = False,
        text: str = "no such contact",
        kind: Kind = "invoice",
        xero_id: str | None = None,
    ) -> None:
        """The try failed; by default the newest one. `xero_id`: of the document that is in Xero all the same."""
        outcome = replace(self._ended(number, revision, "faulted", kind), xero_document_id=xero_id)
        self.arrive(replace(outcome, code="CONTACT_NOT_FOUND", text=text, strike=strike, final=final))

    def skipped(self, number: int, reason: str) -> None:
        """The mapper skipped the newest try."""
        self.arrive(replace(self._ended(number, None, "skipped"), reason=reason, text=reason))

    def _ended(
        self, number: int, revision: int | None, outcome: OutcomeKind, kind: Kind = "invoice"
    ) -> Outcome:
        revision = self.known(number, kind).revision if revision is None else revision
        return Outcome(f"{kind}/{number}", revision, outcome, new_traceparent())

    def lose_ledger(self) -> None:
        """The database came back without what the ledger knew."""
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM ledger"))
            connection.execute(text("DELETE FROM bookmarks"))

    def activated(self, ago: timedelta) -> None:
        """The tenant's first look at Autotask was some time ago."""
        with self.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO bookmarks (tenant_id, activated_at) VALUES (:tenant, :at)"),
                {"tenant": TENANT, "at": utc_now() - ago},
            )

    def command(self, command_id: str, kind: str, document: str | None = None, **options: str) -> None:
        actor, trace = "ana@acme.example", new_traceparent()
        command = Command(command_id, kind, document, actor, trace, "new", options)
        with self.engine.begin() as connection:
            store_commands(connection, [ReceivedCommand(TENANT, command, utc_now())])


def as_text(moment: datetime) -> str:
    """A moment as Autotask writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tenant_document() -> dict[str, Any]:
    return {
        "tenant": TENANT,
        "username": CREDENTIALS.username,
        "secret": CREDENTIALS.secret,
        "integration_code": CREDENTIALS.integration_code,
        "entities": json.loads(json.dumps(MASTER_DATA)),
    }
