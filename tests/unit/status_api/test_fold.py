from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoice_events import names
from invoice_events.plain import from_plain, to_plain
from status_api.core.fold import Batch, UnfoldableEventError, plain_json, require_foldable
from status_api.core.group_values import searchable, source
from status_api.core.groups import BY_TOPIC, GROUPS, Group
from status_api.materializer.copying import field
from tests.unit.status_api.examples import examples


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.columns[0])
def test_a_group_fills_exactly_its_columns_from_every_example_of_either_kind(group: Group) -> None:
    for kind in names.KINDS:
        for event in examples(f"{kind}.{group.stage}"):
            values = group.values(event)
            assert values is not None
            assert set(values) == set(group.columns)
            assert set(group.rank) <= set(group.columns)


def test_every_document_topic_has_a_group_and_no_column_two() -> None:
    assert all(BY_TOPIC[topic] for topic in names.DOCUMENT_TOPICS)
    assert {group.stage for group in GROUPS} == {names.stage_of(topic) for topic in names.DOCUMENT_TOPICS}
    columns = [column for group in GROUPS for column in group.columns]
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("topic", names.EVENT_TOPICS)
def test_every_topic_has_a_fold_for_every_example(topic: str) -> None:
    for event in examples(topic):
        require_foldable(topic, event)
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
        require_foldable(names.SYNCED, {"document": document})


@pytest.mark.parametrize("topic", names.DOCUMENT_TOPICS)
def test_an_event_in_the_other_kinds_topic_is_refused(topic: str) -> None:
    other = "purchase-order/7" if topic in names.INVOICE_TOPICS else "invoice/7"
    with pytest.raises(UnfoldableEventError, match=other):
        require_foldable(topic, {"document": other, "revision": 1})


@pytest.mark.parametrize("topic", [names.COMMANDS, names.COMMAND_RESULTS, names.LOGS])
@pytest.mark.parametrize("document", ["invoice/7", "purchase-order/7"])
def test_what_is_told_beside_documents_may_be_about_either_kind(topic: str, document: str) -> None:
    require_foldable(topic, {"document": document})


@pytest.mark.parametrize("revision", [0, -1])
def test_a_revision_that_would_read_as_absent_is_refused(revision: int) -> None:
    with pytest.raises(UnfoldableEventError):
        require_foldable(names.SYNCED, {"document": "invoice/1", "revision": revision})


@pytest.mark.parametrize("topic", names.EVENT_TOPICS)
def test_the_fast_json_is_the_plain_form(topic: str) -> None:
    for event in examples(topic):
        assert json.loads(plain_json(event)) == to_plain(event)
        assert from_plain(topic, json.loads(plain_json(event))) == event


def test_json_of_something_no_event_holds_is_refused() -> None:
    with pytest.raises(TypeError):
        plain_json({"x": object()})


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


def _timeline(topic: str, tellings: list[tuple[dict[str, object], str | None]]) -> object:
    batch = Batch()
    for event, trace_id in tellings:
        batch.add(topic, event, trace_id)
    return batch.timeline


@pytest.mark.parametrize("topic", [names.MAPPED, names.ORDER_MAPPED])
def test_the_order_of_equal_tellings_of_one_event_never_decides_what_is_kept(topic: str) -> None:
    event = next(iter(examples(topic)))
    tellings = [
        (event, "b" * 32),
        (event, "a" * 32),
        (event | {"decisions": ["other words"]}, "a" * 32),
        (event, None),
    ]
    assert (
        _timeline(topic, tellings)
        == _timeline(topic, tellings[::-1])
        == _timeline(topic, [tellings[2], tellings[0], tellings[3], tellings[1]])
    )


@pytest.mark.parametrize("topic", [names.MAPPED, names.ORDER_MAPPED])
def test_a_try_said_again_later_changes_nothing_that_is_kept(topic: str) -> None:
    first = next(iter(examples(topic)))
    later = first | {"occurred_at": first["occurred_at"] + timedelta(hours=1)}
    in_order, repeated = Batch(), Batch()
    in_order.add(topic, first, None)
    for event in (later, first, later):
        repeated.add(topic, event, None)
    assert repeated.documents == in_order.documents
    assert repeated.timeline == in_order.timeline


def _order(**more: object) -> dict[str, Any]:
    event = next(event for event in examples(names.ORDER_DISCOVERED) if event["purpose"] == "sync")
    return event | {"order": event["order"] | more}


def test_an_order_with_the_id_of_an_invoice_gets_a_row_of_its_own() -> None:
    batch = Batch()
    for topic, kind in ((names.DISCOVERED, "invoice"), (names.ORDER_DISCOVERED, "purchase-order")):
        for event in examples(topic):
            batch.add(topic, event | {"tenant_id": "acme", "document": f"{kind}/7", "purpose": "sync"}, None)
    assert set(batch.documents) == {("acme", "invoice", 7), ("acme", "purchase-order", 7)}


@pytest.mark.parametrize(
    ("more", "cancelled"),
    [
        ({"cancelled_at": None, "status": 2}, False),
        ({"cancelled_at": None, "status": 5}, True),
        ({"cancelled_at": datetime(2026, 5, 4, tzinfo=UTC), "status": 2}, True),
    ],
)
def test_a_cancelled_order_is_known_by_its_status_or_its_time(
    more: dict[str, object], *, cancelled: bool
) -> None:
    assert source(_order(**more))["source_is_voided"] is cancelled


@pytest.mark.parametrize("words", ["PO-0031", "EXT-5", "VI-9001"])
def test_an_order_is_found_by_each_of_its_numbers_and_its_vendor(words: str) -> None:
    event = _order(number="PO-0031", external_number="EXT-5", vendor_invoice_number="VI-9001")
    found = source(event)["source_search"]
    assert searchable(words) in found
    assert searchable(event["vendor"]["name"]) in found
