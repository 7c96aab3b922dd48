"""Whether Kafka still holds all that a read model has to be made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, TopicPartition

from invoice_events import names
from service_runtime.positions import Position

EXPIRING = frozenset(
    {names.PROCESSING, names.ORDER_PROCESSING, names.COMMANDS, names.COMMAND_RESULTS, names.LOGS}
)
"""Topics that keep their records 90 days: what is gone of them is gone. All others are kept for ever (or compacted)."""
_TIMEOUT_SECONDS = 30.0


def lost(positions: Iterable[Position]) -> list[Position]:
    """Partitions from which records are missing that a read model made anew would lack.

    A topic that is kept for ever has to begin at offset 0. Any topic has to reach as far as it was read: one that ends before
    was made anew, or cut off.
    """
    return [each for each in positions if _begins_late(each) or _ends_early(each)]


def goal(position: Position, reached: int) -> int:
    """How far a read model made anew has to read a partition: as far as the served one did.

    Args:
        position: as it was found at the start.
        reached: where the served read model stands now.

    Returns:
        The next offset. What is gone at the beginning is passed over; beyond the end there is nothing to wait for.
    """
    return max(position.first, min(reached, position.end) if _ends_early(position) else reached)


def told(position: Position, first_at: Callable[[Position], datetime | None]) -> str:
    """What is missing from a partition, in words, with the date from which on it is there."""
    place = f"{position.topic}[{position.partition}]"
    if _ends_early(position):
        return f"{place} ends at offset {position.end} and was read to {position.kept}: it was made anew, or cut off"
    at = first_at(position)
    begins = f"begins at offset {position.first}"
    if at is None:
        return f"{place} {begins} and holds no record: all that it held is gone"
    return (
        f"{place} {begins}, with a record of {at:%Y-%m-%d %H:%M} UTC: the {position.first} before it are gone"
    )


def first_record_at(consumer: Consumer, position: Position) -> datetime | None:
    """When the first record that a partition still holds was written, UTC; None if it holds none.

    Raises:
        KafkaException: the broker refuses.
    """
    if position.first >= position.end:
        return None
    place = TopicPartition(position.topic, position.partition, position.first)
    consumer.assign([place])
    found: Sequence[datetime] = [
        datetime.fromtimestamp(milliseconds / 1000, UTC)
        for message in consumer.consume(1, _TIMEOUT_SECONDS)
        if message.error() is None
        for kind, milliseconds in [message.timestamp()]
        if kind != TIMESTAMP_NOT_AVAILABLE
    ]
    consumer.unassign()
    return found[0] if found else None


def _begins_late(position: Position) -> bool:
    return position.topic not in EXPIRING and position.first > 0


def _ends_early(position: Position) -> bool:
    return position.kept is not None and position.end < position.kept
