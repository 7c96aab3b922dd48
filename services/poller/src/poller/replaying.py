"""What `poller replay` hands dead letters to: the same handler as the running service's intake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from invoice_events.identity import utc_now
from poller.adapters.intake import InboxFiller
from poller.bootstrap import SCHEMA
from poller.core.messages import SERVICE
from service_runtime.codecs import make_codec
from service_runtime.config import Environment, kafka_options
from service_runtime.database import make_engine, require_current_schema
from service_runtime.intake import Handle
from service_runtime.kafka import make_producer
from service_runtime.replay import Graveyard

_CLIENT = f"{SERVICE}-replay"


@contextmanager
def open_handler(env: Environment, graveyard: Graveyard) -> Iterator[Handle]:
    """The handler, with what it needs opened. The running poller is woken by what it stores.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, or its schema is older than this release.
    """
    url, options = env.database_url(), kafka_options(env)
    engine = make_engine(url, SCHEMA, pool_size=1)
    try:
        require_current_schema(SERVICE, engine, url, SCHEMA)
        codec = make_codec(env, options, make_producer(options, _CLIENT))
        yield InboxFiller(engine, codec, graveyard, utc_now).handle
    finally:
        engine.dispose()
