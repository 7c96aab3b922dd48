from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import utc_now
from invoice_events.marks import reference_suffix, url_fragment
from local_stack.control import SimulatorControl
from local_stack.database import DatabaseServer
from local_stack.options import StackOptions
from local_stack.stack import Stack
from service_runtime.database import make_engine, migrate
from simulators.books.plain import generate_plain
from simulators.kit.app import SimulatorApp
from simulators.kit.server import start
from simulators.xero.simulator import XeroSimulator
from tests.integration.xero_writer import made_up
from tests.integration.xero_writer.made_up import document_of
from tests.integration.xero_writer.rig import CREDENTIALS, CUSTOMER, TENANT, Rig
from tests.support.topics import Topics
from tests.support.waiting import wait_until
from xero_writer.bootstrap import PACKAGE, SCHEMA

LIFETIME = 12.0
TENANTS = ("ours", "xeros")
PURCHASES = {"Code": "300", "Name": "Purchases", "Type": "DIRECTCOSTS", "TaxType": "INPUT2"}
ON_PURCHASES = {"TaxType": "INPUT2", "Name": "GST on expenses", "EffectiveRate": 15}


def organisation() -> dict[str, Any]:
    """The organisation of the hand-turned worker."""
    return {
        "tenant": TENANT,
        "client_id": CREDENTIALS.client_id,
        "client_secret": CREDENTIALS.client_secret,
        "organisation": {
            "OrganisationID": "11111111-2222-4333-8444-555555555555",
            "Name": "Acme Managed IT",
            "BaseCurrency": "NZD",
            "CountryCode": "NZ",
            "Timezone": "NEWZEALANDSTANDARDTIME",
            "ShortCode": "!aB3dE",
        },
        "currencies": ["NZD", "AUD"],
        "accounts": [
            {"Code": "200", "Name": "Sales", "Type": "REVENUE", "TaxType": "OUTPUT2"},
            PURCHASES,
        ],
        "tax_rates": [{"TaxType": "OUTPUT2", "Name": "GST on income", "EffectiveRate": 15}, ON_PURCHASES],
        "contacts": [{"Name": CUSTOMER}, {"Name": "Fabrikam Inc"}],
        "branding_themes": ["Standard", "Special"],
        "switches": {"limits_on": False},
    }


