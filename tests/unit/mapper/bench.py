"""The mapper's batch handler with everything around it made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from confluent_kafka import KafkaError, KafkaException

from invoice_events import names
from invoice_events.codec import Codec, Event, NoForeignSchemas, SingleObjectFraming
from invoice_events.identity import event_headers, event_key
from invoice_events.types import AutotaskLine, XeroReference
from mapper.adapters.batch import BatchMapper
from mapper.adapters.publisher import Outgoing
from mapper.adapters.tenants import TenantRules, VersionedSettings
from service_runtime.records import Poison, Record
from tests.unit.mapper.conftest import NOW, invoice, reference, settings

CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LATER = NOW + timedelta(seconds=2)
T = TypeVar("T")


@dataclass
class Table(Generic[T]):
    """A compacted table whose newer values arrive only when somebody waits for them."""

    rows: dict[str, T] = field(default_factory=dict)
    arriving: dict[str, T] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    def get(self, key: str) -> T | None:
        return self.rows.get(key)

    def wait_for(self, key: str, good: Callable[[T], bool], timeout: float) -> T | None:
        self.waits.append(timeout)
        self.rows |= self.arriving
        value = self.rows.get(key)
        return value if value is not None and good(value) else None


@dataclass
class Kafka:
    """What was published and buried, in order; can refuse."""

    published: list[Outgoing] = field(default_factory=list)
    buried: list[Poison] = field(default_factory=list)
    handled_count: int = 0
    refusal: KafkaError | None = None

    def send(self, record: Outgoing) -> None:
        self.published.append(record)

    def wait(self) -> None:
        if self.refusal is not None:
            raise KafkaException(self.refusal)

    def handled(self, count: int) -> None:
        self.handled_count += count

    def bury(self, poisons: Sequence[Poison]) -> None:
        self.buried += poisons

    def events(self) -> list[tuple[str, Event]]:
        return [(topic, CODEC.decode(topic, value)) for topic, _, _, value in self.published]


@dataclass
class Bench:
    """The mapper's batch handler with everything around it made by hand."""

    settings: Table[VersionedSettings] = field(
        default_factory=lambda: Table({"acme": VersionedSettings(3, settings())})
    )
    reference: Table[XeroReference] = field(default_factory=lambda: Table({"acme": reference()}))
    kafka: Kafka = field(default_factory=Kafka)
    codec: Codec = CODEC

    def __post_init__(self) -> None:
        rules = TenantRules(self.settings, self.reference)
        self.mapper = BatchMapper(self.codec, rules, self.kafka, self.kafka, lambda: LATER)

    def handle(self, *records: Record) -> list[tuple[str, Event]]:
        self.mapper.handle(records)
        return self.kafka.events()


def record(
    *lines: AutotaskLine,
    value: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    **changes: object,
) -> Record:
    """A record of an invoice with these lines."""
    return record_of(names.DISCOVERED, dict(invoice(list(lines), **changes)), value, headers)


def record_of(
    topic: str, event: Event, value: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Record:
    """A record of any event; other bytes or other headers on demand."""
    sent = event_headers(topic, event, TRACE)
    if headers is not None:
        sent = [(name, text.encode()) for name, text in headers.items()]
    data = CODEC.encode(topic, event) if value is None else value
    return Record(topic, 0, 17, event_key(topic, event).encode(), data, sent)
