"""The database or the broker goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaException
from sqlalchemy import Engine, text

from local_stack.kafka import EmbeddedKafka
from local_stack.postgres import EmbeddedPostgres
from local_stack.topics import Topic, create_topics
from service_runtime.database import make_engine, migrate
from status_api.materializer.progress import Progress
from status_api.names import APP_SCHEMA, FOLDED_TOPICS, PACKAGE, READ_SCHEMA, SEARCH_PATH
from tests.integration.status_api.conftest import Client, ReadModel, make_client
from tests.integration.status_api.samples import event
from tests.integration.status_api.test_materializer import Materializers, tenant_name
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture
def own_engine(own_postgres: EmbeddedPostgres) -> Iterator[Engine]:
    url = own_postgres.create_database("outage").replace("postgresql://", "postgresql+psycopg2://")
    migrate(PACKAGE, url, APP_SCHEMA)
    engine = make_engine(url, SEARCH_PATH, pool_size=4)
    yield engine
    engine.dispose()


def test_a_database_that_is_away_is_a_problem_to_try_again_and_then_none(
    own_postgres: EmbeddedPostgres, own_engine: Engine
) -> None:
    client: Client = make_client(ReadModel(own_engine))
    own_postgres.kill()
    answer = client.call("POST", "/api/v1/tenants/acme/commands", {"kind": "sync-now"})
    assert (answer.status_code, answer.json["type"]) == (503, "urn:invoice-sync:problem:unavailable")
    assert answer.headers["Retry-After"]
    assert client.get("/tenants/acme/overview").status_code == 503
    own_postgres.restart()
    assert client.get("/tenants/acme/overview").status_code == 200


def test_a_materializer_outlives_its_database(
    own_postgres: EmbeddedPostgres, own_engine: Engine, kafka: str, kafka_topics: tuple[Topic, ...]
) -> None:
    materializers, read_model, tenant = Materializers(kafka, own_engine), ReadModel(own_engine), tenant_name()
    with materializers.running() as running:
        materializers.topics.send("invoice.discovered", event("invoice.discovered", tenant=tenant))
        materializers.wait()
        own_postgres.kill()
        for revision in range(2, 30):
            materializers.topics.send(
                "invoice.discovered", event("invoice.discovered", tenant=tenant, revision=revision)
            )
        own_postgres.restart()
        materializers.wait()
        assert running.thread.is_alive()
    rows = read_model.rows("SELECT revision FROM document WHERE tenant_id = :tenant", tenant=tenant)
    assert rows == [{"revision": 29}]
    assert len(read_model.rows("SELECT 1 FROM timeline WHERE tenant_id = :tenant", tenant=tenant)) == 29


def test_a_read_model_that_is_not_there_buries_nothing(
    own_engine: Engine, kafka: str, kafka_topics: tuple[Topic, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody dropped the schema, or restores it just now."""
    materializers, read_model, tenant = Materializers(kafka, own_engine), ReadModel(own_engine), tenant_name()
    with materializers.running() as running:
        materializers.topics.send("invoice.discovered", event("invoice.discovered", tenant=tenant))
        materializers.wait()
        _rename_schema(own_engine, READ_SCHEMA, "away")
        materializers.topics.send("invoice.synced", event("invoice.synced", tenant=tenant))
        wait_until(lambda: "UndefinedTable" in caplog.text, "the event to be put off")
        _rename_schema(own_engine, "away", READ_SCHEMA)
        materializers.wait()
        assert running.thread.is_alive()
    assert materializers.dead(tenant) == []
    rows = read_model.rows("SELECT status FROM document WHERE tenant_id = :tenant", tenant=tenant)
    assert rows == [{"status": "Complete"}]


def _rename_schema(engine: Engine, old: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER SCHEMA {old} RENAME TO {new}"))


def test_the_age_stands_still_while_kafka_is_away(own_kafka: EmbeddedKafka, own_engine: Engine) -> None:
    create_topics(own_kafka.bootstrap, partitions=1)
    progress = Progress(own_engine, {"bootstrap.servers": own_kafka.bootstrap}, FOLDED_TOPICS, lambda: None)
    read_model = ReadModel(own_engine)

    def moved(before: object) -> bool:
        try:
            progress.look()
        except KafkaException:
            return False
        return read_model.rows("SELECT as_of FROM progress") != before

    wait_until(lambda: moved([]), "the first age")
    before = read_model.rows("SELECT as_of FROM progress")
    own_kafka.kill()
    with pytest.raises(KafkaException):
        progress.look()
    assert read_model.rows("SELECT as_of FROM progress") == before
    own_kafka.restart()
    wait_until(lambda: moved(before), "the age to move again")
