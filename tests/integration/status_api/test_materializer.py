"""The materializer on a real broker: every topic ends in the same rows, however often and by however many it is read."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, text

from invoice_events.codec import Codec, SingleObjectFraming
from local_stack.topics import Topic
from service_runtime.dead_letters import DeadLetters
from service_runtime.intake import Intake
from service_runtime.kafka import make_consumer, make_producer
from service_runtime.schema_topic import SchemaTopic
from status_api.materializer.handler import Materializer
from status_api.materializer.positions import Positions, PositionWentBackError
from status_api.materializer.progress import Progress
from status_api.names import FOLDED_TOPICS
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.samples import Event, event, example, of
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack


@dataclass
class Running:
    """A materializer in a thread."""

    thread: threading.Thread
    stopping: threading.Event
    failures: list[BaseException]


class Materializers:
    """Starts materializers of one database on one broker."""

    def __init__(self, bootstrap: str, engine: Engine) -> None:
        self._options = {"bootstrap.servers": bootstrap}
        self._engine = engine
        self._group = f"status-api-{uuid.uuid4()}"
        self.topics = Topics(bootstrap)
        self.progress = Progress(engine, self._options, FOLDED_TOPICS, lambda: None)

    @contextmanager
    def running(self, *, group: str | None = None, batch_size: int = 50) -> Iterator[Running]:
        """One that runs until the block is left, and has not failed."""
        positions = Positions(self._engine)
        producer = make_producer(self._options, "status-api")
        handler = Materializer(
            self._engine,
            Codec(SingleObjectFraming(), SchemaTopic(self._options)),
            positions,
            DeadLetters("status-api", producer, 1.0),
        )
        intake = Intake(
            make_consumer(self._options, group or self._group, "status-api"),
            FOLDED_TOPICS,
            handler.handle,
            lambda: None,
            offsets=positions,
            batch_size=batch_size,
        )
        stopping, failures = threading.Event(), list[BaseException]()

        def run() -> None:
            try:
                intake.run(stopping)
            except BaseException as error:  # noqa: BLE001  # the test looks at it
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield Running(thread, stopping, failures)
        finally:
            stopping.set()
            thread.join()
        assert failures == []

    def wait(self) -> None:
        """Until everything that is in Kafka now is folded."""
        before = self._as_of()

        def caught_up() -> bool:
            self.progress.look()
            now = self._as_of()
            return now is not None and now != before

        wait_until(caught_up, "the first look")
        before = self._as_of()
        wait_until(caught_up, "everything to be folded")

    def dead(self, tenant: str) -> list[str]:
        """Topics of the tenant's dead letters."""
        letters = self.topics.raw("status-api.dlq")
        own = [letter for letter in letters if (letter.key() or b"").startswith(tenant.encode())]
        return sorted({dict(letter.headers())["dlq.topic"].decode() for letter in own})

    def _as_of(self) -> object:
        with self._engine.connect() as connection:
            return connection.execute(text("SELECT as_of FROM progress")).scalar()

    def fold_everything(self, *, batch_size: int = 50) -> None:
        """Run one until it has folded everything."""
        with self.running(batch_size=batch_size):
            self.wait()


@pytest.fixture
def materializers(kafka: str, kafka_topics: tuple[Topic, ...], module_engine: Engine) -> Materializers:
    return Materializers(kafka, module_engine)


def story(tenant: str, number: int) -> list[tuple[str, Event]]:
    """A document that faults once and then succeeds, with all that is told beside it: every third one is an order."""
    document = f"{'invoice' if number % 3 else 'purchase-order'}/{number}"

    def told(stage: str, revision: int, minute: int, **more: Any) -> tuple[str, Event]:  # noqa: ANN401  # fields of any event
        return of(document, stage, revision, minute=minute, tenant=tenant, **more)

    log = example("sync.logs") | {
        "event_id": str(uuid.uuid4()), "tenant_id": tenant, "document": document
    }  # fmt: skip
    return [
        told("discovered", 1, 1),
        told("faulted", 1, 2, strike=True, final=False),
        told("discovered", 2, 10, attempt=2),
        told("mapped", 2, 11, attempt=2),
        told("processing", 2, 12, attempt=2, detail="r/writing"),
        told("synced", 2, 13, attempt=2),
        ("sync.logs", log),
    ]


def tell(topics: Topics, tenant: str, documents: int) -> None:
    """Produce the stories of several documents, and a tenant's health, reference and settings."""
    by_topic: dict[str, list[Event]] = {}
    for number in range(1, documents + 1):
        for topic, body in story(tenant, number):
            by_topic.setdefault(topic, []).append(body)
    for topic in ("connection.health", "xero.reference", "sync.settings"):
        by_topic[topic] = [example(topic) | {"tenant_id": tenant}]
    for topic, bodies in by_topic.items():
        topics.send(topic, *bodies)


def tenant_name() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def test_every_topic_is_folded(materializers: Materializers, read_model: ReadModel) -> None:
    tenant = tenant_name()
    tell(materializers.topics, tenant, 5)
    materializers.fold_everything()
    rows = read_model.rows("SELECT status, strikes FROM document WHERE tenant_id = :tenant", tenant=tenant)
    assert rows == [{"status": "Complete", "strikes": 0}] * 5
    kinds = read_model.rows(
        "SELECT kind, count(*) AS n FROM document WHERE tenant_id = :tenant GROUP BY kind ORDER BY kind",
        tenant=tenant,
    )
    assert kinds == [{"kind": "invoice", "n": 4}, {"kind": "purchase-order", "n": 1}]
    for table, count in (
        ("timeline", 30),
        ("log", 5),
        ("connection", 1),
        ("reference", 1),
        ("settings_seen", 1),
    ):
        found = read_model.rows(f"SELECT count(*) AS n FROM {table} WHERE tenant_id = :tenant", tenant=tenant)  # noqa: S608  # tables of this test
        assert found == [{"n": count}], table
    traces = read_model.rows(
        "SELECT count(trace_id) AS n FROM timeline WHERE tenant_id = :tenant", tenant=tenant
    )
    assert traces == [{"n": 30}]


