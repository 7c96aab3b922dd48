"""Which schema wrote a record is told by its first bytes, as Avro's and Confluent's specifications lay them down."""

from __future__ import annotations

import json
import struct

import pytest
from fastavro import parse_schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming, UnreadableEventError
from invoice_events.compatibility import examples
from invoice_events.names import EVENT_TOPICS, SCHEMAS
from invoice_events.plain import from_plain
from invoice_events.schemas import EventSchema, all_schemas, read_schema, schema_of

TOPIC = "invoice.held"
EVENT = from_plain(TOPIC, examples(TOPIC)["typical.json"])
EMPTY = 0xC15D213AA4D7A795


def crc_64_avro(text: bytes) -> int:
    """The fingerprint by the algorithm of the specification, bit by bit."""
    value = EMPTY
    for byte in text:
        rest = (value ^ byte) & 0xFF
        for _ in range(8):
            rest = (rest >> 1) ^ (EMPTY if rest & 1 else 0)
        value = (value >> 8) ^ rest
    return value


@pytest.mark.parametrize(
    ("schema", "published"),
    [
        ("null", 7195948357588979594),
        ("boolean", -6970731678124411036),
        ("int", 8247732601305521295),
        ("long", -3434872931120570953),
        ("float", 5583340709985441680),
        ("double", -8181574048448539266),
        ("bytes", 5746618253357095269),
        ("string", -8142146995180207161),
    ],
)
def test_no_fingerprint_differs_from_the_published_ones(schema: str, published: int) -> None:
    canonical = to_parsing_canonical_form(parse_schema(schema))

    ours = bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))

    assert ours == struct.pack("<q", published) == struct.pack("<Q", crc_64_avro(canonical.encode()))


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_no_schema_of_ours_has_another_fingerprint_than_the_specification_gives(topic: str) -> None:
    canonical = to_parsing_canonical_form(schema_of(topic).parsed)

    assert schema_of(topic).fingerprint == struct.pack("<Q", crc_64_avro(canonical.encode()))


def test_no_two_schemas_share_a_fingerprint_or_a_name() -> None:
    schemas = all_schemas().values()

    assert len({schema.fingerprint for schema in schemas}) == len(schemas)
    assert len({schema.name for schema in schemas}) == len(schemas)


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_no_published_schema_is_read_as_another_one(topic: str) -> None:
    schema = schema_of(topic)

    assert read_schema(schema.text) == EventSchema(
        schema.name, schema.text, schema.parsed, schema.fingerprint
    )


def test_no_event_lacks_its_frame() -> None:
    data = Codec(SingleObjectFraming(), NoForeignSchemas()).encode(TOPIC, EVENT)

    assert data[:10] == b"\xc3\x01" + schema_of(TOPIC).fingerprint


class Asked:
    """Knows one foreign schema by both names, and notes what it is asked for."""

    def __init__(self, schema: EventSchema) -> None:
        self.schema = schema
        self.questions: list[object] = []

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:
        self.questions.append(fingerprint)
        return self.schema if fingerprint == self.schema.fingerprint else None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        self.questions.append(registry_id)
        return self.schema if registry_id == 7 else None


def _newer() -> EventSchema:
    shape = json.loads(schema_of(TOPIC).text)
    shape["fields"].append({"name": "note", "type": "string", "default": ""})
    return read_schema(json.dumps(shape))


def test_no_schema_is_asked_for_twice_and_ours_never() -> None:
    ours = Codec(SingleObjectFraming(), NoForeignSchemas()).encode(TOPIC, EVENT)
    foreign = b"\xc3\x01" + _newer().fingerprint + ours[10:] + b"\x02x"
    framed = b"\x00\x00\x00\x00\x07" + ours[10:] + b"\x02x"
    source = Asked(_newer())
    codec = Codec(SingleObjectFraming(), source)

    read = [codec.decode(TOPIC, data) for data in (ours, foreign, foreign, framed, framed)]

    assert read == [EVENT] * 5
    assert source.questions == [_newer().fingerprint, 7]


def test_no_unknown_fingerprint_is_remembered_as_unknown() -> None:
    """It may be published the moment after."""
    source = Asked(schema_of("sync.logs"))
    codec = Codec(SingleObjectFraming(), source)
    foreign = b"\xc3\x01" + _newer().fingerprint + b"\x00" * 20
    for _ in range(2):
        with pytest.raises(UnreadableEventError, match="never published"):
            codec.decode(TOPIC, foreign)

    assert len(source.questions) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"\xc3", "begins with c3"),
        (b"\xc3\x01\x00\x00", "begins with c301"),
        (b"\x00\x00\x00", "begins with 0000"),
        (b"{}", "begins with 7b7d"),
        (b"\xc3\x02" + b"\x00" * 20, "begins with c302"),
        (b"\x00\x00\x00\x00\x09" + b"\x00" * 20, "registry knows no schema 9"),
        (b"\xc3\x01" + b"\x01" * 8 + b"\x00" * 20, "never published"),
    ],
)
def test_no_broken_frame_is_guessed_at(data: bytes | None, words: str) -> None:
    with pytest.raises(UnreadableEventError, match=words):
        Codec(SingleObjectFraming(), Asked(_newer())).decode(TOPIC, data)


def test_no_event_written_with_the_schema_of_another_topic_is_read() -> None:
    other = schema_of("invoice.skipped")
    data = b"\xc3\x01" + other.fingerprint + b"\x00" * 30

    with pytest.raises(UnreadableEventError, match="carries"):
        Codec(SingleObjectFraming(), Asked(other)).decode(TOPIC, data)


@pytest.mark.parametrize("topic", [SCHEMAS, "invoice.unheard-of"])
def test_no_topic_without_events_gets_a_schema(topic: str) -> None:
    with pytest.raises(KeyError, match="carries no Avro events"):
        schema_of(topic)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"string"',
        "null",
        "5",
        "{}",
        '{"type":"record"}',
        '{"type":"x"}',
        '["null","string"]',
        '{"type":"enum","name":"e","symbols":["a"]}',
        '{"type":"fixed","name":"a","size":1}',
        '{"type":"record","name":"a","fields":5}',
        '{"type":"record","name":"a","fields":[{"name":"x","type":"y"}]}',
    ],
)
def test_no_text_that_is_no_record_schema_is_taken_for_one(text: str) -> None:
    with pytest.raises(Exception, match=r".*") as caught:
        read_schema(text)

    assert type(caught.value).__name__ in {
        "JSONDecodeError",
        "SchemaParseException",
        "UnknownType",
        "ValueError",
        "TypeError",
        "KeyError",
        "AttributeError",
    }
