"""`xero-writer replay` and `xero-writer positions`: a dead letter becomes work once, a lost position is moved only when told to."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import event_headers, new_traceparent
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import create_topics
from service_runtime.database import make_engine, migrate
from service_runtime.records import Record
from tests.integration.xero_writer import made_up
from tests.integration.xero_writer.rig import CUSTOMER
from tests.support.by_hand import bury, group_stands_at, type_command
from xero_writer.bootstrap import PACKAGE, SCHEMA

pytestmark = pytest.mark.stack


def test_a_dead_letter_of_the_writer_becomes_work_once_and_a_lost_position_is_moved_when_told_to(
    own_kafka: EmbeddedKafka, database_url: str
) -> None:
    bootstrap, url = own_kafka.bootstrap, database_url.replace("postgresql://", "postgresql+psycopg2://")
    create_topics(bootstrap, partitions=1)
    migrate(PACKAGE, url, SCHEMA)
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "DATABASE_URL": database_url}
    event = made_up.mapped("acme", 1, 7, customer=CUSTOMER, ours=True)
    payload = Codec(SingleObjectFraming(), NoForeignSchemas()).encode(names.MAPPED, event)
    headers = event_headers(names.MAPPED, event, new_traceparent())
    bury(bootstrap, "xero-writer", Record(names.MAPPED, 0, 70, b"k", payload, headers))

    for expected in ("1 dead letters replayed, 0 failed again", "0 dead letters replayed, 0 failed again"):
        code, told, problem = type_command("xero_writer", "replay", **environment)
        assert (code, problem) == (0, "")
        assert told.endswith(f"{expected}\n")
    engine = make_engine(url, SCHEMA)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT document FROM work")).scalars().all() == ["invoice/1"]
    engine.dispose()

    group_stands_at(bootstrap, "xero-writer", names.MAPPED, 5)
    code, told, _ = type_command("xero_writer", "positions", **environment)
    assert (code, f"{names.MAPPED}[0] stands at 5" in told) == (1, True)
    assert type_command("xero_writer", "positions", "--go-on", **environment)[0] == 0
    assert type_command("xero_writer", "positions", **environment)[0] == 0