def test_a_replay_from_zero_gives_identical_rows(materializers: Materializers, read_model: ReadModel) -> None:
    tell(materializers.topics, tenant_name(), 20)
    materializers.fold_everything(batch_size=200)
    before = read_model.dump()
    with read_model.engine.begin() as connection:
        connection.execute(text("TRUNCATE position, progress"))
    materializers.fold_everything(batch_size=7)
    assert read_model.dump() == before
    read_model.clear()
    materializers.fold_everything(batch_size=31)
    assert read_model.dump() == before


def test_two_materializers_at_once_give_the_same_rows(
    materializers: Materializers, read_model: ReadModel
) -> None:
    tell(materializers.topics, tenant_name(), 20)
    materializers.fold_everything()
    before = read_model.dump()
    read_model.clear()
    with (
        materializers.running(group=f"one-{uuid.uuid4()}", batch_size=5),
        materializers.running(group=f"two-{uuid.uuid4()}", batch_size=11),
    ):
        materializers.wait()
    assert read_model.dump() == before


def test_what_can_not_be_decoded_stops_nobody_and_is_kept(
    materializers: Materializers, read_model: ReadModel
) -> None:
    tenant = tenant_name()
    key = f"{tenant}/invoice/1".encode()
    materializers.topics.send_raw(
        "invoice.synced", key, [("tenant", tenant.encode())], b"\xc3\x01garbage!garbage"
    )
    materializers.topics.send("invoice.faulted", event("invoice.faulted", "invoice/0", tenant=tenant))
    materializers.topics.send("invoice.discovered", event("invoice.discovered", tenant=tenant))
    materializers.topics.send(
        "purchase-order.synced", event("purchase-order.synced", "invoice/1", tenant=tenant)
    )
    materializers.fold_everything()
    assert read_model.rows("SELECT status FROM document WHERE tenant_id = :tenant", tenant=tenant) == [
        {"status": "Pending Sync"}
    ]
    assert materializers.dead(tenant) == ["invoice.faulted", "invoice.synced", "purchase-order.synced"]


def test_what_the_database_refuses_is_kept_and_its_neighbours_are_stored(
    materializers: Materializers, read_model: ReadModel
) -> None:
    tenant = tenant_name()
    with read_model.engine.begin() as connection:
        connection.execute(
            text(
                f"ALTER TABLE read.log ADD CONSTRAINT planted CHECK (tenant_id <> '{tenant}' OR message <> 'refuse me')"
            )
        )
    try:
        lines = [
            example("sync.logs") | {"event_id": f"{tenant}-{n}", "tenant_id": tenant, "message": message}
            for n, message in enumerate(["one", "refuse me", "three"])
        ]
        materializers.topics.send("sync.logs", *lines)
        materializers.fold_everything()
    finally:
        with read_model.engine.begin() as connection:
            connection.execute(text("ALTER TABLE read.log DROP CONSTRAINT planted"))
    rows = read_model.rows(
        "SELECT message FROM log WHERE tenant_id = :tenant ORDER BY event_id", tenant=tenant
    )
    assert [row["message"] for row in rows] == ["one", "three"]


def test_a_tombstone_is_no_poison(materializers: Materializers, read_model: ReadModel) -> None:
    tenant = tenant_name()
    materializers.topics.send("xero.reference", example("xero.reference") | {"tenant_id": tenant})
    materializers.topics.send_raw("xero.reference", tenant.encode(), [], None)  # type: ignore[arg-type]  # a tombstone has no value
    materializers.fold_everything()
    assert read_model.rows("SELECT tenant_id FROM reference WHERE tenant_id = :tenant", tenant=tenant)
    assert materializers.dead(tenant) == []


def test_a_reset_under_a_running_materializer_stops_it_instead_of_leaving_a_gap(
    materializers: Materializers, read_model: ReadModel
) -> None:
    tenant = tenant_name()
    with materializers.running() as running:
        materializers.topics.send("invoice.discovered", event("invoice.discovered", tenant=tenant))
        materializers.wait()
        read_model.clear()
        materializers.topics.send("invoice.synced", event("invoice.synced", tenant=tenant))
        materializers.topics.send(
            "invoice.discovered", event("invoice.discovered", tenant=tenant, revision=2)
        )
        running.thread.join(60)
        assert [type(failure) for failure in running.failures] == [PositionWentBackError]
        running.failures.clear()
    materializers.fold_everything()
    assert read_model.rows("SELECT status FROM document WHERE tenant_id = :tenant", tenant=tenant)


def test_the_age_stands_still_while_something_is_unread(
    materializers: Materializers, read_model: ReadModel
) -> None:
    materializers.fold_everything()
    with read_model.engine.connect() as connection:
        before = connection.execute(text("SELECT as_of FROM progress")).scalar()
    materializers.topics.send("invoice.discovered", event("invoice.discovered", tenant=tenant_name()))
    materializers.progress.look()
    materializers.progress.look()
    with read_model.engine.connect() as connection:
        assert connection.execute(text("SELECT as_of FROM progress")).scalar() == before
