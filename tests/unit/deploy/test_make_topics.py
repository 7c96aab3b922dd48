"""The topics Job: makes what is missing, sets what differs, and never touches partitions."""

from __future__ import annotations

import json
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from deploy.k8s.base.topics import make_topics
from deploy.k8s.checks.generate import K8S


def _done(value: object = None, error: Exception | None = None) -> Future[Any]:
    future: Future[Any] = Future()
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
    return future


class Broker:
    """As much of Kafka's administration as the Job uses: topics with partitions and options."""

    def __init__(self, topics: dict[str, tuple[int, dict[str, str]]] | None = None) -> None:
        self.topics = topics or {}
        self.refusal: KafkaError | None = None

    def list_topics(self, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        return SimpleNamespace(
            topics={
                name: SimpleNamespace(partitions=range(count)) for name, (count, _) in self.topics.items()
            }
        )

    def create_topics(self, requests: list[Any], operation_timeout: float) -> dict[str, Future[Any]]:
        assert operation_timeout > 0
        if self.refusal is not None:
            return {one.topic: _done(error=KafkaException(self.refusal)) for one in requests}
        for one in requests:
            self.topics[one.topic] = (one.num_partitions, dict(one.config))
        return {one.topic: _done() for one in requests}

    def describe_configs(self, resources: list[Any]) -> dict[Any, Future[Any]]:
        return {
            one: _done({key: SimpleNamespace(value=value) for key, value in self.topics[one.name][1].items()})
            for one in resources
        }

    def incremental_alter_configs(self, resources: list[Any]) -> dict[Any, Future[Any]]:
        for one in resources:
            self.topics[one.name][1].update({entry.name: entry.value for entry in one.incremental_configs})
        return {one: _done() for one in resources}


def _wanted() -> list[make_topics.Wanted]:
    return make_topics.read_topics(K8S / "base/topics/topics.json")


def _make(broker: Broker, wanted: list[make_topics.Wanted]) -> list[str]:
    return make_topics.make_topics(cast("AdminClient", broker), wanted)


def test_no_topic_is_left_out_and_a_second_run_does_nothing() -> None:
    broker, wanted = Broker(), _wanted()
    assert _make(broker, wanted) == [f"made {topic.name}" for topic in wanted]
    assert broker.topics["invoice.mapped"][0] == 12
    assert _make(broker, wanted) == []


def test_no_option_that_differs_is_left_and_none_of_somebody_else_is_touched() -> None:
    broker, wanted = Broker(), _wanted()
    _make(broker, wanted)
    options = broker.topics["sync.logs"][1]
    options |= {"retention.ms": "1", "compression.type": "gzip"}
    assert _make(broker, wanted) == ["set sync.logs retention.ms=7776000000"]
    assert options["compression.type"] == "gzip"


def test_no_partition_is_ever_added() -> None:
    broker, wanted = Broker(), _wanted()
    _make(broker, wanted)
    broker.topics["invoice.mapped"] = (3, broker.topics["invoice.mapped"][1])
    with pytest.raises(make_topics.TopicsError, match=r"invoice\.mapped has 3 partitions, wanted 12"):
        _make(broker, wanted)
    assert broker.topics["invoice.mapped"][0] == 3


def test_no_refusal_is_swallowed() -> None:
    broker = Broker()
    broker.refusal = KafkaError(KafkaError.INVALID_REPLICATION_FACTOR)
    with pytest.raises(make_topics.TopicsError, match=r"invoice\.mapped"):
        _make(broker, _wanted())


def test_a_run_beside_another_is_no_failure() -> None:
    broker = Broker()
    broker.refusal = KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)
    assert _make(broker, _wanted()) == []


@pytest.mark.parametrize(
    ("replicas", "replication", "in_sync"), [(1, 1, "1"), (2, 2, "1"), (3, 3, "2"), (9, 3, "2")]
)
def test_no_smaller_cluster_is_asked_for_more_replicas_than_it_has(
    replicas: int, replication: int, in_sync: str
) -> None:
    for topic in make_topics.read_topics(K8S / "base/topics/topics.json", replicas):
        assert topic.replication == replication
        assert topic.config["min.insync.replicas"] == in_sync


def test_no_wrong_call_looks_like_a_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    file = tmp_path / "topics.json"
    file.write_text(json.dumps([]), encoding="utf-8")
    assert make_topics.main([]) == 2
    assert make_topics.main([str(file)]) == 2
    assert "KAFKA_BOOTSTRAP_SERVERS is not set" in capsys.readouterr().err
