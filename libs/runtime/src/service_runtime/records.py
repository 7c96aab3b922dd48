"""A Kafka record as services see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from confluent_kafka import Message

from invoice_events.identity import Headers, header_text


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
