"""deploy/topics.yaml says what the design wants, and a wrong file is refused with its place."""

from datetime import timedelta
from pathlib import Path

import pytest

from local_stack.topics import Topic, TopicsFileError, load_topics

INVOICE = ("discovered", "mapped", "processing", "synced", "faulted", "skipped", "held")
SERVICES = ("poller", "mapper", "xero-writer", "status-api")
GOOD_DEFAULTS = (
    "defaults: {partitions: 12, replication: 3, min_insync_replicas: 2, max_message_bytes: 8388608}\n"
)


def _topic(name: str) -> Topic:
    return next(topic for topic in load_topics() if topic.name == name)


def test_no_topic_of_the_invoice_path_is_missing() -> None:
    names = {topic.name for topic in load_topics()}
    assert {f"invoice.{stage}" for stage in INVOICE} <= names
    assert {"sync.commands", "sync.command-results", "sync.settings", "sync.logs", "sync.schemas"} <= names
    assert {"xero.reference", "connection.health"} <= names
    assert {f"{service}.dlq" for service in SERVICES} <= names


@pytest.mark.parametrize("stage", [stage for stage in INVOICE if stage != "processing"])
def test_documents_never_expire(stage: str) -> None:
    config = _topic(f"invoice.{stage}").config()
    assert config["cleanup.policy"] == "delete"
    assert config["retention.ms"] == "-1"
    assert config["retention.bytes"] == "-1"


@pytest.mark.parametrize("name", ["invoice.processing", "sync.commands", "sync.command-results", "sync.logs"])
def test_passing_things_go_after_90_days(name: str) -> None:
    assert _topic(name).retention == timedelta(days=90)
    assert _topic(name).config()["retention.ms"] == str(90 * 24 * 3600 * 1000)


@pytest.mark.parametrize("name", ["sync.settings", "xero.reference", "connection.health", "sync.schemas"])
def test_state_is_compacted_and_never_expires(name: str) -> None:
    config = _topic(name).config()
    assert config["cleanup.policy"] == "compact"
    assert "retention.ms" not in config


def test_document_topics_share_one_partition_count_so_that_a_key_stays_on_one_number() -> None:
    assert {_topic(f"invoice.{stage}").partitions for stage in INVOICE} == {12}


def test_no_topic_loses_a_broker_and_with_it_a_record() -> None:
    assert {(topic.replication, topic.min_insync_replicas) for topic in load_topics()} == {(3, 2)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_record_of_full_size_fits_into_the_dlq_with_its_story(service: str) -> None:
    assert _topic(f"{service}.dlq").max_message_bytes > _topic("invoice.discovered").max_message_bytes


@pytest.mark.parametrize(
    ("brokers", "partitions", "expected"),
    [
        (1, None, (1, 1, 12)),
        (2, None, (2, 1, 12)),
        (3, None, (3, 2, 12)),
        (5, 4, (3, 2, 4)),
        (1, 50, (1, 1, 12)),
    ],
)
def test_a_small_cluster_is_not_asked_for_more_than_it_has(
    brokers: int, partitions: int | None, expected: tuple[int, int, int]
) -> None:
    fitted = _topic("invoice.mapped").fitted(brokers, partitions)
    assert (fitted.replication, fitted.min_insync_replicas, fitted.partitions) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("topics: {}", "must have `defaults` and `topics`"),
        ("[", "can not be read"),
        (GOOD_DEFAULTS + "topics: {Invoice: {cleanup: compact}}", "a name has"),
        (GOOD_DEFAULTS + "topics: {a: {cleanup: compact, retention: 90d}}", "wants cleanup compact without"),
        (GOOD_DEFAULTS + "topics: {a: {cleanup: delete}}", "wants cleanup compact without"),
        (GOOD_DEFAULTS + "topics: {a: {cleanup: delete, retention: 0d}}", "wants cleanup compact without"),
        (GOOD_DEFAULTS + "topics: {a: {cleanup: compact, color: red}}", "unknown key 'color'"),
        (
            GOOD_DEFAULTS + "topics: {a: {cleanup: compact, partitions: 0}}",
            "partitions must be a whole number",
        ),
        (
            GOOD_DEFAULTS + "topics: {a: {cleanup: compact, partitions: true}}",
            "partitions must be a whole number",
        ),
        (GOOD_DEFAULTS + "topics: {a: {cleanup: compact, min_insync_replicas: 4}}", "exceeds replication"),
        (GOOD_DEFAULTS + "topics: {a: compact}", "wants at least"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(TopicsFileError, match=str(file)) as refusal:
        load_topics(file)
    assert complaint in str(refusal.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TopicsFileError, match=r"absent\.yaml can not be read"):
        load_topics(tmp_path / "absent.yaml")
