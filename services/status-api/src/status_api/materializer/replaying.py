"""What `status-api replay` hands dead letters to: the materializer's own handler, which then leaves its positions alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from service_runtime.codecs import make_codec
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.intake import Handle
from service_runtime.kafka import make_producer
from service_runtime.replay import Graveyard
from status_api.materializer.handler import Materializer
from status_api.materializer.positions import Place
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH, SERVICE

_CLIENT = f"{SERVICE}-replay"


class Untouched:
    """Positions that a replay leaves as they are.

    A read model that is being made anew stands before the dead letter: to move it behind that would skip all between.
    """

    def lock(self, connection: Connection, places: Sequence[Place]) -> None:
        """Nothing is moved, so nothing is locked."""

    def advance(self, connection: Connection, next_offsets: dict[Place, int]) -> None:
        """Nothing is moved."""

    def committed(self, next_offsets: dict[Place, int]) -> None:
        """Nothing was moved."""


@contextmanager
def open_handler(env: Environment, graveyard: Graveyard) -> Iterator[Handle]:
    """The handler, with what it needs opened.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, or its schema is older than this release.
    """
    url, options = env.database_url(), kafka_options(env)
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    try:
        require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
        codec = make_codec(env, options, make_producer(options, _CLIENT))
        yield Materializer(engine, codec, Untouched(), graveyard).handle
    finally:
        engine.dispose()
