"""`mapper replay` and `mapper positions`: a dead letter is mapped once, a lost position is moved only when told to."""

from __future__ import annotations

import pytest

from invoice_events import names
from invoice_events.identity import event_headers, event_key, new_traceparent
from local_stack.kafka import EmbeddedKafka
from local_stack.topics import create_topics
from service_runtime.records import Record
from tests.integration.mapper.conftest import CODEC, Kafka
from tests.support.by_hand import bury, group_stands_at, type_command
from tests.unit.mapper.conftest import invoice, line

pytestmark = pytest.mark.stack


def test_a_dead_letter_of_the_mapper_is_mapped_once_and_a_lost_position_moved_when_told_to(
    own_kafka: EmbeddedKafka,
) -> None:
    bootstrap = own_kafka.bootstrap
    create_topics(bootstrap, partitions=1)
    kafka = Kafka(bootstrap)
    kafka.introduce()
    event = dict(invoice([line(1, "10.00")])) | {"tenant_id": kafka.tenant}
    bury(
        bootstrap,
        "mapper",
        Record(
            names.DISCOVERED,
            0,
            70,
            event_key(names.DISCOVERED, event).encode(),
            CODEC.encode(names.DISCOVERED, event),
            event_headers(names.DISCOVERED, event, new_traceparent()),
        ),
    )

    for expected in ("1 dead letters replayed, 0 failed again", "0 dead letters replayed, 0 failed again"):
        code, told, problem = type_command("mapper", "replay", KAFKA_BOOTSTRAP_SERVERS=bootstrap)
        assert (code, problem) == (0, "")
        assert told.endswith(f"{expected}\n")
        assert len(kafka.read(names.MAPPED, 1)) == 1

    group_stands_at(bootstrap, "mapper", names.DISCOVERED, 5)
    code, told, _ = type_command("mapper", "positions", KAFKA_BOOTSTRAP_SERVERS=bootstrap)
    assert (code, f"{names.DISCOVERED}[0] stands at 5" in told) == (1, True)
    assert type_command("mapper", "positions", "--go-on", KAFKA_BOOTSTRAP_SERVERS=bootstrap)[0] == 0
    assert type_command("mapper", "positions", KAFKA_BOOTSTRAP_SERVERS=bootstrap)[0] == 0
