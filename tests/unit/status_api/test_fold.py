from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from invoice_events import names
from invoice_events.plain import from_plain, to_plain
from service_runtime.records import Record
from status_api.core.fold import Batch, UnfoldableEventError, plain_json, require_foldable
from status_api.core.groups import BY_TOPIC, GROUPS, Group, searchable
from status_api.core.summaries import summary
from status_api.materializer.copying import field
from status_api.materializer.handler import parts
from tests.unit.status_api.examples import examples


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.columns[0])
def test_a_group_fills_exactly_its_columns_from_every_example(group: Group) -> None:
    for event in examples(group.topic):
        assert set(group.values(event)) == set(group.columns)
        assert set(group.rank) <= set(group.columns)


def test_every_document_topic_has_a_group_and_no_column_two() -> None:
    assert all(BY_TOPIC[topic] for topic in names.DOCUMENT_TOPICS)
    columns = [column for group in GROUPS for column in group.columns]
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("topic", names.EVENT_TOPICS)
def test_every_topic_has_a_fold_for_every_example(topic: str) -> None:
    for event in examples(topic):
        require_foldable(event)
        batch = Batch()
        batch.add(topic, event, None)
        kept = (
            batch.documents, batch.timeline, batch.logs, batch.results, batch.connections, batch.references,
            batch.settings,
        )  # fmt: skip
        assert any(kept) or (topic == names.COMMANDS and event["document"] is None)


@pytest.mark.parametrize(
    "document", ["", "invoice", "invoice/0", "invoice/x", "bill/1", "invoice/9223372036854775808"]
)
def test_an_event_about_no_possible_document_is_refused(document: str) -> None:
    with pytest.raises(UnfoldableEventError):
        require_foldable({"document": document})


@pytest.mark.parametrize("revision", [0, -1])
def test_a_revision_that_would_read_as_absent_is_refused(revision: int) -> None:
    with pytest.raises(UnfoldableEventError):
        require_foldable({"document": "invoice/1", "revision": revision})


@pytest.mark.parametrize("topic", names.EVENT_TOPICS)
def test_the_fast_json_is_the_plain_form(topic: str) -> None:
    for event in examples(topic):
        assert json.loads(plain_json(event)) == to_plain(event)
        assert from_plain(topic, json.loads(plain_json(event))) == event


def test_json_of_something_no_event_holds_is_refused() -> None:
    with pytest.raises(TypeError):
        plain_json({"x": object()})


@pytest.mark.parametrize("topic", [*names.DOCUMENT_TOPICS, names.COMMANDS, names.COMMAND_RESULTS])
def test_every_event_of_a_timeline_can_be_told(topic: str) -> None:
    for event in examples(topic):
        assert summary(topic, to_plain(event))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "\\N"),
        ("\\N", "\\\\N"),
        ("a\tb\nc\rd\\", "a\\tb\\nc\\rd\\\\"),
        ("nul\0", "nul\ufffd"),
        (True, "t"),
        (False, "f"),
        (0, "0"),
        (Decimal("-0.0100"), "-0.0100"),
        (datetime(2026, 5, 4, 10, 0, 0, 1, tzinfo=UTC), "2026-05-04T10:00:00.000001+00:00"),
    ],
)
def test_no_value_breaks_a_row_of_copy(value: object, written: str) -> None:
    assert field(value) == written


def test_search_ignores_case_beyond_ascii() -> None:
    assert searchable("GRÖSSE", "Straße") == "grösse strasse"


def record(offset: int, size: int) -> Record:
    return Record("invoice.discovered", 0, offset, None, b"x" * size, [])


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ([], []),
        ([0, 0, 5], [3]),
        ([3 << 20, 1, 3 << 20], [1, 1, 1]),
        ([1 << 20] * 5, [2, 2, 1]),
        ([0, 3 << 20], [2]),
    ],
)
def test_no_record_is_lost_or_moved_when_a_batch_is_parted(sizes: list[int], lengths: list[int]) -> None:
    records = [record(offset, size) for offset, size in enumerate(sizes)]
    found = list(parts(records))
    assert [one for part in found for one in part] == records
    assert [len(part) for part in found] == lengths


def _timeline(tellings: list[tuple[dict[str, object], str | None]]) -> object:
    batch = Batch()
    for event, trace_id in tellings:
        batch.add(names.MAPPED, event, trace_id)
    return batch.timeline


def test_the_order_of_equal_tellings_of_one_event_never_decides_what_is_kept() -> None:
    event = next(iter(examples(names.MAPPED)))
    tellings = [
        (event, "b" * 32),
        (event, "a" * 32),
        (event | {"decisions": ["other words"]}, "a" * 32),
        (event, None),
    ]
    assert (
        _timeline(tellings)
        == _timeline(tellings[::-1])
        == _timeline([tellings[2], tellings[0], tellings[3], tellings[1]])
    )


def test_a_try_said_again_later_changes_nothing_that_is_kept() -> None:
    first = next(iter(examples(names.MAPPED)))
    later = first | {"occurred_at": first["occurred_at"] + timedelta(hours=1)}
    in_order, repeated = Batch(), Batch()
    in_order.add(names.MAPPED, first, None)
    for event in (later, first, later):
        repeated.add(names.MAPPED, event, None)
    assert repeated.documents == in_order.documents
    assert repeated.timeline == in_order.timeline
