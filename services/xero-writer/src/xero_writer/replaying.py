"""What `xero-writer replay` hands dead letters to: the same handler as the running service's intake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from service_runtime.codecs import make_codec
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.intake import Handle
from service_runtime.kafka import make_producer
from service_runtime.outbox import Outbox
from service_runtime.replay import Graveyard
from xero_writer.adapters.intake import WorkIntake
from xero_writer.bootstrap import PACKAGE, SCHEMA
from xero_writer.core.events import SERVICE

_CLIENT = f"{SERVICE}-replay"


@contextmanager
def open_handler(env: Environment, graveyard: Graveyard) -> Iterator[Handle]:
    """The handler, with what it needs opened. The running service does the work that it stores, and publishes its events.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, or its schema is older than this release.
    """
    url, options = env.database_url(), kafka_options(env)
    engine = make_engine(url, SCHEMA, pool_size=1)
    try:
        require_current_schema(PACKAGE, engine, url, SCHEMA)
        codec = make_codec(env, options, make_producer(options, _CLIENT))
        yield WorkIntake(engine, codec, Outbox(codec, _published_by_others), graveyard).handle
    finally:
        engine.dispose()


def _published_by_others() -> None:
    """The publisher of the running service looks into the outbox by itself."""
