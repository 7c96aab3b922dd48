"""Where the read model stands in each topic: kept beside the rows, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from sqlalchemy import Connection, Engine, text

from service_runtime.records import Record

Place = tuple[str, int]


class PositionWentBackError(Exception):
    """The stored position is older than what this process stored itself: somebody restored or reset the read model."""


class Positions:
    """Offsets kept in SQL. Kafka's group only shares the partitions out; its own offsets are never used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._expected: dict[Place, int] = {}

    def starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Begin where the read model stands; at the beginning where it has read nothing yet."""
        with self._engine.connect() as connection:
            stored = {
                (row.topic, row.partition): int(row.next_offset)
                for row in connection.execute(text("SELECT topic, partition, next_offset FROM position"))
            }
        for place in partitions:
            offset = stored.get((place.topic, place.partition), 0)
            self._expected[place.topic, place.partition] = offset
            place.offset = offset or OFFSET_BEGINNING
        return partitions

    def handled(self, next_offsets: dict[Place, int]) -> None:
        """Nothing to do: the offsets were stored with the rows."""

    def lock(self, connection: Connection, records: Sequence[Record]) -> dict[Place, int]:
        """Lock the positions that these records move, until the transaction ends.

        Returns:
            The next offset to fold, per place. Another materializer may have come further: what lies below is folded.

        Raises:
            PositionWentBackError: a position is older than what this process knows; going on would leave a gap.
        """
        places = sorted({(record.topic, record.partition) for record in records})
        connection.execute(
            text(
                "INSERT INTO position (topic, partition, next_offset) VALUES (:topic, :partition, 0) ON CONFLICT DO NOTHING"
            ),
            [{"topic": topic, "partition": partition} for topic, partition in places],
        )
        rows = connection.execute(
            text(
                "SELECT topic, partition, next_offset FROM position"
                " JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[])) AS wanted (t, p) ON topic = t AND partition = p"
                " ORDER BY topic, partition FOR UPDATE OF position"
            ),
            {"topics": [topic for topic, _ in places], "partitions": [number for _, number in places]},
        )
        stored = {(row.topic, row.partition): int(row.next_offset) for row in rows}
        for place, offset in stored.items():
            if offset < self._expected.get(place, 0):
                raise PositionWentBackError(
                    f"{place[0]}[{place[1]}] stands at {offset} in the read model, this process stored {self._expected[place]}"
                )
        return stored

    def advance(self, connection: Connection, next_offsets: dict[Place, int]) -> None:
        """Store the new positions in the transaction that stores the rows."""
        connection.execute(
            text(
                "UPDATE position SET next_offset = GREATEST(next_offset, :next) WHERE topic = :topic AND partition = :partition"
            ),
            [
                {"topic": topic, "partition": partition, "next": offset}
                for (topic, partition), offset in sorted(next_offsets.items())
            ],
        )

    def committed(self, next_offsets: dict[Place, int]) -> None:
        """The transaction that advanced these has committed."""
        for place, offset in next_offsets.items():
            self._expected[place] = max(offset, self._expected.get(place, 0))
