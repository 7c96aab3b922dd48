"""This release reads every released version and the other way round, and the check would notice if it did not."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastavro import schemaless_writer

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.compatibility import (
    check,
    differences,
    examples,
    incompatibilities,
    misreadings,
    released_versions,
)
from invoice_events.plain import from_plain
from invoice_events.schemas import EventSchema, read_schema, schema_of

TOPIC = "invoice.synced"
Shape = dict[str, Any]


def _fields(shape: Shape) -> dict[str, Shape]:
    return {field["name"]: field for field in shape["fields"]}


def _remove_without_default(shape: Shape) -> None:
    shape["fields"].remove(_fields(shape)["currency"])


def _add_without_default(shape: Shape) -> None:
    shape["fields"].append({"name": "branch", "type": "string"})


def _change_type(shape: Shape) -> None:
    _fields(shape)["attempt"]["type"] = "string"


def _widen_type(shape: Shape) -> None:
    _fields(shape)["attempt"]["type"] = "long"


def _make_nullable(shape: Shape) -> None:
    _fields(shape)["currency"]["type"] = ["null", "string"]


def _make_required(shape: Shape) -> None:
    field = _fields(shape)["command_id"]
    field["type"] = "string"
    del field["default"]


def _change_scale(shape: Shape) -> None:
    _fields(shape)["total"]["type"]["scale"] = 2


def _change_precision(shape: Shape) -> None:
    _fields(shape)["total"]["type"]["precision"] = 28


def _drop_logical_type(shape: Shape) -> None:
    _fields(shape)["occurred_at"]["type"] = "long"


def _change_time_unit(shape: Shape) -> None:
    _fields(shape)["occurred_at"]["type"]["logicalType"] = "timestamp-millis"


def _change_logical_type_inside_a_union(shape: Shape) -> None:
    _fields(shape)["due_date"]["type"][1]["logicalType"] = "time-millis"


def _add_symbol(shape: Shape) -> None:
    _fields(shape)["xero_kind"]["type"]["symbols"].append("quote")


def _remove_symbol(shape: Shape) -> None:
    _fields(shape)["xero_kind"]["type"]["symbols"].remove("invoice")


def _rename_record(shape: Shape) -> None:
    shape["name"] = "InvoiceWritten"


def _rename_enum(shape: Shape) -> None:
    _fields(shape)["xero_kind"]["type"]["name"] = "XeroSort"


def _change_namespace(shape: Shape) -> None:
    shape["namespace"] = "elsewhere"


def _rename_field(shape: Shape) -> None:
    _fields(shape)["currency"]["name"] = "currency_code"


def _change_items(shape: Shape) -> None:
    _fields(shape)["warnings"]["type"]["items"] = "bytes"


def _change_default(shape: Shape) -> None:
    field = _fields(shape)["command_id"]
    field["type"] = ["string", "null"]
    field["default"] = "none"


def _wrong_default(shape: Shape) -> None:
    shape["fields"].append({"name": "branch", "type": ["null", "string"], "default": "main"})


BREAKING = [
    _remove_without_default,
    _add_without_default,
    _change_type,
    _widen_type,
    _make_nullable,
    _make_required,
    _change_scale,
    _change_precision,
    _drop_logical_type,
    _change_time_unit,
    _change_logical_type_inside_a_union,
    _add_symbol,
    _remove_symbol,
    _rename_record,
    _rename_enum,
    _change_namespace,
    _rename_field,
    _change_items,
    _change_default,
    _wrong_default,
]


def _add_with_default(shape: Shape) -> None:
    shape["fields"].insert(3, {"name": "branch", "type": ["null", "string"], "default": None})


def _remove_with_default(shape: Shape) -> None:
    shape["fields"].remove(_fields(shape)["due_date"])


def _change_doc(shape: Shape) -> None:
    shape["doc"] = "other words"


def _reorder(shape: Shape) -> None:
    shape["fields"].reverse()


def _add_record_with_default(shape: Shape) -> None:
    record = {"type": "record", "name": "Extra", "fields": [{"name": "note", "type": "string"}]}
    shape["fields"].append({"name": "extras", "type": {"type": "array", "items": record}, "default": []})


HARMLESS = [_add_with_default, _remove_with_default, _change_doc, _reorder, _add_record_with_default]


def _changed(change: Callable[[Shape], None]) -> Shape:
    shape = json.loads(schema_of(TOPIC).text)
    change(shape)
    return copy.deepcopy(shape)


def _events() -> list[dict[str, Any]]:
    return [from_plain(TOPIC, payload) for payload in examples(TOPIC).values()]


def test_no_schema_of_this_release_breaks_with_a_released_version() -> None:
    assert check() == []


@pytest.mark.parametrize("change", BREAKING)
def test_no_breaking_change_gets_past_the_check(change: Callable[[Shape], None]) -> None:
    planted = read_schema(json.dumps(_changed(change)))
    released = {1: schema_of(TOPIC)}

    assert incompatibilities(TOPIC, planted, released, _events()) != []


@pytest.mark.parametrize("change", BREAKING)
def test_no_breaking_change_gets_past_the_rules_in_either_direction(change: Callable[[Shape], None]) -> None:
    ours, planted = json.loads(schema_of(TOPIC).text), _changed(change)

    assert differences(ours, planted) != []
    assert differences(planted, ours) != []


@pytest.mark.parametrize("change", HARMLESS)
def test_no_compatible_change_is_refused(change: Callable[[Shape], None]) -> None:
    planted = read_schema(json.dumps(_changed(change)))

    assert incompatibilities(TOPIC, planted, {1: schema_of(TOPIC)}, _events()) == []


@pytest.mark.parametrize(
    "change", [_remove_without_default, _add_without_default, _change_type, _widen_type, _remove_symbol]
)
def test_no_unreadable_change_gets_past_really_reading_the_examples(change: Callable[[Shape], None]) -> None:
    """The second look is independent of the rules; it must find these by itself."""
    planted = read_schema(json.dumps(_changed(change)))
    ours = schema_of(TOPIC)

    assert [
        problem
        for event in _events()
        for problem in misreadings(planted, ours, event | {"branch": "x"}) + misreadings(ours, planted, event)
    ]


def test_a_changed_scale_is_refused_although_no_fingerprint_sees_it() -> None:
    planted = read_schema(json.dumps(_changed(_change_scale)))

    assert planted.fingerprint == schema_of(TOPIC).fingerprint
    assert incompatibilities(TOPIC, planted, {1: schema_of(TOPIC)}, []) != []


def test_no_change_of_a_nested_record_goes_unseen() -> None:
    shape = json.loads(schema_of("invoice.mapped").text)
    line = _fields(_fields(shape)["xero"]["type"][1])["lines"]["type"]["items"]
    _fields(line)["quantity"]["type"][1]["scale"] = 4

    problems = differences(json.loads(schema_of("invoice.mapped").text), shape)

    assert problems == ["xero.lines[].quantity: scale 8 became 4"]


def test_no_topic_goes_without_a_released_version() -> None:
    assert incompatibilities(TOPIC, schema_of(TOPIC), {}, []) != []


def test_no_released_version_is_missing_in_between() -> None:
    assert incompatibilities(TOPIC, schema_of(TOPIC), {1: schema_of(TOPIC), 3: schema_of(TOPIC)}, []) != []


def test_no_stray_file_is_taken_for_a_released_version(tmp_path: Path) -> None:
    (tmp_path / "invoice.synced.avsc").write_text(schema_of(TOPIC).text, "utf-8")

    with pytest.raises(ValueError, match="wanted"):
        released_versions(tmp_path)


class _Published:
    def __init__(self, schema: EventSchema) -> None:
        self._schema = schema

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:
        return self._schema if fingerprint == self._schema.fingerprint else None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:  # noqa: ARG002  # by protocol
        return None


@pytest.mark.parametrize("change", [_add_with_default, _remove_with_default, _add_record_with_default])
def test_no_event_of_a_compatible_newer_release_is_unreadable(change: Callable[[Shape], None]) -> None:
    newer = read_schema(json.dumps(_changed(change)))
    event = _events()[0]
    buffer = io.BytesIO()
    schemaless_writer(buffer, newer.parsed, event)
    data = b"\xc3\x01" + newer.fingerprint + buffer.getvalue()

    read = Codec(SingleObjectFraming(), _Published(newer)).decode(TOPIC, data)

    assert read == event | ({"due_date": None} if change is _remove_with_default else {})
    with pytest.raises(ValueError, match="never published"):
        Codec(SingleObjectFraming(), NoForeignSchemas()).decode(TOPIC, data)
