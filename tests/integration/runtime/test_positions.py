"""A position that fell out of its topic: said with what was lost, moved only when told to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from service_runtime.config import ConfigurationError
from service_runtime.kafka import make_consumer
from service_runtime.positions import GroupKeeper, Position, positions_command, read_positions
from tests.integration.runtime.conftest import MakeTopic

pytestmark = pytest.mark.stack


@pytest.fixture
def consumer(options: dict[str, str]) -> Iterator[Consumer]:
    consumer = make_consumer(options, "positions-test", "tests")
    yield consumer
    consumer.close()


@pytest.fixture
def topic(make_topic: MakeTopic, producer: Producer, consumer: Consumer) -> str:
    """Ten records, of which the service has read three."""
    name = make_topic()
    for number in range(10):
        producer.produce(name, str(number).encode())
    producer.flush(30)
    consumer.commit(offsets=[TopicPartition(name, 0, 3)], asynchronous=False)
    return name


def _delete_before(admin: AdminClient, topic: str, offset: int) -> None:
    (deleted,) = admin.delete_records([TopicPartition(topic, 0, offset)]).values()
    deleted.result(30)


def _run(consumer: Consumer, topic: str, *arguments: str) -> int:
    return positions_command("mapper", arguments, consumer, GroupKeeper(consumer), [topic])


def test_a_position_that_is_there_is_not_called_lost(
    consumer: Consumer, topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(consumer, topic, "--go-on") == 0

    assert capsys.readouterr().out == f"{topic}[0] stands at 3, there are 0 to 10\nno position is lost\n"
    assert read_positions(consumer, GroupKeeper(consumer), [topic]) == [Position(topic, 0, 3, 0, 10)]


def test_a_lost_position_is_not_moved_before_somebody_has_seen_what_is_lost(
    consumer: Consumer, topic: str, admin: AdminClient, capsys: pytest.CaptureFixture[str]
) -> None:
    _delete_before(admin, topic, 7)

    assert _run(consumer, topic) == 1

    assert (
        f"{topic}[0] stands at 3, there are 7 to 10: LOST, 4 records were deleted unread"
        in capsys.readouterr().out
    )
    assert GroupKeeper(consumer).kept([(topic, 0)]) == {(topic, 0): 3}


def test_no_record_that_is_still_there_is_skipped_by_going_on(
    consumer: Consumer, topic: str, admin: AdminClient, capsys: pytest.CaptureFixture[str]
) -> None:
    _delete_before(admin, topic, 7)

    assert _run(consumer, topic, "--go-on") == 0

    assert capsys.readouterr().out.endswith("1 positions were moved, 4 records are skipped for good\n")
    assert GroupKeeper(consumer).kept([(topic, 0)]) == {(topic, 0): 7}
    assert _run(consumer, topic) == 0


def test_a_topic_made_anew_is_read_from_its_beginning(consumer: Consumer, make_topic: MakeTopic) -> None:
    name = make_topic()
    consumer.commit(offsets=[TopicPartition(name, 0, 5)], asynchronous=False)

    (position,) = read_positions(consumer, GroupKeeper(consumer), [name])
    assert (position.is_lost, position.unread) == (True, 0)
    assert "made anew" in str(position)
    assert _run(consumer, name, "--go-on") == 0
    assert GroupKeeper(consumer).kept([(name, 0)]) == {(name, 0): 0}


def test_a_partition_that_was_never_begun_is_not_lost(consumer: Consumer, make_topic: MakeTopic) -> None:
    name = make_topic(2)

    assert read_positions(consumer, GroupKeeper(consumer), [name]) == [
        Position(name, 0, None, 0, 0),
        Position(name, 1, None, 0, 0),
    ]


def test_a_missing_topic_is_named(consumer: Consumer) -> None:
    keeper: Any = GroupKeeper(consumer)

    with pytest.raises(ConfigurationError, match=r"test\.nowhere"):
        read_positions(consumer, keeper, ["test.nowhere"])
