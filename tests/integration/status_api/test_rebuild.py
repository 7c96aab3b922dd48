"""`status-api rebuild`: the new read model is the old one row for row, nobody notices the swap, and nothing is left out in silence."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from alembic import command as alembic_command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from sqlalchemy import Engine, text

from invoice_events import names
from invoice_events.identity import utc_now
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import Topic, create_topics
from service_runtime.database import _alembic, make_engine, migrate
from status_api.materializer.retention import KEPT, Retention
from status_api.names import APP_SCHEMA, NEXT_SCHEMA, OLD_SCHEMA, PACKAGE, READ_SCHEMA, SEARCH_PATH
from status_api.rebuild.shape import make_index, make_next, missing_indexes, shape
from status_api.rebuild.swap import ShapeChangedError, try_to_swap
from tests.integration.status_api.conftest import Client, ReadModel, make_client
from tests.integration.status_api.figures_model import counted, kept
from tests.integration.status_api.samples import example
from tests.integration.status_api.test_materializer import Materializers, story, tenant_name
from tests.support.by_hand import type_command
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture
def url(database_url: str) -> str:
    """URL of a migrated database of the test's own, as the service takes it."""
    migrate(PACKAGE, database_url.replace("postgresql://", "postgresql+psycopg2://"), APP_SCHEMA)
    return database_url


@pytest.fixture
def model(url: str) -> Iterator[ReadModel]:
    """The served read model of that database."""
    engine = make_engine(url.replace("postgresql://", "postgresql+psycopg2://"), SEARCH_PATH, pool_size=4)
    yield ReadModel(engine)
    engine.dispose()


def _schemas(model: ReadModel) -> set[str]:
    rows = model.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read%'")
    return {str(row["nspname"]) for row in rows}


def _oid(model: ReadModel) -> object:
    return model.rows("SELECT 'document'::regclass::oid::bigint AS oid")[0]["oid"]


def _positions(model: ReadModel) -> list[dict[str, object]]:
    return model.rows(
        "SELECT topic, partition, next_offset FROM position WHERE next_offset > 0 ORDER BY 1, 2"
    )


def _copy(engine: Engine) -> None:
    """All of the empty `read_next`, indexes too."""
    with engine.begin() as connection:
        make_next(connection)
    with engine.begin() as connection:
        for name, definition in missing_indexes(connection):
            make_index(connection, name, definition)


def _shape(engine: Engine, schema: str) -> frozenset[str]:
    with engine.begin() as connection:
        return shape(connection, schema, indexes=True)


def _swap(engine: Engine) -> bool:
    with engine.connect() as connection:
        return try_to_swap(connection, lambda _: 0, lambda _: None)


def _pruned(model: ReadModel) -> dict[str, list[str]]:
    """Every row, without those that are older than what their topics keep."""
    Retention(model.engine, lambda: None).prune(utc_now() - KEPT, threading.Event())
    return model.dump()


def _rebuild(kafka: str, url: str, *arguments: str) -> tuple[int, str, str]:
    return type_command("status_api", "rebuild", *arguments, KAFKA_BOOTSTRAP_SERVERS=kafka, DATABASE_URL=url)


class Busy:
    """Requests and events that go on while a block runs."""

    def __init__(self, client: Client, topics: Topics, tenant: str) -> None:
        self._client = client
        self._topics = topics
        self._tenant = tenant
        self._stopping = threading.Event()
        self.answers: set[int] = set()
        self.documents = 0

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=each) for each in (self._ask, self._tell)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stopping.is_set():
            for path in ("overview", "invoices", "invoices/1/timeline"):
                self.answers.add(self._client.get(f"/tenants/acme/{path}").status_code)

    def _tell(self) -> None:
        while not self._stopping.wait(0.05):
            self.documents += 1
            for topic, told in story(self._tenant, 1000 + self.documents):
                self._topics.send(topic, told)


