"""Every example payload beside the schemas is one that both framings carry, unchanged."""

from __future__ import annotations

import struct

import pytest

from invoice_events.codec import (
    CONFLUENT_MAGIC,
    SINGLE_OBJECT_MAGIC,
    Codec,
    Framing,
    NoForeignSchemas,
    SingleObjectFraming,
)
from invoice_events.compatibility import examples
from invoice_events.names import DOCUMENT_TOPICS, EVENT_TOPICS
from invoice_events.plain import from_plain, to_plain
from invoice_events.schemas import EventSchema, all_schemas

ALL = [(topic, name) for topic in EVENT_TOPICS for name in examples(topic)]


class FakeRegistry:
    """A registry in memory: ids in the order of the topics."""

    def __init__(self) -> None:
        self._ids = {schema.fingerprint: number for number, schema in enumerate(all_schemas().values(), 7)}

    def prefix(self, topic: str, schema: EventSchema) -> bytes:  # noqa: ARG002  # by protocol
        return CONFLUENT_MAGIC + struct.pack(">I", self._ids[schema.fingerprint])

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:  # noqa: ARG002  # by protocol
        return None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        return {self._ids[schema.fingerprint]: schema for schema in all_schemas().values()}.get(registry_id)


@pytest.mark.parametrize(
    "framing", [SingleObjectFraming(), FakeRegistry()], ids=["single-object", "registry"]
)
@pytest.mark.parametrize(("topic", "name"), ALL)
def test_no_example_changes_on_its_way(topic: str, name: str, framing: Framing) -> None:
    event = from_plain(topic, examples(topic)[name])

    data = Codec(framing, NoForeignSchemas()).encode(topic, event)

    assert data.startswith((SINGLE_OBJECT_MAGIC, CONFLUENT_MAGIC))
    reader = Codec(SingleObjectFraming(), FakeRegistry())  # one reader for both framings
    assert reader.decode(topic, data) == event


@pytest.mark.parametrize(("topic", "name"), ALL)
def test_no_example_is_lost_in_its_plain_form(topic: str, name: str) -> None:
    plain = examples(topic)[name]

    event = from_plain(topic, plain)

    assert from_plain(topic, to_plain(event)) == event
    assert _same_up_to_defaults(plain, to_plain(event))


def _same_up_to_defaults(plain: object, written: object) -> bool:
    """Whether everything the example says stands in what was written; the rest are defaults that it left out."""
    if isinstance(plain, dict) and isinstance(written, dict):
        return all(_same_up_to_defaults(item, written[key]) for key, item in plain.items())
    if isinstance(plain, list) and isinstance(written, list):
        return len(plain) == len(written) and all(map(_same_up_to_defaults, plain, written))
    return plain == written


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_no_topic_is_without_a_typical_and_a_smaller_or_larger_example(topic: str) -> None:
    assert "typical.json" in examples(topic)
    assert len(examples(topic)) >= 2


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_no_example_has_fields_left_that_no_example_of_its_topic_fills(topic: str) -> None:
    """A field that is null or empty everywhere would be carried by no test."""
    filled: set[str] = set()
    for payload in examples(topic).values():
        filled |= {key for key, value in from_plain(topic, payload).items() if value not in (None, [], {})}

    assert filled == {field["name"] for field in all_schemas()[topic].parsed["fields"]}


@pytest.mark.parametrize("topic", DOCUMENT_TOPICS)
def test_no_document_event_lacks_what_every_document_event_carries(topic: str) -> None:
    names = [field["name"] for field in all_schemas()[topic].parsed["fields"]]

    assert names[:8] == [
        "event_id",
        "tenant_id",
        "document",
        "revision",
        "occurred_at",
        "attempt",
        "command_id",
        "xero_document_id",
    ]