@dataclass
class Writer:
    """A running xero-writer with a Xero simulator, fed by hand."""

    stack: Stack
    topics: Topics
    xero: SimulatorControl
    companies: dict[str, str]

    def mapped(self, tenant: str, number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
        """A mapped event of one line; `tenant` "xeros" lets Xero number it."""
        return made_up.mapped(
            tenant,
            number,
            changes.pop("revision", int(utc_now().timestamp() * 1_000_000)),
            customer=self.companies[tenant],
            ours=tenant == "ours",
            **changes,
        )

    def void(self, tenant: str, number: int, kind: str = "invoice") -> dict[str, Any]:
        """A mapped event that asks for the document to be voided."""
        revision = int(utc_now().timestamp() * 1_000_000)
        return made_up.void(tenant, number, revision, customer=self.companies[tenant], kind=kind)

    def send(self, *events: dict[str, Any]) -> None:
        for topic in (names.MAPPED, names.ORDER_MAPPED):
            of_topic = [one for one in events if names.topic_of(names.MAPPED, one["document"]) == topic]
            if of_topic:
                self.topics.send(topic, *of_topic)

    def terminal(self, event: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """The terminal events of a try so far."""
        return [
            (topic, found)
            for topic in (names.SYNCED, names.FAULTED)
            for found in self.topics.events(names.topic_of(topic, event["document"]))
            if (found["tenant_id"], found["document"], found["revision"])
            == (event["tenant_id"], event["document"], event["revision"])
        ]

    def outcome(self, event: dict[str, Any], seconds: float = 60.0) -> tuple[str, dict[str, Any]]:
        """The one terminal event of a try."""
        found = wait_until(
            lambda: self.terminal(event), f"an outcome of {event['document']}", seconds, pause=0.3
        )
        assert len(found) == 1, found
        return found[0]

    def documents(self, tenant: str, number: int, kind: str = "invoice") -> list[dict[str, Any]]:
        """Documents in Xero that carry the mark of a document of ours."""
        books = self.xero.books(tenant)
        document = document_of(kind, number)
        return [
            one
            for one in [*books["invoices"], *books["credit_notes"], *books["purchase_orders"]]
            if str(one.get("Url", "")).endswith(f"#{url_fragment(document)}")
            or str(one.get("Reference", "")).endswith(reference_suffix(document))
        ]

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """Calls that could change something in Xero."""
        return [
            call
            for call in self.xero.calls(since)
            if call["method"] in {"PUT", "POST"} and call["path"].startswith("/api.xro")
        ]

    def latest_revision(self, event: dict[str, Any]) -> int | None:
        """The newest try of a document that the writer has heard of."""
        url = self.stack.database_url("xero-writer").replace("postgresql://", "postgresql+psycopg2://")
        engine = create_engine(url)
        with engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT latest_revision FROM xero_writer.document WHERE tenant_id = :tenant AND document = :document"
                ),
                {"tenant": event["tenant_id"], "document": event["document"]},
            ).scalar()
        engine.dispose()
        return None if found is None else int(found)

    def last_call(self) -> int:
        calls = self.xero.calls()
        return int(calls[-1]["seq"]) if calls else 0


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    books = generate_plain(1, today=datetime.now(UTC).date(), tenants=TENANTS)
    for each in books.tenants:
        each.xero["accounts"].append(PURCHASES)
        each.xero["tax_rates"].append(ON_PURCHASES)
    load = tmp_path_factory.mktemp("books") / "xero.json"
    Path(load).write_text(json.dumps([each.xero for each in books.tenants], default=str))
    options = StackOptions(
        services=["xero-writer"],
        simulators=["xero"],
        xero_load=[load],
        tenants=books.tenants_file(),
        partitions=2,
        environment={
            "xero-writer": {"XERO_KEY_LIFETIME_SECONDS": str(LIFETIME), "LEASE_SECONDS": "6"},
            "*": {"XERO_KEY_LIFETIME_SECONDS": str(LIFETIME)},
        },
    )
    with Stack(options) as stack:
        topics = Topics(stack.bootstrap)
        settings = {
            "state": "active",
            "version": 1,
            "settings": "{}",
            "updated_at": utc_now(),
            "updated_by": "tests",
        }
        topics.send(
            names.SETTINGS, *({"tenant_id": tenant, "name": tenant, **settings} for tenant in TENANTS)
        )
        companies = {each.tenant: each.xero["contacts"][0]["Name"] for each in books.tenants}
        yield Writer(stack, topics, SimulatorControl(stack.simulator_url("xero")), companies)


@pytest.fixture(scope="session")
def rig_database_url(postgres_server: DatabaseServer) -> Iterator[str]:
    """URL of a database that every hand-turned worker uses, one after the other; migrated once, which takes longer than a test."""
    url = postgres_server.create_database(f"test_{secrets.token_hex(4)}")
    migrate(PACKAGE, url.replace("postgresql://", "postgresql+psycopg2://"), SCHEMA)
    yield url
    postgres_server.drop_database(url)


def empty(engine: Engine) -> None:
    """Leave nothing of the test before in any table of the schema."""
    listed = text(
        "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = :schema AND tablename <> 'alembic_version'"
    )
    with engine.begin() as connection:
        tables = connection.execute(listed, {"schema": SCHEMA}).scalar_one()
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A worker turned by hand on empty tables; parametrise indirectly with "xero" to let Xero number the documents.

    A test that changes the tables themselves uses the fixture `database_url` too: the worker then has that database alone.
    """
    own = "database_url" in request.fixturenames
    given: str = request.getfixturevalue("database_url" if own else "rig_database_url")
    url = given.replace("postgresql://", "postgresql+psycopg2://")
    if own:
        migrate(PACKAGE, url, SCHEMA)
    engine = make_engine(url, SCHEMA, pool_size=6)
    if not own:
        empty(engine)
    simulator = XeroSimulator()
    simulator.load_tenant(organisation())
    server = start(SimulatorApp(simulator))
    made = Rig(engine, server, simulator, Codec(SingleObjectFraming(), NoForeignSchemas()))
    made.numbers_are_ours = getattr(request, "param", "ours") == "ours"
    made.take_over()
    made.turn()  # binds, reads reference data and the list of documents
    yield made
    server.stop()
    engine.dispose()
