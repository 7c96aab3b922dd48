"""The poller as a process, on a real broker and database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from invoice_events import names
from invoice_events.codec import Event
from invoice_events.identity import event_id, utc_now
from local_stack.control import SimulatorControl
from local_stack.options import StackOptions
from local_stack.stack import Stack
from tests.integration.poller.rig import CREDENTIALS, MASTER_DATA
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack

TENANTS = ("acme", "beta", "gamma")
REFERENCE = {
    "version": 1,
    "organisation": {
        "id": "o", "name": "Org", "base_currency": "NZD", "country_code": "NZ", "time_zone": "UTC", "short_code": "!x",
        "period_lock_date": None, "end_of_year_lock_date": None,
    },
    "accounts": [], "tax_rates": [], "currencies": ["NZD"], "tracking_categories": [], "branding_themes": [],
}  # fmt: skip


@dataclass
class Poller:
    """A running poller with an Autotask simulator; the other services are played by hand."""

    stack: Stack
    topics: Topics
    autotask: SimulatorControl

    def activate(self, tenant: str, **chosen: Any) -> None:  # noqa: ANN401  # any settings
        version = int(utc_now().timestamp() * 1000)
        settings = {"tenant_id": tenant, "name": tenant, "state": "active", "version": version}
        settings["settings"] = json.dumps(chosen)
        self.topics.send(names.SETTINGS, settings | {"updated_at": utc_now(), "updated_by": "tests"})
        self.topics.send(names.REFERENCE, {"tenant_id": tenant, "fetched_at": utc_now(), **REFERENCE})

    def add(self, tenant: str, *numbers: int) -> None:
        today = f"{utc_now().date().isoformat()}T00:00:00Z"
        invoices = [
            {"id": number, "companyID": 318, "invoiceNumber": f"I-{number}", "invoiceDateTime": today, "isVoided": False,
             "createDateTime": today, "invoiceTotal": 100, "totalTaxValue": 0}
            for number in numbers
        ]  # fmt: skip
        lines = [
            {"id": number, "invoiceID": number, "billingItemType": 1, "subType": 1, "nonBillable": 0, "quantity": 1, "rate": 100,
             "extendedPrice": 100, "totalAmount": 100, "taxDollars": 0}
            for number in numbers
        ]  # fmt: skip
        self.autotask.post(f"tenants/{tenant}/entities/BillingItems", lines)
        self.autotask.post(f"tenants/{tenant}/entities/Invoices", invoices)

    def discovered(self, tenant: str) -> list[Event]:
        return [event for event in self.topics.events(names.DISCOVERED) if event["tenant_id"] == tenant]

    def wait_discovered(self, tenant: str, count: int) -> list[Event]:
        def enough() -> list[Event]:
            found = self.discovered(tenant)
            return found if len(found) >= count else []

        return wait_until(enough, f"{count} discovered invoices of {tenant}", pause=0.2)

    def sync(self, *discovered: Event) -> None:
        """What the writer says once a document is in Xero."""
        common = ("tenant_id", "document", "revision", "attempt", "command_id")
        self.topics.send(
            names.SYNCED,
            *(
                {name: event[name] for name in common}
                | {
                    "event_id": event_id(event["tenant_id"], event["document"], event["revision"], names.SYNCED),
                    "occurred_at": utc_now(), "xero_document_id": "x", "xero_kind": "invoice", "outcome": "created",
                    "xero_number": "1", "xero_url": "u", "xero_status": "DRAFT", "currency": "NZD",
                    "sub_total": event["invoice"]["total"], "total_tax": event["invoice"]["tax_total"],
                    "total": event["invoice"]["total"], "contact_id": "c", "contact_name": "n", "due_date": None, "warnings": [],
                }
                for event in discovered
            ),
        )  # fmt: skip

    def sync_order(self, event: Event) -> None:
        """The same for a purchase order."""
        common = ("tenant_id", "document", "revision", "attempt", "command_id")
        self.topics.send(
            names.ORDER_SYNCED,
            {name: event[name] for name in common}
            | {
                "event_id": event_id(event["tenant_id"], event["document"], event["revision"], names.ORDER_SYNCED),
                "occurred_at": utc_now(), "xero_document_id": "x", "xero_kind": "purchase_order", "outcome": "created",
                "xero_number": "PO:1", "xero_url": "u", "xero_status": "DRAFT", "currency": "NZD", "sub_total": Decimal(10),
                "total_tax": Decimal(0), "total": Decimal(10), "contact_id": "c", "contact_name": "n", "warnings": [],
            },
        )  # fmt: skip

    def wait_order_events(self, topic: str, count: int) -> list[Event]:
        def enough() -> list[Event]:
            found = self.topics.events(topic)
            return found if len(found) >= count else []

        return wait_until(enough, f"{count} events of {topic}", pause=0.2)

    def command(self, tenant: str, command_id: str, kind: str, document: str | None = None) -> None:
        command = {
            "command_id": command_id,
            "tenant_id": tenant,
            "kind": kind,
            "document": document,
            "actor": "tests",
        }
        self.topics.send(names.COMMANDS, command | {"issued_at": utc_now(), "options": {}})

    def wait_result(self, command_id: str) -> Event:
        def found() -> Event | None:
            for event in self.topics.events(names.COMMAND_RESULTS):
                if event["command_id"] == command_id and event["state"] in {"done", "refused"}:
                    return event
            return None

        result = wait_until(found, f"the result of {command_id}", pause=0.2)
        assert result is not None
        return result

    def stamps(self, tenant: str) -> dict[int, int]:
        """How often each invoice was stamped through the API."""
        books = self.autotask.books(tenant)
        return {each["id"]: len(each["writes"]) for each in books["stamps"] if each["entity"] == "Invoices"}

    def wait_stamped(self, tenant: str, count: int) -> None:
        wait_until(lambda: len(self.stamps(tenant)) >= count, f"{count} stamps", pause=0.2)

    def restart_from_zero(self) -> None:
        """Let the poller read every topic of its group from the beginning."""
        self.stack.supervisor.stop("poller")
        consumer = Consumer({"bootstrap.servers": self.stack.bootstrap, "group.id": "poller"})
        try:
            topics = consumer.list_topics(timeout=15).topics
            places = [
                TopicPartition(topic, partition, 0)
                for topic in (names.SYNCED, names.FAULTED, names.SKIPPED, names.COMMANDS)
                for partition in topics[topic].partitions
            ]
            consumer.commit(offsets=places, asynchronous=False)
        finally:
            consumer.close()
        self.start_again()

    def start_again(self) -> None:
        self.stack.supervisor.start(self.stack._processes["poller"].child)


@pytest.fixture(scope="module")
def poller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poller]:
    users = {tenant: f"api@{tenant}.example" for tenant in TENANTS}
    documents: list[dict[str, Any]] = [
        {"tenant": tenant, "username": user, "secret": CREDENTIALS.secret, "integration_code": "C", "entities": MASTER_DATA}
        for tenant, user in users.items()
    ]  # fmt: skip
    load = tmp_path_factory.mktemp("autotask") / "tenants.json"
    Path(load).write_text(json.dumps(documents))
    entries = [
        {"id": tenant, "autotask": {"username": user, "secret": CREDENTIALS.secret, "integration_code": "C"}}
        for tenant, user in users.items()
    ]
    options = StackOptions(
        services=["poller"],
        simulators=["autotask"],
        autotask_load=[load],
        tenants={"tenants": entries},
        partitions=2,
        environment={
            "poller": {"POLL_INTERVAL_SECONDS": "1", "LEASE_SECONDS": "4", "KAFKA_SESSION_TIMEOUT_MS": "6000"}
        },
    )
    with Stack(options) as stack:
        yield Poller(stack, Topics(stack.bootstrap), SimulatorControl(stack.simulator_url("autotask")))


def test_an_invoice_goes_out_and_its_stamp_comes_back(poller: Poller) -> None:
    poller.add("acme", 1)
    poller.activate("acme")
    (event,) = poller.wait_discovered("acme", 1)
    (message,) = [m for m in poller.topics.raw(names.DISCOVERED) if m.key() == b"acme/invoice/1"]
    headers = dict(message.headers())
    assert headers["document"] == b"invoice/1"
    assert headers["revision"].decode() == str(event["revision"])
    assert headers["traceparent"].startswith(b"00-")
    poller.sync(event)
    poller.wait_stamped("acme", 1)


def test_reading_everything_again_from_offset_zero_changes_nothing(poller: Poller) -> None:
    tenant = "beta"
    poller.activate(tenant)
    poller.add(tenant, *range(1, 21))
    poller.sync(*poller.wait_discovered(tenant, 20))
    poller.wait_stamped(tenant, 20)
    poller.command(tenant, "again-1", "resync", "invoice/7")
    assert poller.wait_result("again-1")["state"] == "done"
    again = [event for event in poller.discovered(tenant) if event["command_id"] == "again-1"]
    poller.sync(*again)
    wait_until(lambda: poller.stamps(tenant)[7] == 2, "the second stamp", pause=0.2)
    discovered, stamps = poller.discovered(tenant), poller.stamps(tenant)
    results = len(poller.topics.events(names.COMMAND_RESULTS))

    poller.restart_from_zero()
    poller.add(tenant, 21)
    poller.command(tenant, "again-2", "sync-now")
    poller.wait_result("again-2")
    found = poller.wait_discovered(tenant, len(discovered) + 1)
    poller.sync(*(event for event in found if event["document"] == "invoice/21"))
    poller.wait_stamped(tenant, 21)

    assert len(poller.discovered(tenant)) == len(discovered) + 1
    assert poller.stamps(tenant) == stamps | {21: 1}
    assert len(poller.topics.events(names.COMMAND_RESULTS)) == results + 3


def test_a_killed_poller_loses_and_doubles_nothing(poller: Poller) -> None:
    tenant, many = "gamma", 60
    poller.activate(tenant)
    poller.add(tenant, *range(1, many + 1))
    poller.wait_discovered(tenant, 1)
    for _ in range(3):
        poller.stack.supervisor.kill("poller")
        poller.start_again()
    poller.sync(*poller.wait_discovered(tenant, many))
    poller.stack.supervisor.kill("poller")
    poller.start_again()
    poller.wait_stamped(tenant, many)
    documents = [(event["document"], event["revision"]) for event in poller.discovered(tenant)]
    assert len(set(documents)) == many
    assert {document for document, _ in documents} == {f"invoice/{number}" for number in range(1, many + 1)}


def test_an_order_goes_out_its_outcome_comes_back_and_its_change_is_told(poller: Poller) -> None:
    tenant = "acme"
    poller.activate(tenant, purchase_orders={"enabled": True})
    order = {
        "id": 9, "vendorID": 402, "status": 2, "purchaseOrderNumber": "PO-9", "freight": 0,
        "createDateTime": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip
    item = {"id": 90, "orderID": 9, "productID": 55, "quantity": 1, "unitCost": 10, "memo": ""}
    poller.autotask.post(f"tenants/{tenant}/entities/PurchaseOrderItems", [item])
    poller.autotask.post(f"tenants/{tenant}/entities/PurchaseOrders", [order])
    (event,) = poller.wait_order_events(names.ORDER_DISCOVERED, 1)
    (message,) = poller.topics.raw(names.ORDER_DISCOVERED)
    assert message.key() == b"acme/purchase-order/9"
    poller.sync_order(event)
    poller.command(tenant, "order-again", "resync", "purchase-order/9")
    assert poller.wait_result("order-again")["state"] == "done"
    again = poller.wait_order_events(names.ORDER_DISCOVERED, 2)[1]
    assert again["revision"] > event["revision"]
    poller.sync_order(again)
    poller.command(tenant, "order-settled", "sync-now")
    poller.wait_result("order-settled")
    poller.autotask.post(f"tenants/{tenant}/entities/PurchaseOrders", [order | {"generalMemo": "changed"}])
    (changed,) = poller.wait_order_events(names.ORDER_HELD, 1)
    assert changed["changed_since"] is not None
    assert len(poller.topics.events(names.ORDER_DISCOVERED)) == 2


def test_what_can_not_be_decoded_goes_to_the_dead_letters_and_stops_nobody(poller: Poller) -> None:
    poller.topics.send_raw(names.SYNCED, b"acme/invoice/5", [("tenant", b"acme")], b"\xc3\x01rubbish")
    wait_until(lambda: poller.topics.raw("poller.dlq"), "the dead letter", pause=0.2)
    poller.activate("acme")
    poller.command("acme", "after-poison", "sync-now")
    assert poller.wait_result("after-poison")["state"] == "done"


def test_an_open_connection_to_xero_is_not_left_out_of_an_explanation(poller: Poller) -> None:
    poller.activate("gamma")
    health = {
        "tenant_id": "gamma",
        "side": "xero",
        "service": "xero-writer",
        "state": "down",
        "detail": "no answer",
    }
    poller.topics.send(
        names.HEALTH, health | {"changed_at": utc_now(), "checked_at": utc_now(), "budgets": []}
    )
    asked = count()

    def named() -> bool:
        command_id = f"why-{next(asked)}"
        poller.command("gamma", command_id, "explain", "invoice/777")
        return "The connection to Xero is down" in str(poller.wait_result(command_id)["answer"])

    wait_until(named, "Xero in the explanation", pause=0.2)


def test_a_tenant_at_autotasks_limit_delays_no_neighbour_and_hammers_nobody(poller: Poller) -> None:
    """The hourly limit belongs to one database. Its neighbours are served while it waits; the test of its connection ends the wait."""
    limited, neighbour = "acme", "beta"
    for tenant in (limited, neighbour):
        poller.activate(tenant)
    exceeded = "The API request threshold of 10000 requests in 60 minutes has been exceeded."
    answer = {
        "kind": "status", "status": 429, "body": {"errors": [exceeded]}, "headers": {"Retry-After": "3600"},
    }  # fmt: skip
    poller.autotask.plant({"tenant": limited}, answer, times=None)
    poller.add(limited, 901)
    poller.command(limited, "limited-1", "sync-now")
    wait_until(lambda: state_of(poller, limited) == "throttled", "the limit to be met", pause=0.2)
    refused = calls_of(poller, limited)
    poller.add(neighbour, *range(901, 911))
    wait_until(
        lambda: {f"invoice/{number}" for number in range(901, 911)} <= documents_of(poller, neighbour),
        "the neighbour's invoices", pause=0.2,
    )  # fmt: skip
    assert state_of(poller, limited) == "throttled"
    assert "invoice/901" not in documents_of(poller, limited)
    assert calls_of(poller, limited) == refused, "it is asked again when Autotask said, and not before"
    assert state_of(poller, neighbour) == "connected"
    poller.autotask.clear_faults()
    poller.command(limited, "limited-2", "test-connection")
    assert poller.wait_result("limited-2")["state"] == "done"
    wait_until(lambda: "invoice/901" in documents_of(poller, limited), "its own invoice", pause=0.2)
    assert [event for event in poller.topics.events(names.FAULTED) if event["tenant_id"] == limited] == []


def documents_of(poller: Poller, tenant: str) -> set[str]:
    return {event["document"] for event in poller.discovered(tenant)}


def state_of(poller: Poller, tenant: str) -> str:
    """The state of a tenant's connection as it was published last."""
    told = [event["state"] for event in poller.topics.events(names.HEALTH) if event["tenant_id"] == tenant]
    return str(told[-1]) if told else ""


def calls_of(poller: Poller, tenant: str) -> int:
    return len([call for call in poller.autotask.calls() if call["tenant"] == tenant])
