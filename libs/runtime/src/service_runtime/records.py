"""A Kafka record as services see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from confluent_kafka import Message

from invoice_events.identity import Headers, header_text

PART_BYTES = 2 * 1024 * 1024
"""How much of a batch is decoded at a time: values are several times the bytes they came from."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record, with where it stands: topic, partition and offset, then raw key, value and headers."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, message: Message) -> Record:
        """The record of a message without error."""
        return cls(
            cast("str", message.topic()),
            cast("int", message.partition()),
            cast("int", message.offset()),
            message.key(),
            message.value(),
            cast("Headers", message.headers() or []),
        )

    def header(self, name: str) -> str | None:
        """A header as text, None if it is missing."""
        return header_text(self.headers, name)


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that can not be handled, and why, in words."""

    record: Record
    reason: str


def parts(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """A batch in parts of at most PART_BYTES, or of one record: large invoices come in crowds."""
    begin, size = 0, 0
    for place, record in enumerate(records):
        length = len(record.value or b"")
        if size and size + length > PART_BYTES:
            yield records[begin:place]
            begin, size = place, 0
        size += length
    if begin < len(records):
        yield records[begin:]
