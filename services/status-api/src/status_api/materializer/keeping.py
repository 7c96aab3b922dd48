"""`status-api positions`: where the read model stands, which it keeps beside its own rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, text

from service_runtime.by_hand import with_one_line
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.kafka import make_consumer
from service_runtime.positions import positions_command
from status_api.materializer.positions import Place
from status_api.names import APP_SCHEMA, FOLDED_TOPICS, PACKAGE, SEARCH_PATH, SERVICE

_ROLE = f"{SERVICE}-positions"


class TableKeeper:
    """Positions of the read model. They are moved only while no materializer runs: a running one stops over that."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def kept(self, places: Sequence[Place]) -> dict[Place, int]:
        """The next offset to read; a partition that was never begun has none.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with self._engine.connect() as connection:
            rows = connection.execute(
                text("SELECT topic, partition, next_offset FROM position WHERE next_offset > 0")
            )
            stored = {(row.topic, row.partition): int(row.next_offset) for row in rows}
        return {place: stored[place] for place in places if place in stored}

    def move(self, positions: dict[Place, int]) -> None:
        """Set positions, forward or back, all or none.

        Raises:
            SQLAlchemyError: the database failed.
        """
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE position SET next_offset = :next WHERE topic = :topic AND partition = :partition"
                ),
                [
                    {"topic": topic, "partition": partition, "next": offset}
                    for (topic, partition), offset in positions.items()
                ],
            )


def positions(arguments: Sequence[str]) -> int:
    """`status-api positions`; returns the exit code.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, or its schema is older than this release.
    """
    return with_one_line(SERVICE, _positions)(arguments)


def _positions(arguments: Sequence[str]) -> int:
    env = Environment()
    url = env.database_url()
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    consumer = make_consumer(kafka_options(env), _ROLE, _ROLE)
    try:
        require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
        return positions_command(SERVICE, arguments, consumer, TableKeeper(engine), FOLDED_TOPICS)
    finally:
        consumer.close()
        engine.dispose()
