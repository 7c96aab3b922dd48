"""What a node is told makes it one of a cluster: no port twice, every copy that the cluster can give."""

from pathlib import Path

import pytest

from local_stack import backends
from local_stack.errors import StackError
from local_stack.kafka import EmbeddedKafka, KafkaOptions
from local_stack.kafka_cluster import KafkaCluster
from local_stack.kafka_properties import Seat, server_properties, take_seats
from local_stack.postgres import PostgresOptions


def told(seat: Seat) -> dict[str, str]:
    text = server_properties(seat, advertised="127.0.0.1:9", data=Path("/data"), extra={})
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_no_two_nodes_share_a_port_and_all_know_the_same_quorum() -> None:
    seats = take_seats(3)
    ports = [port for seat in seats for port in (seat.client, seat.internal, seat.controller)]
    assert len(set(ports)) == 9
    assert [told(seat)["node.id"] for seat in seats] == ["1", "2", "3"]
    voters = ",".join(f"{seat.number}@127.0.0.1:{seat.controller}" for seat in seats)
    assert {told(seat)["controller.quorum.voters"] for seat in seats} == {voters}


@pytest.mark.parametrize(
    ("nodes", "copies", "in_sync"), [(1, "1", "1"), (2, "2", "1"), (3, "3", "2"), (5, "3", "2")]
)
def test_kafkas_own_topics_have_as_many_copies_as_ours(nodes: int, copies: str, in_sync: str) -> None:
    properties = told(take_seats(nodes)[0])
    assert properties["offsets.topic.replication.factor"] == copies
    assert properties["transaction.state.log.replication.factor"] == copies
    assert properties["transaction.state.log.min.isr"] == in_sync
    assert properties["min.insync.replicas"] == in_sync


def test_a_proxy_stands_before_clients_only() -> None:
    seat = take_seats(1)[0]
    assert told(seat)["advertised.listeners"] == f"CLIENT://127.0.0.1:9,INTERNAL://127.0.0.1:{seat.internal}"


def test_what_a_test_wants_comes_last_and_so_wins() -> None:
    text = server_properties(
        take_seats(1)[0], advertised="127.0.0.1:9", data=Path("/data"), extra={"num.io.threads": "1"}
    )
    assert text.endswith("\nnum.io.threads=1\n")


def test_each_node_advertises_its_own_proxy() -> None:
    proxies = ["127.0.0.1:7", "127.0.0.1:8", "127.0.0.1:9"]
    cluster = KafkaCluster(KafkaOptions(nodes=3, advertised=proxies))
    assert [node.bootstrap for node in cluster.nodes] == proxies
    assert cluster.bootstrap == "127.0.0.1:7,127.0.0.1:8,127.0.0.1:9"


@pytest.mark.parametrize("advertised", ["127.0.0.1:9", ["127.0.0.1:9"], ["127.0.0.1:9"] * 4])
def test_addresses_that_do_not_fit_the_nodes_are_refused(advertised: str | list[str]) -> None:
    with pytest.raises(StackError, match="3 advertised addresses are wanted"):
        KafkaOptions(nodes=3, advertised=advertised)


def test_a_broker_without_nodes_is_refused() -> None:
    with pytest.raises(StackError, match="at least one node"):
        KafkaOptions(nodes=0)


def test_several_nodes_are_a_cluster_and_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("TEST_STACK", raising=False)
    assert isinstance(backends.broker(KafkaOptions(nodes=3)), KafkaCluster)
    assert isinstance(backends.broker(KafkaOptions()), EmbeddedKafka)
    assert isinstance(backends.broker(), EmbeddedKafka)


def test_containers_do_not_pretend_to_be_what_only_children_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEST_STACK", "containers")
    with pytest.raises(StackError, match="one node only"):
        backends.broker(KafkaOptions(nodes=3))
    with pytest.raises(StackError, match="the machine's clock only"):
        backends.database_server(PostgresOptions(false_clock=True))
