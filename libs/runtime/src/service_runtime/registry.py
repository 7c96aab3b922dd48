"""Confluent's framing: schema ids from a registry."""

from __future__ import annotations

import struct

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from invoice_events.codec import CONFLUENT_MAGIC
from invoice_events.schemas import EventSchema, read_schema

_TIMEOUT_SECONDS = 5  # without one a request can wait for ever
_NOT_FOUND = 404


class SchemaRegistry:
    """Framing and source of foreign schemas in one: registers what this release writes, reads what others wrote.

    Subjects are named `{topic}-value`.
    """

    def __init__(self, url: str) -> None:
        self._client = SchemaRegistryClient({"url": url, "timeout": _TIMEOUT_SECONDS})

    def prefix(self, topic: str, schema: EventSchema) -> bytes:
        """`00` and the id of the schema, registered if it was not.

        Raises:
            SchemaRegistryError: the registry refuses the schema (not compatible) or does not answer.
        """
        registry_id = self._client.register_schema(f"{topic}-value", Schema(schema.text, "AVRO"))
        return CONFLUENT_MAGIC + struct.pack(">I", registry_id)

    def by_fingerprint(self, fingerprint: bytes) -> EventSchema | None:  # noqa: ARG002  # by protocol
        """A registry knows ids, not fingerprints."""
        return None

    def by_registry_id(self, registry_id: int) -> EventSchema | None:
        """The schema with this id, or None if the registry does not know it.

        Raises:
            SchemaRegistryError: the registry does not answer; that is no answer, the caller tries again.
        """
        try:
            found = self._client.get_schema(registry_id)
        except SchemaRegistryError as error:
            if error.http_status_code == _NOT_FOUND:
                return None
            raise
        return read_schema(str(found.schema_str))