def test_a_rebuilt_read_model_is_the_old_one_row_for_row_while_events_come_and_requests_are_answered(
    kafka: str, kafka_topics: tuple[Topic, ...], url: str, model: ReadModel
) -> None:
    materializers, tenant = Materializers(kafka, model.engine), tenant_name()
    client: Client = make_client(model)
    for each in range(1, 40):
        for topic, told in story("acme", each):
            materializers.topics.send(topic, told)
    materializers.topics.send_raw(names.SYNCED, f"{tenant}/invoice/7".encode(), [], b"no event")
    with materializers.running() as running:
        materializers.wait()
        served, before = _oid(model), model.rows("SELECT as_of FROM progress")[0]["as_of"]
        with Busy(client, materializers.topics, tenant) as busy:
            code, told_lines, problem = _rebuild(kafka, url)
        assert code == 0, problem
        assert _oid(model) != served
        assert model.rows("SELECT as_of FROM progress")[0]["as_of"] >= before
        materializers.wait()
        assert running.thread.is_alive()
    assert busy.answers == {200}
    assert busy.documents > 0
    assert " records can not be folded" in told_lines  # others have left some in the shared broker
    assert _schemas(model) == {READ_SCHEMA}
    # What stands there now came from the rebuild and the folds after it; the same topics folded anew end in the same rows.
    rebuilt, stood = _pruned(model), _positions(model)
    assert kept(model) == counted(model) != {}
    assert {row["id"] for row in model.rows("SELECT id FROM document WHERE tenant_id = 'acme'")} == set(
        range(1, 40)
    )
    assert len(materializers.dead(tenant)) == 1
    model.clear()
    with Materializers(kafka, model.engine).running():
        materializers.wait()
    assert _pruned(model) == rebuilt
    assert _positions(model) == stood


def test_a_copy_is_made_like_the_served_one_in_every_name_and_the_next_migration_finds_it(
    url: str, model: ReadModel
) -> None:
    served = _shape(model.engine, READ_SCHEMA)
    _copy(model.engine)
    assert _shape(model.engine, NEXT_SCHEMA) == served
    assert {line.partition(" ")[0] for line in served} == {
        "column", "table", "constraint", "trigger", "function", "index",
    }  # fmt: skip
    assert _swap(model.engine)
    assert _schemas(model) == {READ_SCHEMA, OLD_SCHEMA}
    with model.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {OLD_SCHEMA} CASCADE"))
    assert _shape(model.engine, READ_SCHEMA) == served
    with model.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        operations = Operations(MigrationContext.configure(connection))
        operations.drop_index("document_by_cause", "document", schema=READ_SCHEMA)
        operations.drop_constraint("document_pkey", "document", schema=READ_SCHEMA)
        operations.execute("DROP TRIGGER document_inserted ON read.document")
        operations.execute("DROP FUNCTION read.count_nothing() CASCADE")
    alembic_command.upgrade(
        _alembic(PACKAGE, url.replace("postgresql://", "postgresql+psycopg2://"), APP_SCHEMA), "head"
    )


def test_a_read_model_that_a_migration_changed_meanwhile_is_not_swapped(url: str, model: ReadModel) -> None:
    _copy(model.engine)
    with model.engine.begin() as connection:
        connection.execute(text(f"CREATE INDEX added_by_a_migration ON {READ_SCHEMA}.log (service)"))
    with pytest.raises(ShapeChangedError):
        _swap(model.engine)
    assert _schemas(model) == {READ_SCHEMA, NEXT_SCHEMA}


def test_what_an_earlier_rebuild_made_before_a_migration_is_made_anew(
    url: str, kafka: str, kafka_topics: tuple[Topic, ...], model: ReadModel
) -> None:
    _copy(model.engine)
    with model.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {READ_SCHEMA}.log ADD COLUMN added_by_a_migration text"))
    code, _, problem = _rebuild(kafka, url)
    assert code == 0, problem
    columns = model.rows(
        "SELECT 1 FROM information_schema.columns WHERE column_name = 'added_by_a_migration'"
    )
    assert len(columns) == 1


def test_nobody_reads_half_of_the_one_and_half_of_the_other(url: str, model: ReadModel) -> None:
    _copy(model.engine)
    with model.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM document")).scalar()
        assert not _swap(model.engine)
        assert _schemas(model) == {READ_SCHEMA, NEXT_SCHEMA}
        reader.execute(text("SELECT count(*) FROM timeline")).scalar()  # nobody is kept out afterwards
    assert _swap(model.engine)


def test_two_rebuilds_at_once_are_refused(
    url: str, kafka: str, kafka_topics: tuple[Topic, ...], model: ReadModel
) -> None:
    with model.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(hashtextextended('status-api rebuild', 0))"))
        code, _, problem = _rebuild(kafka, url)
    assert (code, problem) == (1, "status-api: another rebuild is running\n")
    assert _schemas(model) == {READ_SCHEMA}


