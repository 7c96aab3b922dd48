"""`poller replay` and `poller positions`: a dead letter is handled once, a lost position is moved only when told to."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import new_traceparent, utc_now
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import create_topics
from poller.bootstrap import SCHEMA
from service_runtime.database import make_engine, migrate
from service_runtime.records import Record
from tests.support.by_hand import bury, group_stands_at, type_command

pytestmark = pytest.mark.stack


@pytest.fixture
def environment(own_kafka: EmbeddedKafka, database_url: str) -> dict[str, str]:
    create_topics(own_kafka.bootstrap, partitions=1)
    migrate("poller", database_url.replace("postgresql://", "postgresql+psycopg2://"), SCHEMA)
    return {"KAFKA_BOOTSTRAP_SERVERS": own_kafka.bootstrap, "DATABASE_URL": database_url}


def test_a_dead_letter_of_the_poller_is_handled_once_and_a_lost_position_moved_when_told_to(
    environment: dict[str, str],
) -> None:
    bootstrap = environment["KAFKA_BOOTSTRAP_SERVERS"]
    event = {
        "event_id": "e1", "tenant_id": "acme", "document": "invoice/1", "revision": 1, "occurred_at": utc_now(), "attempt": 1,
        "command_id": None, "xero_document_id": None, "code": "UNKNOWN", "text": "no", "side": "us", "service": "mapper",
        "strike": True, "final": False, "details": [],
    }  # fmt: skip
    payload = Codec(SingleObjectFraming(), NoForeignSchemas()).encode(names.FAULTED, event)
    bury(
        bootstrap,
        "poller",
        Record(names.FAULTED, 0, 70, b"k", payload, [("traceparent", new_traceparent().encode())]),
    )

    code, told, _ = type_command("poller", "replay", "--dry-run", **environment)
    assert (code, "1 dead letters would be replayed" in told) == (0, True)
    for expected in ("1 dead letters replayed, 0 failed again", "0 dead letters replayed, 0 failed again"):
        code, told, problem = type_command("poller", "replay", **environment)
        assert (code, problem) == (0, "")
        assert told.endswith(f"{expected}\n")
    engine = make_engine(
        environment["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"), SCHEMA
    )
    with engine.connect() as connection:
        assert connection.execute(text("SELECT document FROM outcome_inbox")).scalars().all() == ["invoice/1"]
    engine.dispose()

    assert type_command("poller", "positions", **environment)[0] == 0
    group_stands_at(bootstrap, "poller", names.FAULTED, 5)
    code, told, _ = type_command("poller", "positions", **environment)
    assert (code, f"{names.FAULTED}[0] stands at 5" in told) == (1, True)
    assert type_command("poller", "positions", "--go-on", **environment)[0] == 0
    assert type_command("poller", "positions", **environment)[0] == 0
