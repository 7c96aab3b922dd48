"""One tenant's worker on a real database and a Xero simulator, turned by hand; time passes when the test says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text

from invoice_events import names
from invoice_events.codec import Codec, Event
from invoice_events.identity import new_traceparent
from invoice_events.marks import reference_suffix, url_fragment
from service_runtime.deadline import make_session
from service_runtime.leases import Lease, Leases
from service_runtime.outbox import Outbox
from service_runtime.tenants import XeroCredentials
from simulators.kit.server import RunningServer
from simulators.xero.people import change_document, change_organisation
from simulators.xero.simulator import XeroSimulator
from tests.integration.xero_writer import made_up
from tests.integration.xero_writer.made_up import document_of
from xero_writer.adapters.answers import WriteAnswer
from xero_writer.adapters.limits import Limits
from xero_writer.adapters.tokens import Tokens
from xero_writer.adapters.work import Arrived, Batch, store
from xero_writer.adapters.xero_client import XeroClient
from xero_writer.core.body import Call
from xero_writer.core.timing import Timing
from xero_writer.worker.circuit import Circuit
from xero_writer.worker.health_events import HealthEvents
from xero_writer.worker.jobs import Jobs
from xero_writer.worker.session import Session
from xero_writer.worker.worker import Worker

TENANT = "acme"
CUSTOMER = "Contoso Ltd"
CREDENTIALS = XeroCredentials("app-1", "s3cret", "client_credentials", None)
TIMING = Timing()


class StubHealth(HealthEvents):
    """Health events that only tell what changed, so that the outbox holds what a test asks about."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[str] = []

    def changed(self, state: str, reason: str, tenant_id: str) -> None:  # noqa: ARG002  # the signature of what it stands for
        self.states.append(state)


class ProbedClient(XeroClient):
    """The real client, with hooks where a process can die and where time can pass."""

    before_send: Callable[[], None] | None = None
    after_write: Callable[[WriteAnswer], None] | None = None

    def write(self, call: Call, key: str, about_to_send: Callable[[], bool]) -> WriteAnswer:
        def asked() -> bool:
            if self.before_send is not None:
                self.before_send()
            return about_to_send()

        answer = super().write(call, key, asked)
        if self.after_write is not None:
            self.after_write(answer)
        return answer


