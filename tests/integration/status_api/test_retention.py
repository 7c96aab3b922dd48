"""Pruning of what the topics keep 90 days only."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from invoice_events.identity import utc_now
from status_api.materializer.retention import KEPT, Retention
from tests.integration.status_api.conftest import Client, ReadModel
from tests.integration.status_api.samples import event, example

pytestmark = pytest.mark.stack

_STAGES = ("discovered", "mapped", "processing", "synced")
_DOCUMENT_EVENTS = [f"{kind}.{stage}" for kind in ("invoice", "purchase-order") for stage in _STAGES]


def fill(read_model: ReadModel, name: str, age: timedelta) -> None:
    """Events of an invoice and an order with log lines and an answer, all of that age."""
    at = utc_now() - age
    told: list[tuple[str, dict[str, Any]]] = [
        (
            topic,
            event(topic, f"{topic.partition('.')[0]}/{len(name)}")
            | {"event_id": f"{name}-{topic}", "occurred_at": at},
        )
        for topic in _DOCUMENT_EVENTS
    ]
    told += [
        (
            "sync.logs",
            example("sync.logs") | {"event_id": f"{name}-{number}", "tenant_id": "acme", "occurred_at": at},
        )
        for number in range(5)
    ]
    told.append(
        (
            "sync.command-results",
            example("sync.command-results") | {"event_id": f"{name}-answer", "occurred_at": at},
        )
    )
    read_model.store(*told)


def ids(read_model: ReadModel) -> set[str]:
    rows = read_model.rows(
        "SELECT event_id FROM log UNION ALL SELECT event_id FROM command_result UNION ALL"
        " SELECT event_id FROM timeline WHERE topic NOT LIKE 'sync.%'"
    )
    return {row["event_id"] for row in rows}


def test_only_what_its_topic_no_longer_keeps_is_pruned(client: Client) -> None:
    read_model = client.read_model
    fill(read_model, "young", KEPT - timedelta(hours=1))
    young = ids(read_model)
    fill(read_model, "oldest", KEPT + timedelta(hours=1))
    Retention(read_model.engine, lambda: None, rows=2).prune(utc_now() - KEPT, threading.Event())
    kept_for_ever = {f"oldest-{topic}" for topic in _DOCUMENT_EVENTS if not topic.endswith(".processing")}
    assert ids(read_model) == young | kept_for_ever
    assert len(read_model.rows("SELECT 1 FROM document")) == 4


@pytest.mark.parametrize(
    ("topic", "index"),
    [
        ("invoice.processing", "timeline_processing"),
        ("purchase-order.processing", "timeline_order_processing"),
    ],
)
def test_old_rows_are_found_by_an_index(client: Client, topic: str, index: str) -> None:
    with client.read_model.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text(
                f"EXPLAIN SELECT event_id FROM timeline WHERE topic = '{topic}' AND occurred_at < now() ORDER BY occurred_at"  # noqa: S608  # topics of this test
            )
        )
        assert index in "\n".join(plan.scalars())
