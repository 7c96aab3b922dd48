"""Reading every topic again from its first record, and what that may not change."""

from __future__ import annotations

from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.end_to_end.suite import Suite
from tests.support.waiting import wait_until

_READERS = ("poller", "mapper", "xero-writer", "status-api-materialize")
_GROUPS = ("poller", "mapper", "xero-writer")
_QUERIES = {
    "ledger": (
        "poller",
        "SELECT tenant_id, document, state, revision, strikes, synced_revision, stamped_revision, xero_document_id FROM ledger ORDER BY 1, 2",
    ),
    "documents": (
        "xero-writer",
        "SELECT tenant_id, document, latest_revision, xero_id, xero_number, synced_revision FROM document ORDER BY 1, 2",
    ),
    "intents": ("xero-writer", "SELECT id::text, state FROM intent ORDER BY 1"),
    "work": ("xero-writer", "SELECT tenant_id, document FROM work ORDER BY 1, 2"),
    "shown": ("status-api", "SELECT * FROM document ORDER BY 1, 2, 3"),
}
"""Ledger, documents and journal, and the read model, without clocks of upkeep."""


def assert_a_replay_changes_nothing(suite: Suite) -> None:
    """Every group back to the beginning of every topic: the same rows afterwards, and no write in Xero or Autotask."""
    _await_quiet(suite)
    rows, xero, autotask = _rows(suite), suite.last_call(suite.xero), suite.last_call(suite.autotask)
    for service in _READERS:
        suite.stack.supervisor.stop(service)
    _rewind(suite)
    for service in _READERS:
        suite.stack.supervisor.restart(service)
    _await_quiet(suite)
    again = _rows(suite)
    assert {
        name: [(old, new) for old, new in zip(rows[name], again[name], strict=True) if old != new]
        for name in rows
    } == {name: [] for name in rows}
    assert suite.writes(xero) == []
    assert [call for call in suite.autotask.calls(autotask) if call["method"] == "PATCH"] == []


def _rows(suite: Suite) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: [tuple(row) for row in suite.rows(service, query)]
        for name, (service, query) in _QUERIES.items()
    }


def _rewind(suite: Suite) -> None:
    """Every group back to the beginning of every topic; the read model's own positions as well."""
    admin = AdminClient({"bootstrap.servers": suite.stack.bootstrap})
    for group in _GROUPS:
        committed = (
            admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
            .result()
            .topic_partitions
            or []
        )
        places = [TopicPartition(place.topic, place.partition, 0) for place in committed]
        admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])[group].result()
    suite.forget_positions()


def _await_quiet(suite: Suite) -> None:
    """Wait until every group has read every topic to its end and every outbox is empty."""
    wait_until(suite.is_quiet, "the suite to be quiet", 120, pause=0.5)
