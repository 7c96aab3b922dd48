"""Where the read model stands in each topic: kept beside the rows, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from service_runtime.intake import TransientError
from service_runtime.leases import failure_name

Place = tuple[str, int]


class PositionWentBackError(Exception):
    """The stored position is older than what this process stored itself: somebody restored or reset the read model."""


class Positions:
    """Offsets kept in SQL. Kafka's group only shares the partitions out; its own offsets are never used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._expected: dict[Place, int] = {}

    def starting_points(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Begin where the read model stands; at the beginning where it has read nothing yet.

        Raises:
            TransientError: the database failed, or no connection was free.
        """
        try:
            stored = self._stored()
        except SQLAlchemyError as error:
            raise TransientError(f"the database failed: {failure_name(error)}") from error
        for place in partitions:
            offset = stored.get((place.topic, place.partition), 0)
            self._expected[place.topic, place.partition] = offset
            place.offset = offset or OFFSET_BEGINNING
        return partitions

    def _stored(self) -> dict[Place, int]:
        with self._engine.connect() as connection:
            rows = connection.execute(text("SELECT topic, partition, next_offset FROM position"))
            return {(row.topic, row.partition): int(row.next_offset) for row in rows}

    def handled(self, next_offsets: dict[Place, int]) -> None:
        """Nothing to do: the offsets were stored with the rows."""

    def lock(self, connection: Connection, places: Sequence[Place]) -> None:
        """Lock the positions that a batch moves, until the transaction ends.

        Another materializer may have come further: what it folded is folded again, which changes nothing.

        Raises:
            PositionWentBackError: a position is older than what this process knows; going on would leave a gap.
        """
        ordered = sorted(places)
        connection.execute(
            text(
                "INSERT INTO position (topic, partition, next_offset)"
                " SELECT t, p, 0 FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[])) AS wanted (t, p)"
                " ORDER BY t, p ON CONFLICT DO NOTHING"
            ),
            _arrays(ordered),
        )
        rows = connection.execute(
            text(
                "SELECT topic, partition, next_offset FROM position"
                " JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[])) AS wanted (t, p) ON topic = t AND partition = p"
                " ORDER BY topic, partition FOR UPDATE OF position"
            ),
            _arrays(ordered),
        )
        for row in rows:
            expected = self._expected.get((row.topic, row.partition), 0)
            if row.next_offset < expected:
                raise PositionWentBackError(
                    f"{row.topic}[{row.partition}] stands at {row.next_offset} in the read model, this process stored {expected}"
                )

    def advance(self, connection: Connection, next_offsets: dict[Place, int]) -> None:
        """Store the new positions in the transaction that stores the rows. A position never moves back."""
        places = sorted(next_offsets)
        connection.execute(
            text(
                "UPDATE position SET next_offset = GREATEST(next_offset, n)"
                " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:next AS bigint[])) AS new (t, p, n)"
                " WHERE topic = t AND partition = p"
            ),
            _arrays(places) | {"next": [next_offsets[place] for place in places]},
        )

    def committed(self, next_offsets: dict[Place, int]) -> None:
        """The transaction that advanced these has committed."""
        for place, offset in next_offsets.items():
            self._expected[place] = max(offset, self._expected.get(place, 0))


def _arrays(places: Sequence[Place]) -> dict[str, list[str] | list[int]]:
    return {"topics": [topic for topic, _ in places], "partitions": [number for _, number in places]}
