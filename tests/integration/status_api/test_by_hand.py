"""`status-api replay` and `status-api positions`: a dead letter is folded once and moves nothing, a lost position is moved when told to."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import create_topics
from service_runtime.database import make_engine, migrate
from service_runtime.records import Record
from status_api.materializer.keeping import TableKeeper
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH
from tests.integration.status_api.samples import event
from tests.support.by_hand import bury, type_command

pytestmark = pytest.mark.stack


def test_a_dead_letter_of_the_read_model_is_folded_once_and_a_lost_position_moved_when_told_to(
    own_kafka: EmbeddedKafka, database_url: str
) -> None:
    bootstrap, url = own_kafka.bootstrap, database_url.replace("postgresql://", "postgresql+psycopg2://")
    create_topics(bootstrap, partitions=1)
    migrate(PACKAGE, url, APP_SCHEMA)
    engine = make_engine(url, SEARCH_PATH)
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "DATABASE_URL": database_url}
    payload = Codec(SingleObjectFraming(), NoForeignSchemas()).encode(
        names.DISCOVERED, event(names.DISCOVERED)
    )
    bury(bootstrap, "status-api", Record(names.DISCOVERED, 0, 70, b"k", payload, []))
    place = (names.DISCOVERED, 0)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO position (topic, partition, next_offset) VALUES (:topic, 0, 5)"),
            {"topic": names.DISCOVERED},
        )

    for expected in ("1 dead letters replayed, 0 failed again", "0 dead letters replayed, 0 failed again"):
        code, told, problem = type_command("status_api", "replay", **environment)
        assert (code, problem) == (0, "")
        assert told.endswith(f"{expected}\n")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT kind || '/' || id FROM document")).scalars().all() == [
            "invoice/1"
        ]
    assert TableKeeper(engine).kept([place]) == {place: 5}, (
        "a read model that is made anew would skip records"
    )

    code, told, _ = type_command("status_api", "positions", **environment)
    assert (code, f"{names.DISCOVERED}[0] stands at 5" in told) == (1, True)
    assert TableKeeper(engine).kept([place]) == {place: 5}
    assert type_command("status_api", "positions", "--go-on", **environment)[0] == 0
    assert TableKeeper(engine).kept([place]) == {}
    assert type_command("status_api", "positions", **environment)[0] == 0
    engine.dispose()
