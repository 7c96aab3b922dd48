"""A rolling upgrade on a real broker: what a newer release writes is read, and no trouble is taken for "unknown"."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
from confluent_kafka import KafkaException, Producer
from fastavro import schemaless_writer

from invoice_events import names
from invoice_events.codec import Codec, SingleObjectFraming, UnreadableEventError
from invoice_events.compatibility import examples
from invoice_events.plain import from_plain
from invoice_events.schemas import EventSchema, all_schemas, read_schema, schema_of
from local_stack.kafka import EmbeddedKafka
from service_runtime.codecs import make_codec
from service_runtime.config import Environment
from service_runtime.outbox import produce_all
from service_runtime.schema_topic import SchemaTopic, publish_schemas
from tests.support.topics import Topics

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("kafka_topics")]


def _event() -> dict[str, Any]:
    return from_plain(names.HELD, examples(names.HELD)["typical.json"])


def _next_release() -> EventSchema:
    """This release's schema with a field that no other test's has."""
    shape = json.loads(schema_of(names.HELD).text)
    shape["fields"].insert(
        2, {"name": f"note_{uuid.uuid4().hex}", "type": ["null", "string"], "default": None}
    )
    return read_schema(json.dumps(shape))


def _written(schema: EventSchema) -> bytes:
    buffer = io.BytesIO()
    added = schema.parsed["fields"][2]["name"]
    schemaless_writer(buffer, schema.parsed, _event() | {added: "only the next release knows this"})
    return b"\xc3\x01" + schema.fingerprint + buffer.getvalue()


def _publish(producer: Producer, schema: EventSchema) -> None:
    produce_all(producer, [(names.SCHEMAS, schema.fingerprint_hex.encode(), [], schema.text.encode())])


@pytest.fixture
def codec(options: dict[str, str]) -> Codec:
    return Codec(SingleObjectFraming(), SchemaTopic(options))


def test_no_event_of_the_next_release_is_poison(codec: Codec, producer: Producer) -> None:
    schema = _next_release()
    _publish(producer, schema)

    assert codec.decode(names.HELD, _written(schema)) == _event()


def test_no_schema_that_is_published_later_stays_unknown(codec: Codec, producer: Producer) -> None:
    """Neither the lookup nor the codec remembers that something was unknown a moment ago."""
    schema = _next_release()
    with pytest.raises(UnreadableEventError, match=f"{schema.fingerprint_hex} was never published"):
        codec.decode(names.HELD, _written(schema))

    _publish(producer, schema)

    assert codec.decode(names.HELD, _written(schema)) == _event()


def test_no_junk_among_the_schemas_hides_the_others(codec: Codec, producer: Producer) -> None:
    schema = _next_release()
    junk = [
        b"",
        b"\xff",
        b"no json",
        b"null",
        b"5",
        b"[]",
        b'"string"',
        b'{"type": "x"}',
        b'{"type": "record"}',
    ]
    produce_all(producer, [(names.SCHEMAS, b"junk", [], text) for text in junk])
    produce_all(producer, [(names.SCHEMAS, b"removed", [], None)])
    _publish(producer, schema)
    produce_all(producer, [(names.SCHEMAS, b"junk", [], text) for text in junk])

    assert codec.decode(names.HELD, _written(schema)) == _event()


def test_no_producer_writes_before_its_schemas_are_there(
    options: dict[str, str], producer: Producer, kafka: str
) -> None:
    written = make_codec(Environment({}), options, producer).encode(names.HELD, _event())

    published = {message.key().decode(): message.value() for message in Topics(kafka).raw(names.SCHEMAS)}

    assert written[2:10].hex() in published
    for schema in all_schemas().values():
        assert read_schema(published[schema.fingerprint_hex].decode()) == schema
    source = SchemaTopic(options)
    assert source.by_fingerprint(schema_of(names.HELD).fingerprint) == schema_of(names.HELD)
    assert source.by_registry_id(7) is None


def test_no_topic_that_is_missing_makes_events_poison(own_kafka: EmbeddedKafka) -> None:
    """That nobody can say is no answer: the event must be tried again, not put away."""
    with pytest.raises(KafkaException):
        SchemaTopic({"bootstrap.servers": own_kafka.bootstrap}).by_fingerprint(b"\x01" * 8)


def test_no_broker_that_is_away_makes_events_poison(own_kafka: EmbeddedKafka) -> None:
    topics = Topics(own_kafka.bootstrap)
    own_kafka.kill()

    with pytest.raises(KafkaException):
        topics.codec.decode(names.HELD, _written(_next_release()))


def test_no_release_starts_that_could_not_publish_its_schemas() -> None:
    nowhere = Producer({"bootstrap.servers": "127.0.0.1:1", "delivery.timeout.ms": 500, "log_level": 0})

    with pytest.raises(KafkaException):
        publish_schemas(nowhere)
