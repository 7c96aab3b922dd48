"""Three nodes are one broker that loses any of them without losing a record, and gets it back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # documented, but not in its __all__
    AdminClient,
    ConfigResource,
    ResourceType,
)

from local_stack.errors import ChildDiedError, StackError
from local_stack.kafka import EmbeddedKafka, KafkaOptions
from local_stack.kafka_cluster import KafkaCluster
from local_stack.ports import is_free
from local_stack.process import state
from local_stack.topics import create_topics
from tests.integration.local_stack.records import TOPIC, produce, read
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """Every test leaves it whole."""
    own = KafkaCluster(KafkaOptions(nodes=3))
    own.start()
    create_topics(own.bootstrap, partitions=1)
    own.await_in_sync()
    yield own
    own.stop()


def acknowledged(bootstrap: str) -> list[bytes]:
    """Everything in the topic, as far as it is agreed on by the copies in sync."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "counter", "log_level": 0})
    _, end = consumer.get_watermark_offsets(TopicPartition(TOPIC, 0), timeout=60)
    consumer.close()
    return read(bootstrap, end)


def _has_a_coordinator(consumer: Consumer) -> bool:
    """The first question makes the topic of offsets; who keeps it is being agreed on then."""
    try:
        consumer.committed([TopicPartition(TOPIC, 0)], timeout=60)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.NOT_COORDINATOR:
            raise
        return False
    return True


def test_a_topic_and_kafkas_own_have_three_copies_of_which_one_may_be_missing(cluster: KafkaCluster) -> None:
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "mapper", "log_level": 0})
    wait_until(lambda: _has_a_coordinator(consumer), "the group's coordinator")
    consumer.close()
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    known = admin.list_topics(timeout=60).topics
    copies = {name: len(topic.partitions[0].replicas) for name, topic in known.items()}
    assert {TOPIC, "sync.settings", "__consumer_offsets"} <= set(copies)
    assert set(copies.values()) == {3}
    for name in (TOPIC, "__consumer_offsets"):
        resource = ConfigResource(ResourceType.TOPIC, name)
        settings = admin.describe_configs([resource])[resource].result()
        assert settings["min.insync.replicas"].value == "2"


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_a_lost_leader_loses_nothing_acknowledged_and_comes_back_in_sync(
    cluster: KafkaCluster, how: str
) -> None:
    before = acknowledged(cluster.bootstrap)
    produce(cluster.bootstrap, b"to the first leader")
    lost = cluster.leader(TOPIC, 0)
    if how == "kill":
        lost.kill()
    else:
        lost.pause()
    leader = cluster.await_leader(TOPIC, 0, other_than=lost)
    assert leader in cluster.nodes
    assert cluster.leader(TOPIC, 0) is leader
    produce(cluster.bootstrap, b"to the second leader")
    if how == "kill":
        lost.restart()
    else:
        lost.resume()
    cluster.await_in_sync()
    expected = [*before, b"to the first leader", b"to the second leader"]
    assert read(cluster.bootstrap, len(expected)) == expected
    assert read(lost.bootstrap, len(expected)) == expected  # what it had is what the others have


def test_the_copies_of_a_node_that_is_frozen_do_not_count_as_in_sync(cluster: KafkaCluster) -> None:
    frozen = cluster.nodes[2]
    frozen.pause()
    try:
        with pytest.raises(StackError, match="not every copy is in sync"):
            cluster.await_in_sync(0)
    finally:
        frozen.resume()
    cluster.await_in_sync()


def test_nothing_is_acknowledged_by_one_copy_alone(cluster: KafkaCluster) -> None:
    before = acknowledged(cluster.bootstrap)
    leader = cluster.leader(TOPIC, 0)
    others = [node for node in cluster.nodes if node is not leader]
    for node in others:
        node.pause()
    try:
        producer = Producer(
            {"bootstrap.servers": leader.bootstrap, "acks": "all", "message.timeout.ms": 4000, "log_level": 0}
        )
        delivered: list[bool] = []
        producer.produce(TOPIC, b"alone", on_delivery=lambda error, _: delivered.append(error is None))
        producer.flush(60)
        assert delivered == [False]
    finally:
        for node in others:
            node.resume()
    cluster.await_in_sync()
    assert acknowledged(cluster.bootstrap)[: len(before)] == before


def test_a_cluster_killed_whole_keeps_what_it_acknowledged(cluster: KafkaCluster) -> None:
    produce(cluster.bootstrap, b"before the end")
    before, address = acknowledged(cluster.bootstrap), cluster.bootstrap
    assert b"before the end" in before
    cluster.kill()
    assert not any(node.active for node in cluster.nodes)
    cluster.restart()
    cluster.require_running()
    assert cluster.bootstrap == address
    assert read(address, len(before)) == before
    cluster.await_in_sync()


def test_a_cluster_leaves_no_process_port_or_folder() -> None:
    own = KafkaCluster(KafkaOptions(nodes=3))
    own.start()
    pids = [node.process.pid for node in own.nodes]
    folders = [node.log.parent for node in own.nodes]
    ports = [
        int(address.rpartition(":")[2]) for node in own.nodes for address in (node.bootstrap, node.internal)
    ]
    assert len(set(ports)) == 6
    assert not any(is_free(port) for port in ports)
    own.nodes[1].pause()
    own.stop()
    own.stop()  # once more harms nothing
    assert all(state(pid) is None for pid in pids)
    assert not any(folder.exists() for folder in folders)
    assert all(is_free(port) for port in ports)


def test_a_cluster_whose_nodes_die_while_starting_says_why_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = KafkaCluster(KafkaOptions(nodes=3, properties={"metric.reporters": "no.such.Reporter"}))
    with pytest.raises(ChildDiedError, match=r"kafka-1 ended with exit code 1(.|\n)*no\.such\.Reporter"):
        own.start()
    assert list(tmp_path.iterdir()) == []


def test_one_node_of_several_is_not_started_alone() -> None:
    with pytest.raises(StackError, match="started together"):
        EmbeddedKafka(KafkaOptions(nodes=3)).start()
