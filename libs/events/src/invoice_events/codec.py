"""Events to bytes and back, in both framings.

Which framing is written is the caller's choice; both are read by the same function, told apart by their first bytes:
`0x00` and a 4-byte schema id (Confluent's wire format), or `0xC3 0x01` and an 8-byte fingerprint (Avro's single-object
encoding). Where the schemas of unknown writers come from is behind `WriterSchemas`.
"""

from __future__ import annotations

import io
import struct
from typing import Any, Protocol, cast

from fastavro import schemaless_reader, schemaless_writer

from invoice_events.representable import Check, UnfitError, compile_check, trimmed
from invoice_events.schemas import EventSchema, schema_of

Event = dict[str, Any]
CONFLUENT_MAGIC = b"\x00"
SINGLE_OBJECT_MAGIC = b"\xc3\x01"
_CONFLUENT_PREFIX = 5
_SINGLE_OBJECT_PREFIX = 10


class UnreadableEventError(ValueError):
    """Bytes that can not be decoded: poison for whoever received them."""


class UnrepresentableEventError(ValueError):
    """An event that its schema can not carry, such as an amount with too many digits. Nothing is rounded on the way."""


class WriterSchemas(Protocol):
    """Where schemas of other writers are found: the topic `sync.schemas` or a registry."""

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:
        """The schema with this fingerprint, or None if nobody ever published it."""

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        """The schema with this registry id, or None if the registry does not know it."""


class Framing(Protocol):
    """What is put before the Avro bytes."""

    def prefix(self, topic: str, schema: EventSchema) -> bytes:
        """Prefix of an event written with `schema` to `topic`."""


class SingleObjectFraming:
    """Avro's single-object encoding: needs nothing but Kafka."""

    def prefix(self, topic: str, schema: EventSchema) -> bytes:  # noqa: ARG002  # the fingerprint says it all; the topic is part of the protocol
        """`C3 01` and the fingerprint."""
        return SINGLE_OBJECT_MAGIC + schema.fingerprint


class NoForeignSchemas:
    """For tools that only read what this release wrote."""

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:  # noqa: ARG002  # by protocol
        """Nothing is known beyond this release."""
        return None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:  # noqa: ARG002  # by protocol
        """Nothing is known beyond this release."""
        return None


class Codec:
    """Encodes with this release's schemas, decodes what any release wrote.

    Not tied to a connection: the framing and the source of foreign schemas are given. Safe for several threads as long
    as those two are.
    """

    def __init__(self, framing: Framing, writers: WriterSchemas) -> None:
        self._framing = framing
        self._writers = writers
        self._prefixes: dict[str, bytes] = {}
        self._checks: dict[str, Check] = {}
        self._by_fingerprint: dict[bytes, EventSchema] = {}
        self._by_registry_id: dict[int, EventSchema] = {}

    def encode(self, topic: str, event: Event) -> bytes:
        """Bytes of an event for a topic.

        Raises:
            UnrepresentableEventError: a field is missing, unknown, of the wrong type, or has more digits than the schema
                carries. The message names the field, never its value.
        """
        schema = schema_of(topic)
        prefix = self._prefixes.get(topic)
        if prefix is None:
            self._checks[topic] = compile_check(schema.parsed)
            prefix = self._prefixes[topic] = self._framing.prefix(topic, schema)
        try:
            self._checks[topic](event)
            try:
                return _written(prefix, schema, event)
            except ValueError:  # a decimal with more digits than the scale: carried if they are zeros
                return _written(prefix, schema, trimmed(schema.parsed, event))
        except UnfitError as error:
            message = f"{topic} can not carry this event: {error}"
            raise UnrepresentableEventError(message) from error
        except (ValueError, TypeError, OverflowError) as error:
            message = f"{topic} can not carry this event: {type(error).__name__}"
            raise UnrepresentableEventError(
                message
            ) from None  # the cause's text may repeat a customer's name

    def decode(self, topic: str, data: bytes | None) -> Event:
        """The event in a topic's record, in the shape this release knows.

        Raises:
            UnreadableEventError: no framing, unknown schema, another topic's record, truncated or left-over bytes.
        """
        if not data:
            message = f"{topic}: the record is empty"
            raise UnreadableEventError(message)
        ours = schema_of(topic)
        writer, offset = self._writer_of(topic, data)
        if writer.name != ours.name:
            message = f"{topic} carries {ours.name}, this record is a {writer.name}"
            raise UnreadableEventError(message)
        reader = None if writer.fingerprint == ours.fingerprint else ours.parsed
        buffer = io.BytesIO(data)
        buffer.seek(offset)
        try:
            event = schemaless_reader(buffer, writer.parsed, reader)
        except Exception as error:  # fastavro raises whatever its C code met; all of it means one thing here
            message = f"{topic}: the bytes do not fit {writer.name}: {type(error).__name__}: {error}"
            raise UnreadableEventError(message) from error
        if buffer.tell() != len(data):
            message = f"{topic}: {len(data) - buffer.tell()} bytes are left over after {writer.name}"
            raise UnreadableEventError(message)
        return cast("Event", event)

    def _writer_of(self, topic: str, data: bytes) -> tuple[EventSchema, int]:
        """Schema the record was written with, and where its Avro bytes begin."""
        if data[:2] == SINGLE_OBJECT_MAGIC and len(data) >= _SINGLE_OBJECT_PREFIX:
            return self._by_fingerprint_of(topic, data[2:_SINGLE_OBJECT_PREFIX]), _SINGLE_OBJECT_PREFIX
        if data[:1] == CONFLUENT_MAGIC and len(data) >= _CONFLUENT_PREFIX:
            (registry_id,) = struct.unpack(">I", data[1:_CONFLUENT_PREFIX])
            return self._by_registry_id_of(topic, registry_id), _CONFLUENT_PREFIX
        message = (
            f"{topic}: the record begins with {data[:2].hex()}, wanted c301 (single object) or 00 (registry)"
        )
        raise UnreadableEventError(message)

    def _by_fingerprint_of(self, topic: str, fingerprint: bytes) -> EventSchema:
        ours = schema_of(topic)
        if fingerprint == ours.fingerprint:
            return ours
        known = self._by_fingerprint.get(fingerprint) or self._writers.by_fingerprint(fingerprint)
        if known is None:
            message = f"{topic}: schema {fingerprint.hex()} was never published to sync.schemas"
            raise UnreadableEventError(message)
        self._by_fingerprint[fingerprint] = known
        return known

    def _by_registry_id_of(self, topic: str, registry_id: int) -> EventSchema:
        known = self._by_registry_id.get(registry_id) or self._writers.by_registry_id(registry_id)
        if known is None:
            message = f"{topic}: the schema registry knows no schema {registry_id}"
            raise UnreadableEventError(message)
        self._by_registry_id[registry_id] = known
        return known


def _written(prefix: bytes, schema: EventSchema, event: Event) -> bytes:
    buffer = io.BytesIO()
    buffer.write(prefix)
    schemaless_writer(buffer, schema.parsed, event)
    return buffer.getvalue()
