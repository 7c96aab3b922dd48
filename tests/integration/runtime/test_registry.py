"""Confluent's framing against a real schema registry."""

from __future__ import annotations

import io
import json
import struct
import uuid
from typing import Any

import pytest
import requests
from confluent_kafka import Producer
from fastavro import schemaless_writer

from invoice_events import names
from invoice_events.codec import Codec, UnreadableEventError
from invoice_events.compatibility import examples
from invoice_events.plain import from_plain
from invoice_events.schemas import EventSchema, all_schemas, read_schema, schema_of
from service_runtime.codecs import BothSources, make_codec
from service_runtime.config import Environment
from service_runtime.intake import TransientError
from service_runtime.registry import SchemaRegistry, SchemaRegistryError
from service_runtime.schema_topic import SchemaTopic

pytestmark = [pytest.mark.registry, pytest.mark.stack, pytest.mark.usefixtures("kafka_topics")]


def _event() -> dict[str, Any]:
    return from_plain(names.HELD, examples(names.HELD)["typical.json"])


def _next_release() -> EventSchema:
    shape = json.loads(schema_of(names.HELD).text)
    shape["fields"].append({"name": f"note_{uuid.uuid4().hex}", "type": "string", "default": ""})
    return read_schema(json.dumps(shape))


def _codec(url: str, options: dict[str, str], producer: Producer) -> Codec:
    return make_codec(Environment({"SCHEMA_REGISTRY_URL": url}), options, producer)


@pytest.mark.parametrize("topic", names.EVENT_TOPICS)
def test_no_event_changes_in_the_registrys_framing(
    topic: str, schema_registry: str, options: dict[str, str], producer: Producer
) -> None:
    event = from_plain(topic, examples(topic)["typical.json"])

    data = _codec(schema_registry, options, producer).encode(topic, event)

    assert data[0] == 0
    (registry_id,) = struct.unpack(">I", data[1:5])
    stored = requests.get(f"{schema_registry}/schemas/ids/{registry_id}", timeout=10).json()["schema"]
    assert read_schema(stored).fingerprint == schema_of(topic).fingerprint
    assert _codec(schema_registry, options, producer).decode(topic, data) == event


def test_no_schema_of_this_release_is_unregistered_after_the_start(
    schema_registry: str, options: dict[str, str], producer: Producer
) -> None:
    _codec(schema_registry, options, producer)

    subjects = requests.get(f"{schema_registry}/subjects", timeout=10).json()

    assert {f"{topic}-value" for topic in all_schemas()} <= set(subjects)


def test_no_event_of_the_next_release_is_poison(
    schema_registry: str, options: dict[str, str], producer: Producer
) -> None:
    schema = _next_release()
    buffer = io.BytesIO()
    buffer.write(SchemaRegistry(schema_registry).prefix(names.HELD, schema))
    schemaless_writer(buffer, schema.parsed, _event())

    assert _codec(schema_registry, options, producer).decode(names.HELD, buffer.getvalue()) == _event()


def test_no_event_of_the_other_framing_is_poison_while_a_suite_moves_to_a_registry(
    schema_registry: str, options: dict[str, str], producer: Producer
) -> None:
    before = make_codec(Environment({}), options, producer).encode(names.HELD, _event())

    assert _codec(schema_registry, options, producer).decode(names.HELD, before) == _event()


def test_no_unknown_id_is_taken_for_trouble(
    schema_registry: str, options: dict[str, str], producer: Producer
) -> None:
    codec = _codec(schema_registry, options, producer)

    with pytest.raises(UnreadableEventError, match="knows no schema 2147483000"):
        codec.decode(names.HELD, b"\x00" + struct.pack(">I", 2147483000) + b"\x00" * 20)


def test_no_foreign_schema_that_is_no_record_is_taken_for_an_event(schema_registry: str) -> None:
    answer = requests.post(
        f"{schema_registry}/subjects/somebody-elses-{uuid.uuid4().hex}/versions",
        json={"schema": '"string"', "schemaType": "AVRO"},
        timeout=10,
    ).json()

    assert SchemaRegistry(schema_registry).by_registry_id(answer["id"]) is None


def test_no_incompatible_schema_gets_into_a_registry_that_guards(schema_registry: str) -> None:
    subject = f"test.{uuid.uuid4().hex}"
    registry = SchemaRegistry(schema_registry)
    registry.prefix(subject, schema_of(names.HELD))
    requests.put(
        f"{schema_registry}/config/{subject}-value", json={"compatibility": "FULL"}, timeout=10
    ).raise_for_status()
    shape = json.loads(schema_of(names.HELD).text)
    shape["fields"].append({"name": "note", "type": "string"})

    with pytest.raises(SchemaRegistryError, match="409"):
        registry.prefix(subject, read_schema(json.dumps(shape)))


def test_no_registry_that_is_away_makes_events_poison_or_shows_its_password(options: dict[str, str]) -> None:
    """A batch that meets it is tried again."""
    registry = SchemaRegistry("http://user:hidden@127.0.0.1:1")
    codec = Codec(registry, BothSources(SchemaTopic(options), registry))

    with pytest.raises(TransientError) as caught:
        codec.decode(names.HELD, b"\x00\x00\x00\x00\x01" + b"\x00" * 20)

    assert "hidden" not in str(caught.value)
    assert caught.value.__suppress_context__