@dataclass
class Rig:
    """One tenant's worker and its surroundings."""

    engine: Engine
    server: RunningServer
    simulator: XeroSimulator
    codec: Codec
    numbers_are_ours: bool = True
    credentials: XeroCredentials | None = CREDENTIALS
    state: str = "active"
    settings: dict[str, Any] = field(default_factory=dict)
    lease_seconds: float = 600.0
    worker: Worker = field(init=False)
    session: Session = field(init=False)
    client: ProbedClient = field(init=False)
    lease: Lease = field(init=False)
    jobs: Jobs = field(init=False)
    health: StubHealth = field(init=False)
    _revision: int = 0

    def take_over(self, *, expired: bool = True) -> Worker:
        """A worker of a new lease holder, as after a crash."""
        if expired:
            with self.engine.begin() as connection:
                connection.execute(text("UPDATE lease SET expires_at = clock_timestamp()"))
        lease = Leases(self.engine, self.lease_seconds).acquire(TENANT)
        assert lease is not None
        self.lease = lease
        root = f"http://127.0.0.1:{self.server.port}"
        http = make_session(8)
        woken = threading.Event()
        self.health = StubHealth()
        assert self.credentials is not None
        self.client = ProbedClient(
            http,
            root,
            TENANT,
            Tokens(http, root, self.credentials, TIMING.deadline),
            Limits(TENANT),
            TIMING.deadline,
        )
        health = self.health
        self.session = Session(
            tenant_id=TENANT,
            lease=lease,
            engine=self.engine,
            codec=self.codec,
            outbox=Outbox(self.codec, lambda: None),
            client=self.client,
            circuit=Circuit(TENANT, lambda state, reason: health.changed(state, reason, TENANT), TIMING),
            timing=TIMING,
            settings=lambda: {  # type: ignore[arg-type,return-value]  # all that is read
                "state": self.state,
                "settings": json.dumps(self.settings),
            },
            wake=woken.set,
        )
        self.worker = Worker(self.session, lambda: self.credentials, self.health, woken)
        pool = ThreadPoolExecutor(4)
        self.jobs = Jobs(self.session, pool, 4)
        return self.worker

    def turn(self, times: int = 1) -> None:
        """Turn the worker and wait for the calls that it started."""
        for _ in range(times):
            self.worker._turn(self.jobs)
            wait(list(self.jobs._running.values()))

    def work(self, turns: int = 12) -> None:
        """Turn the worker until it has nothing under way; enough turns for every step that is due at once."""
        for _ in range(turns):
            self.worker._woken.clear()
            self.turn()
            if not self.jobs._running and not self.worker._woken.is_set():
                return
        raise AssertionError("the worker never comes to rest: a hot loop")

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the journal, its pauses and the simulator's keys."""
        with self.engine.begin() as connection:
            columns = (
                "created_at",
                "xero_time",
                "last_sent_at",
                "looked_up_at",
                "absent_since",
                "recheck_at",
            )
            for column in columns:
                connection.execute(
                    text(
                        f"UPDATE intent SET {column} = {column} - make_interval(secs => :s)"  # noqa: S608  # constant names
                    ),
                    {"s": seconds},
                )
            connection.execute(
                text("UPDATE tenant SET contacts_seen_at = contacts_seen_at - make_interval(secs => :s)"),
                {"s": seconds},
            )
            connection.execute(
                text("UPDATE contact_refresh SET enqueued_at = enqueued_at - make_interval(secs => :s)"),
                {"s": seconds},
            )
        self.simulator.clock.set_offset(self.simulator.clock._offset + seconds)
        for backoff in (self.jobs._backoff, self.worker._upkeep):
            backoff._pauses = {
                name: (until - seconds, pause) for name, (until, pause) in backoff._pauses.items()
            }
        self.session.circuit._probe_at -= seconds
        self.client.limits._blocked_until -= seconds

    def mapped(self, number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
        """A mapped event of one line, 100.00 and 15.00 tax; `kind`, `amount`, `tax`, `total`, `xero` as in `made_up`."""
        return made_up.mapped(
            TENANT,
            number,
            changes.pop("revision", self._next_revision()),
            customer=changes.pop("customer", CUSTOMER),
            ours=self.numbers_are_ours,
            **changes,
        )

    def void(self, number: int, kind: str = "invoice", **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the event
        """A mapped event that asks for the document to be voided."""
        return made_up.void(TENANT, number, self._next_revision(), customer=CUSTOMER, kind=kind) | changes

    def _next_revision(self) -> int:
        self._revision += 1
        return self._revision

    def arrive(self, *events: dict[str, Any]) -> None:
        """Mapped events that came a second ago."""
        arrived = [
            Arrived(
                one,  # type: ignore[arg-type]  # built from its fields
                self.codec.encode(names.topic_of(names.MAPPED, one["document"]), one),
                new_traceparent(),
            )
            for one in events
        ]
        with self.engine.begin() as connection:
            store(connection, Batch(arrived, [], []))
            connection.execute(text("UPDATE work SET received_at = received_at - interval '1 second'"))

    def events(self, topic: str, number: int | None = None) -> list[Event]:
        """What was published so far to a topic (about a document)."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT payload FROM outbox WHERE topic = :topic ORDER BY id"), {"topic": topic}
            )
            found = [self.codec.decode(topic, bytes(row.payload)) for row in rows]
        return [one for one in found if number is None or one["document"].endswith(f"/{number}")]

    def outcomes(self, number: int, kind: str = "invoice") -> list[tuple[str, str]]:
        """Terminal events of a document: (synced, outcome) or (faulted, code)."""
        document = str(document_of(kind, number))
        synced, faulted = (names.topic_of(stage, document) for stage in (names.SYNCED, names.FAULTED))
        return [
            *(("synced", one["outcome"]) for one in self.events(synced, number)),
            *(("faulted", one["code"]) for one in self.events(faulted, number)),
        ]

    def last_synced(self, number: int, kind: str = "invoice") -> Event:
        """The newest success of a document."""
        return self.events(names.topic_of(names.SYNCED, str(document_of(kind, number))), number)[-1]

    def last_fault(self, number: int, kind: str = "invoice") -> Event:
        """The newest fault of a document."""
        return self.events(names.topic_of(names.FAULTED, str(document_of(kind, number))), number)[-1]

    def calls(self, *methods: str) -> list[dict[str, Any]]:
        """Calls to the accounting API so far, of these methods."""
        return [
            call
            for call in self.server.app.calls.since(0)
            if call["path"].startswith("/api.xro") and (not methods or call["method"] in methods)
        ]

    def plant(
        self, match: dict[str, Any], action: dict[str, Any], times: int | None = 1, when: str = "before"
    ) -> None:
        """A fault of Xero's; `times` None: until faults are cleared."""
        self.server.app.faults.plant({"match": match, "action": action, "times": times, "when": when})

    def documents(self) -> list[dict[str, Any]]:
        """Every document in Xero as it is stored there: invoices, credit notes, purchase orders."""
        books = self.simulator.books(TENANT)
        assert isinstance(books, dict)
        return [*books["invoices"], *books["credit_notes"], *books["purchase_orders"]]

    def marked(self, number: int, kind: str = "invoice") -> list[dict[str, Any]]:
        """Documents in Xero that carry the mark of a document of ours, those that are gone among them."""
        document = document_of(kind, number)
        return [
            one
            for one in self.documents()
            if str(one.get("Url", "")).endswith(f"#{url_fragment(document)}")
            or str(one.get("Reference", "")).endswith(reference_suffix(document))
        ]

    def copies(self, number: int, kind: str = "invoice") -> list[dict[str, Any]]:
        """Live ones among them."""
        return [one for one in self.marked(number, kind) if one["Status"] not in {"DELETED", "VOIDED"}]

    def person_changes(self, xero_id: str, **members: object) -> None:
        """What a person does to a document in Xero's own pages."""
        with self.simulator._loaded(TENANT).lock:
            change_document(self.simulator._loaded(TENANT), xero_id, members, self.simulator.clock.now())

    def switch(self, **switches: object) -> None:
        """How this organisation behaves where the truth about Xero is not known."""
        change_organisation(self.simulator._loaded(TENANT), {"switches": switches})

    def lock_period(self, until: str | None) -> None:
        """Nothing dated until this day may be changed in Xero any more."""
        change_organisation(self.simulator._loaded(TENANT), {"PeriodLockDate": until})

    def row(self, statement: str, **parameters: object) -> Any:  # noqa: ANN401  # a row of any shape
        """The first row of a query on the writer's own tables."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), parameters).first()

    def execute(self, statement: str, **parameters: object) -> None:
        """What happened to the tables behind the worker's back."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)
