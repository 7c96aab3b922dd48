"""The schemas of this release, parsed once, with their fingerprints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from fastavro import parse_schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

from invoice_events.names import EVENT_TOPICS

type_of_json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventSchema:
    """One Avro schema.

    Attributes:
        name: full name of the record, `invoicesync.InvoiceDiscovered`.
        text: the schema as JSON text, as it is published.
        parsed: fastavro's parsed form, reused for every record.
        fingerprint: CRC-64-AVRO of the parsing canonical form, 8 bytes little-endian, as the single-object encoding wants it.
    """

    name: str
    text: str
    parsed: Any
    fingerprint: bytes

    @property
    def fingerprint_hex(self) -> str:
        """The fingerprint as 16 hexadecimal digits: the key in `sync.schemas`."""
        return self.fingerprint.hex()

    @property
    def header(self) -> str:
        """Value of the `schema` header: record name and fingerprint, readable when the payload is not."""
        return f"{self.name}/{self.fingerprint_hex}"


def read_schema(text: str) -> EventSchema:
    """Parse one schema.

    Raises:
        fastavro.schema.SchemaParseException: the text is JSON but no schema.
        json.JSONDecodeError: the text is no JSON.
        ValueError, TypeError, KeyError, AttributeError: the text is some other JSON, or the schema of something that is no record.
    """
    raw: type_of_json = json.loads(text)
    parsed = parse_schema(raw)
    if not isinstance(parsed, dict) or parsed.get("type") != "record":
        message = "the schema describes no record"
        raise ValueError(message)
    digest = fingerprint(to_parsing_canonical_form(parsed), "CRC-64-AVRO")
    name: str = parsed["name"]
    return EventSchema(name, json.dumps(raw, separators=(",", ":")), parsed, bytes.fromhex(digest))


@cache
def schema_of(topic: str) -> EventSchema:
    """The schema this release writes to a topic.

    Raises:
        KeyError: the topic carries no Avro events.
    """
    if topic not in EVENT_TOPICS:
        message = f"topic {topic} carries no Avro events"
        raise KeyError(message)
    return read_schema(resources.files("invoice_schemas").joinpath(f"{topic}.avsc").read_text("utf-8"))


def all_schemas() -> dict[str, EventSchema]:
    """Schema of every event topic, by topic."""
    return {topic: schema_of(topic) for topic in EVENT_TOPICS}