def test_a_rebuild_that_was_killed_goes_on_where_it_was(
    own_kafka: EmbeddedKafka, url: str, model: ReadModel, tmp_path: Path
) -> None:
    kafka = own_kafka.bootstrap  # the moment is missed where it has to read first what others sent
    create_topics(kafka, partitions=1)
    materializers, tenant = Materializers(kafka, model.engine), tenant_name()
    for number in range(1, 30):
        for topic, told in story(tenant, number):
            materializers.topics.send(topic, told)
    materializers.fold_everything()
    expected, served = _pruned(model), _oid(model)
    # It can not store its last rows: another transaction holds the key of one.
    _copy(model.engine)
    with model.engine.connect() as blocker:
        row = "INSERT INTO read_next.document (tenant_id, kind, id, hold_version, hold_at) VALUES (:tenant, 'invoice', 29, 1, now())"
        blocker.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        blocker.execute(text(row), {"tenant": tenant})
        process = subprocess.Popen(
            [sys.executable, "-m", "status_api", "rebuild"],
            env=os.environ | {"KAFKA_BOOTSTRAP_SERVERS": kafka, "DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=(tmp_path / "stderr").open("w"),
        )
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid' AND query LIKE 'INSERT INTO document%'"
        wait_until(lambda: bool(model.rows(waiting)), "the rebuild to be in the middle of it")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert _oid(model) == served
    assert model.dump() == expected
    code, told_lines, problem = _rebuild(kafka, url)
    assert code == 0, problem
    assert "going on where an earlier rebuild was ended" in told_lines
    assert _oid(model) != served
    assert model.dump() == expected


@pytest.fixture
def truncated(own_kafka: EmbeddedKafka) -> str:
    """A broker on which the first records of `invoice.synced`, and of a topic that expires, are gone."""
    bootstrap = own_kafka.bootstrap
    create_topics(bootstrap, partitions=1)
    topics = Topics(bootstrap)
    for number in (1, 2, 3):
        for topic, told in story("acme", number):
            topics.send(topic, told)
    gone = [TopicPartition(names.SYNCED, 0, 1), TopicPartition(names.LOGS, 0, 2)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.delete_records(gone).values():
        future.result(30)
    return bootstrap


def test_a_topic_that_lost_records_is_refused_with_the_date_unless_the_loss_is_accepted(
    truncated: str, url: str, model: ReadModel
) -> None:
    served = _oid(model)
    with model.engine.begin() as connection:
        for topic, end in Topics(truncated).ends([names.DISCOVERED, names.SYNCED, names.LOGS]).items():
            connection.execute(
                text("INSERT INTO position VALUES (:topic, :partition, :end)"),
                {"topic": topic[0], "partition": topic[1], "end": end},
            )
    code, told_lines, problem = _rebuild(truncated, url)
    assert code == 1
    assert re.search(
        r"invoice\.synced\[0\] begins at offset 1, with a record of \d{4}-\d\d-\d\d \d\d:\d\d UTC", told_lines
    )
    assert names.LOGS not in told_lines, "what is kept 90 days comes back as far as it goes"
    assert "--accept-loss" in problem
    assert (_oid(model), _schemas(model)) == (served, {READ_SCHEMA})

    code, _, problem = _rebuild(truncated, url, "--accept-loss")
    assert code == 0, problem
    assert len(model.rows("SELECT 1 FROM log")) == 1
    assert len(model.rows("SELECT 1 FROM document WHERE source_revision > 0")) == 2
    assert {row["topic"] for row in _positions(model)} == {names.DISCOVERED, names.SYNCED, names.LOGS}


def test_a_rebuild_leaves_commands_as_they_are(
    kafka: str, kafka_topics: tuple[Topic, ...], url: str, model: ReadModel
) -> None:
    """Their marks are made by the materializer, in the transaction that folds the event."""
    client = make_client(model)
    given = client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "sync-now"})
    assert given.status_code == 202, given.text
    before = model.rows("SELECT * FROM command")
    materializers = Materializers(kafka, model.engine)
    command_id = before[0]["command_id"]
    told = {"event_id": str(uuid.uuid4()), "tenant_id": "acme", "command_id": command_id, "state": "done"}
    result = example(names.COMMAND_RESULTS) | told | {"occurred_at": utc_now()}
    materializers.topics.send(names.COMMAND_RESULTS, result)
    ends = Topics(kafka).ends([names.COMMAND_RESULTS])
    with model.engine.begin() as connection:
        for (topic, partition), end in ends.items():
            connection.execute(
                text("INSERT INTO position VALUES (:topic, :partition, :end)"),
                {"topic": topic, "partition": partition, "end": end},
            )
    assert _rebuild(kafka, url)[0] == 0
    assert len(model.rows("SELECT 1 FROM command_result WHERE command_id = :id", id=command_id)) == 1
    assert model.rows("SELECT * FROM command") == before
