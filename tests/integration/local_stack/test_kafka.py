"""The embedded broker is a real one: it keeps what it acknowledged, and two do not meet."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # documented, but not in its __all__
    AdminClient,
    ConfigResource,
    ResourceType,
)

from local_stack.broker import ExternalBroker
from local_stack.errors import ChildDiedError, NotOursError, StackError
from local_stack.kafka import EmbeddedKafka, KafkaOptions
from local_stack.ports import LOOPBACK, is_free
from local_stack.topics import Topic, create_topics, load_topics
from tests.integration.local_stack.records import TOPIC, produce, read

pytestmark = pytest.mark.stack


def test_topics_are_made_as_the_file_says_and_a_second_time_changes_nothing(
    kafka: str, kafka_topics: tuple[Topic, ...]
) -> None:
    again = create_topics(kafka, partitions=1)
    assert {topic.name for topic in again} == {topic.name for topic in load_topics()}
    admin = AdminClient({"bootstrap.servers": kafka})
    known = admin.list_topics(timeout=10).topics
    for topic in kafka_topics:
        assert len(known[topic.name].partitions) == topic.partitions
        resource = ConfigResource(ResourceType.TOPIC, topic.name)
        entries = admin.describe_configs([resource])[resource].result()
        assert {key: entries[key].value for key in topic.config()} == topic.config()


def test_an_invoice_of_eight_mebibytes_gets_through(kafka: str, kafka_topics: tuple[Topic, ...]) -> None:
    del kafka_topics
    size = 8 * 1024 * 1024 - 1024  # the record batch has a header of its own
    producer = Producer({"bootstrap.servers": kafka, "message.max.bytes": 10_000_000})
    failures: list[object] = []
    producer.produce(TOPIC, b"x" * size, on_delivery=lambda error, _: failures.append(error))
    assert producer.flush(30) == 0
    assert failures == [None]


def test_what_was_acknowledged_survives_a_restart_and_a_kill(own_kafka: EmbeddedKafka) -> None:
    create_topics(own_kafka.bootstrap, partitions=1)
    address = own_kafka.bootstrap
    produce(address, b"before the restart")
    own_kafka.restart()
    assert own_kafka.bootstrap == address
    produce(address, b"before the kill")
    own_kafka.kill()
    own_kafka.restart()
    produce(address, b"after")
    assert read(address, 3) == [b"before the restart", b"before the kill", b"after"]


def test_a_paused_broker_answers_nothing_and_delivers_once_after_it_goes_on(own_kafka: EmbeddedKafka) -> None:
    create_topics(own_kafka.bootstrap, partitions=1)
    own_kafka.pause()
    producer = Producer(
        {"bootstrap.servers": own_kafka.bootstrap, "enable.idempotence": True, "log_level": 0}
    )
    producer.produce(TOPIC, b"waiting")
    assert producer.flush(1) == 1
    own_kafka.resume()
    assert producer.flush(30) == 0
    assert read(own_kafka.bootstrap, 1) == [b"waiting"]


def test_two_brokers_side_by_side_share_nothing_and_leave_nothing() -> None:
    with ExitStack() as stack:
        brokers = [EmbeddedKafka(), EmbeddedKafka()]
        for broker in brokers:
            stack.callback(broker.stop)
            broker.start()
        first, second = brokers
        create_topics(first.bootstrap, partitions=1)
        assert TOPIC in AdminClient({"bootstrap.servers": first.bootstrap}).list_topics(timeout=10).topics
        assert (
            TOPIC not in AdminClient({"bootstrap.servers": second.bootstrap}).list_topics(timeout=10).topics
        )
        folders = [broker.log.parent for broker in brokers]
        ports = [broker.port for broker in brokers]
        assert not any(is_free(port) for port in ports)
    assert not any(folder.exists() for folder in folders)
    assert all(is_free(port) for port in ports)


def test_a_broker_that_can_not_be_formatted_says_why_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    broker = EmbeddedKafka(KafkaOptions(properties={"num.io.threads": "none"}))
    with pytest.raises(StackError, match=r"num\.io\.threads"):
        broker.start()
    assert list(tmp_path.iterdir()) == []


def test_a_broker_that_dies_while_starting_is_reported_at_once_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # Formatting does not load reporters, the broker does.
    broker = EmbeddedKafka(KafkaOptions(properties={"metric.reporters": "no.such.Reporter"}))
    with pytest.raises(ChildDiedError, match=r"kafka ended with exit code 1(.|\n)*no\.such\.Reporter"):
        broker.start()
    assert list(tmp_path.iterdir()) == []


def test_a_broker_of_somebody_else_is_neither_killed_nor_paused(kafka: str) -> None:
    external = ExternalBroker(kafka)
    external.start()
    for meddle in (external.kill, external.pause, external.resume, external.restart):
        with pytest.raises(NotOursError):
            meddle()
    external.stop()
    try:
        assert AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).brokers
    except KafkaException:
        pytest.fail("the broker was ended")


def test_clients_are_told_the_advertised_address_of_a_proxy() -> None:
    proxy = f"{LOOPBACK}:9"
    broker = EmbeddedKafka(KafkaOptions(advertised=[proxy]))
    broker.start()
    try:
        assert broker.bootstrap == proxy
        metadata = AdminClient(
            {"bootstrap.servers": f"{LOOPBACK}:{broker.port}", "log_level": 0}
        ).list_topics(timeout=10)
        assert [f"{node.host}:{node.port}" for node in metadata.brokers.values()] == [proxy]
    finally:
        broker.stop()
